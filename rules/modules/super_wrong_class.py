"""A ``super`` call that names another class than the one it stands in.

``super(Other, self)`` looks for the method after ``Other`` among the object's classes, and raises a TypeError where
``Other`` is none of them. It is what remains when a class is copied and renamed. ``super()`` always means the class
around it.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super(Net, self).__init__()
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


class DeepNet(nn.Module):
    def __init__(self, width):
        super(Net, self).__init__()
        self.fc = nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.fc(x)


DeepNet(4)(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, width):
        super(Net, self).__init__()
        self.fc = nn.Linear(width, 2)

    def forward(self, x):
        return self.fc(x)


class DeepNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.fc(x)


DeepNet(4)(torch.ones(3, 4))
```

To name a class further up leaves out those in between, as is sometimes meant; only ``nn.Module`` itself must not be
left out of ``__init__``. Nothing is said where a base class is not known.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Claim,
    Facts,
    Finding,
    Fix,
    PageClass,
    Replace,
    Rule,
    Undefined,
    has_unknown_base,
    library_bases,
    lineage,
    own_methods,
    receiver,
    walk,
)

rule = Rule(code="MOD002", severity="error", over=("SNP004", "SNP005"))

BASES = {"torch.nn.Module": "nn.Module", "torch.optim.Optimizer": "Optimizer"}


@rule.check
def names_another(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    if has_unknown_base(cls):
        return
    for method in own_methods(cls):
        for node in walk(method.node):
            match node:
                case ast.Call(
                    func=ast.Name(id="super"), args=[ast.Name() | ast.Attribute() as named, ast.Name(id=held)]
                ) if held == receiver(method) and _class_around(node, facts) is cls.node:
                    reason = _objection(cls, named, node, facts)
                    if reason:
                        yield Finding(
                            node,
                            f"`{facts.source(node)}` in class `{cls.name}`: {reason}",
                            fix=Fix("Use `super()`", (Replace(node, "super()"),), Claim.REPAIRS, subject=cls.name),
                            covers=(named,),
                        )


def _class_around(node: ast.AST, facts: Facts) -> ast.AST | None:
    return next((each for each in facts.parents(node) if isinstance(each, ast.ClassDef)), None)


def _objection(cls: PageClass, named: ast.Name | ast.Attribute, call: ast.Call, facts: Facts) -> str:
    """Why a class must not be named there, empty where it may be."""
    if (path := facts.path(named)) is not None:
        return _past_module(cls, path, call, facts)
    if not isinstance(named, ast.Name):
        return ""
    family = lineage(cls)
    if any(named.id == each.name for each in family) or _is_base(named.id, family):
        return ""
    others = [each for each in facts.of(PageClass) if each.name == named.id]
    if others:
        heirs = [lineage(each) for each in facts.of(PageClass)]
        related = any(cls in heir and other in heir for heir in heirs for other in others)
        only = len(others) == len(facts.names.bound.get(named.id, others))
        return "" if related or not only else f"it does not derive from `{named.id}`"
    undefined = any(named in (use.node for use in each.uses) for each in facts.of(Undefined))
    return f"there is no `{named.id}`" if undefined else ""


def _is_base(name: str, family: list[PageClass]) -> bool:
    return any(isinstance(base, ast.Name) and base.id == name for each in family for base in each.node.bases)


def _past_module(cls: PageClass, path: str, call: ast.Call, facts: Facts) -> str:
    parent = next(facts.parents(call), None)
    constructs = isinstance(parent, ast.Attribute) and parent.attr == "__init__"
    if path in BASES and constructs and set(library_bases(cls)) == {path}:
        return f"it looks past {BASES[path]}, which is never set up"
    return ""
