"""GitLab's code quality report."""

import json
from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.fingerprint import Fingerprints
from lintml.report.source import Source
from lintml.report.view import View

_SEVERITY = {"error": "major", "warning": "minor", "info": "info"}


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole array at the end of the run."""
    issues = []
    fingerprints = Fingerprints()
    for checked in run:
        source = Source(checked.document)
        path = view.relative(checked.document.path)
        for found in checked.diagnostics:
            where = found.location
            row, end = source.file_rows(found.snippet, where)
            issues.append(
                {
                    "check_name": found.code,
                    "description": f"{found.code}: {found.message}",
                    "severity": _SEVERITY[found.severity],
                    "fingerprint": fingerprints.of(path, found),
                    "location": {
                        "path": path,
                        "positions": {
                            "begin": {"line": row, "column": where.column},
                            "end": {"line": end, "column": where.end_column},
                        },
                    },
                }
            )
    yield json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
