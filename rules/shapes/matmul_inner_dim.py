"""A matrix product whose inner sizes differ.

The last axis of the left operand is multiplied with the last but one of the right. Two tensors of the same shape fit
only if they are square; one of them has to be transposed.

```python wrong
import torch

left, right = torch.randn(2, 5, 8), torch.randn(2, 6, 8)
scores = left @ right
```

```python right
import torch

left, right = torch.randn(2, 5, 8), torch.randn(2, 6, 8)
scores = left @ right.transpose(-2, -1)
```

The transposition is offered where it makes the product fit.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Replace, Rule, gravity

rule = Rule(code="SHP006", severity="error")

PRODUCTS = ("torch.matmul", "torch.bmm", "torch.mm", "torch.mv", "torch.dot", "torch.addmm", "torch.baddbmm")


@rule.check
def inner(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.operator.replace(".Tensor.", ".") not in PRODUCTS or clash.axis in ("rank", "broadcast"):
        return
    condition = f" unless {clash.condition}" if clash.condition else ""
    shapes = " and ".join(str(shape) for shape in clash.shapes if shape is not None)
    yield Finding(
        clash.node,
        f"cannot multiply {shapes}: the inner sizes {clash.want} and {clash.got} differ{condition}",
        because=facts.origin(clash),
        fix=_transposed(clash, facts),
        severity=gravity(clash),
    )


def _transposed(clash: Clash, facts: Facts) -> Fix | None:
    right = _right(clash.node)
    shapes = clash.shapes[:2]
    if right is None or len(shapes) < 2 or shapes[1] is None or len(shapes[1].dims) < 2:
        return None
    turned = type(shapes[1])((*shapes[1].dims[:-2], shapes[1].dims[-1], shapes[1].dims[-2]), shapes[1].rest)
    if not facts.would_fit("torch.matmul", (shapes[0], turned)):
        return None
    return Fix(
        "Transpose the right operand",
        (Replace(right, f"{_operand(right, facts)}.transpose(-2, -1)"),),
        Claim.REPAIRS,
        "unsafe",
        subject=facts.subject(clash.node),
    )


def _right(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.BinOp(right=right):
            return right
        case ast.Call(args=[_, right], keywords=[]):
            return right
        case ast.Call(func=ast.Attribute(), args=[right], keywords=[]):
            return right
    return None


def _operand(node: ast.expr, facts: Facts) -> str:
    simple = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return facts.source(node) if simple else f"({facts.source(node)})"
