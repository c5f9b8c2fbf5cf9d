"""A tensor attribute that the module does not know of.

``nn.Module`` moves and saves its parameters and buffers. A plain tensor stays on the CPU when the module goes to
another device, and keeps its type when the module is cast; one that should be learnt is never given to the optimizer.

```python wrong
import torch
import torch.nn as nn


class Positions(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.table = torch.zeros(length, width)

    def forward(self, x):
        return x + self.table[: x.size(1)]


assert "table" in dict(Positions(9, 4).named_buffers())
```

```python right
import torch
import torch.nn as nn


class Positions(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.register_buffer("table", torch.zeros(length, width), persistent=False)

    def forward(self, x):
        return x + self.table[: x.size(1)]


assert "table" in dict(Positions(9, 4).named_buffers())
```

```python wrong
import torch
import torch.nn as nn


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = torch.ones(width, requires_grad=True)

    def forward(self, x):
        return x * self.gain


assert len(list(Scale(4).parameters())) == 1
```

```python right
import torch
import torch.nn as nn


class Scale(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * self.gain


assert len(list(Scale(4).parameters())) == 1
```

Only a tensor is looked at that the constructor makes, without saying where, and that another method computes with as it
is. One that is assigned again elsewhere, or moved where it is used, is left alone. With ``persistent=False`` what is
saved stays the same.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

from lintml import (
    Built,
    Claim,
    Facts,
    Finding,
    Fix,
    Layer,
    Replace,
    Rule,
    Store,
    Tensor,
    has_unknown_base,
    is_plain,
    lineage,
    own_methods,
    reads_and_writes,
)

rule = Rule(code="MOD004", severity="warning")

PARAMETER = "torch.nn.Parameter"
# What of a tensor does not depend on where it is.
ASKING = frozenset("shape size dtype device ndim numel dim item tolist requires_grad requires_grad_".split())
# What changes nothing but the form.
FORMING = frozenset(
    """T mT unsqueeze squeeze expand expand_as repeat view view_as reshape transpose permute detach clone
    contiguous bool float half double int long""".split()
)
# Methods of another tensor that must find it where that one is.
MEETING = frozenset(
    """masked_fill masked_fill_ add add_ sub sub_ mul mul_ div div_ matmul bmm mm where maximum minimum index_select
    gather""".split()
)
# Who defines or says one of these sees to the device.
MOVING = frozenset("to cuda _apply set_default_device set_default_tensor_type".split())


@rule.check
def not_known(built: Built, facts: Facts) -> Iterator[Finding]:
    if has_unknown_base(built.cls) or not is_plain(built.cls) or not built.cls.methods.keys() - {"__init__"}:
        return
    for name, value in built.instance.attributes.items():
        stores = [each for each in built.stores if each.owner is built.instance and each.node.attr == name]
        if len(stores) != 1 or not _is_only_store(stores[0], facts):
            continue
        statement = facts.statement(stores[0].node)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        if _is_moved_parameter(statement.value, facts):
            yield Finding(
                stores[0].node,
                f"`{facts.source(stores[0].node)}` is no parameter: what is moved or cast is a plain tensor",
            )
        elif isinstance(value, Tensor) and value.factory is not None and _wants_gradient(value.factory):
            yield _parameter(stores[0], statement.value, value.factory, facts)
        elif "forward" in built.cls.methods and _stays_behind(name, value, built, facts):
            yield _buffer(stores[0], statement, facts)


def _is_only_store(store: Store, facts: Facts) -> bool:
    """Whether nothing else on the page gives the object that attribute."""
    others = [node for node in _stores(facts)[store.node.attr] if node is not store.node]
    return not any(_owner(node, facts) in (_owner(store.node, facts), None) for node in others)


@lru_cache(maxsize=1)
def _stores(facts: Facts) -> dict[str, list[ast.Attribute]]:
    """Where the page sets or deletes attributes, by name."""
    found: dict[str, list[ast.Attribute]] = defaultdict(list)
    for node in facts.each(ast.Attribute):
        if not isinstance(node.ctx, ast.Load):
            found[node.attr].append(node)
    return found


def _owner(node: ast.AST, facts: Facts) -> ast.AST | None:
    """The class that an attribute is assigned in; None outside of any, where it may be of any object."""
    return next((each for each in facts.parents(node) if isinstance(each, ast.ClassDef)), None)


def _is_moved_parameter(value: ast.expr, facts: Facts) -> bool:
    match value:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=made), attr="to" | "cuda" | "half" | "double" | "bfloat16")
        ):
            return facts.path(made) == PARAMETER
    return False


def _wants_gradient(factory: ast.Call) -> bool:
    return any(
        each.arg == "requires_grad" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in factory.keywords
    )


def _stays_behind(name: str, value: object, built: Built, facts: Facts) -> bool:
    """Whether a tensor is on the CPU by default and meets others as it is."""
    if not isinstance(value, Tensor) or value.factory is None or value.device != "cpu":
        return False
    if value.shape is None or not value.shape.dims or _sees_to_devices(built, facts):
        return False
    uses = [
        _use(node, built, facts)
        for cls in lineage(built.cls)
        for method in own_methods(cls)
        if getattr(method.node, "name", "") != "__init__"
        for node in reads_and_writes(method)
        if node.attr == name
    ]
    return "meets" in uses and "unknown" not in uses


def _sees_to_devices(built: Built, facts: Facts) -> bool:
    own = any(MOVING & each.methods.keys() for each in lineage(built.cls))
    return own or any(
        node.attr.startswith("set_default_") and node.attr in MOVING for node in facts.each(ast.Attribute)
    )


def _use(node: ast.expr, built: Built, facts: Facts) -> str:
    """What is done with a tensor: it "meets" others, is only "asked", or that is "unknown"."""
    parent = next(facts.parents(node))
    match parent:
        case ast.BinOp() | ast.Compare():
            return "meets"
        case ast.Subscript(value=owner):
            # A tensor of the CPU may be an index anywhere.
            return _use(parent, built, facts) if owner is node else "asked"
        case ast.Attribute(attr=name) if name in ASKING:
            return "asked"
        case ast.Attribute(attr=name) if name in FORMING:
            call = next(facts.parents(parent))
            called = isinstance(call, ast.Call) and call.func is parent
            return _use(call if called and isinstance(call, ast.Call) else parent, built, facts)
        case ast.Call(func=called) if node in parent.args:
            path = facts.path(called) or ""
            return "meets" if path.startswith("torch.") or _computes(called, built) else "unknown"
    return "unknown"


def _computes(called: ast.expr, built: Built) -> bool:
    """Whether a call is one of a tensor's method that computes with what it is given, or of a layer of torch."""
    match called:
        case ast.Attribute(value=ast.Name(), attr=name) if isinstance(built.instance.attributes.get(name), Layer):
            return True
        case ast.Attribute(attr=name):
            return name in MEETING
    return False


def _parameter(store: Store, value: ast.expr, factory: ast.Call, facts: Facts) -> Finding:
    fix = None
    if value is factory:
        kept = [each for each in factory.keywords if each.arg != "requires_grad"]
        given = ", ".join(facts.source(each) for each in (*factory.args, *kept))
        made = f"{facts.source(factory.func)}({given})"
        text = f"{facts.spell(PARAMETER, value)}({made})"
        fix = Fix("Make it a parameter", (Replace(value, text),), Claim.CHANGES, "unsafe", subject=facts.subject(value))
    return Finding(
        store.node,
        f"`{facts.source(store.node)}` wants a gradient and is no parameter: no optimizer is given it",
        fix=fix,
    )


def _buffer(store: Store, statement: ast.Assign, facts: Facts) -> Finding:
    owner, name = facts.source(store.node.value), store.node.attr
    text = f'{owner}.register_buffer("{name}", {facts.source(statement.value)}, persistent=False)'
    return Finding(
        store.node,
        f"`{owner}.{name}` is neither a buffer nor a parameter: it stays behind when the module is moved",
        fix=Fix(
            "Register it as a buffer",
            (Replace(statement, text),),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(statement),
        ),
    )
