"""The source of a notebook's cell edited in its raw JSON, in the layout and with the escapes that it has."""

import json
import re
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
    strings = _Strings(text, source)
    for start, end, new in reversed(list(splices)):
        strings.splice(start, end, new)
    return strings.json()


class _Strings:
    """One source: the raw form of each of its characters, and the offsets at which one string joins the next."""

    def __init__(self, text: str, source: Source) -> None:
        spans = string_spans(text, source)
        self.characters = [raw for start, end in spans for raw in _characters(text[start:end])]
        self.head = text[source.start : spans[0][0]]
        self.tail = text[spans[-1][1] : source.end]
        joints = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
        self.joints = list(zip(accumulate(map(len, source.decoded)), joints, strict=False))
        space = self.head[1:-1] or (" " if '": ' in text else "")
        self.joint = joints[0] if joints else f'",{space}"'
        self.listed = source.listed
        self.text = text

    def json(self) -> str:
        """All of it, as it was but for the edits."""
        pieces = [self.head]
        position = 0
        for offset, joint in self.joints:
            pieces += (*self.characters[position:offset], joint)
            position = offset
        return "".join((*pieces, *self.characters[position:], self.tail))

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
