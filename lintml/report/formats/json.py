"""ruff's JSON, an array of findings, with a few keys of our own."""

import json
from collections.abc import Iterable, Iterator

from lintml.model import Checked
from lintml.report.rows import rows
from lintml.report.view import View


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole array at the end of the run."""
    yield json.dumps(list(rows(run, view)), indent=2, ensure_ascii=False) + "\n"
