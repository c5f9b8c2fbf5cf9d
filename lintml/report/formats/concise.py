"""One line for each finding, as editors and grep read it; never works out a fix."""

from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.columns import visible
from lintml.report.tally import summary
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """``path:row:column: CODE [*] message``, then the summary."""
    paint = view.paint
    for checked in run:
        for found in checked.diagnostics:
            place = paint.bold(view.place(checked.document.path, found.location))
            code = paint.severity(found.severity)(found.code)
            yield f"{place}: {code} {paint.cyan(view.mark(found))}{visible(found.message)}\n"
    if not view.quiet:
        yield "".join(line + "\n" for line in summary(view.tally, paint))
