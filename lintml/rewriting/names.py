"""The one identifier of a node gives way to another."""

import ast
import re

from lintml.model import Edit
from lintml.rewriting.pieces import RewriteError
from lintml.rewriting.source import Source

_FIRST = re.compile(r"\w+")
_LAST = re.compile(r"\w+\Z")
_SPACE = r"(?:[ \t\f]|\\\n)+"
_DEFINED = re.compile(rf"(?:async{_SPACE})?(?:def|class){_SPACE}(\w+)")
_CAUGHT = re.compile(rf"{_SPACE}as{_SPACE}(\w+)")


def rename(source: Source, node: ast.AST, name: str) -> Edit:
    """``name`` in place of the identifier of ``node``."""
    if not name.isidentifier():
        raise RewriteError(f"{name!r} is no identifier")
    start, end = _identifier(source, node)
    return source.edit(start, end, name)


def _identifier(source: Source, node: ast.AST) -> tuple[int, int]:
    span = source.span(node)
    found: re.Match[str] | None = None
    group = 0
    match node:
        case ast.Name() | ast.arg() | ast.keyword(arg=str()):
            found = _FIRST.match(source.text, span.start, span.end)
        case ast.alias(asname=None, name=str(name)) if "." not in name and name != "*":
            found = _FIRST.match(source.text, span.start, span.end)
        case ast.Attribute():
            found = _LAST.search(source.text, span.start, span.end)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            found, group = _DEFINED.match(source.text, span.start), 1
        case ast.ExceptHandler(name=str(), type=ast.expr() as caught):
            found, group = _CAUGHT.search(source.text, source.span(caught).end, source.span(node.body[0]).start), 1
    if found is None:
        raise RewriteError(f"a {type(node).__name__} here has no single name to change")
    return found.span(group)
