"""Edits of a notebook's cells: JSON has no context, so what replaces the value of one source changes nothing else.

That value is all there is to read again: it must be text that says what was meant.
"""

import warnings
from json.decoder import JSONDecodeError

from lintml.documents.block import Block, places
from lintml.documents.errors import DocumentError
from lintml.documents.info import Info
from lintml.documents.ipynb import read_source
from lintml.documents.json_source import edited_source
from lintml.documents.lines import Splice, line_splices
from lintml.documents.notebook import lines_of_cell
from lintml.documents.snippet import build
from lintml.documents.text import line_starts, split_lines
from lintml.model import Document, Edit, Snippet


def cell_splice(document: Document, snippet: Snippet, edits: list[Edit], expected: str) -> Splice:
    """What stands in place of the source of a cell after some edits of its snippet, which is to say ``expected``.

    Raises DocumentError where it would not.
    """
    assert snippet.cell is not None
    source = read_source(document.text, document.sources[snippet.cell - 1])
    code = document.cells[snippet.cell - 1]
    rows = [(start, start + len(line)) for start, line in zip(line_starts(code), split_lines(code), strict=True)]
    inner = line_splices(snippet, edits, rows, keeps_last_newline=False)
    new = edited_source(document.text, source, inner)
    if not _says(new, snippet, expected):
        raise DocumentError("an edit would not read back as it was meant", row=snippet.row)
    return source.start, source.end, new


def _says(source: str, snippet: Snippet, expected: str) -> bool:
    """Whether the JSON of a source reads as a snippet that says ``expected``."""
    try:
        read = read_source(source, 0)
    except JSONDecodeError:
        return False
    code = "".join(read.decoded)
    lines = lines_of_cell(code)
    if read.end != len(source):
        return False
    if "\n".join(lines) == expected.removesuffix("\n"):
        return True
    return _is_seen_through(snippet) and _text(lines, snippet, code) == expected


def _is_seen_through(snippet: Snippet) -> bool:
    """Whether a snippet says something else than the lines of its cell."""
    return snippet.prompts or any(line.masked or line.column > 1 for line in snippet.home)


def _text(lines: list[str], snippet: Snippet, code: str) -> str:
    """What a snippet says whose cell has these lines: prompts go, magics are masked."""
    home = places([0] * len(lines), map(len, lines), 1)
    block = Block(lines, home, 1, Info(), code.endswith(("\n", "\r")))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build(snippet.index, block).text
