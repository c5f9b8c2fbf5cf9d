"""Findings as the plain data of ruff's JSON: rows and columns from 1, ends exclusive, within the cell in notebooks."""

from collections.abc import Iterable, Iterator
from typing import Any

from lintml.documents import locate
from lintml.model import Checked, Diagnostic, Location, Note
from lintml.report.verdicts import plain
from lintml.report.view import View


def rows(run: Iterable[Checked], view: View) -> Iterator[dict[str, Any]]:
    """A row for each finding: ruff's keys, and ``severity``, ``snippet``, ``because`` and ``verification``."""
    for checked in run:
        filename = view.absolute(checked.document.path)
        for found in checked.diagnostics:
            yield {
                "cell": found.location.cell,
                "code": found.code,
                "name": found.name,
                "message": found.message,
                "severity": found.severity,
                "url": None,
                "filename": filename,
                **locations(found.location),
                "noqa_row": found.location.row,
                "fix": _fix(checked, found, view),
                "snippet": found.snippet,
                "because": [_because(note) for note in found.because],
                "verification": None if found.verdict is None else dict(plain(found.verdict)),
            }


def locations(where: Location) -> dict[str, dict[str, int]]:
    """``location`` and ``end_location``."""
    return {
        "location": {"row": where.row, "column": where.column},
        "end_location": {"row": where.end_row, "column": where.end_column},
    }


def placed_edits(checked: Checked, found: Diagnostic, view: View) -> Iterator[tuple[Location, str]]:
    """Each edit of the fix: its place in the document, and its text as it is to stand there."""
    snippets = {snippet.index: snippet for snippet in checked.document.snippets}
    for edit in view.edits(checked, found):
        snippet = snippets[edit.snippet]
        yield locate(snippet, edit.span), edit.text.replace("\n", snippet.newline + snippet.prefix)


def _fix(checked: Checked, found: Diagnostic, view: View) -> dict[str, Any] | None:
    if found.fix is None:
        return None
    edits = [
        {"content": text, **locations(where), "cell": where.cell} for where, text in placed_edits(checked, found, view)
    ]
    return {"applicability": found.fix.applicability, "message": found.fix.title, "edits": edits} if edits else None


def _because(note: Note) -> dict[str, Any]:
    return {"message": note.text, "cell": note.location.cell, "snippet": note.snippet, **locations(note.location)}
