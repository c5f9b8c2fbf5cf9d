"""Code in the docstrings of a Python file: fences, and interactive sessions."""

import ast
import re
from collections.abc import Iterator

from lintml.documents.between import Between
from lintml.documents.block import Block
from lintml.documents.fenced import fenced_blocks
from lintml.documents.fences import Fence
from lintml.documents.indented import indented_fences
from lintml.documents.rest import rest_fences
from lintml.documents.text import line_starts, split_lines

_RAW = re.compile(r"[a-zA-Z]*[rR]")


def docstring_blocks(text: str) -> list[Block]:
    """The code in each docstring, in a namespace of its own beside that of the file."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lines = split_lines(text)
    starts = line_starts(text)
    return [block for name, node in _docstrings(tree) for block in _blocks(text, lines, starts, name, node)]


def _docstrings(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(value=ast.Constant(value=str()) as docstring), *_])
                | ast.ClassDef(body=[ast.Expr(value=ast.Constant(value=str()) as docstring), *_])
                | ast.FunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as docstring), *_])
                | ast.AsyncFunctionDef(body=[ast.Expr(value=ast.Constant(value=str()) as docstring), *_])
            ):
                yield getattr(node, "name", "module"), docstring


def _blocks(text: str, lines: list[str], starts: list[int], name: str, node: ast.Constant) -> list[Block]:
    first, last = node.lineno, (node.end_lineno or node.lineno) - 1
    if last <= first:
        return []
    body = [*lines[:last], lines[last][: (node.end_col_offset or 3) - 3]]
    raw = _RAW.match(lines[first - 1][node.col_offset :])
    escaped = not raw and any("\\" in line for line in body[first:])
    blocks = fenced_blocks(text, starts, _fences(body, first), starts[first], Between(rest=True))
    for block in blocks:
        block.group = f"docstring of {name} in row {node.lineno}"
        block.apart = "docstring"
        if escaped:
            block.editable = "the docstring has escapes"
    return blocks


def _fences(lines: list[str], row: int) -> Iterator[Fence]:
    """Fences at any indentation, and between them what reStructuredText has."""
    begin = row
    for fence in indented_fences(lines, row):
        yield from rest_fences(lines, begin, fence.row)
        yield fence
        begin = fence.end + fence.closed
    yield from rest_fences(lines, begin)
