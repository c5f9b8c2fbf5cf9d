"""Frames: numbered source lines with marks under what is meant, in the manner of rustc and ruff."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lintml.model import Location
from lintml.report.columns import visible, width
from lintml.report.paint import Brush, Paint
from lintml.report.source import Source

AROUND = 2
LONGEST_UNDERLINE = 4


@dataclass(frozen=True, slots=True)
class Label:
    """A place to be marked, in words if any; the primary one is marked with carets, others with dashes."""

    location: Location
    text: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    text: str
    primary: bool


def frame(
    source: Source, labels: list[Label], context: range, gutter: int, paint: Paint, brush: Brush
) -> Iterator[str]:
    """The lines of one frame, each without its line break.

    All labels lie in one file or cell; ``context`` are the rows that may stand around the primary label, ``gutter``
    the width of the row numbers, ``brush`` colours the primary mark.
    """
    cell = labels[0].location.cell
    marks = _marks(source, labels)
    bar = paint.blue(" " * gutter + " |")
    yield bar
    previous = None
    for row in _shown(source, cell, labels, marks, context):
        if previous is not None and row > previous + 1:
            yield paint.blue("...")
        previous = row
        text = source.line(row, cell)
        yield f"{paint.blue(f'{row:>{gutter}} |')} {visible(text)}".rstrip()
        for mark in marks.get(row, ()):
            stroke = ("^" if mark.primary else "-") * max(width(text[mark.start : mark.end]), 1)
            words = f"{stroke} {visible(mark.text)}".rstrip()
            yield f"{bar} {' ' * width(text[: mark.start])}{(brush if mark.primary else paint.blue)(words)}"
    yield bar


def _marks(source: Source, labels: list[Label]) -> dict[int, list[_Mark]]:
    """What to underline in each row: every line of a short span, only the first of a long one."""
    marks: dict[int, list[_Mark]] = {}
    for label in labels:
        where = label.location
        last = where.end_row if where.end_row - where.row < LONGEST_UNDERLINE else where.row
        rows = []
        for row in range(where.row, last + 1):
            text = source.line(row, where.cell)
            start = where.column - 1 if row == where.row else len(text) - len(text.lstrip())
            end = where.end_column - 1 if row == where.end_row else len(text.rstrip())
            if end > start or row == where.row:
                rows.append((row, _Mark(start, max(end, start + 1), "", label.primary)))
        rows[-1] = rows[-1][0], replace(rows[-1][1], text=label.text)
        for row, mark in rows:
            marks.setdefault(row, []).append(mark)
    for found in marks.values():
        # The primary mark stands closest to its line; the others from right to left, so that none crosses words.
        found.sort(key=lambda mark: (not mark.primary, -mark.start))
    return marks


def _shown(
    source: Source, cell: int | None, labels: list[Label], marks: dict[int, list[_Mark]], context: range
) -> list[int]:
    """The rows to print: the marked ones, what surrounds the primary label, and gaps too short for dots."""
    shown = set(marks)
    for label in labels:
        if label.primary:
            first, last = label.location.row, max(row for row in marks if row <= label.location.end_row)
            around = (*range(first - AROUND, first), *range(last + 1, last + 1 + AROUND))
            shown.update(row for row in around if row in context)
    shown.update(row + 1 for row in tuple(shown) if row + 2 in shown)
    rows = sorted(shown)
    while rows[0] not in marks and not source.line(rows[0], cell).strip():
        del rows[0]
    while rows[-1] not in marks and not source.line(rows[-1], cell).strip():
        del rows[-1]
    return rows
