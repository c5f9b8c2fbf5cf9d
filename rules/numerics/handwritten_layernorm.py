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
from dataclasses import dataclass

from lintml import Application, Change, Claim, Facts, Finding, Fix, Reason, Replace, Rule, SetArgument, Tensor, walk

rule = Rule(code="NUM001", severity="warning")

REFERENCE = "torch.nn.functional.layer_norm"


SQUARES = ("torch.pow", "torch.Tensor.pow", "torch.square", "torch.Tensor.square")
MEANS = ("torch.mean", "torch.Tensor.mean")
VARIANCES = ("torch.var", "torch.Tensor.var")
DEVIATIONS = ("torch.std", "torch.Tensor.std")
ROOTS = ("torch.sqrt", "torch.Tensor.sqrt")
PRODUCTS = ("torch.mul", "torch.Tensor.mul")


@dataclass(frozen=True, slots=True)
class Spread:
    """What measures how far values are from their mean, and the sum that adds epsilon to its root."""

    measure: Application
    outside: Application | None
    root: Application | None = None

    @property
    def unbiased(self) -> bool:
        """Whether it divides by one less than the number of features."""
        settings = self.measure.settings
        biased = settings.get("unbiased", True) is False or settings.get("correction", 1) == 0
        return self.measure.path in (*VARIANCES, *DEVIATIONS) and not biased


@rule.check
def not_quite(applied: Application, facts: Facts) -> Iterator[Finding]:
    if applied.owner is None:
        return
    for centred, spread in _parts(applied):
        if not _of_last_axis(spread.measure) or not _scaled(applied, facts):
            continue
        if _origin(spread.measure) is not centred.inputs[0] or not (spread.unbiased or spread.outside):
            continue
        faults = ["divides by one feature too few"] * spread.unbiased
        faults += ["adds epsilon outside of the root"] * (spread.outside is not None)
        yield Finding(
            spread.measure.node if spread.unbiased or spread.outside is None else spread.outside.node,
            f"this layer normalisation {' and '.join(faults)}",
            because=(Reason(applied.node, "it is applied here"),),
            fix=_corrected(spread, applied, facts),
        )


def _parts(applied: Application) -> Iterator[tuple[Application, Spread]]:
    """The centred values and what they are divided by: by a quotient, or by a product with one over the root."""
    if applied.path in ("torch.div", "torch.Tensor.div"):
        centred, below = _centred(_maker(applied, 0)), _maker(applied, 1)
        spread = _spread(below) if below is not None else None
        if centred is not None and spread is not None:
            yield centred, spread
    elif applied.path in PRODUCTS:
        for one, two in ((0, 1), (1, 0)):
            centred, factor = _centred(_maker(applied, one)), _maker(applied, two)
            if centred is not None and factor is not None and factor.path in ("torch.rsqrt", "torch.Tensor.rsqrt"):
                measure = _under(factor)
                if measure is not None:
                    yield centred, Spread(measure, None)


def _maker(application: Application, position: int) -> Application | None:
    given = application.inputs[position] if position < len(application.inputs) else None
    return given.source if given is not None else None


def _centred(application: Application | None) -> Application | None:
    """The difference of a tensor and its own mean over the last axis, by itself or as a factor."""
    if application is not None and application.path in PRODUCTS:
        factors = (_maker(application, 0), _maker(application, 1))
        return next((each for each in factors if each is not None and _is_centred(each)), None)
    return application if application is not None and _is_centred(application) else None


def _is_centred(application: Application) -> bool:
    mean = _maker(application, 1)
    return (
        application.path in ("torch.sub", "torch.Tensor.sub")
        and mean is not None
        and mean.path in MEANS
        and _of_last_axis(mean)
        and mean.inputs[0] is application.inputs[0]
    )


def _of_last_axis(application: Application) -> bool:
    dim = application.settings.get("dim")
    axis = dim[0] if isinstance(dim, (tuple, list)) and len(dim) == 1 else dim
    if isinstance(axis, int) and axis > 0:
        axis -= _rank(application)
    return axis == -1 and application.settings.get("keepdim") is True


def _rank(application: Application) -> int:
    """How many sizes the code takes from the shape of what is averaged; 0 where it does not say."""
    for node in walk(application.function) if application.function is not None else ():
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=sizes)],
                value=ast.Attribute(value=ast.Name(id=name), attr="shape")
                | ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="size"), args=[]),
            ) if not any(isinstance(size, ast.Starred) for size in sizes) and name in _names(application.node):
                return len(sizes)
    return 0


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _origin(measure: Application) -> Tensor | None:
    """The tensor whose spread is measured; of a mean of squares, the one whose mean was taken away."""
    if measure.path not in MEANS:
        return measure.inputs[0]
    centred = _squared(measure)
    return centred.inputs[0] if centred is not None else None


def _squared(mean: Application) -> Application | None:
    """The centred values whose squares are averaged."""
    square = _maker(mean, 0)
    if square is None:
        return None
    inner = _maker(square, 0)
    twice = square.path in PRODUCTS and square.inputs[0] is square.inputs[1]
    power = square.path in SQUARES and (square.path.endswith("square") or square.operands[1:2] == (2,))
    return inner if inner is not None and (twice or power) and _is_centred(inner) else None


