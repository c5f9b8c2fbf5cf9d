"""A learning rate that is moved on before the first step is taken with it.

The scheduler's ``step`` comes after the optimizer's. The other way round, as it was before torch 1.1, the first
learning rate is never used, and torch warns.

```python wrong
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
for _ in range(2):
    scheduler.step()
    optimizer.zero_grad()
    weight.sum().backward()
    optimizer.step()
assert torch.allclose(weight, torch.full((2,), 1 - 1.0 - 0.1))
```

```python right
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
for _ in range(2):
    optimizer.zero_grad()
    weight.sum().backward()
    optimizer.step()
    scheduler.step()
assert torch.allclose(weight, torch.full((2,), 1 - 1.0 - 0.1))
```

Where batches have a loop of their own, the scheduler that is called once an epoch comes after that loop. A step that is
only sometimes taken is not judged, nor a scheduler that is told the epoch.
"""

import ast
from collections.abc import Iterator

from lintml import Block, Claim, Facts, Finding, Fix, Insert, Move, Reason, Remove, Rule, walk

rule = Rule(code="OPT009", severity="warning")


@rule.check
def too_early(block: Block, facts: Facts) -> Iterator[Finding]:
    if not block.repeats:
        return
    steps = block.of("step")
    for schedule in block.of("schedule"):
        first = min(steps, key=lambda each: each.at, default=None)
        if not schedule.plain or schedule.call.args or schedule.call.keywords or schedule.optimizer is None:
            continue
        if first is None or first.at <= schedule.at or first.conditional or not _same(first, schedule):
            continue
        if _stepped_before(block.around, facts) or _may_leave(block):
            continue
        text = facts.source(schedule.call)
        yield Finding(
            schedule.call,
            f"`{text}` comes before the first step of the optimizer, and skips the first learning rate",
            because=(Reason(first.call, "the step is taken here"),),
            fix=Fix(
                "Move it behind the step",
                (Insert(block.statements[first.at], text, after=True), Remove(block.statements[schedule.at])),
                Claim.CHANGES,
                "unsafe",
                subject=facts.subject(schedule.call),
            ),
        )


def _same(step: Move, schedule: Move) -> bool:
    """Whether a step is taken with the optimizer that the schedule is for."""
    return (
        step.optimizer is not None and schedule.optimizer is not None and step.optimizer.node is schedule.optimizer.node
    )


def _stepped_before(loop: ast.AST, facts: Facts) -> bool:
    """Whether any optimizer takes a step before the loop, in the blocks around it."""
    around = {loop, *facts.parents(loop)}
    return any(
        other.statements[move.at] not in around and _place(other.statements[move.at]) < _place(loop)
        for other in facts.of(Block)
        if other.around in around
        for move in other.of("step")
    )


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _may_leave(block: Block) -> bool:
    """Whether a pass may end early, so that it is not certain which comes first."""
    return any(isinstance(node, (ast.Continue, ast.Break)) for each in block.statements for node in walk(each))
