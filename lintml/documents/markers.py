"""Instructions to lintml that stand in a document, in HTML comments and in comments of the code."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from lintml.model import Line, Marker

_HTML = re.compile(r"<!--\s*lintml:\s*(.*?)\s*-->", re.DOTALL)
_WORDS = re.compile(r"([\w-]+)\s*(?:\[([^\]]*)\])?\s*:?\s*(.*)", re.DOTALL)
_LINTML = re.compile(r"#\s*lintml:\s*(.*)")
_NOQA = re.compile(r"#\s*noqa\b(?::\s*([A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?", re.IGNORECASE)


def html_markers(text: str) -> Iterator[tuple[int, Marker]]:
    """The markers in the HTML comments of ``text``, each with its offset and the row on which it stands."""
    for found in _HTML.finditer(text) if "lintml:" in text else ():
        marker = parse_marker(found[1], text.count("\n", 0, found.start()) + 1)
        if marker:
            yield found.start(), marker


def parse_marker(words: str, row: int) -> Marker | None:
    """``verb[CODE, CODE] the rest`` taken apart."""
    found = _WORDS.match(words.strip())
    return Marker(found[1].lower(), _codes(found[2] or ""), found[3].strip(), row) if found else None


def comment_markers(lines: Sequence[str], home: Sequence[Line]) -> list[Marker]:
    """The markers in the comments of some code: ``# lintml: …`` and ``# noqa``; rows are the document's."""
    if not any("lintml:" in line or "noqa" in line.lower() for line in lines):
        return []
    return [
        marker for row, comment in _comments(lines) if row < len(home) for marker in _in_comment(comment, home[row].row)
    ]


def _in_comment(comment: str, row: int) -> Iterator[Marker]:
    if (found := _LINTML.search(comment)) and (marker := parse_marker(found[1], row)):
        yield marker
    if found := _NOQA.search(comment):
        yield Marker("noqa", _codes((found[1] or "").upper()), "", row)


def _comments(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The comments with their rows from 0, as far as the code can be read."""
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0] - 1, token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _codes(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[,\s]+", text.strip())) if text.strip() else ()


class Pending:
    """The markers between the blocks of a document, handed out to each block in turn."""

    def __init__(self, markers: Iterable[tuple[int, Marker]]) -> None:
        self._waiting = list(markers)
        self._off: Marker | None = None

    def before(self, start: int, end: int) -> list[Marker]:
        """What stands between the block handled before and the one from ``start`` to ``end``."""
        mine: list[Marker] = []
        while self._waiting and self._waiting[0][0] < end:
            offset, marker = self._waiting.pop(0)
            match marker.verb:
                case _ if offset >= start:
                    continue
                case "off":
                    self._off = marker
                case "on":
                    self._off = None
                case _:
                    mine.append(marker)
        return [*mine, self._off] if self._off else mine
