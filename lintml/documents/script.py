"""A Python file: one block from its first byte to its last, or one a cell where it is written in cells."""

import ast
import re
from itertools import pairwise

from lintml.documents.block import Block
from lintml.documents.info import Info
from lintml.documents.text import line_starts, newline_at, split_lines
from lintml.model import Line

_INFO = Info("python", "python")
_CELL = re.compile(r"#\s?%%(?:\s.*)?|#{20,}|# COMMAND -{10}")


def script_blocks(text: str) -> list[Block]:
    """The whole of ``text`` as one block, or one for each cell of a gallery, a percent or a Databricks script."""
    lines = split_lines(text)
    ends_with_newline = len(lines) > 1 and not lines[-1]
    if not lines[-1]:
        lines.pop()
    starts = line_starts(text)
    home = [Line(start, len(line), row, 1) for row, (start, line) in enumerate(zip(starts, lines, strict=False), 1)]
    newline = newline_at(text, len(lines[0])) if lines else "\n"
    cuts = [0, *_cells(text, lines), len(lines)]
    return [
        Block(lines[a:b], home[a:b], a + 1, _INFO, ends_with_newline or b < len(lines), newline=newline)
        for a, b in pairwise(cuts)
    ]


def _cells(text: str, lines: list[str]) -> list[int]:
    """The rows, from 0, on which a cell begins and no statement is in the middle."""
    rows = [row for row, line in enumerate(lines) if line.startswith("#") and _CELL.fullmatch(line.rstrip())]
    rows = [row for row in rows if row and row - 1 not in rows]
    if not rows:
        return []
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    inside = {row for statement in statements for row in range(statement.lineno, statement.end_lineno or 0)}
    return [row for row in rows if row not in inside]
