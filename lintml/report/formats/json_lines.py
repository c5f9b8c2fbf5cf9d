"""The objects of ruff's JSON, one a line, as they are found."""

import json
from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.rows import rows
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """One line for each finding."""
    for row in rows(run, view):
        yield json.dumps(row, ensure_ascii=False) + "\n"
