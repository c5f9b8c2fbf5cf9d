"""The raw text of a notebook: where each cell's source stands in it, string by string, and what it decodes to."""

import json
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
_SOURCE = '"source"'
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_STRING = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)"')
_NEXT = re.compile(r"[ \t\n\r]*([,\]}]?)[ \t\n\r]*")
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED_LETTER = r"\\u00[67]"
_decode = JSONDecoder().raw_decode


@dataclass(slots=True)
class Source:
    """The value of a cell's ``source``: its span, the strings in it, and whether it is a list of them."""

    start: int
    end: int
    decoded: list[str]
    listed: bool


@dataclass(slots=True)
class Cell:
    """One cell: what its source says, the offset where the JSON of that starts (0 for none), and its other values."""

    code: str = ""
    start: int = 0
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Notebook:
    """The cells in order, and the notebook's other values."""

    cells: list[Cell] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)


def read_notebook(text: str) -> Notebook:
    """Find the cells of a notebook.

    Raises DocumentError, with row and column, where the text is not JSON or not a notebook.
    """
    try:
        return _at_once(text) or _notebook(_Reader(text))
    except JSONDecodeError as error:
        where = f"row {error.lineno}, column {error.colno}"
        raise DocumentError(f"not a notebook: {error.msg} ({where})", "", error.lineno, error.colno) from None
    except RecursionError:
        raise DocumentError("not a notebook: its JSON is nested too deeply") from None


def read_source(text: str, start: int) -> Source:
    """The source that starts at an offset of a notebook's text; raises JSONDecodeError where no text stands there."""
    value, end = _decode(text, start)
    if _said(value) is None:
        raise JSONDecodeError("the source of a cell is text", text, start)
    return Source(start, end, value if isinstance(value, list) else [value], isinstance(value, list))


def string_spans(text: str, source: Source) -> list[tuple[int, int]]:
    """Where each string of a source stands, within its quotes."""
    return [found.span(1) for found in _STRING.finditer(text, source.start, source.end)]


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
    for (start, end), string in zip(string_spans(text, source), source.decoded, strict=True):
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


def _at_once(text: str) -> Notebook | None:
    """A notebook as nearly all are, decoded by the json module in one go; None where it takes a closer look.

    Outside of strings, ``"source"`` and a colon are the key of that name; within one, a backslash would precede the
    quotes. Each cell with that key has it at least once, so where the text has as many as there are such cells, each
    cell has one, and in their order; the key might only be spelled otherwise with letters escaped.
    """
    try:
        fields = json.loads(text)
    except JSONDecodeError:
        return None
    cells = fields.get("cells") if isinstance(fields, dict) and "worksheets" not in fields else None
    if not isinstance(cells, list) or ("\\u00" in text and re.search(_ESCAPED_LETTER, text)):
        return None
    notebook = Notebook(fields=fields)
    starts = _starts_of_sources(text)
    for cell in cells:
        if not isinstance(cell, dict) or "input" in cell:
            return None
        code, start = _said(cell.get("source", "")), 0
        if code is None or ("source" in cell and not (start := next(starts, 0))):
            return None
        notebook.cells.append(Cell(code, start, cell))
    return notebook if next(starts, None) is None else None


def _said(value: Any) -> str | None:
    """What the value of a source says, if it is text or a list of it."""
    if isinstance(value, list):
        return "".join(value) if {*map(type, value)} <= {str} else None
    return value if isinstance(value, str) else None


def _starts_of_sources(text: str) -> Iterator[int]:
    """The offsets of the values of all keys in valid JSON that are spelled ``source``."""
    at = text.find(_SOURCE)
    while at >= 0:
        colon = None if text[at - 1] == "\\" else _COLON.match(text, at + len(_SOURCE))
        if colon:
            yield colon.end()
        at = text.find(_SOURCE, at + 1)


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
    cell = Cell()
    for key in reader.members():
        if key in ("source", "input"):
            source = read_source(reader.text, reader.position)
            cell.code, cell.start, reader.position = "".join(source.decoded), source.start, source.end
        else:
            cell.fields[key] = reader.value()
    return cell


class _Reader:
    """A cursor over JSON text, standing before a value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._skip_space()

    def value(self) -> Any:
        """The value here; the cursor goes behind it."""
        value, self.position = _decode(self.text, self.position)
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
