"""The concise lines under a heading for each document."""

from collections.abc import Iterable, Iterator

from lintml.model import Checked, Location
from lintml.report.columns import visible
from lintml.report.tally import summary
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """A document's path, then its findings indented with their places in columns."""
    paint = view.paint
    for checked in run:
        if not checked.diagnostics:
            continue
        yield f"{paint.bold(view.path(checked.document.path))}:\n"
        places = [_place(found.location) for found in checked.diagnostics]
        widest = max(map(len, places))
        for place, found in zip(places, checked.diagnostics, strict=True):
            code = paint.severity(found.severity)(found.code)
            yield f"  {place:<{widest}} {code} {paint.cyan(view.mark(found))}{visible(found.message)}\n"
        yield "\n"
    if not view.quiet:
        yield "".join(line + "\n" for line in summary(view.tally, paint))


def _place(where: Location) -> str:
    return f"{'' if where.cell is None else f'cell {where.cell}:'}{where.row}:{where.column}"
