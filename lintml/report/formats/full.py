"""The format for people: a frame for each finding, its causes, and its fix as a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lintml.report.tally import summary

if TYPE_CHECKING:
    from lintml.model import Checked
    from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """Frames, separated by empty lines, then the summary."""
    for checked in run:
        if checked.diagnostics:
            # Loaded for the first finding only: most runs have none.
            from lintml.report.finding import finding
            from lintml.report.source import Source

            source = Source(checked.document)
            for diagnostic in checked.diagnostics:
                yield "\n".join(finding(checked, diagnostic, source, view)) + "\n\n"
    if not view.quiet:
        yield "".join(line + "\n" for line in summary(view.tally, view.paint))
