"""An identifier that not every reader can type.

Python takes letters of every script, so the code runs. Yet a name such as ``self.注意力`` cannot be typed, searched or
reviewed by most people who will read a document, and two letters that look alike (a Latin and a Cyrillic ``a``) make
two names. Greek letters are left alone: formulas are written with them.

```python wrong
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.残差 = nn.Linear(width, width)

    def forward(self, x):
        return x + self.残差(x)


Block(8)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.residual = nn.Linear(width, width)

    def forward(self, x):
        return x + self.residual(x)


Block(8)(torch.randn(2, 8))
```

The new name is the field's English term where there is one, else the kind of layer that the name holds. Renaming an
attribute changes the keys of the ``state_dict``, so the fix is unsafe.
"""

import ast
import re
import unicodedata
from collections.abc import Iterator

from lintml import TERMS, Claim, Facts, Finding, Fix, Page, Rename, Rule, walk

rule = Rule(code="SNP003", severity="info")

_NAMED = (ast.Name, ast.Attribute, ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.keyword)


@rule.check
def non_ascii(page: Page, facts: Facts) -> Iterator[Finding]:
    found: dict[str, list[ast.AST]] = {}
    for snippet in page.snippets:
        if snippet.tree is None or snippet.text.isascii():
            continue
        for node in walk(snippet.tree):
            name = _identifier(node)
            if name and not name.isascii() and not _greek(name):
                found.setdefault(name, []).append(node)
    taken = {_identifier(node) for s in page.snippets if s.tree for node in walk(s.tree)} if found else set()
    for name, nodes in found.items():
        new = _english(name, nodes, facts, taken)
        mixed = _mixed_scripts(name)
        yield Finding(
            nodes[0],
            f"identifier `{name}` " + ("mixes letters that look alike" if mixed else "contains non-ASCII characters"),
            fix=Fix(
                f"Rename it to `{new}`",
                tuple(Rename(node, new) for node in nodes),
                Claim.SAME,
                "unsafe",
            )
            if new
            else None,
            severity="warning" if mixed else None,
        )
        taken.add(new)


def _identifier(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.AsyncFunctionDef(name=name):
            return name
        case ast.arg(arg=name) | ast.keyword(arg=str(name)):
            return name
    return ""


def _greek(name: str) -> bool:
    """Whether all that is not ASCII is Greek, a subscript or a prime: the letters of formulas."""
    return all(
        character.isascii()
        or "GREEK" in unicodedata.name(character, "")
        or unicodedata.category(character) in ("Lm", "No")
        for character in name
    )


def _mixed_scripts(name: str) -> bool:
    """Whether Latin letters stand beside Cyrillic ones inside one word."""
    scripts = {unicodedata.name(character, "").partition(" ")[0] for character in name if character.isalpha()}
    return {"LATIN", "CYRILLIC"} <= scripts


def _english(name: str, nodes: list[ast.AST], facts: Facts, taken: set[str]) -> str:
    """A free ASCII name: the term's translation, else what the name is assigned; empty if none is known."""
    head = re.match(r"[\x00-\x7f]*", name)
    prefix = head[0] if head else ""
    core = name[len(prefix) :]
    word = TERMS.get(core) or TERMS.get(name) or _held(nodes, facts)
    if not word:
        return ""
    if any(isinstance(node, ast.ClassDef) for node in nodes):
        word = "".join(part.capitalize() for part in word.split("_"))
    candidate = f"{prefix.rstrip('_')}_{word}" if prefix.strip("_") else f"{prefix}{word}"
    number, free = 1, candidate
    while free in taken:
        number += 1
        free = f"{candidate}_{number}"
    return free


def _held(nodes: list[ast.AST], facts: Facts) -> str:
    """The class that the name is assigned an object of, in snake case."""
    for node in nodes:
        statement = facts.statement(node)
        match statement:
            case ast.Assign(targets=[target], value=ast.Call(func=ast.Attribute(attr=made) | ast.Name(id=made))):
                if target is node and made.isascii():
                    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", made).lower()
    return ""
