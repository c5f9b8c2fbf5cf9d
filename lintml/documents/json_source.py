"""The source of a notebook's cell edited in its raw JSON, in the layout and with the escapes that it has."""

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate, pairwise

from lintml.documents.ipynb import Source, string_spans

_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_NON_ASCII_ESCAPE = re.compile(r"\\u(?!00[0-7])")


def edited_source(text: str, source: Source, splices: Iterable[tuple[int, int, str]]) -> str:
    """The JSON of a source after some edits, given as offsets in what it decodes to, sorted.

    ``text`` is the notebook's: where it escapes what is not ASCII, so does the new text.
    """
    splices = list(splices)
    if not splices:
        return text[source.start : source.end]
    spans = string_spans(text, source)
    first, after = _around(source.decoded, splices[0][0], splices[-1][1])
    strings = _Strings(text, source, spans, first, after)
    for start, end, new in reversed(splices):
        strings.splice(start - strings.offset, end - strings.offset, new)
    return text[source.start : spans[first][0]] + strings.json() + text[spans[after - 1][1] : source.end]


def _around(decoded: list[str], start: int, end: int) -> tuple[int, int]:
    """Which strings some edits can concern: from one that begins before them to one that does so behind."""
    if not all(decoded):
        return 0, len(decoded)
    starts = [0, *accumulate(map(len, decoded))]
    return max(bisect_left(starts, start) - 1, 0), min(bisect_right(starts, end) + 1, len(decoded))


class _Strings:
    """Some strings of a source: the raw form of each of their characters, and where one string joins the next.

    ``offset`` is where the first of them begins in what the source decodes to.
    """

    def __init__(self, text: str, source: Source, spans: list[tuple[int, int]], first: int, after: int) -> None:
        mine = spans[first:after]
        self.offset = sum(map(len, source.decoded[:first]))
        self.characters = [raw for start, end in mine for raw in _characters(text[start:end])]
        joints = [text[end:start] for (_, end), (start, _) in pairwise(mine)]
        self.joints = list(zip(accumulate(map(len, source.decoded[first:after])), joints, strict=False))
        space = text[source.start + 1 : spans[0][0] - 1] or (" " if '": ' in text else "")
        self.joint = text[spans[0][1] : spans[1][0]] if len(spans) > 1 else f'",{space}"'
        self.listed = source.listed
        self.text = text

    def json(self) -> str:
        """All of them, as they were but for the edits, from within the first quotes to within the last."""
        pieces: list[str] = []
        position = 0
        for offset, joint in self.joints:
            pieces += (*self.characters[position:offset], joint)
            position = offset
        return "".join((*pieces, *self.characters[position:]))

    def splice(self, start: int, end: int, new: str) -> None:
        """Put ``new`` in place of some characters; edits come from the last to the first."""
        escapes = new.isascii() or (self.text.isascii() and _NON_ASCII_ESCAPE.search(self.text) is not None)
        self.characters[start:end] = _CHARACTER.findall(json.dumps(new, ensure_ascii=escapes)[1:-1])
        if not self.listed:
            return
        after = start + len(new)
        joints = {offset for offset, _ in self.joints if offset <= start}
        inner = [start + at for at, character in enumerate(new, 1) if character == "\n"]
        if new and self._ends_line(start):
            inner.insert(0, start)
        kept = [(offset, joint) for offset, joint in self.joints if offset <= start]
        later = [(offset + after - end, joint) for offset, joint in self.joints if offset > max(start, end - 1)]
        if later and later[0][0] == after and (after in joints or not self._ends_line(after)):
            later.pop(0)
        taken = joints | {offset for offset, _ in later}
        made = [(offset, self.joint) for offset in inner if offset not in taken]
        self.joints = [joint for joint in (*kept, *made, *later) if joint[0] < len(self.characters)]

    def _ends_line(self, offset: int) -> bool:
        """Whether a line ends just before ``offset``."""
        return offset > 0 and self.characters[offset - 1] in ("\\n", "\\u000a", "\\u000A")


def _characters(raw: str) -> list[str]:
    """The characters of a string in their raw form; most strings have no escape but the newline at their end."""
    first = raw.find("\\")
    if first < 0:
        return list(raw)
    return [*raw[:first], raw[first:]] if first == len(raw) - 2 else _CHARACTER.findall(raw)
