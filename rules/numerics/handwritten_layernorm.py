"""A layer normalisation written by hand that is not quite one.

Layer normalisation divides by the root of the biased variance, with epsilon under the root (Ba et al., 2016;
``torch.nn.LayerNorm``). ``std()`` and ``var()`` divide by one less than the number of features unless they are told
not to, and an epsilon outside of the root weighs more than it should where the variance is small. The module runs,
and differs from what weights that were trained elsewhere expect.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F


class Norm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        centre = x.mean(-1, keepdim=True)
        spread = x.std(-1, keepdim=True)
        return self.scale * (x - centre) / (spread + self.eps) + self.shift


x = torch.randn(4, 6)
assert torch.allclose(Norm(6)(x), F.layer_norm(x, (6,)), atol=1e-5)
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F


class Norm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.scale = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        centre = x.mean(-1, keepdim=True)
        spread = torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + self.eps)
        return self.scale * (x - centre) / spread + self.shift


x = torch.randn(4, 6)
assert torch.allclose(Norm(6)(x), F.layer_norm(x, (6,)), atol=1e-5)
```

Only a normalisation over the last axis that a parameter scales is looked at; data that is standardised once may be
divided by whatever the author likes.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Change, Claim, Facts, Finding, Fix, Reason, Replace, Rule, SetArgument

rule = Rule(code="NUM001", severity="warning")

REFERENCE = "torch.nn.functional.layer_norm"


@rule.check
def not_quite(division: Application, facts: Facts) -> Iterator[Finding]:
    if division.path not in ("torch.div", "torch.Tensor.div") or division.owner is None:
        return
    centred, below = (_maker(division, at) for at in (0, 1))
    if centred is not None and centred.path == "torch.mul":
        centred = next((m for m in (_maker(centred, 0), _maker(centred, 1)) if m is not None and _is_centred(m)), None)
    if centred is None or below is None or not _is_centred(centred):
        return
    spread, outside = _spread(below)
    if spread is None or not _of_last_axis(spread) or not _scaled(division, facts):
        return
    if spread.inputs[0] is not centred.inputs[0]:
        return
    unbiased = spread.settings.get("unbiased", True) is not False and spread.settings.get("correction", 1) != 0
    if not unbiased and outside is None:
        return
    faults = ["divides by one feature too few"] * unbiased + ["adds epsilon outside of the root"] * (
        outside is not None
    )
    yield Finding(
        spread.node,
        f"this layer normalisation {' and '.join(faults)}",
        because=(Reason(division.node, "it is applied here"),),
        fix=_corrected(spread, outside, division, facts),
    )


def _maker(application: Application, position: int) -> Application | None:
    given = application.inputs[position] if position < len(application.inputs) else None
    return given.source if given is not None else None


def _is_centred(application: Application) -> bool:
    """Whether an application takes from a tensor its own mean over the last axis."""
    mean = _maker(application, 1)
    return (
        application.path in ("torch.sub", "torch.Tensor.sub")
        and mean is not None
        and mean.path in ("torch.Tensor.mean", "torch.mean")
        and _of_last_axis(mean)
        and mean.inputs[0] is application.inputs[0]
    )


def _of_last_axis(application: Application) -> bool:
    return application.settings.get("dim") in (-1, (-1,)) and application.settings.get("keepdim") is True


def _spread(below: Application) -> tuple[Application | None, Application | None]:
    """What measures the spread, and the sum that adds epsilon to it outside of a root."""
    if below.path in ("torch.sqrt", "torch.Tensor.sqrt"):
        inner = _maker(below, 0)
        spread = _maker(inner, 0) if inner is not None and inner.path == "torch.add" else inner
        return (
            (spread, None) if spread is not None and spread.path in ("torch.Tensor.var", "torch.var") else (None, None)
        )
    outside = below if below.path == "torch.add" else None
    spread = _maker(below, 0) if outside is not None else below
    if spread is not None and spread.path in ("torch.Tensor.std", "torch.std"):
        return spread, outside
    return None, None


def _scaled(division: Application, facts: Facts) -> bool:
    """Whether a parameter multiplies the result, or the numerator."""
    numerator = division.inputs[0]
    for each in facts.of(Application):
        if each.path == "torch.mul" and len(each.inputs) == 2 and each.owner is division.owner:
            made = any(t is not None and (t.source is division or t is numerator) for t in each.inputs)
            made = made or any(t is numerator for t in each.outputs)
            held = any(t is not None and t.source is None and not t.named and t.device == "input" for t in each.inputs)
            if made and held:
                return True
    return False


def _corrected(spread: Application, outside: Application | None, division: Application, facts: Facts) -> Fix | None:
    call = spread.node
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    changes: list[Change]
    if outside is None and spread.path.endswith("var"):
        changes = [SetArgument(call, "False", keyword="unbiased")]
    else:
        changes = _under_the_root(spread, call, outside, facts)
    if not changes:
        return None
    owner = division.owner.name if division.owner is not None else ""
    return Fix("Divide as `nn.LayerNorm` does", tuple(changes), Claim.CHANGES, "unsafe", owner, REFERENCE)


def _under_the_root(spread: Application, call: ast.Call, outside: Application | None, facts: Facts) -> list[Change]:
    """The standard deviation as the root of the biased variance, with epsilon under it."""
    assert isinstance(call.func, ast.Attribute)
    words = [facts.source(each) for each in call.args]
    words += [
        f"{k.arg}={facts.source(k.value)}" for k in call.keywords if k.arg not in (None, "unbiased", "correction")
    ]
    variance = f"{facts.source(call.func.value)}.var({', '.join([*words, 'unbiased=False'])})"
    root = facts.spell("torch.sqrt", call)
    if outside is None:
        return [Replace(call, f"{root}({variance})")]
    sum_ = outside.node
    if not isinstance(sum_, ast.BinOp) or not isinstance(sum_.right, (ast.Attribute, ast.Constant, ast.Name)):
        return []
    epsilon = facts.source(sum_.right)
    if sum_.left is call:
        return [Replace(sum_, f"{root}({variance} + {epsilon})")]
    return [Replace(call, f"{root}({variance} + {epsilon})"), Replace(sum_, facts.source(sum_.left))]
