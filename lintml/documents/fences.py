"""Fences found by one regular expression, in documents whose fences all stand at the left margin."""

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


_MARGIN = re.compile(
    r"""^(?:
        (?P<lead>[ \t>*+\-0-9.)]*)(?P<mark>`{3,}|~{3,}|:{3,})(?P<info>[^\n]*)
      | (?P<indent>[ ]{0,3})<(?P<html>!--|[!?]|script|pre|style|textarea|)
    )""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_BLANK = re.compile(r"^[ \t\r]*$", re.MULTILINE)


def margin_fences(text: str, start: int = 0) -> list[Fence] | None:
    """The fences of ``text`` from offset ``start``, or None where only a real parser can tell.

    A fence at the left margin closes every list and quote and interrupts every paragraph, so that only HTML
    blocks and other fences can hide it. ``text`` has LF or CRLF endings.
    """
    try:
        return list(_scan(text, start))
    except _Doubtful:
        return None


class _Doubtful(Exception):
    """Something stands in the document that this scanner does not follow."""


def _scan(text: str, position: int) -> Iterator[Fence]:
    row = text.count("\n", 0, position)
    counted = position
    while found := _MARGIN.search(text, position):
        if found["mark"] is None:
            position = _after_html(text, found)
            continue
        if found["lead"] or found["mark"][0] == ":":
            raise _Doubtful
        mark, position = found["mark"], min(found.end() + 1, len(text))
        if mark[0] == "`" and "`" in found["info"]:
            continue
        info = parse_info(found["info"])
        if info.container:
            raise _Doubtful
        row += text.count("\n", counted, found.start())
        counted = found.start()
        closing = _closing(mark[0], len(mark)).search(text, position)
        stop = closing.start() if closing else len(text)
        if found.end() == len(text):
            lines = []
        else:
            lines = text[position:stop].replace("\r\n", "\n").split("\n")
            if not lines[-1]:
                lines.pop()
        yield Fence(row, row + 1 + len(lines), info, lines, [""] * len(lines), closing is not None)
        position = closing.end() if closing else len(text)


@cache
def _closing(character: str, length: int) -> re.Pattern[str]:
    return re.compile(rf"^ {{0,3}}{character}{{{length},}}[ \t]*\r?$", re.MULTILINE)


def _after_html(text: str, found: re.Match[str]) -> int:
    """The offset behind a line that may open an HTML block, where no fence is hidden in that block."""
    if found["html"] == "!--":
        if found["indent"]:
            raise _Doubtful
        end = text.find("-->", found.start())
        return len(text) if end < 0 else _line_end(text, end)
    if found["html"]:
        raise _Doubtful
    blank = _BLANK.search(text, found.start())
    end = blank.start() if blank else len(text)
    inside = _MARGIN.search(text, found.end(), end)
    while inside and inside["mark"] is None and not inside["html"]:
        inside = _MARGIN.search(text, inside.end(), end)
    if inside:
        raise _Doubtful
    return end


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end
