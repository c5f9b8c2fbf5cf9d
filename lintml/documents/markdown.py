"""Markdown in its dialects: from text to blocks of code."""

import re
from collections.abc import Iterator

from lintml.documents.block import Block
from lintml.documents.fences import Fence, margin_fences
from lintml.documents.markers import Pending, html_markers
from lintml.documents.text import line_starts, newline_at
from lintml.model import Line, Marker

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)")


def markdown_blocks(text: str) -> list[Block]:
    """The fenced blocks of ``text`` that are meant as Python, in order."""
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    starts = line_starts(text)
    pending = Pending(html_markers(text))
    blocks = []
    for fence in _fences(text, begin):
        markers = pending.before(starts[fence.row], starts[fence.end] if fence.end < len(starts) else len(text))
        if fence.info.python:
            blocks.append(_block(text, starts, fence, markers))
    return blocks


def _fences(text: str, begin: int) -> list[Fence]:
    if text.count("\r") == text.count("\r\n") and (fences := margin_fences(text, begin)) is not None:
        return fences
    from lintml.documents.commonmark import commonmark_fences

    return commonmark_fences(text, text.count("\n", 0, begin))


def _block(text: str, starts: list[int], fence: Fence, markers: list[Marker]) -> Block:
    prefix = next((p for p, line in zip(fence.prefixes, fence.lines, strict=True) if line.strip()), "")
    opening_end = starts[fence.row + 1] - 1 if fence.row + 1 < len(starts) else len(text)
    if text.startswith("\r\n", opening_end - 1):
        opening_end -= 1
    newline = newline_at(text, opening_end)
    last = starts[fence.end] if fence.end < len(starts) else len(text)
    return Block(
        lines=fence.lines,
        home=list(_home(starts, fence)),
        row=fence.row + 1,
        info=fence.info,
        ends_with_newline=fence.closed or text[last - 1 : last] in ("\n", "\r"),
        prefix=prefix,
        newline=newline,
        closed=fence.closed,
        editable="" if fence.trusted else "tabs in the indentation of the block cannot be told apart from the code's",
        unread="output" if fence.info.output else "",
        markers=markers,
    )


def _home(starts: list[int], fence: Fence) -> Iterator[Line]:
    row = fence.row + 1
    for line, prefix in zip(fence.lines, fence.prefixes, strict=True):
        yield Line(starts[row] + len(prefix), len(line), row + 1, len(prefix) + 1)
        row += 1
