"""A view of a tensor whose axes were exchanged.

``transpose`` and ``permute`` move no element: they only count the axes in another order. ``view`` cannot make one axis
of elements that do not lie behind each other and raises; ``reshape`` copies them where it must, and is the same as
``view`` everywhere else.

```python wrong
import torch
import torch.nn as nn


class Flatten(nn.Module):
    def forward(self, x):
        batch, steps, width = x.shape
        return x.transpose(1, 2).view(batch, -1)


Flatten()(torch.randn(3, 5, 8))
```

```python right
import torch
import torch.nn as nn


class Flatten(nn.Module):
    def forward(self, x):
        batch, steps, width = x.shape
        return x.transpose(1, 2).reshape(batch, -1)


Flatten()(torch.randn(3, 5, 8))
```

A view that only splits axes, or merges axes that still lie behind each other, is fine.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Reason, Rename, Rule, ScatteredView

rule = Rule(code="SHP009", severity="error", over=("SHP008",))


@rule.check
def scattered(view: ScatteredView, facts: Facts) -> Iterator[Finding]:
    use = view.application
    yield Finding(
        use.node,
        f"view cannot merge axes of {use.shape()} that do not lie behind each other; reshape copies them",
        because=(Reason(view.turn.node, "the axes are exchanged here"),),
        fix=_reshape(use.node, facts),
    )


def _reshape(node: ast.AST, facts: Facts) -> Fix | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    return Fix(
        "Use `reshape`",
        (Rename(node.func, "reshape"),),
        Claim.REPAIRS,
        subject=facts.subject(node),
    )
