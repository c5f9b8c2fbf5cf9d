"""One snippet's text, and where the nodes of its syntax tree stand in it."""

import ast
import sys
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache

from lintml.model import Edit, Snippet, Span
from lintml.rewriting.pieces import RewriteError, parse_module

_PLACED_IN_FSTRINGS = sys.version_info >= (3, 12)


class Source:
    """A snippet's text by line, with the spans and parents of its nodes. Lines count from 0 and have no newline."""

    def __init__(self, snippet: Snippet) -> None:
        self.snippet = snippet
        self.text = snippet.text
        self.lines = snippet.text.split("\n")
        self._starts = [0]
        for line in self.lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)

    @property
    def tree(self) -> ast.Module:
        if self.snippet.tree is None:
            raise RewriteError("the snippet could not be parsed")
        return self.snippet.tree

    def span(self, node: ast.AST) -> Span:
        """Where ``node`` stands, in characters, as ``ast`` counts: without parentheses, unless it is a tuple."""
        try:
            first, last = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        except AttributeError:
            raise RewriteError(f"this {type(node).__name__} has no place of its own in the text") from None
        span = Span(self._offset(*first), self._offset(*last))
        if not _PLACED_IN_FSTRINGS and isinstance(node, ast.expr) and self._is_in_fstring(node):
            self._confirm(node, span)
        return span

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around ``node``, innermost first."""
        while not isinstance(node, ast.Module):
            node, _ = self.parent(node)
            yield node

    def parent(self, node: ast.AST) -> tuple[ast.AST, str]:
        """The node that ``node`` is a child of, and the name of the field that holds it."""
        try:
            return self._parents[node]
        except KeyError:
            raise RewriteError(f"this {type(node).__name__} is not part of the snippet") from None

    def line(self, offset: int) -> int:
        """The number of the line that ``offset`` is on."""
        return bisect_right(self._starts, offset) - 1

    def line_end(self, line: int) -> int:
        """The offset of the line's newline, or of the end of the text."""
        return self._starts[line] + len(self.lines[line])

    def indent(self, line: int) -> str:
        text = self.lines[line]
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def begins_line(self, offset: int) -> bool:
        """Whether only white space stands before ``offset`` on its line, and the line continues no other."""
        line = self.line(offset)
        if self.text[self._starts[line] : offset].strip(" \t\f"):
            return False
        return line == 0 or not self.lines[line - 1].endswith("\\")

    def has_line(self, line: int) -> bool:
        """Whether there is such a line; what follows the last newline is none."""
        last = len(self.lines) - 1
        return line < last or (line == last and (self.lines[last] != "" or self.is_masked(last)))

    def is_blank(self, line: int) -> bool:
        """Whether a line is empty in the document too; past the end there are no blank lines."""
        return self.has_line(line) and not self.lines[line].strip() and not self.is_masked(line)

    def is_comment(self, line: int) -> bool:
        return self.has_line(line) and self.lines[line].lstrip().startswith("#") and not self.is_masked(line)

    def is_masked(self, line: int) -> bool:
        """Whether the document has something else on that line than the snippet."""
        home = self.snippet.home
        return line < len(home) and home[line].masked

    def blanks_from(self, line: int) -> int:
        """How many blank lines there are, beginning with ``line``."""
        end = line
        while self.is_blank(end):
            end += 1
        return end - line

    def blanks_above(self, line: int) -> int:
        """How many blank lines there are right above ``line``."""
        first = line
        while first > 0 and self.is_blank(first - 1):
            first -= 1
        return line - first

    def edit(self, start: int, end: int, text: str) -> Edit:
        return Edit(self.snippet.index, Span(start, end), text)

    def insert_lines(self, line: int, text: str) -> Edit:
        """Whole lines, ``text``, to stand before line ``line``, which may be one past the last.

        They hang on whichever neighbour the document has as the snippet has it.
        """
        if self.has_line(line) and not self.is_masked(line):
            return self.edit(self._starts[line], self._starts[line], text + "\n")
        if line == 0:
            if self.is_masked(0):
                raise RewriteError("the snippet begins with a line that is not Python")
            return self.edit(0, 0, text)
        end = self.line_end(line - 1)
        return self.edit(end, end, "\n" + text)

    def delete_lines(self, first: int, last: int) -> Edit:
        """The lines from ``first`` to ``last`` go, both included; between two that are masked an empty one is left."""
        if self.has_line(last + 1) and not self.is_masked(last + 1):
            return self.edit(self._starts[first], self._starts[last + 1], "")
        if first > 0 and not self.is_masked(first - 1):
            return self.edit(self.line_end(first - 1), self.line_end(last), "")
        return self.edit(self._starts[first], self.line_end(last) if first else len(self.text), "")

    def check(self, edit: Edit) -> None:
        """Raise if ``edit`` touches a line that the document does not have as the snippet has it."""
        start, end = edit.span.start, edit.span.end
        last = self.line(end - 1 if end > start else end)
        for line in range(self.line(start), last + 1):
            if self.is_masked(line):
                raise RewriteError(f"line {line + 1} of the snippet is not Python in the document")

    def _offset(self, row: int, column: int) -> int:
        """A place as ``ast`` says it, in rows from 1 and bytes of UTF-8, as an offset in characters."""
        try:
            line = self.lines[row - 1]
        except IndexError:
            raise RewriteError("the syntax tree is not that of the snippet's text") from None
        if not line.isascii():
            column = len(line.encode()[:column].decode(errors="ignore"))
        return self._starts[row - 1] + column

    def _is_in_fstring(self, node: ast.AST) -> bool:
        return any(isinstance(above, ast.JoinedStr) for above in self.ancestors(node))

    def _confirm(self, node: ast.expr, span: Span) -> None:
        """Raise unless ``span`` holds ``node``: before Python 3.12 places inside an f-string can be wrong."""
        try:
            there = parse_module(f"({self.text[span.start : span.end]}\n)").body
        except SyntaxError:
            there = []
        if [ast.dump(statement) for statement in there] != [ast.dump(ast.Expr(node))]:
            raise RewriteError("its place inside an f-string is not known before Python 3.12")

    @cached_property
    def _parents(self) -> dict[ast.AST, tuple[ast.AST, str]]:
        parents: dict[ast.AST, tuple[ast.AST, str]] = {}
        for node in ast.walk(self.tree):
            for field, value in ast.iter_fields(node):
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        parents[child] = (node, field)
        return parents


@lru_cache(maxsize=64)
def source_of(snippet: Snippet) -> Source:
    """The source of a snippet, worked out once."""
    return Source(snippet)
