"""One line for each finding, in pylint's words."""

from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.columns import visible
from lintml.report.source import Source
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """``path:line: [CODE] message``."""
    for checked in run:
        source = Source(checked.document)
        for found in checked.diagnostics:
            line, _ = source.file_rows(found.snippet, found.location)
            yield f"{view.path(checked.document.path)}:{line}: [{found.code}] {visible(found.message)}\n"
