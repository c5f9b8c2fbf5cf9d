"""A sum of losses that keeps the graph of every pass.

A loss holds on to everything that it was computed from. Added up as it is, the sum holds on to every loss of the loop,
and memory grows with each pass. What is only to be shown wants the value alone.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F

x, y = torch.randn(4, 8), torch.tensor([0, 2, 1, 0])
model = nn.Linear(8, 3)
total = 0
for _ in range(2):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    total += loss
print(total / 2)
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F

x, y = torch.randn(4, 8), torch.tensor([0, 2, 1, 0])
model = nn.Linear(8, 3)
total = 0
for _ in range(2):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    total += loss.detach()
print(total / 2)
```

Only losses whose own ``backward`` is called in the loop are reported: losses that are summed up first, for one
``backward`` of the sum, need their graphs. The fix leaves a tensor where it was, so that all that is done with the sum
stays as it is; ``.item()`` gives a plain number, and waits for the device.
"""

import ast
from collections.abc import Iterator, Sequence

from lintml import Block, Claim, Facts, Finding, Fix, Reason, Replace, Rule, walk

rule = Rule(code="TRN004", severity="warning")


@rule.check
def keeps_the_graph(block: Block, facts: Facts) -> Iterator[Finding]:
    if not block.repeats:
        return
    for move in block.of("backward"):
        loss = move.owner
        if not isinstance(loss, ast.Name) or not move.plain or move.call.args or move.call.keywords:
            continue
        for at, statement in enumerate(block.statements):
            kept = _kept(statement, loss.id)
            first, last = sorted((at, move.at))
            if kept is None or _is_made_anew(loss.id, block.statements[first + 1 : last + (at > move.at)]):
                continue
            value, target = kept
            if any(_binds(each, target) for each in block.statements if each is not statement):
                continue
            yield Finding(
                value,
                f"`{target}` holds on to the graph of every `{loss.id}`; add its value alone",
                because=(Reason(move.call, "`backward` is done with it here"),),
                fix=Fix(
                    f"Detach it: `{loss.id}.detach()`",
                    (Replace(value, f"{loss.id}.detach()"),),
                    Claim.SAME,
                    subject=facts.subject(value),
                ),
            )


def _kept(statement: ast.stmt, loss: str) -> tuple[ast.Name, str] | None:
    """Where a statement adds a loss to what has been gathered so far, and the name of that."""
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            pass
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=before), op=ast.Add(), right=value)
        ) if before == name:
            pass
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])):
            if not isinstance(value, ast.Name):
                return None
        case _:
            return None
    parts = [value.left, value.right] if isinstance(value, ast.BinOp) else [value]
    found = next((each for each in parts if isinstance(each, ast.Name) and each.id == loss), None)
    return (found, name) if found is not None and name != loss else None


def _is_made_anew(loss: str, between: Sequence[ast.stmt]) -> bool:
    """Whether the name stands for something else, or for something without a graph, after one of the statements."""
    return any(
        _binds(each, loss) or any(isinstance(node, ast.Attribute) and node.attr == "detach_" for node in walk(each))
        for each in between
    )


def _binds(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) for node in walk(statement)
    )
