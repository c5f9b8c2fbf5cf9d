"""A Python file: one block, from its first byte to its last."""

from lintml.documents.block import Block
from lintml.documents.info import Info
from lintml.documents.text import line_starts, newline_at, split_lines
from lintml.model import Line

_INFO = Info("python", "python")


def script_blocks(text: str) -> list[Block]:
    """The whole of ``text`` as one block."""
    lines = split_lines(text)
    ends_with_newline = len(lines) > 1 and not lines[-1]
    if not lines[-1]:
        lines.pop()
    starts = line_starts(text)
    home = [Line(start, len(line), row, 1) for row, (start, line) in enumerate(zip(starts, lines, strict=False), 1)]
    newline = newline_at(text, len(lines[0])) if lines else "\n"
    return [Block(lines, home, 1, _INFO, ends_with_newline, newline=newline)]
