"""Annotations of GitHub Actions; lines are those of the file, in notebooks too."""

from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.source import Source
from lintml.report.view import View

_LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """A workflow command for each finding."""
    for checked in run:
        source = Source(checked.document)
        for found in checked.diagnostics:
            where, path = found.location, checked.document.path
            row, end = source.file_rows(found.snippet, where)
            properties = {"title": f"lintml ({found.code})", "file": view.absolute(path), "line": row, "endLine": end}
            # GitHub refuses columns for more than one line, and a notebook's JSON has columns of its own.
            if row == end and where.cell is None:
                properties |= {"col": where.column, "endColumn": where.end_column}
            message = f"{view.place(path, where)}: {found.code} {found.message}"
            if found.fix:
                message += f"\n  help: {found.fix.title}"
            joined = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
            yield f"::{_LEVEL[found.severity]} {joined}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
