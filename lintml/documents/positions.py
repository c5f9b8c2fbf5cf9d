"""From a node to a span of its snippet, and from there to a place in the document."""

import ast
from bisect import bisect_right
from collections.abc import Sequence

from lintml.documents.text import line_starts, split_lines
from lintml.model import Document, Location, Place, Snippet, Span


def span_of(snippet: Snippet, node: ast.AST | Place) -> Span:
    """The characters of ``snippet.text`` that ``node`` was parsed from, or that a place names.

    A node without a place of its own (arguments, a comprehension) spans its children; the module spans all.
    """
    if isinstance(node, Place):
        return node.span
    row = getattr(node, "lineno", None)
    if row is None:
        return _span_of_children(snippet, node)
    end_row, end_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
    start = _offset(snippet, row, node.col_offset)  # type: ignore[attr-defined]
    if end_row is None or end_column is None:
        return Span(start, start)
    return Span(start, _offset(snippet, end_row, end_column))


def locate(snippet: Snippet, span: Span) -> Location:
    """The place of a span in its document, as people count it there."""
    row, column = _place(snippet, span.start)
    end_row, end_column = _place(snippet, span.end)
    return Location(row, column, end_row, end_column, snippet.cell)


def source_lines(document: Document, row: int, end_row: int, cell: int | None = None) -> list[str]:
    """The lines from ``row`` to ``end_row``, both counted from 1 and both included, of a document or of its cell."""
    text = document.text if cell is None else document.cells[cell - 1]
    return split_lines(text)[max(row, 1) - 1 : end_row]


def raw_row(document: Document, snippet: Snippet, row: int) -> int:
    """The row of the file on which ``row`` of a snippet stands; they differ in notebooks only."""
    if snippet.cell is None or not snippet.home:
        return row
    line = snippet.home[min(max(row - snippet.home[0].row, 0), len(snippet.home) - 1)]
    return document.text.count("\n", 0, line.start) + 1


def starts_in(snippet: Snippet) -> Sequence[int]:
    """The offset of each line of a snippet."""
    return snippet.starts or line_starts(snippet.text)


def _offset(snippet: Snippet, row: int, column: int) -> int:
    """The character offset of a row from 1 and a column in UTF-8 bytes from 0."""
    text, starts = snippet.text, starts_in(snippet)
    if row > len(starts):
        return len(text)
    start = starts[row - 1]
    if text.isascii():
        return start + column
    end = starts[row] if row < len(starts) else len(text)
    line = text[start:end]
    return start + (column if line.isascii() else len(line.encode()[:column].decode("utf-8", "ignore")))


def _span_of_children(snippet: Snippet, node: ast.AST) -> Span:
    if isinstance(node, ast.Module):
        return Span(0, len(snippet.text))
    spans = [span_of(snippet, child) for child in ast.walk(node) if hasattr(child, "lineno")]
    if not spans:
        return Span(0, 0)
    return Span(min(span.start for span in spans), max(span.end for span in spans))


def _place(snippet: Snippet, offset: int) -> tuple[int, int]:
    starts = starts_in(snippet)
    index = bisect_right(starts, offset) - 1
    if index < 0 or not snippet.home:
        return snippet.row, 1
    if index == len(snippet.home) - 1 and snippet.text.endswith("\n") and offset == len(snippet.text):
        return snippet.home[-1].row + 1, 1
    line = snippet.home[index]
    return line.row, line.column + offset - starts[index]
