"""How far a long run has got, on one line of a terminal that is gone when the run is over."""

from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TextIO

from lintml.report.columns import visible, width

_CELLS = 20


@dataclass(slots=True)
class Progress:
    """One line on ``stream``, drawn anew in place; nothing at all where ``stream`` is no terminal."""

    stream: TextIO
    wanted: bool = True
    _drawn: bool = False

    def show(self, done: int, total: int, what: str) -> None:
        """Draw the line: ``done`` of ``total``, and what is being worked on."""
        if not (self.wanted and self.stream.isatty()):
            return
        full = _CELLS * done // max(total, 1)
        line = f"[{'#' * full}{'.' * (_CELLS - full)}] {done}/{total} {visible(what)}"
        room = get_terminal_size().columns - 1
        while width(line) > room:
            line = line[:-1]
        self.stream.write(f"\r{line}\x1b[K")
        self.stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the line away, before something else is written."""
        if self._drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._drawn = False
