"""The HTML page of ``lintml verify``: a table of verdicts for each document."""

from collections.abc import Iterable, Iterator

from lintml.model import Document, Verdict
from lintml.report.page import badge, page, text
from lintml.report.verdicts import evidence, reached, row_of, time_taken

_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow"}


def render(found: Iterable[tuple[Document, list[Verdict]]], summary: str) -> Iterator[str]:
    """The whole page."""
    body = (piece for document, verdicts in found if verdicts for piece in _table(document, verdicts))
    yield from page("lintml verify", summary, body)


def _table(document: Document, verdicts: Iterable[Verdict]) -> Iterator[str]:
    yield f"<h2>{text(document.path)}</h2>\n<table>\n"
    heads = ("row", "subject", "reached", "evidence", "time")
    yield f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>\n"
    for verdict in verdicts:
        shown = "".join(f"<p>{text(part)}</p>" for part in evidence(verdict, laws=True))
        yield f'<tr><td class="number">{row_of(document, verdict)}</td><td class="code">{text(verdict.subject)}</td>'
        yield f"<td>{badge(reached(verdict), _COLOURS[verdict.outcome])}</td><td>{shown}</td>"
        yield f'<td class="number">{time_taken(verdict.seconds)}</td></tr>\n'
    yield "</table>\n"
