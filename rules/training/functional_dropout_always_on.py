"""A dropout that does not stop when training does.

``F.dropout`` knows nothing of the module it is called in: unless it is told, it drops. The model then gives another
answer each time it is asked, after ``eval()`` as before.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5)


out = Net().eval()(torch.ones(100))
assert not (out == 0).any()
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, training=self.training)


out = Net().eval()(torch.ones(100))
assert not (out == 0).any()
```

So does ``nn.Dropout(p)(x)``, a layer that is made for one call, and never hears of ``eval()``. Whoever wants dropout at
all times says ``training=True``, and is not reported; nor is a call that something else decides on.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, PageClass, Rule, SetArgument, walk

rule = Rule(code="TRN006", severity="warning")

FUNCTIONS = tuple(f"torch.nn.functional.{name}" for name in ("dropout", "dropout1d", "dropout2d", "dropout3d"))
LAYERS = tuple(f"torch.nn.{name}" for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"))
# How many arguments come up to ``training``.
UP_TO = 3


@rule.check
def always_on(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    made = call.func if isinstance(call.func, ast.Call) else None
    path = facts.path(made.func if made is not None else call.func)
    if path not in (LAYERS if made is not None else FUNCTIONS) or _is_told(made or call):
        return
    method = _method(call, facts)
    if method is None or _is_decided(call, method, facts):
        return
    training = f"{method.args.args[0].arg}.training"
    yield Finding(
        call,
        f"this drops after `eval()` as well: pass `training={training}`"
        if made is None
        else "a dropout that is made for one call never hears of `eval()`: make it in `__init__`",
        fix=Fix(
            f"Pass `training={training}`",
            (SetArgument(call, training, keyword="training"),),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(call),
            reference="eval() gives one answer",
        )
        if made is None
        else None,
    )


def _is_told(call: ast.Call) -> bool:
    """Whether a call says when to drop, may do so, or drops nothing."""
    spread = any(isinstance(each, ast.Starred) for each in call.args)
    if spread or len(call.args) >= UP_TO or any(each.arg in ("training", None) for each in call.keywords):
        return True
    rate = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "p")]
    return any(isinstance(each, ast.Constant) and each.value == 0 for each in rate)


def _method(call: ast.Call, facts: Facts) -> ast.FunctionDef | None:
    """The method of a module that a call stands in."""
    around = list(facts.parents(call))
    at = next((at for at, each in enumerate(around) if isinstance(each, (ast.FunctionDef, ast.Lambda))), None)
    if at is None or at + 1 >= len(around):
        return None
    function, owner = around[at], around[at + 1]
    if not isinstance(function, ast.FunctionDef) or function.decorator_list or not function.args.args:
        return None
    is_module = any(each.node is owner and each.kind == "module" for each in facts.of(PageClass))
    return function if is_module else None


def _is_decided(call: ast.Call, method: ast.FunctionDef, facts: Facts) -> bool:
    """Whether something in the method decides when it is reached, or asks whether the module is in training."""
    for parent in facts.parents(call):
        if parent is method:
            break
        if isinstance(parent, (ast.If, ast.IfExp, ast.While, ast.BoolOp)):
            return True
    told = {node.value for node in walk(method) if isinstance(node, ast.keyword) and node.arg == "training"}
    asked = (node for node in walk(method) if isinstance(node, ast.Attribute) and node.attr == "training")
    left = any(isinstance(each, ast.If) and isinstance(each.body[-1], ast.Return) for each in method.body)
    return left or any(node not in told for node in asked)
