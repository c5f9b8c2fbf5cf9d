"""The logarithm of a softmax, or of a sigmoid, in two steps.

A probability that is too small for a float becomes 0 before its logarithm is taken, which is then minus infinity, and
its gradient not a number. The functions that take both steps at once do not go through the probability.

```python wrong
import torch

scores = torch.tensor([0.0, 200.0])
guess = torch.log(torch.softmax(scores, dim=0))
```

```python right
import torch

scores = torch.tensor([0.0, 200.0])
guess = torch.log_softmax(scores, dim=0)
```

```python wrong
import torch
import torch.nn.functional as F

scores = torch.tensor([-200.0, 0.0])
guess = torch.sigmoid(scores).log()
```

```python right
import torch
import torch.nn.functional as F

scores = torch.tensor([-200.0, 0.0])
guess = F.logsigmoid(scores)
```

Where something small is added before the logarithm, the author has seen to it in another way. Where the probabilities
have a name of their own there is no fix, for they may be wanted as well.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Reason, Replace, Rule, operand

rule = Rule(code="NUM003", severity="warning")

LOGARITHMS = ("torch.log", "torch.Tensor.log")
SOFTMAX = ("torch.softmax", "torch.nn.functional.softmax", "torch.Tensor.softmax", "torch.nn.Softmax")
SIGMOID = ("torch.sigmoid", "torch.nn.functional.sigmoid", "torch.Tensor.sigmoid", "torch.nn.Sigmoid")


@rule.check
def two_steps(use: Application, facts: Facts) -> Iterator[Finding]:
    given = use.inputs[0] if use.path in LOGARITHMS and use.inputs and not use.replaceable else None
    made = given.source if given is not None else None
    if made is None or made.replaceable or made.path not in SOFTMAX + SIGMOID:
        return
    better = "log_softmax" if made.path in SOFTMAX else "logsigmoid"
    yield Finding(
        use.node,
        f"the probability may become 0 before its logarithm is taken; `{better}` takes both steps at once",
        because=(Reason(made.node, "the probabilities are made here"),),
        fix=_at_once(use, made, facts),
    )


def _at_once(use: Application, made: Application, facts: Facts) -> Fix | None:
    """Both steps in one, where the inner call stands in the outer one."""
    inner, outer = made.node, use.node
    if made.layer is not None or operand(use) is not inner or not isinstance(inner, ast.Call):
        return None
    if not isinstance(outer, ast.Call) or outer.keywords or not isinstance(inner.func, ast.Attribute):
        return None
    if made.path in SIGMOID:
        scores = operand(made)
        text = f"{facts.spell('torch.nn.functional.logsigmoid', outer)}({facts.source(scores)})" if scores else ""
    else:
        arguments = facts.source(inner)[len(facts.source(inner.func)) :]
        text = f"{facts.source(inner.func.value)}.log_softmax{arguments}"
    if not text:
        return None
    return Fix("Take both steps at once", (Replace(outer, text),), Claim.SAME, subject=facts.subject(outer))
