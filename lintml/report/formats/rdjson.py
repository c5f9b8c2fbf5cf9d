"""Reviewdog's diagnostic format, with each fix as a suggestion."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lintml.model import Checked, Diagnostic, Location
from lintml.report.rows import placed_edits
from lintml.report.source import Source
from lintml.report.view import View

_SEVERITY = {"error": "ERROR", "warning": "WARNING", "info": "INFO"}


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole object at the end of the run."""
    diagnostics = [_row(checked, found, view) for checked in run for found in checked.diagnostics]
    whole = {"source": {"name": "lintml"}, "severity": "WARNING", "diagnostics": diagnostics}
    yield json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _row(checked: Checked, found: Diagnostic, view: View) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": {"value": found.code},
        "severity": _SEVERITY[found.severity],
        "message": found.message,
        "location": {"path": view.relative(checked.document.path), "range": _range(checked, found)},
    }
    # What a notebook's cell holds is escaped in its file, so no suggestion would fit there.
    if found.fix and checked.document.kind != "notebook":
        row["suggestions"] = [
            {"range": _between(where), "text": text} for where, text in placed_edits(checked, found, view)
        ]
    return row


def _range(checked: Checked, found: Diagnostic) -> dict[str, dict[str, int]]:
    if checked.document.kind != "notebook":
        return _between(found.location)
    row, end = Source(checked.document).file_rows(found.snippet, found.location)
    return {"start": {"line": row}, "end": {"line": end}}


def _between(where: Location) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": where.row, "column": where.column},
        "end": {"line": where.end_row, "column": where.end_column},
    }
