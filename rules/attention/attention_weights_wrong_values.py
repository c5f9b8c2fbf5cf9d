"""Attention weights applied to something else than what they weigh.

Weights that were normalised over the positions of a sequence say how much of each position to take: they belong to that
sequence. Applied to another tensor, the sum runs over the wrong thing or does not run at all.

```python wrong
import torch
import torch.nn as nn


class Pool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.rate = nn.Linear(width, 1)

    def forward(self, state, sequence):
        weights = torch.softmax(self.rate(sequence), dim=1)
        summary = torch.bmm(weights.unsqueeze(1), state.unsqueeze(2))
        return summary.squeeze(2)


Pool(8)(torch.randn(2, 8), torch.randn(2, 5, 8))
```

```python right
import torch
import torch.nn as nn


class Pool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.rate = nn.Linear(width, 1)

    def forward(self, state, sequence):
        weights = torch.softmax(self.rate(sequence), dim=1)
        summary = torch.bmm(weights.transpose(1, 2), sequence)
        return summary.squeeze(1)


Pool(8)(torch.randn(2, 8), torch.randn(2, 5, 8))
```

After the fix the other input plays no part: whether it should have had a say in the weights, only the author knows. The
parameter stays.
"""

import ast
from collections.abc import Iterator

from lintml import (
    NORMALISING,
    Application,
    Change,
    Claim,
    Clash,
    Facts,
    Finding,
    Fix,
    Reason,
    Replace,
    Rule,
    SetArgument,
    walk,
)

rule = Rule(code="ATN007", severity="error", over=("SHP005", "SHP006"))

PRODUCTS = ("torch.bmm", "torch.matmul", "torch.Tensor.bmm", "torch.Tensor.matmul")
MOVED = ("torch.Tensor.unsqueeze", "torch.unsqueeze", "torch.Tensor.transpose", "torch.transpose")


@rule.check
def elsewhere(clash: Clash, facts: Facts) -> Iterator[Finding]:
    node = clash.node
    if clash.operator not in PRODUCTS or clash.condition is not None or not isinstance(node, ast.expr):
        return
    operands = _operands(node)
    tensors = clash.application.inputs
    weights = _behind(tensors[0].source) if tensors and tensors[0] is not None else None
    if operands is None or weights is None or len(tensors) < 2 or tensors[1] is None:
        return
    weighed = _weighed(weights)
    if weighed is None or facts.comes_from(tensors[1], weighed.inputs[0]):  # type: ignore[arg-type]
        return
    values = _argument(weighed.node)
    if values is None:
        return
    yield Finding(
        node,
        f"weights over `{facts.source(values)}` are applied to `{facts.source(operands[1])}`",
        because=(Reason(weights.node, "the weights are normalised here"),),
        fix=_apply(clash, weights, operands, values, facts),
    )


def _operands(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    match node:
        case ast.Call(args=[left, right], keywords=[]) | ast.BinOp(op=ast.MatMult(), left=left, right=right):
            return left, right
        case ast.Call(func=ast.Attribute(value=left), args=[right], keywords=[]):
            return left, right
    return None


def _behind(source: Application | None) -> Application | None:
    """The softmax that a tensor is the result of, but for the order of its axes."""
    while source is not None and source.path in MOVED:
        given = source.inputs[0] if source.inputs else None
        source = given.source if given is not None else None
    return source if source is not None and source.path in NORMALISING else None


def _weighed(weights: Application) -> Application | None:
    """The linear layer that rates each position of a sequence, where the softmax runs over the positions."""
    given = weights.inputs[0] if weights.inputs else None
    rated = given.source if given is not None else None
    shape, axis = weights.shape(), weights.settings.get("dim")
    if rated is None or rated.path != "torch.nn.Linear" or rated.settings.get("out_features") != 1:
        return None
    if shape is None or len(shape.dims) != 3 or axis not in (1, -2) or rated.inputs[0] is None:
        return None
    return rated


def _argument(node: ast.AST) -> ast.expr | None:
    """What a layer that is called with one thing is called with, if that is a name."""
    match node:
        case ast.Call(args=[ast.Name() | ast.Attribute() as only], keywords=[]):
            return only
    return None


def _apply(
    clash: Clash, weights: Application, operands: tuple[ast.expr, ast.expr], values: ast.expr, facts: Facts
) -> Fix | None:
    """The weights as a row, times the sequence; the axis that is left over goes where the old one went."""
    named = _plain(operands[0])
    if named is None:
        return None
    changes: list[Change] = [
        Replace(operands[0], f"{facts.source(named)}.transpose(1, 2)"),
        Replace(operands[1], facts.source(values)),
    ]
    squeeze = _squeezed(clash, facts)
    if squeeze is None:
        return None
    changes.append(SetArgument(squeeze, "1", keyword="dim", position=0))
    return Fix(
        f"Apply them to `{facts.source(values)}`; nothing then depends on `{facts.source(_root(operands[1]))}`",
        tuple(changes),
        Claim.REPAIRS,
        "unsafe",
        subject=clash.owner.name if clash.owner else facts.subject(clash.node),
    )


def _plain(node: ast.expr) -> ast.expr | None:
    """The name of the weights, without what moves their axes."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node if isinstance(node, (ast.Name, ast.Attribute)) else None


def _root(node: ast.expr) -> ast.expr:
    return _plain(node) or node


def _squeezed(clash: Clash, facts: Facts) -> ast.Call | None:
    """The call that takes the axis of one element away from the result, wherever it stands in the function."""
    statement = facts.statement(clash.node)
    names = {target.id for target in getattr(statement, "targets", []) if isinstance(target, ast.Name)}
    for node in walk(clash.function) if clash.function is not None else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="squeeze", value=owner), args=[ast.Constant(value=2 | -1)]):
                if owner is clash.node or (isinstance(owner, ast.Name) and owner.id in names):
                    return node
    return None
