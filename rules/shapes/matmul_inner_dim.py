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

It may be the left operand that lies the wrong way:

```python wrong
import torch

weights, steps = torch.rand(2, 5, 1), torch.randn(2, 5, 8)
context = torch.bmm(weights, steps)
```

```python right
import torch

weights, steps = torch.rand(2, 5, 1), torch.randn(2, 5, 8)
context = torch.bmm(weights.transpose(-2, -1), steps)
```
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Replace, Rule, Shape, gravity

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
    """One of the operands turned, where the product then fits."""
    shapes = clash.shapes[:2]
    if len(shapes) < 2 or shapes[0] is None or shapes[1] is None:
        return None
    for name, operand, given in (
        ("right", _right(clash.node), (shapes[0], _turned(shapes[1]))),
        ("left", _left(clash.node), (_turned(shapes[0]), shapes[1])),
    ):
        if operand is not None and None not in given and facts.would_fit("torch.matmul", given):
            return Fix(
                f"Transpose the {name} operand",
                (Replace(operand, f"{_operand(operand, facts)}.transpose(-2, -1)"),),
                Claim.REPAIRS,
                "unsafe",
                subject=facts.subject(clash.node),
            )
    return None


def _turned(shape: Shape) -> Shape | None:
    return Shape((*shape.dims[:-2], shape.dims[-1], shape.dims[-2]), shape.rest) if len(shape.dims) > 1 else None


def _left(node: ast.AST) -> ast.expr | None:
    match node:
        case ast.BinOp(left=left) | ast.Call(args=[left, _], keywords=[]):
            return left
        case ast.Call(func=ast.Attribute(value=left), args=[_], keywords=[]):
            return left
    return None


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
