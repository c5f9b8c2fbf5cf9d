"""Which names a class or function mentions where, worked out once for each tree."""

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

# The nodes that say what is done with a value: the others are names, constants and the frame around them.
_TELLING = (
    ast.Attribute, ast.BinOp, ast.Call, ast.Compare, ast.For, ast.If, ast.IfExp, ast.Subscript, ast.comprehension,
    ast.keyword,
)  # fmt: skip


@lru_cache(maxsize=512)
def walked(tree: ast.AST) -> dict[ast.AST, None]:
    """All nodes of a tree, the outer ones first."""
    return dict.fromkeys(ast.walk(tree))


@lru_cache(maxsize=512)
def assignments(function: Function) -> tuple[tuple[ast.expr, ast.expr], ...]:
    """What is given to what inside a function."""
    return tuple(pair for node in walked(function) for pair in _assigned(node))


@lru_cache(maxsize=512)
def telling(tree: ast.AST) -> Sequence[tuple[ast.AST, frozenset[str]]]:
    """The telling nodes, each with the names and the attributes of ``self`` that stand in it."""
    nodes = list(ast.walk(tree))
    mentioned: dict[ast.AST, frozenset[str]] = {}
    for node in reversed(nodes):  # what is inside comes first; a recursion would not reach the end of a long sum
        own = node.id if isinstance(node, ast.Name) else attribute(node)
        mentioned[node] = frozenset((own,)).union(*map(mentioned.__getitem__, ast.iter_child_nodes(node)))
    return [(node, mentioned[node]) for node in nodes if isinstance(node, _TELLING)]


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What an assignment gives to what, pair by pair where it gives several at once."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            yield from zip(targets, values, strict=True)
        case ast.Assign(targets=[target], value=value):
            yield target, value


def attribute(node: ast.AST) -> str:
    """The name of an attribute of ``self``, empty for anything else."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return ""
