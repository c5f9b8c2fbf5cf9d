"""The raw text of a notebook: where each cell's source stands in it, string by string, and what it decodes to."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from json.decoder import JSONDecodeError, JSONDecoder
from typing import Any

from lintml.documents.errors import DocumentError

_NO_SPACE = frozenset('"{}[],:')
_SPACE = re.compile(r"[ \t\n\r]*")
_KEY = re.compile(r'"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*')
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_NEXT = re.compile(r"[ \t\n\r]*([,\]}]?)[ \t\n\r]*")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


@dataclass(slots=True)
class Source:
    """The value of a cell's ``source``: its span; of each string in it, the span within quotes and what it says."""

    start: int
    end: int
    strings: list[tuple[int, int]]
    decoded: list[str]
    listed: bool


@dataclass(slots=True)
class Cell:
    """One cell: the offset where it opens, its source, and its other values."""

    start: int
    source: Source | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Notebook:
    """The cells in order, and the notebook's other values."""

    cells: list[Cell] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)


def read_notebook(text: str) -> Notebook:
    """Find the cells of a notebook; outputs are skipped at the speed of the json module.

    Raises DocumentError, with row and column, where the text is not JSON or not a notebook.
    """
    try:
        return _notebook(_Reader(text))
    except JSONDecodeError as error:
        where = f"row {error.lineno}, column {error.colno}"
        raise DocumentError(f"not a notebook: {error.msg} ({where})", "", error.lineno, error.colno) from None
    except RecursionError:
        raise DocumentError("not a notebook: its JSON is nested too deeply") from None


@dataclass(slots=True)
class Offsets:
    """How offsets in a cell's decoded source correspond to offsets in the notebook's text.

    Between two entries both advance together.
    """

    decoded: list[int]
    raw: list[int]

    def __getitem__(self, offset: int) -> int:
        """The raw offset of a decoded one: where one string ends and the next begins, the latter."""
        index = bisect_right(self.decoded, offset) - 1
        return self.raw[index] + offset - self.decoded[index]


def raw_offsets(text: str, source: Source) -> Offsets:
    """The correspondence for one cell; ``text`` is the notebook's."""
    offsets = Offsets([0], [source.start])
    position = 0
    for (start, end), string in zip(source.strings, source.decoded, strict=True):
        offsets.decoded.append(position)
        offsets.raw.append(start)
        at, seen = position, start
        for escape in _ESCAPE.finditer(text, start, end):
            at += escape.start() - seen + 1
            seen = escape.end()
            offsets.decoded.append(at)
            offsets.raw.append(seen)
        position += len(string)
    return offsets


def _notebook(reader: "_Reader") -> Notebook:
    notebook = Notebook()
    found = False
    for key in reader.members():
        match key:
            case "cells":
                found = True
                notebook.cells = [_cell(reader) for _ in reader.elements()]
            case "worksheets":
                found = True
                notebook.cells = [cell for _ in reader.elements() for cell in _worksheet(reader)]
            case _:
                notebook.fields[key] = reader.value()
    reader.finish()
    if not found:
        raise JSONDecodeError("it has no cells", reader.text, 0)
    return notebook


def _worksheet(reader: "_Reader") -> list[Cell]:
    """The cells of a sheet, as notebooks kept them before format 4."""
    cells: list[Cell] = []
    for key in reader.members():
        if key == "cells":
            cells = [_cell(reader) for _ in reader.elements()]
        else:
            reader.value()
    return cells


def _cell(reader: "_Reader") -> Cell:
    cell = Cell(reader.position)
    for key in reader.members():
        if key in ("source", "input"):
            cell.source = _source(reader)
        else:
            cell.fields[key] = reader.value()
    return cell


def _source(reader: "_Reader") -> Source:
    start = reader.position
    value = reader.value()
    listed = isinstance(value, list)
    decoded = value if listed else [value]
    if not all(isinstance(string, str) for string in decoded):
        raise JSONDecodeError("the source of a cell is text", reader.text, start)
    strings = [found.span(1) for found in _STRING.finditer(reader.text, start, reader.position)]
    return Source(start, reader.position, strings, decoded, listed)


class _Reader:
    """A cursor over JSON text, standing before a value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._decode = JSONDecoder().raw_decode
        self._skip_space()

    def value(self) -> Any:
        """The value here; the cursor goes behind it."""
        value, self.position = self._decode(self.text, self.position)
        return value

    def members(self) -> Iterator[str]:
        """The keys of the object here; each time the cursor stands before the value, which the caller reads."""
        self._expect("{", "an object is missing")
        more = not self._accept("}")
        while more:
            if found := _KEY.match(self.text, self.position):
                key, self.position = found[1], found.end()
            else:
                key = self._strange_key()
            yield key
            more = self._more("}")

    def _strange_key(self) -> str:
        """A key with escapes in it, or what is wrong where there should be one."""
        if not self.text.startswith('"', self.position):
            raise JSONDecodeError("a key is missing", self.text, self.position)
        key = str(self.value())
        self._skip_space()
        self._expect(":", "a colon is missing")
        return key

    def elements(self) -> Iterator[None]:
        """Once for each element of the array here, with the cursor before it; the caller reads it."""
        self._expect("[", "an array is missing")
        more = not self._accept("]")
        while more:
            yield
            more = self._more("]")

    def finish(self) -> None:
        """Only space may follow."""
        self._skip_space()
        if self.position < len(self.text):
            raise JSONDecodeError("something follows the notebook", self.text, self.position)

    def _more(self, closing: str) -> bool:
        """Go behind a comma or what closes; both with the space around them."""
        found = _NEXT.match(self.text, self.position)
        assert found is not None
        if found[1] not in (",", closing):
            raise JSONDecodeError("a comma is missing", self.text, found.start(1))
        self.position = found.end()
        return found[1] == ","

    def _expect(self, token: str, otherwise: str) -> None:
        if not self.text.startswith(token, self.position):
            raise JSONDecodeError(otherwise, self.text, self.position)
        self.position += len(token)
        self._skip_space()

    def _accept(self, token: str) -> bool:
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def _skip_space(self) -> None:
        if self.text[self.position : self.position + 1] in _NO_SPACE:
            return
        found = _SPACE.match(self.text, self.position)
        assert found is not None
        self.position = found.end()
