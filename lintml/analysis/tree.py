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
        "kwd_attrs",
    ]
)
# Leaves whose one value is no node.
_LEAVES: Final = (ast.Constant, ast.MatchSingleton)
# Lists that hold None where nothing is written.
_GAPS: Final = frozenset([(ast.Dict, "keys"), (ast.arguments, "kw_defaults")])
_HOLDING: Final[dict[type, tuple[str, ...]]] = {}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly in a node, in the grammar's order; marks such as ``ctx`` are left out."""
    kind = node.__class__
    fields = _HOLDING.get(kind)
    if fields is None:
        fields = _HOLDING[kind] = _holding(kind)
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if value.__class__ is not list:
            if value is not None:
                found.append(value)
        elif (kind, name) in _GAPS:
            found += [each for each in value if each is not None]
        elif value:
            found += value
    return found


def _holding(kind: type[ast.AST]) -> tuple[str, ...]:
    if kind in _LEAVES:
        return ()
    bare = _BARE - {"names"} if kind in (ast.Import, ast.ImportFrom) else _BARE
    return tuple(name for name in kind._fields if name not in bare)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it, outer ones first."""
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        inner = children(each)
        if inner:
            inner.reverse()
            stack += inner


def annotation_parts(node: ast.AST) -> list[ast.AST]:
    """The expressions that an annotation is made of: ``dict``, ``str`` and ``Tensor`` of ``dict[str, Tensor]``."""
    match node:
        case ast.Subscript(value=value, slice=key):
            return [*annotation_parts(value), *annotation_parts(key)]
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return [*annotation_parts(left), *annotation_parts(right)]
        case ast.Tuple(elts=parts):
            return [each for part in parts for each in annotation_parts(part)]
    return [node]
