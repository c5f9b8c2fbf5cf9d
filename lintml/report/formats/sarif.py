"""SARIF 2.1.0 for code scanning: lines of the file, stable fingerprints, each rule's page, and fixes."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from lintml import __version__
from lintml.model import Checked, Diagnostic, Location
from lintml.report.fingerprint import Fingerprints
from lintml.report.gaps import Gap, gaps
from lintml.report.rows import placed_edits
from lintml.report.source import Source
from lintml.report.view import View
from lintml.rule import Rule

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole log at the end of the run."""
    results, codes, notes = [], [], []
    fingerprints = Fingerprints()
    for checked in run:
        source = Source(checked.document)
        notes += [_notification(gap, source, view) for gap in gaps(checked.document)]
        for found in checked.diagnostics:
            results.append(_result(checked, found, source, fingerprints, view))
            codes.append(found.code)
    rules = [_rule(rule) for code in sorted(set(codes)) if (rule := view.rule(code)) is not None]
    driver = {"name": "lintml", "version": __version__, "rules": rules}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not view.tally.crashes, "toolExecutionNotifications": notes}],
                "results": results,
            }
        ],
    }
    yield json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(
    checked: Checked,
    found: Diagnostic,
    source: Source,
    fingerprints: Fingerprints,
    view: View,
) -> dict[str, Any]:
    artifact = _artifact(view, checked.document.path)

    def place(where: Location, snippet: int) -> dict[str, Any]:
        return {"artifactLocation": artifact, "region": _region(where, snippet, source)}

    result: dict[str, Any] = {
        "ruleId": found.code,
        "level": _LEVEL[found.severity],
        "message": {"text": found.message},
        "locations": [{"physicalLocation": place(found.location, found.snippet)}],
        "partialFingerprints": {"lintml/v1": fingerprints.of(artifact["uri"], found)},
    }
    if found.because:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": note.text}, "physicalLocation": place(note.location, note.snippet)}
            for number, note in enumerate(found.because, 1)
        ]
    # What a notebook's cell holds is escaped in its file, so no replacement would fit there.
    if found.fix and checked.document.kind != "notebook":
        replacements = [
            {"deletedRegion": _columns(where), "insertedContent": {"text": text}}
            for where, text in placed_edits(checked, found, view)
        ]
        if replacements:
            change = {"artifactLocation": artifact, "replacements": replacements}
            result["fixes"] = [{"description": {"text": found.fix.title}, "artifactChanges": [change]}]
    return result


def _notification(gap: Gap, source: Source, view: View) -> dict[str, Any]:
    """What was not judged, at its line of the file."""
    row = gap.row
    if gap.snippet is not None:
        row, _ = source.file_rows(gap.snippet, Location(row, 1, row, 1, gap.cell))
    place = {"artifactLocation": _artifact(view, source.document.path), "region": {"startLine": row}}
    return {"level": "note", "message": {"text": gap.reason}, "locations": [{"physicalLocation": place}]}


def _artifact(view: View, path: str) -> dict[str, str]:
    relative = view.relative(path)
    if relative.startswith("/") or ":" in relative[:3]:
        return {"uri": "file://" + quote(relative)}
    return {"uri": quote(relative), "uriBaseId": "%SRCROOT%"}


def _region(where: Location, snippet: int, source: Source) -> dict[str, int]:
    if source.document.kind != "notebook":
        return _columns(where)
    row, end = source.file_rows(snippet, where)
    return {"startLine": row, "endLine": end}


def _columns(where: Location) -> dict[str, int]:
    return {
        "startLine": where.row,
        "startColumn": where.column,
        "endLine": where.end_row,
        "endColumn": where.end_column,
    }


def _rule(rule: Rule) -> dict[str, Any]:
    summary, _, _ = rule.page.partition("\n")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {"tags": [rule.family]},
    }
