"""A finding as a frame: where and why, what would mend it, and what to know of that."""

from collections.abc import Iterator
from itertools import groupby

from lintml.model import Checked, Diagnostic
from lintml.report.columns import visible
from lintml.report.frame import Label, frame
from lintml.report.patch import Changed, inline, render
from lintml.report.source import Source
from lintml.report.verdicts import proof
from lintml.report.view import View


def finding(checked: Checked, diagnostic: Diagnostic, source: Source, view: View) -> Iterator[str]:
    """The lines of a finding, each without its line break."""
    paint = view.paint
    brush = paint.severity(diagnostic.severity)
    mark = paint.cyan(view.mark(diagnostic).strip())
    yield " ".join(filter(None, (brush(diagnostic.code), mark, paint.bold(visible(diagnostic.message)))))
    yield from details(checked, diagnostic, source, view)


def details(checked: Checked, diagnostic: Diagnostic, source: Source, view: View) -> Iterator[str]:
    """What follows the first line: frames, the fix as a difference, notes, and what the trial of the fix showed."""
    paint, path = view.paint, checked.document.path
    brush = paint.severity(diagnostic.severity)
    fix = diagnostic.fix
    hunks = inline(source, view.edits(checked, diagnostic)) if fix else []
    frames = _frames(diagnostic)
    gutter = _gutter(frames, hunks, source)

    for number, (index, labels) in enumerate(frames):
        arrow = "-->" if number == 0 else ":::"
        yield f"{' ' * gutter}{paint.blue(arrow)} {view.place(path, labels[0].location)}"
        yield from frame(source, index, labels, gutter, paint, brush)
    if fix:
        yield f"{paint.cyan('help')}: {paint.bold(visible(fix.title))}"
        if hunks:
            yield from render(hunks, gutter, paint)
    for note in _notes(diagnostic, bool(hunks)):
        yield f"{paint.cyan('note')}: {note}"
    if diagnostic.verdict is not None:
        yield proof(diagnostic.verdict, paint)


def _frames(diagnostic: Diagnostic) -> list[tuple[int, list[Label]]]:
    """The labels by snippet, the finding's own first."""
    labels = [(diagnostic.snippet, Label(diagnostic.location, primary=True))]
    labels += [(note.snippet, Label(note.location, note.text)) for note in diagnostic.because]
    labels.sort(key=lambda label: (label[0] != diagnostic.snippet, label[0]))
    return [(index, [label for _, label in group]) for index, group in groupby(labels, key=lambda label: label[0])]


def _gutter(frames: list[tuple[int, list[Label]]], hunks: list[list[Changed]], source: Source) -> int:
    """One width of row numbers for all parts of a finding."""
    rows = [row for index, labels in frames for row in _reach(labels, source.rows(index))]
    rows += [line.row for hunk in hunks for line in hunk if line.row is not None]
    return len(str(max(rows)))


def _reach(labels: list[Label], context: range) -> Iterator[int]:
    for label in labels:
        yield label.location.end_row
        yield min(label.location.end_row + 2, context.stop - 1)


def _notes(diagnostic: Diagnostic, drawn: bool) -> Iterator[str]:
    match diagnostic.fix:
        case None:
            pass
        case fix if not drawn:
            yield "This fix cannot be written into the document for you"
        case fix if fix.applicability == "unsafe":
            yield "This is an unsafe fix and may change what the code does"
        case fix if fix.applicability == "display":
            yield "This fix is a sketch, to be applied by hand"
    if diagnostic.severity == "info":
        yield "This is advice, and does not set the exit code"
