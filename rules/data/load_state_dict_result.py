"""A model replaced by the result of its own `load_state_dict`.

`load_state_dict` changes the module in place and gives back which keys did not match; that of an optimizer or a
scheduler gives back nothing. Whoever assigns the result to the name of the model has lost the model.

```python wrong
import torch
import torch.nn as nn

net = nn.Linear(8, 3)
net = net.load_state_dict(net.state_dict())
net(torch.randn(1, 8))
```

```python right
import torch
import torch.nn as nn

net = nn.Linear(8, 3)
net.load_state_dict(net.state_dict())
net(torch.randn(1, 8))
```

The result under a name of its own is right: it says what was missing.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Invocation, Replace, Rule, is_module, is_optimizer

rule = Rule(code="DAT002", severity="error")


@rule.check
def model_lost(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    call = invocation.node
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "load_state_dict":
        return
    match invocation.called:
        case Bound(owner=owner) if is_optimizer(owner):
            gives = "nothing"
        case Bound(owner=owner) if is_module(owner):
            gives = "the keys that did not match"
        case _:
            return
    statement = next(facts.parents(call), None)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return
    spelt = facts.source(call.func.value)
    if facts.source(statement.targets[0]) == spelt:
        yield Finding(
            statement,
            f"`load_state_dict` gives back {gives}, not `{spelt}`",
            fix=Fix(
                f"Keep `{spelt}`", (Replace(statement, facts.source(call)),), Claim.REPAIRS, subject=facts.subject(call)
            ),
        )