def _is_variance(application: Application | None) -> bool:
    if application is None:
        return False
    return application.path in VARIANCES or (application.path in MEANS and _squared(application) is not None)


def _under(root: Application) -> Application | None:
    """The variance that a root is taken of, with epsilon or without."""
    inner = _maker(root, 0)
    inner = _maker(inner, 0) if inner is not None and inner.path == "torch.add" else inner
    return inner if _is_variance(inner) else None


def _is_root(application: Application | None) -> bool:
    if application is None:
        return False
    halved = application.path in ("torch.pow", "torch.Tensor.pow") and application.operands[1:2] == (0.5,)
    return application.path in ROOTS or halved


def _spread(below: Application) -> Spread | None:
    outside = below if below.path == "torch.add" else None
    inner = _maker(below, 0) if outside is not None else below
    if inner is not None and inner.path in DEVIATIONS:
        return Spread(inner, outside)
    if inner is None or not _is_root(inner):
        return None
    measure = _under(inner)
    return Spread(measure, outside, inner) if measure is not None else None


def _scaled(applied: Application, facts: Facts) -> bool:
    """Whether a parameter multiplies the result, or the numerator."""
    numerators = applied.inputs
    for each in facts.of(Application):
        if each.path in PRODUCTS and len(each.inputs) == 2 and each.owner is applied.owner:
            made = any(t is not None and (t.source is applied or t in numerators) for t in each.inputs)
            made = made or any(t in numerators for t in each.outputs)
            held = any(t is not None and t.source is None and not t.named and t.device == "input" for t in each.inputs)
            if made and held:
                return True
    return False


def _corrected(spread: Spread, applied: Application, facts: Facts) -> Fix | None:
    changes = _changes(spread, facts)
    owner = applied.owner.name if applied.owner is not None else ""
    return (
        Fix("Divide as `nn.LayerNorm` does", tuple(changes), Claim.CHANGES, "unsafe", owner, REFERENCE)
        if changes
        else None
    )


def _changes(spread: Spread, facts: Facts) -> list[Change]:
    call = spread.measure.node
    if not isinstance(call, ast.Call):
        return []
    if spread.root is not None and spread.outside is not None:
        return _epsilon_inside(spread.root, spread.outside, spread, facts)
    if spread.outside is None and spread.measure.path in VARIANCES:
        return [SetArgument(call, "False", keyword="unbiased")]
    return _under_the_root(spread, call, facts)


def _epsilon_inside(root: Application, outside: Application, spread: Spread, facts: Facts) -> list[Change]:
    """The sum moved under the root; a variance that is measured in a statement of its own is made the biased one."""
    measure, sum_ = spread.measure.node, outside.node
    under = _argument(root.node)
    apart = facts.statement(measure) is not facts.statement(sum_)
    if (
        not isinstance(sum_, ast.BinOp)
        or under is None
        or not apart
        or facts.statement(root.node) is not facts.statement(sum_)
    ):
        return []
    epsilon = sum_.right if sum_.left is root.node else sum_.left
    changes: list[Change] = [
        Replace(sum_, f"{facts.spell('torch.sqrt', sum_)}({facts.source(under)} + {facts.source(epsilon)})")
    ]
    if spread.unbiased and isinstance(measure, ast.Call):
        changes.append(SetArgument(measure, "False", keyword="unbiased"))
    return changes


def _argument(node: ast.AST) -> ast.expr | None:
    """What a root is taken of."""
    match node:
        case ast.Call(func=ast.Attribute(value=under), args=[]) | ast.Call(args=[under], keywords=[]):
            return under
        case ast.BinOp(op=ast.Pow(), left=under):
            return under
    return None


def _under_the_root(spread: Spread, call: ast.Call, facts: Facts) -> list[Change]:
    """The standard deviation as the root of the biased variance, with epsilon under it."""
    if not isinstance(call.func, ast.Attribute):
        return []
    method = ".Tensor." in spread.measure.path
    words = [facts.source(each) for each in (call.args if method else call.args[1:])]
    words += [
        f"{k.arg}={facts.source(k.value)}" for k in call.keywords if k.arg not in (None, "unbiased", "correction")
    ]
    values = call.func.value if method else call.args[0] if call.args else None
    if values is None:
        return []
    variance = f"{facts.source(values)}.var({', '.join([*words, 'unbiased=False'])})"
    root = facts.spell("torch.sqrt", call)
    if spread.outside is None:
        return [Replace(call, f"{root}({variance})")]
    sum_ = spread.outside.node
    if not isinstance(sum_, ast.BinOp) or not isinstance(sum_.right, (ast.Attribute, ast.Constant, ast.Name)):
        return []
    epsilon = facts.source(sum_.right)
    if sum_.left is call:
        return [Replace(sum_, f"{root}({variance} + {epsilon})")]
    return [Replace(call, f"{root}({variance} + {epsilon})"), Replace(sum_, facts.source(sum_.left))]
