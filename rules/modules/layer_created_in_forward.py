"""A layer with weights that is made in ``forward``.

Each call makes it anew: its weights are random every time, no optimizer ever sees them, and they stay on the CPU. A
layer is made once, in ``__init__``.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, 8)

    def forward(self, x):
        return nn.Linear(8, 3)(self.inner(x).relu())


net, x = Net(4), torch.ones(2, 4)
assert torch.equal(net(x), net(x))
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, 8)
        self.outer = nn.Linear(8, 3)

    def forward(self, x):
        return self.outer(self.inner(x).relu())


net, x = Net(4), torch.ones(2, 4)
assert torch.equal(net(x), net(x))
```

Layers without weights may be made anywhere. Nothing is said of a layer that is kept, or whose weights are set there.
"""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, PageClass, Rule, is_stateful, own_methods, walk

rule = Rule(code="MOD005", severity="warning")

CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList")
# What gives the same layer back.
MOVING = frozenset("to cuda cpu train eval float half double bfloat16 type".split())


@rule.check
def made_anew(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    if cls.kind != "module":
        return
    for method in own_methods(cls):
        if method.role or getattr(method.node, "name", "") != "forward":
            continue
        for node in walk(method.node):
            if isinstance(node, ast.Call) and _has_weights(node, facts) and _is_only_called(node, method.node, facts):
                yield Finding(
                    node,
                    f"this `{facts.source(node.func)}` is made anew by every call of `forward`: "
                    "its weights are never trained",
                )


def _has_weights(call: ast.Call, facts: Facts) -> bool:
    """Whether a call makes such a layer."""
    path = facts.path(call.func)
    settings = {each.arg: getattr(each.value, "value", None) for each in call.keywords if each.arg}
    return path is not None and path.startswith("torch.nn.") and is_stateful(path, settings)


def _is_only_called(node: ast.expr, method: ast.AST, facts: Facts) -> bool:
    """Whether all that is done with a layer is to call it, at once or under a name of its own."""
    parent = next(facts.parents(node))
    match parent:
        case ast.Call(func=called) if called is node:
            return True
        case ast.Call(func=called) if facts.path(called) in CONTAINERS:
            return _is_only_called(parent, method, facts)
        case ast.Attribute(attr=name) if name in MOVING:
            moved = next(facts.parents(parent))
            return isinstance(moved, ast.Call) and _is_only_called(moved, method, facts)
        case ast.Assign(targets=[ast.Name(id=name)]):
            uses = [each for each in walk(method) if isinstance(each, ast.Name) and each.id == name]
            reads = [each for each in uses if isinstance(each.ctx, ast.Load)]
            return bool(reads) and all(_calls(each, facts) for each in reads)
    return False


def _calls(name: ast.Name, facts: Facts) -> bool:
    parent = next(facts.parents(name))
    return isinstance(parent, ast.Call) and parent.func is name
