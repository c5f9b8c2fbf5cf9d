"""Edits of a snippet's text turned into edits of the text that carries its lines, whole lines where it can be."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from lintml.documents.errors import DocumentError
from lintml.documents.positions import starts_in
from lintml.documents.prompts import prompts_after
from lintml.model import Edit, Snippet

Splice: TypeAlias = tuple[int, int, str]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def line_splices(
    snippet: Snippet, edits: list[Edit], carrier: Sequence[tuple[int, int]], *, keeps_last_newline: bool
) -> Iterator[Splice]:
    """For each edit, what to put where in the carrier: the document, or the source of a cell.

    ``carrier`` holds for each line of the snippet where the whole of it, prefix included, starts and ends there.
    Edits are sorted. ``keeps_last_newline`` says that a line of the document's own follows the code.
    """
    after = apply_splices(snippet.text, [(edit.span.start, edit.span.end, edit.text) for edit in edits])
    lines = _Lines(snippet, carrier, prompts_of(snippet, after))
    for edit in edits:
        start, end, text = _without_common_lines(snippet.text, edit)
        if keeps_last_newline:
            start, end, text = _before_last_newline(snippet.text, start, end, text)
        if text or start < end:
            yield lines.splice(start, end, text)


def prompts_of(snippet: Snippet, text: str) -> list[str]:
    """For each line of what a snippet is to say, the prompt it stands behind; none where it is no session."""
    return prompts_after(text, ipython=_in_ipython(snippet)) if snippet.prompts else []


def _in_ipython(snippet: Snippet) -> bool:
    """Whether the prompts of a session are longer than Python's own."""
    first = next((line for line in snippet.home if not line.masked), snippet.home[0])
    return first.column - 1 - len(snippet.prefix) > len(">>> ")


def apply_splices(text: str, splices: Iterable[Splice]) -> str:
    """``text`` with other text in place of each of some spans, which are sorted and do not overlap."""
    pieces: list[str] = []
    position = 0
    for start, end, new in splices:
        pieces += (text[position:start], new)
        position = end
    return "".join(pieces) + text[position:]


def _without_common_lines(code: str, edit: Edit) -> Splice:
    """The same edit without the lines that it leaves as they are, at its beginning and its end."""
    old, new = (_LINE.findall(text) for text in (code[edit.span.start : edit.span.end], edit.text))
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    start = edit.span.start + sum(map(len, old[:head]))
    return start, edit.span.end - sum(map(len, old[len(old) - tail :])), "".join(new[head : len(new) - tail])


def _before_last_newline(code: str, start: int, end: int, text: str) -> Splice:
    """The same edit in terms that leave the newline at the very end of ``code`` alone."""
    last = len(code) - 1
    if end <= last or not code.endswith("\n"):
        return start, end, text
    if start > last:
        return last, last, "\n" + text.removesuffix("\n") if text else ""
    if not text and start and code[start - 1] == "\n":
        return start - 1, last, ""
    if not text and not start:
        return start, end, ""
    return start, last, text.removesuffix("\n")


class _Lines:
    """The lines of one snippet and where the carrier has them.

    ``prompts`` holds the prompt of each line of the edited text, in a session; ``shift`` is how many rows the edits
    so far have added.
    """

    def __init__(self, snippet: Snippet, carrier: Sequence[tuple[int, int]], prompts: list[str]) -> None:
        self.snippet = snippet
        self.carrier = carrier
        self.starts = starts_in(snippet)
        self.prompts = prompts
        self.shift = 0

    def splice(self, start: int, end: int, text: str) -> Splice:
        """One edit of the snippet's text as one of the carrier's."""
        row, column = self._place(start)
        end_row, end_column = self._place(end)
        first, *more = text.split("\n")
        whole_lines = not column and not end_column and (text.endswith("\n") or (not text and end_row > row))
        if start == end and not first and self._at_end(row, column):
            whole_lines = False  # On an empty line, a newline that comes first puts what follows it below.
        if whole_lines:
            self._guard(range(row, end_row))
            new = self._lines([first, *more[:-1]] if text else [], row, newline_first=False)
            splice = self._line_start(row), self._line_start(end_row), new
        elif self._at_end(row, column) and self._at_end(end_row, end_column) and not first:
            self._guard(range(row + 1, end_row + 1))
            new = self._lines(more, row + 1, newline_first=True)
            splice = self.carrier[row][1], self.carrier[end_row][1], new
        else:
            self._guard(range(row, end_row + 1))
            self._guard_hidden(range(row + 1, end_row + 1))
            joins = not self._at_end(end_row, end_column)
            new = self._missing_prefix(row, text) + first + self._lines(more, row + 1, newline_first=True, joins=joins)
            splice = self._at(row, column), self._at(end_row, end_column), new
        self.shift += len(more) - (end_row - row)
        return splice

    def _place(self, offset: int) -> tuple[int, int]:
        if offset == len(self.snippet.text) and self.snippet.text.endswith("\n"):
            return len(self.starts), 0
        row = bisect_right(self.starts, offset) - 1
        return row, offset - self.starts[row]

    def _at(self, row: int, column: int) -> int:
        if row == len(self.starts):
            return self._line_start(row)
        return self.carrier[row][0] + self.snippet.home[row].column - 1 + column

    def _line_start(self, row: int) -> int:
        if row < len(self.starts):
            return self.carrier[row][0]
        return self.carrier[row - 1][1] + len(self.snippet.newline)

    def _length(self, row: int) -> int:
        """How many characters the row has in the snippet."""
        text, following = self.snippet.text, row + 1
        end = self.starts[following] - 1 if following < len(self.starts) else len(text) - text.endswith("\n")
        return end - self.starts[row]

    def _at_end(self, row: int, column: int) -> bool:
        return row < len(self.starts) and column == self._length(row)

    def _lines(self, lines: list[str], row: int, *, newline_first: bool, joins: bool = False) -> str:
        """New lines from ``row`` on as the document shows them, each with its newline.

        An empty one gets no space that ends it, unless it ``joins`` with code that stands behind the edit.
        """
        newline = self.snippet.newline
        shown = []
        for at, line in enumerate(lines, row + self.shift):
            head = self.snippet.prefix + (self.prompts[min(at, len(self.prompts) - 1)] if self.prompts else "")
            shown.append(head + line if line else head.rstrip(" \t"))
        if joins and lines and not lines[-1]:
            shown[-1] = head
        return "".join(newline + line if newline_first else line + newline for line in shown)

    def _missing_prefix(self, row: int, text: str) -> str:
        """What a blank line of the document lacks of the prefix that code needs there."""
        if not text or row >= len(self.starts) or self._length(row):
            return ""
        return self.snippet.prefix[self.snippet.home[row].column - 1 :]

    def _guard(self, rows: range) -> None:
        for row in rows:
            if row < len(self.starts) and self.snippet.home[row].masked:
                raise DocumentError("an edit touches a line that is not Python", row=self.snippet.home[row].row)

    def _guard_hidden(self, rows: range) -> None:
        for row in rows:
            line = self.snippet.home[min(row, len(self.starts) - 1)]
            if not self.snippet.prompts and line.column - 1 > len(self.snippet.prefix):
                raise DocumentError("an edit would take away what stands before the code", row=line.row)
