"""The lines of a document as its reader counts them, and where spans of snippets stand among them."""

import re
from bisect import bisect_right

from lintml.model import Document, Location, Snippet, Span

_LINE_END = re.compile(r"\r\n|\r|\n")


class Source:
    """One document's lines: those of the file, or of one cell of a notebook; rows count from 1."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.snippets = {snippet.index: snippet for snippet in document.snippets}
        self._lines: dict[int | None, list[str]] = {}

    def line(self, row: int, cell: int | None = None) -> str:
        """The line at ``row``, without its ending; empty past the end."""
        lines = self._lines.get(cell)
        if lines is None:
            lines = self._lines[cell] = _LINE_END.split(self.text(cell))
        return lines[row - 1] if 0 < row <= len(lines) else ""

    def text(self, cell: int | None = None) -> str:
        """The whole text that rows of ``cell`` are counted in."""
        return self.document.text if cell is None else self.document.cells[cell - 1]

    def rows(self, index: int) -> range:
        """The rows that a snippet takes up."""
        home = self.snippets[index].home
        return range(home[0].row, home[-1].row + 1) if home else range(0)

    def code(self, index: int, row: int) -> tuple[int, int]:
        """The first and last + 1 character, from 0, of the code in a row, behind quote marks and indentation."""
        snippet = self.snippets[index]
        text = self.line(row, snippet.cell)
        margin = next((line.column - 1 for line in snippet.home if line.row == row), 0)
        return margin + len(text[margin:]) - len(text[margin:].lstrip()), len(text.rstrip())

    def file_rows(self, index: int, where: Location) -> tuple[int, int]:
        """The first and the last line of a place in the file itself: in a notebook, the lines of its JSON."""
        if self.document.kind != "notebook":
            return where.row, where.end_row
        home = self.snippets[index].home

        def row(wanted: int) -> int:
            line = min(home, key=lambda line: abs(line.row - wanted))
            return self.document.text.count("\n", 0, line.start) + 1

        return row(where.row), row(where.end_row)


def place(snippet: Snippet, span: Span) -> Location:
    """Where a span of a snippet's text stands in the document."""
    starts = [0, *(m.end() for m in re.finditer("\n", snippet.text))]

    def point(offset: int) -> tuple[int, int]:
        index = min(bisect_right(starts, offset) - 1, len(snippet.home) - 1)
        home = snippet.home[index]
        return home.row, home.column + offset - starts[index]

    return Location(*point(span.start), *point(span.end), cell=snippet.cell)
