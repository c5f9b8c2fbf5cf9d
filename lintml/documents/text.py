"""Lines as Python and CommonMark count them: they end at LF, CRLF or CR, and at nothing else."""

import re
from collections.abc import Iterable
from itertools import accumulate, count
from operator import add

_BREAK = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The lines of ``text`` without their endings; the last one is empty where the text ends with an ending."""
    return _BREAK.split(text) if "\r" in text else text.split("\n")


def line_starts(text: str) -> list[int]:
    """The offset of each line of ``split_lines(text)``."""
    return starts_of_rows(text, text.split("\n"))


def starts_of_rows(text: str, rows: list[str]) -> list[int]:
    """The same where the lines are there already."""
    if "\r" in text:
        return [0, *(found.end() for found in _BREAK.finditer(text))]
    return starts_of(rows)


def starts_of(lines: list[str]) -> list[int]:
    """The offset of each of ``lines`` in the text that joins them by one character."""
    return [0, *map(add, accumulate(map(len, lines[:-1])), count(1))] if lines else []


def newline_at(text: str, end: int) -> str:
    """The ending of the line whose code ends at ``end``, or the one of the whole text where it has none."""
    if text.startswith("\r\n", end):
        return "\r\n"
    if end < len(text) and text[end] in "\r\n":
        return text[end]
    found = _BREAK.search(text)
    return found[0] if found else "\n"


def has_any(words: Iterable[str], text: str) -> bool:
    """Whether one of some words stands in a text; a loop, for a generator costs more than the search."""
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False
