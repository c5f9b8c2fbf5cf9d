"""Colour for terminals, and nothing but plain text elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO, TypeAlias

if TYPE_CHECKING:
    from lintml.model import Severity

Brush: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """A set of brushes; each is the identity where colour is not wanted."""

    on: bool
    bold: Brush
    dim: Brush
    red: Brush
    green: Brush
    yellow: Brush
    blue: Brush
    cyan: Brush

    def severity(self, severity: Severity) -> Brush:
        """The brush of a severity, as in rustc: red errors, yellow warnings, cyan notes."""
        return {"error": self.red, "warning": self.yellow, "info": self.cyan}[severity]


def _brush(code: str) -> Brush:
    return lambda text: f"\x1b[{code}m{text}\x1b[0m" if text else text


def _plain(text: str) -> str:
    return text


PLAIN = Paint(False, *[_plain] * 7)
COLOUR = Paint(True, *map(_brush, ("1", "2", "1;31", "32", "1;33", "1;34", "1;36")))


def paint_for(choice: str, stream: TextIO) -> Paint:
    """The brushes for ``--color`` on a stream; ``auto`` honours NO_COLOR (no-color.org), FORCE_COLOR and TERM=dumb."""
    match choice:
        case "always":
            return COLOUR
        case "never":
            return PLAIN
    if os.environ.get("NO_COLOR"):
        return PLAIN
    if os.environ.get("FORCE_COLOR"):
        return COLOUR
    return COLOUR if stream.isatty() and os.environ.get("TERM") != "dumb" else PLAIN
