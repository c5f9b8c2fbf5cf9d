"""An optimizer given a module instead of the module's parameters.

An optimizer goes through what it is given one parameter at a time. A module is not iterable, and neither is its method
`parameters` unless it is called.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.Adam(model, lr=1e-3)
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
```

Nor has a module a `params`.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.SGD([{"params": model.params()}], lr=1e-3)
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.SGD([{"params": model.parameters()}], lr=1e-3)
```
"""

import ast
from collections.abc import Iterator
from typing import Any

from lintml import (
    Absent,
    Bound,
    Claim,
    Facts,
    Finding,
    Fix,
    Invocation,
    Rename,
    Replace,
    Rule,
    exists,
    is_module,
    lookup,
)

rule = Rule(code="OPT003", severity="error", over=("API002", "API004", "API007"))

BASE = "torch.optim.Optimizer"
SHORT = ("params", "param", "parameter")


@rule.check
def no_parameters(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    call = invocation.node
    name = invocation.path.rpartition(".")[2]
    if not _is_optimizer(invocation.path) or invocation.spread:
        return
    argument = call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "params"), None)
    if argument is None:
        yield Finding(call, f"`{name}` is given no parameters to optimise")
        return
    if isinstance(argument, ast.List):
        yield from _groups_without(argument, facts)
    value = invocation.arguments[0] if invocation.arguments else invocation.keywords.get("params")
    spelt = facts.source(argument)
    if isinstance(value, Bound) and value.name == "parameters" and is_module(value.owner):
        yield _finding(argument, f"`{spelt}` must be called", f"{spelt}()", facts)
    elif is_module(value) and not _may_iterate(value):
        yield _finding(
            argument, f"`{name}` goes through parameters, and `{spelt}` is a module", f"{spelt}.parameters()", facts
        )


def _groups_without(groups: ast.List, facts: Facts) -> Iterator[Finding]:
    """Groups of parameters that are written out and have none under the name that every optimizer looks for."""
    for group in groups.elts:
        keys = group.keys if isinstance(group, ast.Dict) else []
        names = [key.value if isinstance(key, ast.Constant) else None for key in keys]
        if not names or None in names or "params" in names:
            continue
        near = [key for key, name in zip(keys, names, strict=True) if name in (*SHORT, "parameters")]
        fix = None
        if len(near) == 1 and near[0] is not None:
            quoted = facts.source(near[0])[0] + "params" + facts.source(near[0])[-1]
            fix = Fix(f"Write `{quoted}`", (Replace(near[0], quoted),), Claim.REPAIRS, subject=facts.subject(group))
        yield Finding(near[0] if fix else group, 'a group of parameters has them under `"params"`', fix=fix)  # type: ignore[arg-type]


@rule.check
def under_another_name(absent: Absent, facts: Facts) -> Iterator[Finding]:
    """``params()`` of a module, somewhere in what an optimizer is given."""
    node = absent.node
    if absent.name not in SHORT or not isinstance(node, ast.Attribute) or not exists(f"{absent.namespace}.parameters"):
        return
    around = (each for each in facts.parents(node) if isinstance(each, ast.Call))
    if absent.by_value and any(_is_optimizer(facts.path(each.func) or "") for each in around):
        right = f"{facts.source(node.value)}.parameters()"
        fix = Fix(f"Pass `{right}`", (Rename(node, "parameters"),), Claim.REPAIRS, subject=facts.subject(node))
        yield Finding(node, f"a module has no `{absent.name}`; its parameters are `{right}`", fix=fix)


def _finding(argument: ast.expr, message: str, right: str, facts: Facts) -> Finding:
    fix = Fix(f"Pass `{right}`", (Replace(argument, right),), Claim.REPAIRS, subject=facts.subject(argument))
    return Finding(argument, message, fix=fix)


def _is_optimizer(path: str) -> bool:
    if not path.startswith("torch.optim.") or path == BASE:
        return False
    found = lookup(path)
    return found is not None and found.kind == "class" and any(b == BASE or _is_optimizer(b) for b in found.bases)


def _may_iterate(module: Any) -> bool:
    """Whether going through a module may give parameters: lists of them do, and so may a class of the page's own."""
    cls = getattr(module, "cls", None)
    if cls is None:
        return "Parameter" in module.path
    return not cls.complete or "__iter__" in cls.methods or "Parameter" in cls.torch_base
