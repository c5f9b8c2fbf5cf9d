"""From fences to blocks: the same steps for every dialect of Markdown and for reStructuredText."""

import re
from collections.abc import Iterable
from operator import add

from lintml.documents.between import Between, Lead
from lintml.documents.block import Block, places
from lintml.documents.fences import Fence
from lintml.documents.tabs import set_alternatives, tab_in_code, tab_in_titles
from lintml.documents.text import newline_at
from lintml.model import Line

_OPTION = re.compile(r"\s*:[\w-]+:")
_RULE = re.compile(r"\s*---\s*$")
_TAGS = re.compile(r"\btags:(.*)", re.DOTALL)
# What is said of code above, which may stand below the last block.
_LOOKING_BACK = ("try", "same-as")
_TABS = "tabs in the indentation of the block cannot be told apart from the code's"


def fenced_blocks(text: str, starts: list[int], fences: Iterable[Fence], begin: int, between: Between) -> list[Block]:
    """The blocks that are meant as Python, each with what the text from ``begin`` on says before it.

    ``starts`` are the offsets of the lines of the text.
    """
    fences = list(fences)
    if not any(fence.info.python for fence in fences):
        return []
    newline = "" if "\r" in text else "\n"
    row = text.count("\n", 0, begin)
    blocks = []
    for fence in fences:
        opening = starts[fence.row + (not fence.opened)]
        between.read(text[begin:opening], row + 1)
        lead = between.take()
        row = fence.end
        begin = starts[row] if row < len(starts) else len(text)
        if fence.info.python:
            blocks.append(_block(text, starts, fence, newline or _newline(text, starts, fence.row), lead))
    if blocks and "lintml:" in text[begin:]:
        between.read(text[begin:], row + 1)
        blocks[-1].markers += (marker for marker in between.take().markers if marker.verb in _LOOKING_BACK)
    set_alternatives(blocks)
    return blocks


def _block(text: str, starts: list[int], fence: Fence, newline: str, lead: Lead) -> Block:
    row = fence.row + 1
    home = _home(starts[row : row + len(fence.lines)], fence)
    options = _mask_options(fence.lines, home) if fence.info.directive else 0
    tags = _TAGS.search("\n".join(fence.lines[:options])) if options else None
    lines = [""] * options + fence.lines[options:] if options else fence.lines
    last = starts[fence.end] if fence.end < len(starts) else len(text)
    return Block(
        lines=lines,
        home=home,
        row=max(row, 1),
        info=fence.info,
        ends_with_newline=fence.closed or text[last - 1 : last] in ("\n", "\r"),
        prefix=_prefix(fence),
        newline=newline,
        closed=fence.closed,
        editable="" if fence.trusted else _TABS,
        unread="output" if fence.info.output else "",
        group=tab_in_code(lines) or tab_in_titles(fence.titles) or lead.tab,
        heading=lead.heading,
        before=lead.before,
        execute=lead.execute,
        tags=tuple(re.findall(r"[\w-]+", tags[1])) if tags else (),
        markers=lead.markers,
    )


def _prefix(fence: Fence) -> str:
    """What stands before the first line that says something."""
    if not any(fence.prefixes):
        return ""
    return next((prefix for prefix, line in zip(fence.prefixes, fence.lines, strict=True) if line.strip()), "")


def _home(starts: list[int], fence: Fence) -> list[Line]:
    """The places of a fence's lines, whose rows start at these offsets."""
    if any(fence.prefixes):
        widths = list(map(len, fence.prefixes))
        return places(map(add, starts, widths), map(len, fence.lines), fence.row + 2, [width + 1 for width in widths])
    return places(starts, map(len, fence.lines), fence.row + 2)


def _mask_options(lines: list[str], home: list[Line]) -> int:
    """How many lines at the head of a directive are its options; their places are masked."""
    count = 0
    if lines and _RULE.match(lines[0]):
        count = next((row + 1 for row, line in enumerate(lines) if row and _RULE.match(line)), 0)
    else:
        while count < len(lines) and _OPTION.match(lines[count]):
            count += 1
    home[:count] = [line._replace(masked=True) for line in home[:count]]
    return count


def _newline(text: str, starts: list[int], row: int) -> str:
    """The ending of the line that opens a block."""
    end = starts[row + 1] - 1 if 0 <= row + 1 < len(starts) else len(text)
    return newline_at(text, end - text.startswith("\r\n", end - 1))
