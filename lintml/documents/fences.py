"""Fences: those at the left margin are found without a parser, which reads only the stretches that need one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from lintml.documents.info import Info, is_reference, parse_info


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


Parser: TypeAlias = Callable[[list[str], int, int], tuple[list[Fence], int]]

_STARTERS = frozenset("#`~:< \t>*+-.)0123456789")
_ALONE = "#`~:<"
_MARGIN = re.compile(
    r"(?P<lead>[ \t>*+\-0-9.)]*)(?P<mark>`{3,}|~{3,}|:{3,})(?P<info>.*)"
    r"|(?P<indent>[ ]{0,3})<(?P<html>!--|[!?]|script|pre|style|textarea|)|(?P<heading>\#{1,6}(?:[ \t]|\Z))",
    re.DOTALL | re.IGNORECASE,
)


def find_fences(rows: list[str], row: int, parser: Parser, anew: list[int] | None = None) -> Iterator[Fence]:
    """The fences from ``row`` on; ``parser`` is called for the stretches that this scanner does not follow.

    A fence or a heading at the left margin closes every list, quote and admonition and interrupts every paragraph, so
    that only HTML blocks and other fences can hide it: these are followed here. What follows such a heading or the
    end of such a fence therefore reads as if the document began there. Where something doubtful stands, the parser
    reads from the last of these places, and says on which later row it came to a heading outside of everything.
    The rows of all these places are put into ``anew``.
    """
    anew = [] if anew is None else anew
    anew.append(row)
    doubtful = [
        at
        for at, line in enumerate(rows)
        if line[:1] in _STARTERS
        and (line[0] in _ALONE or "```" in line or "~~~" in line or ":::" in line or "<" in line)
    ]
    for at in doubtful:
        if at < row or not (found := _MARGIN.match(rows[at])):
            continue
        if found["heading"]:
            row = at
        elif (after := _after(rows, at, found)) is None:
            fences, row = parser(rows, anew[-1], at)
            yield from fences
        elif isinstance(after, Fence):
            yield after
            row = after.end + after.closed
        else:
            row = after
            continue
        anew.append(row)


def _after(rows: list[str], row: int, found: re.Match[str]) -> Fence | int | None:
    """The fence that opens on a row, or the next row to look at where none does; None if there is doubt."""
    if found["mark"] is None:
        return _after_html(rows, row, found)
    if found["mark"][0] == ":" and is_reference(found["info"]):
        return row + 1
    if found["lead"] or found["mark"][0] == ":":
        return None
    if found["mark"][0] == "`" and "`" in found["info"]:
        return row + 1
    info = parse_info(found["info"])
    return None if info.container else _fence(rows, row, found["mark"], info)


def _fence(rows: list[str], row: int, mark: str, info: Info) -> Fence:
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


def _after_html(rows: list[str], row: int, found: re.Match[str]) -> int | None:
    """The row behind a line that may open an HTML block; None where that block may hide a fence.

    A comment that ends on the row where it begins is the same within such a block and outside of it.
    """
    if found["html"] == "!--":
        if found["indent"]:
            return None
        return next((at for at in range(row, len(rows)) if "-->" in rows[at]), len(rows)) + 1
    if found["html"]:
        return None
    row += 1
    while row < len(rows) and rows[row].strip(" \t"):
        inside = _MARGIN.match(rows[row])
        if inside and (inside["mark"] or (inside["html"] and not _whole_comment(inside, rows[row]))):
            return None
        row += 1
    return row


def _whole_comment(found: re.Match[str], row: str) -> bool:
    return found["html"] == "!--" and not found["indent"] and "-->" in row
