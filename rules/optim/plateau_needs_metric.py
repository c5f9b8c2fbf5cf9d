"""A ReduceLROnPlateau that is not told how it goes.

This scheduler lowers the learning rate when a value stops improving, so each `step` must be given that value; without
it, it is a TypeError.

```python wrong
import torch

optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
optimizer.step()
scheduler.step()
```

```python right
import torch

optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
optimizer.step()
scheduler.step(0.5)
```

Which value is meant only the reader knows, so there is no fix.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Facts, Finding, Invocation, Made, Reason, Rule, walk

rule = Rule(code="OPT010", severity="error", over=("API004",))

PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"


@rule.check
def no_metric(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    call = invocation.node
    match invocation.called:
        case Bound(owner=Made(path=path, node=made), name="step") if path == PLATEAU:
            if not call.args and not call.keywords and not _is_told_apart(call, facts):
                yield Finding(
                    call,
                    "`ReduceLROnPlateau.step` needs the value that it watches",
                    because=(Reason(made, "the scheduler is made here"),),
                )


def _is_told_apart(call: ast.Call, facts: Facts) -> bool:
    """Whether a test before the call asks what the scheduler is."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    spelt = facts.source(owner) if owner is not None else ""
    tests = [each.test for each in facts.parents(call) if isinstance(each, (ast.If, ast.IfExp))]
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and facts.source(node) == spelt
        for test in tests
        for node in walk(test)
    )
