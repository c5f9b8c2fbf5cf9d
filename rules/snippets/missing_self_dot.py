"""An attribute whose dot is missing: ``selfattention`` where ``self.attention`` is meant.

Without the dot the name is a local variable of the method that assigns it, and unknown in the method that reads it. The
mistake comes with text that was translated, typed without spaces, or generated.

```python wrong
import torch
import torch.nn as nn


class Scorer(nn.Module):
    def __init__(self, width):
        super().__init__()
        selfscore = nn.Linear(width, 1)

    def forward(self, x):
        return selfscore(x)


Scorer(8)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class Scorer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x):
        return self.score(x)


Scorer(8)(torch.randn(2, 8))
```

A name is only taken for an attribute where one method binds it as a local and another reads it, or where the class has
an attribute of exactly the rest of the name.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Reason, Replace, Rule, Undefined, walk

rule = Rule(code="SNP002", severity="error", over=("SNP003", "SNP005"))


@rule.check
def missing_dot(missing: Undefined, facts: Facts) -> Iterator[Finding]:
    classes = dict.fromkeys(use.scope.around(ast.ClassDef) for use in missing.uses)
    for cls in classes:
        if not isinstance(cls, ast.ClassDef):
            continue
        reads = [use.node for use in missing.uses if use.scope.around(ast.ClassDef) is cls]
        first = _first_parameter(facts, reads[0])
        rest = missing.name.removeprefix(first)
        if not first or rest == missing.name or not rest.isidentifier():
            continue
        stores = [
            node
            for node in walk(cls)
            if isinstance(node, ast.Name) and node.id == missing.name and isinstance(node.ctx, ast.Store)
        ]
        known = _is_attribute(cls, first, rest)
        if not known and (not stores or rest.startswith("_")):
            continue
        fixed = f"{first}.{rest}"
        yield Finding(
            (stores or reads)[0],
            f"`{missing.name}` looks like `{fixed}` with the dot missing",
            because=tuple(Reason(node, "read here, where no such name is known") for node in reads[:1] if stores),
            fix=Fix(
                f"Insert the dot: `{fixed}`",
                tuple(Replace(node, fixed) for node in _names(cls, missing.name)),
                Claim.REPAIRS,
                subject=cls.name,
            ),
        )


def _names(cls: ast.ClassDef, name: str) -> list[ast.Name]:
    found = [node for node in walk(cls) if isinstance(node, ast.Name) and node.id == name]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _first_parameter(facts: Facts, node: ast.AST) -> str:
    """The name that the innermost method around a node gives to its object."""
    for parent in facts.parents(node):
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            listed = [*parent.args.posonlyargs, *parent.args.args]
            if listed and isinstance(next(facts.parents(parent), None), ast.ClassDef):
                return listed[0].arg
    return ""


def _is_attribute(cls: ast.ClassDef, first: str, rest: str) -> bool:
    """Whether the class assigns that attribute or has that method."""
    return any(
        (
            isinstance(node, ast.Attribute)
            and node.attr == rest
            and isinstance(node.value, ast.Name)
            and node.value.id == first
            and isinstance(node.ctx, ast.Store)
        )
        or (isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == rest)
        for node in walk(cls)
    )
