"""A softmax that is not told over which axis to go.

Without `dim` the axis is guessed from the number of axes: the first one of one or three, else the second. That was
deprecated before torch 1.0 for good reason, since the guess is the batch for a batch of sequences.

```python wrong
import torch
import torch.nn.functional as F

scores = torch.randn(4, 3)
probabilities = F.softmax(scores)
```

```python right
import torch
import torch.nn.functional as F

scores = torch.randn(4, 3)
probabilities = F.softmax(scores, dim=1)
```

Where the number of axes is known the fix writes down the guess and changes nothing; elsewhere it takes the last axis,
which is meant most often, and is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Rule, SetArgument

rule = Rule(code="LOS005", severity="warning")

# How many arguments come before ``dim``.
FUNCTIONS = {f"torch.nn.functional.{name}": 1 for name in ("softmax", "log_softmax", "softmin")}
LAYERS = {f"torch.nn.{name}": 0 for name in ("Softmax", "LogSoftmax", "Softmin")}
BEFORE = FUNCTIONS | LAYERS
GUESSED = {0: 0, 1: 0, 3: 0}


@rule.check
def no_axis(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    path = facts.path(call.func)
    if path is None or path not in BEFORE:
        return
    if len(call.args) > BEFORE[path] or any(isinstance(each, ast.Starred) for each in call.args):
        return
    if any(each.arg in ("dim", None) for each in call.keywords) or (path in FUNCTIONS and not call.args):
        return
    axis = _guess(call, facts)
    yield Finding(
        call,
        f"`{facts.source(call.func)}` without `dim` guesses the axis, which is deprecated",
        fix=Fix(
            f"Say the axis: `dim={-1 if axis is None else axis}`",
            (SetArgument(call, str(-1 if axis is None else axis), keyword="dim"),),
            Claim.CHANGES if axis is None else Claim.SAME,
            "unsafe" if axis is None else "safe",
            subject=facts.subject(call),
        ),
    )


def _guess(call: ast.Call, facts: Facts) -> int | None:
    """The axis that torch takes; None where the number of axes is not known, or not always the same."""
    found = set()
    for use in facts.of(Application):
        if use.node is call or (use.layer is not None and use.layer.node is call):
            shape = use.shape()
            if shape is None or shape.rest is not None:
                return None
            found.add(GUESSED.get(len(shape.dims), 1))
    return found.pop() if len(found) == 1 else None
