"""Edits put together: which exclude each other, in which order they stand, and the text they give."""

from collections.abc import Iterable

from lintml.model import Edit


def apply(text: str, edits: Iterable[Edit]) -> str:
    """One snippet's ``text`` with ``edits`` made; edits that overlap are a ``ValueError``."""
    parts: list[str] = []
    end = 0
    for edit in merged(edits):
        if edit.span.start < end:
            raise ValueError(f"edits overlap at {edit.span.start}")
        parts += text[end : edit.span.start], edit.text
        end = edit.span.end
    parts.append(text[end:])
    return "".join(parts)


def merged(edits: Iterable[Edit]) -> list[Edit]:
    """The same edits in the order of their places, at most one beginning at each.

    An insertion that several ask for is made once. Different ones at the same place stand as ``_rank`` says, then
    in the order given, and before what replaces the text that follows.
    """
    result: list[Edit] = []
    distinct = dict.fromkeys(edits)
    for edit in sorted(distinct, key=lambda edit: (edit.snippet, edit.span.start, edit.span.end, _rank(edit))):
        last = result[-1] if result else None
        if last and (last.snippet, last.span.start, last.span.end) == (edit.snippet, edit.span.start, edit.span.start):
            result[-1] = Edit(edit.snippet, edit.span, last.text + edit.text)
        else:
            result.append(edit)
    return result


def conflict(one: Iterable[Edit], other: Iterable[Edit]) -> bool:
    """Whether two sets of edits cannot both be made: some text would be replaced twice."""
    others = list(other)
    return any(_overlap(a, b) for a in one for b in others)


def _overlap(a: Edit, b: Edit) -> bool:
    if a.snippet != b.snippet:
        return False
    if a.span == b.span:
        return a.span.start < a.span.end
    return a.span.start < b.span.end and b.span.start < a.span.end


def _rank(edit: Edit) -> tuple[int, bool, str]:
    """Where an insertion stands among others at its place: imports in their order, the blank lines that part them from
    the code, statements, decorators."""
    text = edit.text.strip()
    if edit.span.start < edit.span.end or not text.startswith(("import ", "from ", "@")):
        return (2 if text else 1, False, "")
    if text.startswith("@"):
        return (3, False, "")
    return (0, text.startswith("from "), text)
