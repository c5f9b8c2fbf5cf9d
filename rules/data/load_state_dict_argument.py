"""A state that is no state: a file's name, or parameters without their names.

``load_state_dict`` takes the dict that ``state_dict`` gives. It opens no file, and ``parameters()`` are not a dict.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
torch.save(model.state_dict(), "/tmp/model.pt")
model.load_state_dict("/tmp/model.pt")
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
torch.save(model.state_dict(), "/tmp/model.pt")
model.load_state_dict(torch.load("/tmp/model.pt"))
```

```python wrong
import torch.nn as nn

online, target = nn.Linear(8, 3), nn.Linear(8, 3)
target.load_state_dict(online.parameters())
```

```python right
import torch.nn as nn

online, target = nn.Linear(8, 3), nn.Linear(8, 3)
target.load_state_dict(online.state_dict())
```

Reported of modules and optimizers of torch, and of classes of the page that leave the method as it is.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Invocation, Replace, Rule, is_module, is_optimizer

rule = Rule(code="DAT004", severity="error")


@rule.check
def no_state(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    match invocation.called:
        case Bound(owner=owner, name="load_state_dict") if is_module(owner) or is_optimizer(owner):
            pass
        case _:
            return
    call = invocation.node
    if not call.args or facts.guarded(call):
        return
    given = call.args[0]
    spelt = facts.source(given)
    if isinstance(given, ast.JoinedStr) or isinstance(invocation.arguments[0], str):
        load = facts.spell("torch.load", call)
        fix = Fix(
            "Load the file first",
            (Replace(given, f"{load}({spelt})"),),
            Claim.REPAIRS,
            "unsafe",
            subject=facts.subject(call),
        )
        yield Finding(given, f"`load_state_dict` wants a dict, and `{spelt}` is a text", fix=fix)
    elif _gives_parameters(given, facts):
        change = Replace(given, f"{spelt.rpartition('.')[0]}.state_dict()")
        fix = Fix("Give it the `state_dict`", (change,), Claim.REPAIRS, subject=facts.subject(call))
        yield Finding(given, f"`load_state_dict` wants a dict, and `{spelt}` has no names", fix=fix)


def _gives_parameters(given: ast.expr, facts: Facts) -> bool:
    """Whether an argument is ``parameters()`` of a module, which has the method from torch."""
    if not isinstance(given, ast.Call) or not isinstance(given.func, ast.Attribute) or given.args or given.keywords:
        return False
    known = [each.called for each in facts.of(Invocation) if each.node is given]
    return bool(known) and all(
        isinstance(each, Bound) and each.name == "parameters" and is_module(each.owner) for each in known
    )
