"""Walks over syntax trees that visit nothing but what can hold a name, a value or a statement."""

import ast
from collections.abc import Iterator
from typing import Final

# Fields whose values are names, constants, or marks without a place (``ctx``, operators).
_BARE: Final = frozenset(
    [
        "id",
        "attr",
        "arg",
        "name",
        "asname",
        "module",
        "level",
        "kind",
        "ctx",
        "op",
        "ops",
        "names",
        "type_comment",
        "lineno",
        "col_offset",
        "end_lineno",
        "end_col_offset",
        "conversion",
        "simple",
        "is_async",
        "rest",
        "tag",
    ]
)
_HOLDING: Final[dict[type, tuple[str, ...]]] = {}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly in a node, in the grammar's order; marks such as ``ctx`` are left out."""
    kind = type(node)
    fields = _HOLDING.get(kind)
    if fields is None:
        bare = _BARE - {"names"} if kind in (ast.Import, ast.ImportFrom) else _BARE
        fields = _HOLDING[kind] = tuple(name for name in kind._fields if name not in bare)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it, outer ones first."""
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        inner = children(each)
        inner.reverse()
        stack += inner
