"""A page to read and to send on: each finding with its frame, its fix as a difference, and what the trial proved."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from lintml.model import Checked, Diagnostic, Verdict
from lintml.report.finding import details
from lintml.report.gaps import gaps
from lintml.report.page import badge, page, spans, text
from lintml.report.paint import COLOUR, PLAIN
from lintml.report.source import Source
from lintml.report.tally import counted, summary
from lintml.report.verdicts import reached
from lintml.report.view import View, place

_SEVERITIES = {"error": ("error", "red"), "warning": ("warning", "yellow"), "info": ("note", "cyan")}
_OUTCOMES = {"passed": "green", "failed": "red", "skipped": "yellow"}


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole page at the end of the run."""
    painted = replace(view, paint=COLOUR)
    everything = list(run)
    found = [checked for checked in everything if checked.diagnostics]
    body = [*_contents(found, view)]
    for at, checked in enumerate(found):
        body += _part(at, checked, painted)
    body += _unread(everything, view)
    yield from page("lintml", " ".join(summary(view.tally, PLAIN)), body)


def _contents(found: list[Checked], view: View) -> Iterator[str]:
    if len(found) < 2:
        return
    yield "<nav><ul>\n"
    for at, checked in enumerate(found):
        name, count = text(view.path(checked.document.path)), counted(len(checked.diagnostics), "finding")
        yield f'<li><a href="#d{at}">{name}</a> <span class="soft">{count}</span></li>\n'
    yield "</ul></nav>\n"


def _part(at: int, checked: Checked, view: View) -> Iterator[str]:
    yield f'<section id="d{at}">\n<h2>{text(view.path(checked.document.path))}</h2>\n'
    source = Source(checked.document)
    for diagnostic in checked.diagnostics:
        yield from _article(checked, diagnostic, source, view)
    yield "</section>\n"


def _article(checked: Checked, diagnostic: Diagnostic, source: Source, view: View) -> Iterator[str]:
    severity = badge(*_SEVERITIES[diagnostic.severity])
    proof = _proof(diagnostic.verdict) if diagnostic.verdict is not None else ""
    yield f"<article>\n<header>{severity} <code>{text(diagnostic.code)}</code> "
    yield f"<b>{text(diagnostic.message)}</b> {proof}\n"
    yield f'<p class="soft">{text(diagnostic.name)}</p></header>\n<pre>'
    yield "\n".join(map(spans, details(checked, diagnostic, source, view)))
    yield "</pre>\n</article>\n"


def _proof(verdict: Verdict) -> str:
    return badge(f"fix: {reached(verdict)}", _OUTCOMES[verdict.outcome])


def _unread(everything: Iterable[Checked], view: View) -> Iterator[str]:
    """What was not read or not judged, and why: silence about it would look like praise."""
    rows = [
        (place(view.path(checked.document.path), gap.row, gap.column, gap.cell), gap.reason)
        for checked in everything
        for gap in gaps(checked.document)
    ]
    if rows:
        yield "<h2>Not read, or not judged</h2>\n<table>\n<tr><th>where</th><th>why</th></tr>\n"
        for where, reason in rows:
            yield f'<tr><td class="code">{text(where)}</td><td>{text(reason)}</td></tr>\n'
        yield "</table>\n"
