"""Fences, and those at the left margin found without a parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lintml.documents.info import Info, parse_info


@dataclass(slots=True)
class Fence:
    """One fence: rows count from 0, it opens on ``row``, ``end`` is the row after the last line of content.

    ``prefixes`` holds for each line of content what the document has before it, ``lines`` the content itself.
    ``trusted`` is false where the content is not the tail of the document's line, as after half a tab.
    ``titles`` are those of the containers it stands in, outermost first, each with its kind. ``opened`` is false for
    code without a line of its own that opens it, which begins below ``row``.
    """

    row: int
    end: int
    info: Info
    lines: list[str]
    prefixes: list[str]
    closed: bool
    trusted: bool = True
    titles: tuple[tuple[str, str], ...] = ()
    opened: bool = True


_STARTERS = frozenset("`~:< \t>*+-.)0123456789")
_MARGIN = re.compile(
    r"(?P<lead>[ \t>*+\-0-9.)]*)(?P<mark>`{3,}|~{3,}|:{3,})(?P<info>.*)"
    r"|(?P<indent>[ ]{0,3})<(?P<html>!--|[!?]|script|pre|style|textarea|)",
    re.DOTALL | re.IGNORECASE,
)


def margin_fences(rows: list[str], first: int = 0) -> list[Fence] | None:
    """The fences from row ``first``, in documents whose fences all stand at the left margin; None in others.

    A fence at the left margin closes every list and quote and interrupts every paragraph, so that only HTML
    blocks and other fences can hide it. What more there is to CommonMark needs a real parser.
    """
    try:
        return list(_scan(rows, first))
    except _Doubtful:
        return None


class _Doubtful(Exception):
    """Something stands in the document that this scanner does not follow."""


def _scan(rows: list[str], row: int) -> Iterator[Fence]:
    count = len(rows)
    while row < count:
        line = rows[row]
        found = _MARGIN.match(line) if line[:1] in _STARTERS else None
        if not found:
            row += 1
        elif found["mark"] is None:
            row = _after_html(rows, row, found)
        elif found["lead"] or found["mark"][0] == ":":
            raise _Doubtful
        elif found["mark"][0] == "`" and "`" in found["info"]:
            row += 1
        else:
            fence = _fence(rows, row, found["mark"], parse_info(found["info"]))
            yield fence
            row = fence.end + fence.closed


def _fence(rows: list[str], row: int, mark: str, info: Info) -> Fence:
    if info.container:
        raise _Doubtful
    closing, count, end = _closing(mark[0], len(mark)), len(rows), row + 1
    while end < count and not (mark in rows[end] and closing.fullmatch(rows[end])):
        end += 1
    closed = end < count
    if not closed and not rows[-1] and end > row + 1:
        end -= 1
    return Fence(row, end, info, rows[row + 1 : end], [""] * (end - row - 1), closed)


@cache
def _closing(character: str, length: int) -> re.Pattern[str]:
    return re.compile(rf" {{0,3}}{character}{{{length},}}[ \t]*")


def _after_html(rows: list[str], row: int, found: re.Match[str]) -> int:
    """The row behind a line that may open an HTML block, where no fence is hidden in that block."""
    if found["html"] == "!--":
        if found["indent"]:
            raise _Doubtful
        return next((at for at in range(row, len(rows)) if "-->" in rows[at]), len(rows)) + 1
    if found["html"]:
        raise _Doubtful
    row += 1
    while row < len(rows) and rows[row].strip(" \t"):
        inside = _MARGIN.match(rows[row])
        if inside and (inside["mark"] or inside["html"]):
            raise _Doubtful
        row += 1
    return row
