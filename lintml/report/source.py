"""The lines of a document as its reader counts them: those of the file, or of one cell of a notebook."""

from lintml import documents
from lintml.model import Document, Location


class Source:
    """One document's lines; rows count from 1, characters within a row from 0."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.snippets = {snippet.index: snippet for snippet in document.snippets}
        self._lines: dict[int | None, list[str]] = {}

    def line(self, row: int, cell: int | None = None) -> str:
        """The line at ``row``, without its ending; empty past the end."""
        lines = self._lines.get(cell)
        if lines is None:
            last = self.text(cell).count("\n") + self.text(cell).count("\r") + 1
            lines = self._lines[cell] = documents.source_lines(self.document, 1, last, cell)
        return lines[row - 1] if 0 < row <= len(lines) else ""

    def text(self, cell: int | None = None) -> str:
        """The whole text that rows of ``cell`` are counted in."""
        return self.document.text if cell is None else self.document.cells[cell - 1]

    def rows(self, snippet: int) -> range:
        """The rows that a snippet takes up."""
        home = self.snippets[snippet].home
        return range(home[0].row, home[-1].row + 1) if home else range(0)

    def code(self, snippet: int, row: int) -> tuple[int, int]:
        """The first and last + 1 character of the code in a row, behind quote marks and indentation."""
        text = self.line(row, self.snippets[snippet].cell)
        margin = next((line.column - 1 for line in self.snippets[snippet].home if line.row == row), 0)
        return margin + len(text[margin:]) - len(text[margin:].lstrip()), len(text.rstrip())

    def file_rows(self, snippet: int, where: Location) -> tuple[int, int]:
        """The first and the last line of a place in the file itself: in a notebook, the lines of its JSON."""
        first, last = (
            documents.raw_row(self.document, self.snippets[snippet], row) for row in (where.row, where.end_row)
        )
        return first, last
