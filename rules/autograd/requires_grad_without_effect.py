"""A switch that autograd does not look at: `require_grad` of a tensor, `requires_grad` of a module.

Python lets any attribute be assigned, so a slip in the name makes a new one that nothing reads: what was to be frozen
is trained, and what was to be trained is not. A module has no such attribute either; only its parameters do.

```python wrong
import torch.nn as nn

model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 3))
for parameter in model[0].parameters():
    parameter.require_grad = False
assert not model[0].weight.requires_grad
```

```python right
import torch.nn as nn

model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 3))
for parameter in model[0].parameters():
    parameter.requires_grad = False
assert not model[0].weight.requires_grad
```

```python wrong
import torch.nn as nn

embed = nn.Embedding(10, 4)
embed.requires_grad = False
assert not embed.weight.requires_grad
```

```python right
import torch.nn as nn

embed = nn.Embedding(10, 4)
embed.requires_grad_(False)
assert not embed.weight.requires_grad
```

The object must be known to be a tensor, a parameter that a loop goes through, or one of torch's own layers: settings of
any name may be kept elsewhere.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Claim,
    Facts,
    Finding,
    Fix,
    Layer,
    Rename,
    Replace,
    Rule,
    Store,
    Tensor,
    exists,
    is_looped_parameter,
    within_edits,
)

rule = Rule(code="GRD007", severity="warning")

SWITCH = "requires_grad"


@rule.check
def of_a_value(store: Store, facts: Facts) -> Iterator[Finding]:
    match store.owner:
        case Tensor(sure=True) if _is_slip(store.node):
            yield _misspelled(store.node, facts)
        case Layer() if store.node.attr == SWITCH or _is_slip(store.node):
            yield _of_module(store.node, facts)


@rule.check
def of_a_parameter(target: ast.Attribute, facts: Facts) -> Iterator[Finding]:
    if isinstance(target.ctx, ast.Store) and _is_slip(target) and is_looped_parameter(target.value, facts.parents):
        yield _misspelled(target, facts)


@rule.check
def switch_called(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    """``p.requires_grad(False)`` of a parameter, whose switch is no method."""
    switch = call.func
    if isinstance(switch, ast.Attribute) and switch.attr == SWITCH and is_looped_parameter(switch.value, facts.parents):
        fix = Fix(f"Write `{SWITCH}_`", (Rename(switch, f"{SWITCH}_"),), Claim.REPAIRS, subject=facts.subject(call))
        message = f"`{SWITCH}` of a parameter is no method; the one that sets it is `{SWITCH}_`"
        yield Finding(call, message, fix=fix, severity="error")


def _is_slip(node: ast.Attribute) -> bool:
    """Whether a name is nearly that of the switch, and is nothing else that may be assigned."""
    if node.attr == f"{SWITCH}_":
        return True
    return node.attr != SWITCH and within_edits(node.attr, SWITCH, 2) and not exists(f"torch.Tensor.{node.attr}")


def _misspelled(node: ast.Attribute, facts: Facts) -> Finding:
    fix = Fix(f"Write `{SWITCH}`", (Rename(node, SWITCH),), Claim.CHANGES, "unsafe", facts.subject(node))
    return Finding(node, f"autograd does not read `{node.attr}`; the switch is `{SWITCH}`", fix=fix)


def _of_module(node: ast.Attribute, facts: Facts) -> Finding:
    owner, statement = facts.source(node.value), facts.statement(node)
    fix = None
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        text = f"{owner}.{SWITCH}_({facts.source(statement.value)})"
        fix = Fix(f"Write `{text}`", (Replace(statement, text),), Claim.CHANGES, "unsafe", facts.subject(node))
    return Finding(node, f"`{owner}` is a module, and only its parameters have a `{SWITCH}`", fix=fix)
