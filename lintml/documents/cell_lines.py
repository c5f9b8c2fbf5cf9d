"""Where the lines of a cell stand in the JSON of its notebook, found when somebody asks: most cells are all right."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from operator import sub
from typing import overload

from lintml.documents.block import places
from lintml.documents.ipynb import Source, raw_offsets, read_source
from lintml.documents.text import line_starts
from lintml.model import Line


class CellLines(Sequence[Line]):
    """The places of the lines of a cell, whose rows are counted from 1; its source starts at ``start`` of ``text``."""

    __slots__ = ("_code", "_lines", "_places", "_start", "_text")

    def __init__(self, text: str, start: int, code: str, lines: list[str]) -> None:
        self._text = text
        self._start = start
        self._code = code
        self._lines = lines
        self._places: list[Line] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._found())

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        return self._found()[index]

    def _found(self) -> list[Line]:
        if self._places is None:
            source = read_source(self._text, self._start)
            spans = _string_for_each(self._text, source, self._code, self._lines)
            self._places = places(*(spans or _anywhere(self._text, source, self._code, self._lines)), 1)
        return self._places


def _string_for_each(text: str, source: Source, code: str, lines: list[str]) -> tuple[list[int], list[int]] | None:
    """The offsets and lengths of the lines where each is a string of a list, and all are joined alike, as in most."""
    if not source.listed or len(source.decoded) != len(lines) or not lines or "\r" in code:
        return None
    raw = text[source.start : source.end]
    head = raw.index('"') + 1
    joint = '\\n",' + raw[1:head]  # Quotes behind an n are not escaped, and none opens there: they close a string.
    strings = raw[head : raw.rindex('"')].split(joint)
    if len(strings) != len(lines) or '\\\\n"' in raw:
        return None
    lengths = list(map(len, strings))
    starts = list(accumulate([length + len(joint) for length in lengths[:-1]], initial=source.start + head))
    if code.endswith("\n"):
        lengths[-1] -= len("\\n") if strings[-1].endswith("\\n") else len("\\u000a")
    return starts, lengths


def _anywhere(text: str, source: Source, code: str, lines: list[str]) -> tuple[list[int], list[int]]:
    """The same wherever strings begin and end."""
    offsets, begins = raw_offsets(text, source), line_starts(code)
    starts = [offsets[begin] for begin in begins[: len(lines)]]
    ends = [offsets[begin + len(line)] for begin, line in zip(begins, lines, strict=False)]
    return starts, list(map(sub, ends, starts))
