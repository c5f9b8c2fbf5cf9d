"""A module's ``forward`` that is called by name.

``model(x)`` runs the hooks of the module and then its ``forward``; ``model.forward(x)`` leaves out the hooks, and with
them whatever profilers, pruning or distributed training hang there. Without hooks the two are the same.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(4, 2)
y = model.forward(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(4, 2)
y = model(torch.ones(3, 4))
```

``super().forward(x)`` is the way to a base class's method. Nothing is said of a class that has a ``__call__`` of its
own, and of an object that calls its own ``forward``.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Function, Instance, Invocation, Layer, Replace, Rule

rule = Rule(code="MOD008", severity="warning")


@rule.check
def past_the_hooks(call: Invocation, facts: Facts) -> Iterator[Finding]:
    function = call.node.func
    if not isinstance(function, ast.Attribute) or function.attr != "forward" or not _is_of_module(call):
        return
    if _is_the_way(function.value, facts):
        return
    model = facts.source(function.value)
    yield Finding(
        function,
        f"`{model}.forward(…)` skips the module's hooks; call `{model}(…)`",
        fix=Fix(f"Call `{model}`", (Replace(function, model),), Claim.SAME, subject=facts.subject(call.node)),
    )


def _is_of_module(call: Invocation) -> bool:
    match call.called:
        case Function(bound=Instance(cls=cls)):
            return cls.kind == "module" and "__call__" not in cls.methods
        case Bound(owner=Layer(), name="forward"):
            return True
    return False


def _is_the_way(owner: ast.expr, facts: Facts) -> bool:
    """Whether ``forward`` is what should be called there: of a base class, of oneself, in scripted code."""
    if isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super":
        return True
    for around in facts.parents(owner):
        if not isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        listed = [*around.args.posonlyargs, *around.args.args]
        own = bool(listed) and isinstance(owner, ast.Name) and owner.id == listed[0].arg
        scripted = any((facts.path(each) or "").startswith("torch.jit.") for each in around.decorator_list)
        if own or scripted or around.name == "__call__":
            return True
    return False
