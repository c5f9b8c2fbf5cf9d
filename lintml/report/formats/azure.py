"""Logging commands of Azure Pipelines."""

from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.source import Source
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """A ``task.logissue`` for each finding; Azure knows errors and warnings only."""
    for checked in run:
        source = Source(checked.document)
        for found in checked.diagnostics:
            properties = {
                "type": "error" if found.severity == "error" else "warning",
                "sourcepath": view.absolute(checked.document.path),
                "linenumber": source.file_rows(found.snippet, found.location)[0],
                "columnnumber": found.location.column,
                "code": found.code,
            }
            joined = "".join(f"{key}={_escaped(str(value))};" for key, value in properties.items())
            yield f"##vso[task.logissue {joined}]{_escaped(found.message)}\n"


def _escaped(text: str) -> str:
    pairs = (("%", "%AZP25"), (";", "%3B"), ("\r", "%0D"), ("\n", "%0A"), ("]", "%5D"))
    for raw, code in pairs:
        text = text.replace(raw, code)
    return text
