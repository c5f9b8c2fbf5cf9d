"""How a run is to be shown: what every format is handed beside the results."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lintml.report.columns import visible
from lintml.report.tally import Tally, fixable

if TYPE_CHECKING:
    from lintml.model import Checked, Diagnostic, Edit, Location
    from lintml.report.paint import Paint
    from lintml.rule import Rule


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The reader's wishes, and what a format may ask for.

    ``edits`` works out a fix as text edits and may be slow; ``rule`` finds the rule of a code; ``folder`` is what
    paths are shown relative to; ``quiet`` leaves the summary out.
    """

    paint: Paint
    tally: Tally
    edits: Callable[[Checked, Diagnostic], tuple[Edit, ...]]
    rule: Callable[[str], Rule | None]
    folder: str
    quiet: bool = False

    def path(self, path: str) -> str:
        """A path for people: relative where it lies below the folder, safe to print."""
        if path.startswith(self.folder + os.sep):
            path = path[len(self.folder) + 1 :]
        return visible(path)

    def relative(self, path: str) -> str:
        """A path for machines: relative to the folder where it lies below it, with forward slashes."""
        return Path(self.path(self.absolute(path))).as_posix()

    def absolute(self, path: str) -> str:
        """A path for machines; the name of standard input stays as it is."""
        return path if path == "-" else os.path.abspath(path)

    def place(self, path: str, where: Location) -> str:
        """``path:row:column``, with the cell of a notebook."""
        return place(self.path(path), where.row, where.column, where.cell)

    def mark(self, diagnostic: Diagnostic) -> str:
        """``[*] `` where a fix run would apply the fix."""
        return "[*] " if fixable(diagnostic, self.tally.unsafe) else ""


def place(path: str, row: int, column: int, cell: int | None) -> str:
    """``path:row:column``, with the cell of a notebook before the row."""
    return f"{path}:{'' if cell is None else f'cell {cell}:'}{row}:{column}"
