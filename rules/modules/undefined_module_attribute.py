"""An attribute that a module reads and nothing ever assigns.

The AttributeError comes late, when ``forward`` gets there, and a layer whose name is a letter off in one of two places
looks right in both.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return self.liner(x)


Net()(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x):
        return self.linear(x)


Net()(torch.ones(3, 4))
```

Nothing is said of a class with a base from elsewhere, of one that others derive from, or where attributes are set by
names that are worked out. The fix guesses from the spelling, so it is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Claim,
    Facts,
    Finding,
    Fix,
    Page,
    PageClass,
    Reason,
    Rename,
    Rule,
    exists,
    has_unknown_base,
    is_plain,
    library_bases,
    lineage,
    own_methods,
    reads_and_writes,
    walk,
    within_edits,
)

rule = Rule(code="MOD009", severity="error")

# What sets attributes whose names are not written where they are set.
INDIRECT = frozenset("setattr vars exec __dict__ __setattr__ _parameters _buffers _modules".split())
REGISTERING = frozenset("add_module register_module register_buffer register_parameter".split())


@rule.check
def never_assigned(page: Page, facts: Facts) -> Iterator[Finding]:
    candidates = [each for each in facts.of(PageClass) if each.kind == "module" and _is_finished(each, facts)]
    if not candidates or page.document.elsewhere or _sets_indirectly(facts):
        return
    given = _given(facts)
    for cls in candidates:
        family = [*lineage(cls), *_heirs(cls, facts)]
        known = given.union(*(facts.names.scopes[each.node].names for each in family))
        for name, reads in _reads(cls, known, facts).items():
            if _is_lacking(name, cls, facts):
                yield _finding(name, reads, cls, facts)


def _is_finished(cls: PageClass, facts: Facts) -> bool:
    """Whether a class is all there, and so are those of the page that derive from it."""
    if has_unknown_base(cls) or not is_plain(cls) or "__init__" not in cls.methods:
        return False
    forward = cls.methods.get("forward")
    if forward is None or forward.role or _is_empty(forward.node):
        return False
    heirs = _heirs(cls, facts)
    if any(has_unknown_base(each) or not is_plain(each) or _is_mixed(each) for each in heirs):
        return False
    return not any(_is_abridged(each.node, facts) for heir in (cls, *heirs) for each in lineage(heir))


def _heirs(cls: PageClass, facts: Facts) -> list[PageClass]:
    """The classes of the page that derive from a class."""
    return [each for each in facts.of(PageClass) if cls in lineage(each)[1:]]


def _is_mixed(cls: PageClass) -> bool:
    """Whether a class derives from one of another library, which may have what another base lacks."""
    return not all(base.startswith("torch.") for base in library_bases(cls))


def _is_empty(function: ast.AST) -> bool:
    """Whether a method is left for others to write."""
    body = getattr(function, "body", [])
    return all(
        isinstance(each, (ast.Pass, ast.Raise)) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in body
    )


def _is_abridged(node: ast.ClassDef, facts: Facts) -> bool:
    """Whether a class says with three dots that something is left out."""
    lines = facts.source(node).splitlines()
    comments = (line.partition("#")[2] for line in lines)
    dots = any(isinstance(each, ast.Constant) and each.value is ... for each in walk(node))
    return dots or any("..." in comment or "…" in comment for comment in comments)


def _sets_indirectly(facts: Facts) -> bool:
    if any(node.id in INDIRECT for node in facts.each(ast.Name)):
        return True
    if any(node.attr in INDIRECT for node in facts.each(ast.Attribute)):
        return True
    for node in facts.each(ast.Call):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if name in REGISTERING:
                if not isinstance(first, ast.Constant):
                    return True
    return False


def _given(facts: Facts) -> set[str]:
    """Every name that the page gives an attribute or a function, or has as a text."""
    found = {node.attr for node in facts.each(ast.Attribute) if not isinstance(node.ctx, ast.Load)}
    found |= {node.value for node in facts.each(ast.Constant) if isinstance(node.value, str)}
    found |= {node.name for node in facts.each(ast.FunctionDef)} | {node.name for node in facts.each(ast.ClassDef)}
    return found | {node.name for node in facts.each(ast.AsyncFunctionDef)}


def _reads(cls: PageClass, known: set[str], facts: Facts) -> dict[str, list[ast.Attribute]]:
    """The attributes that a class's own methods read of their object, by name, without those that are known."""
    found: dict[str, list[ast.Attribute]] = {}
    for method in own_methods(cls):
        for node in reads_and_writes(method):
            if node.attr in known:
                continue
            around = (each for each in facts.parents(node) if isinstance(each, ast.ClassDef))
            if isinstance(node.ctx, ast.Load) and next(around) is cls.node and not facts.guarded(node):
                found.setdefault(node.attr, []).append(node)
    return found


def _is_lacking(name: str, cls: PageClass, facts: Facts) -> bool:
    """Whether no base class of torch has an attribute for certain, nor a block that could not be read mentions it."""
    bases = library_bases(cls)
    unread = any(snippet.tree is None and name in snippet.text for snippet in facts.page.snippets)
    return not unread and all(exists(f"{base}.{name}", facts.page.version) is False for base in bases)


def _finding(name: str, reads: list[ast.Attribute], cls: PageClass, facts: Facts) -> Finding:
    meant = _closest(name, cls)
    owner = facts.source(reads[0].value)
    return Finding(
        reads[0],
        f"`{owner}.{name}` is never assigned" + (f"; did you mean `{owner}.{meant}`?" if meant else ""),
        because=(Reason(cls.node, "nothing in this class or on this page does so"),),
        fix=Fix(
            f"Write `{owner}.{meant}`",
            tuple(Rename(node, meant) for node in reads),
            Claim.REPAIRS,
            "unsafe",
            subject=cls.name,
        )
        if meant
        else None,
    )


def _closest(name: str, cls: PageClass) -> str:
    """The one attribute of the class whose name is a slip away; empty if there is none, or several."""
    own = {
        node.attr
        for each in lineage(cls)
        for method in own_methods(each)
        for node in reads_and_writes(method)
        if isinstance(node.ctx, ast.Store)
    }
    near = [each for each in own if within_edits(name, each, max(1, len(name) // 4))]
    return near[0] if len(near) == 1 else ""
