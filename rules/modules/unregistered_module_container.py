"""Modules that are kept in a plain list, tuple or dict.

``nn.Module`` knows the modules that are its attributes, or stand in an ``nn.ModuleList`` or ``nn.ModuleDict``. It does
not look into a list: the optimizer is not given those parameters, ``.to`` leaves them where they are, and they are not
saved by ``state_dict``.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = [nn.Linear(4, 4) for _ in range(depth)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


assert len(list(Net(3).parameters())) == 6
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(depth)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


assert len(list(Net(3).parameters())) == 6
```

Modules that the object has elsewhere too are known, modules without parameters have nothing to miss, and a list of one
is how a module is hidden on purpose. The fix changes what is learnt and saved, so it is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Built,
    Claim,
    Facts,
    Finding,
    Fix,
    Held,
    Items,
    Replace,
    Rule,
    Store,
    has_unknown_base,
    held_apart,
    is_plain,
    lineage,
    walk,
)

rule = Rule(code="MOD003", severity="warning")

# Who names one of these sees to it that the modules are found.
REGISTERING = frozenset(
    """add_module register_module register_parameter setattr __setattr__ __dict__ _modules _parameters parameters
    named_parameters modules named_modules children named_children _apply""".split()
)


@rule.check
def kept_apart(built: Built, facts: Facts) -> Iterator[Finding]:
    cls = built.cls
    held = held_apart(built.instance)
    if not held or has_unknown_base(cls) or not is_plain(cls) or _sees_to_it(built):
        return
    for each in held:
        stores = [one for one in built.stores if one.owner is built.instance and one.node.attr == each.name]
        if not stores or _is_hidden(stores[-1], facts):
            continue
        kind, better = ("dict", "ModuleDict") if each.keys is not None else ("list or tuple", "ModuleList")
        target = facts.source(stores[-1].node)
        yield Finding(
            stores[-1].node,
            f"the modules in `{target}` are not registered, for it is a plain {kind}; use nn.{better}",
            fix=_register(each, stores[-1], better, facts),
        )


@rule.check
def parameters_kept_apart(built: Built, facts: Facts) -> Iterator[Finding]:
    for store in built.stores:
        statement = facts.statement(store.node)
        if store.owner is not built.instance or not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        value = statement.value
        if not _makes_parameters(value, facts) or has_unknown_base(built.cls) or not is_plain(built.cls):
            continue
        if isinstance(built.instance.attributes.get(store.node.attr), Items) and not _sees_to_it(built):
            text = f"{facts.spell('torch.nn.ParameterList', value)}({facts.source(value)})"
            yield Finding(
                store.node,
                f"the parameters in `{facts.source(store.node)}` are not registered, for it is a plain list; "
                "use nn.ParameterList",
                fix=Fix(
                    "Use nn.ParameterList",
                    (Replace(value, text),),
                    Claim.CHANGES,
                    "unsafe",
                    subject=facts.subject(value),
                ),
            )


def _makes_parameters(value: ast.expr, facts: Facts) -> bool:
    """Whether a list of parameters is written out, or made one by one."""
    match value:
        case ast.List(elts=[_, _, *_] as made):
            pass
        case ast.ListComp(elt=one):
            made = [one]
        case _:
            return False
    return all(isinstance(each, ast.Call) and facts.path(each.func) == "torch.nn.Parameter" for each in made)


def _sees_to_it(built: Built) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and node.attr in REGISTERING and _is_of_object(node))
        or (isinstance(node, ast.Name) and node.id in REGISTERING)
        or (isinstance(node, ast.FunctionDef) and node.name in REGISTERING)
        for cls in lineage(built.cls)
        for node in walk(cls.node)
    )


def _is_of_object(node: ast.Attribute) -> bool:
    """Whether it may be the object's own: ``layer.parameters()`` says nothing of what the object has."""
    return node.attr not in ("parameters", "named_parameters", "modules", "children") or isinstance(
        node.value, ast.Call
    )


def _is_hidden(store: Store, facts: Facts) -> bool:
    """Whether a collection of one is written out: that keeps a module from being registered."""
    match facts.statement(store.node):
        case ast.Assign(value=ast.List(elts=[_]) | ast.Tuple(elts=[_]) | ast.Dict(values=[_])):
            return True
    return False


def _register(held: Held, store: Store, better: str, facts: Facts) -> Fix | None:
    keys = held.keys
    if not held.only or (keys is not None and not all(isinstance(key, str) and "." not in key for key in keys)):
        return None
    match facts.statement(store.node):
        case ast.Assign(targets=[_], value=ast.List() | ast.ListComp() | ast.Tuple() | ast.Dict() as value):
            path = facts.spell(f"torch.nn.{better}", value)
            empty = (isinstance(value, ast.List) and not value.elts) or (isinstance(value, ast.Dict) and not value.keys)
            text = f"{path}()" if empty else f"{path}({facts.source(value)})"
            return Fix(
                f"Use nn.{better}", (Replace(value, text),), Claim.CHANGES, "unsafe", subject=facts.subject(value)
            )
    return None
