"""Instructions to lintml that stand in a document: how they are written, and those in the comments of code."""

import io
import re
from collections.abc import Iterator, Sequence

from lintml.model import Line, Marker

VERBS = ("skip", "off", "on", "ignore", "file-ignore", "expect", "setup", "requires", "try", "same-as")
"""What a marker may ask for."""

_WORDS = re.compile(r"([\w-]+)\s*(?:\[([^\]]*)\])?\s*:?\s*(.*)", re.DOTALL)
_TAG = re.compile(r"lintml-(skip|off|ignore|file-ignore|expect|setup|requires|try|same-as)(?:[-:\[](.+?)\]?)?")
_OTHER_TAG = re.compile(r"lintml-([a-z-]+?)(?:[-:\[]([A-Z]+\d+)\]?)?")
_LINTML = re.compile(r"#\s*lintml:\s*(.*)")
_NOQA = re.compile(r"#\s*noqa\b(?::\s*([A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*))?", re.IGNORECASE)


def parse_marker(words: str, row: int) -> Marker | None:
    """``verb[CODE, CODE] the rest`` taken apart."""
    found = _WORDS.match(words.strip())
    return Marker(found[1].lower(), _codes(found[2] or ""), found[3].strip(), row) if found else None


def tag_marker(tag: str) -> Marker | None:
    """The marker that a cell's tag is, also one that is none: ``lintml-skip``, ``lintml-ignore-SHP001``."""
    found = _TAG.fullmatch(tag) or _OTHER_TAG.fullmatch(tag)
    return Marker(found[1], _codes(found[2] or ""), "", 0) if found else None


def comment_markers(code: str, home: Sequence[Line]) -> list[Marker]:
    """The markers in the comments of some code: ``# lintml: …`` and ``# noqa``; rows are the document's."""
    if "#" not in code or ("lintml:" not in code and "noqa" not in code and "NOQA" not in code):
        return []
    return [marker for row, _, comment in comments(code) for marker in _in_comment(comment, home[row].row)]


def comments(code: str) -> Iterator[tuple[int, int, str]]:
    """The comments with their rows and columns from 0, as far as the code can be read."""
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(code + "\n").readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0] - 1, token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _in_comment(comment: str, row: int) -> Iterator[Marker]:
    if (found := _LINTML.search(comment)) and (marker := parse_marker(found[1], row)):
        yield marker
    if found := _NOQA.search(comment):
        yield Marker("noqa", _codes((found[1] or "").upper()), "", row)


def _codes(text: str) -> tuple[str, ...]:
    return tuple(re.split(r"[,\s]+", text.strip())) if text.strip() else ()
