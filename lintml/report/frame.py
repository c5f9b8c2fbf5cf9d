"""Frames: numbered source lines with marks under what is meant, in the manner of rustc and ruff."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lintml.model import Location
from lintml.report.columns import visible, width
from lintml.report.paint import Brush, Paint
from lintml.report.source import Source

AROUND = 2
LONGEST_UNDERLINE = 4


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A place to be marked, in words if any; the primary one is marked with carets, others with dashes."""

    location: Location
    text: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Mark:
    start: int
    end: int
    text: str
    primary: bool


def frame(source: Source, snippet: int, labels: list[Label], gutter: int, paint: Paint, brush: Brush) -> Iterator[str]:
    """The lines of one frame, each without its line break.

    All labels lie in one snippet; ``gutter`` is the width of the row numbers, ``brush`` colours the primary mark.
    """
    marks = _marks(source, snippet, labels)
    bar = paint.blue(" " * gutter + " |")
    yield bar
    previous = None
    for row in _shown(source, snippet, labels, marks):
        if previous is not None and row > previous + 1:
            yield paint.blue("...")
        previous = row
        text = source.line(row, source.snippets[snippet].cell)
        yield f"{paint.blue(f'{row:>{gutter}} |')} {visible(text)}".rstrip()
        for mark in marks.get(row, ()):
            stroke = ("^" if mark.primary else "-") * max(width(text[mark.start : mark.end]), 1)
            words = f"{stroke} {visible(mark.text)}".rstrip()
            yield f"{bar} {' ' * width(text[: mark.start])}{(brush if mark.primary else paint.blue)(words)}"
    yield bar


def _marks(source: Source, snippet: int, labels: list[Label]) -> dict[int, list[_Mark]]:
    """What to underline in each row: every line of a short span, only the first of a long one."""
    marks: dict[int, list[_Mark]] = {}
    for label in labels:
        where = label.location
        last = where.end_row if where.end_row - where.row < LONGEST_UNDERLINE else where.row
        rows = []
        for row in range(where.row, last + 1):
            first, end = source.code(snippet, row)
            start = where.column - 1 if row == where.row else first
            end = where.end_column - 1 if row == where.end_row else end
            if end > start or row == where.row:
                rows.append((row, _Mark(start, max(end, start + 1), "", label.primary)))
        rows[-1] = rows[-1][0], replace(rows[-1][1], text=label.text)
        for row, mark in rows:
            marks.setdefault(row, []).append(mark)
    for found in marks.values():
        # The primary mark stands closest to its line; the others from right to left, so that none crosses words.
        found.sort(key=lambda mark: (not mark.primary, -mark.start))
    return marks


def _shown(source: Source, snippet: int, labels: list[Label], marks: dict[int, list[_Mark]]) -> list[int]:
    """The rows to print: the marked ones, what surrounds the primary label, and gaps too short for dots."""
    shown = set(marks)
    for label in labels:
        if label.primary:
            first, last = label.location.row, max(row for row in marks if row <= label.location.end_row)
            shown.update({*range(first - AROUND, last + AROUND + 1)} & {*source.rows(snippet)})
    shown.update(row + 1 for row in tuple(shown) if row + 2 in shown)

    def bare(row: int) -> bool:
        first, end = source.code(snippet, row)
        return row not in marks and first >= end

    while edges := {row for row in shown if bare(row) and not {row - 1, row + 1} <= shown}:
        shown -= edges
    return sorted(shown)
