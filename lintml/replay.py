"""A fixed document without some of its fixes, from the record of its passes instead of from a new search."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lintml.documents.errors import DocumentError
from lintml.model import Diagnostic, Document, Edit, Fixed, Span
from lintml.rewriting import merged

_AROUND = 12


@dataclass(frozen=True, slots=True)
class _Gap:
    """A piece of a snippet that was written by a fix that is left out; ``more`` is how much longer its old text is."""

    snippet: int
    start: int
    end: int
    more: int

    def touches(self, edit: Edit) -> bool:
        """Whether an edit changes what the fix wrote."""
        inside = edit.span.start < self.end and edit.span.end > self.start
        return edit.snippet == self.snippet and inside


def without(
    fixed: Fixed, gone: Callable[[Diagnostic], bool], rewrite: Callable[[Document, Sequence[Edit]], Document]
) -> Document | None:
    """The document as it would be had the fixes that are ``gone``, and those built on them, not been made.

    None where the record does not say.
    """
    current: Document | None = None
    gaps: list[_Gap] = []
    for before, taken in fixed.passes:
        kept = [edits for found, edits in taken if not gone(found) and not _touched(edits, gaps)]
        partial = list(dict.fromkeys(edit for edits in kept for edit in edits))
        later = _opened_by(taken, partial, gaps)
        if later:
            base = current or before
            moved = [_moved(edit, gaps) for edit in partial]
            if not all(_same_place(before, old, base, new) for old, new in zip(partial, moved, strict=True)):
                return None
            try:
                current = rewrite(base, merged(moved))
            except DocumentError:
                return None
        gaps = later
    return current or fixed.after


def built_on(fixed: Fixed, gone: Callable[[Diagnostic], bool]) -> list[Diagnostic]:
    """The fixes that could not have been made without those that are ``gone``: they change what these wrote."""
    found: list[Diagnostic] = []
    gaps: list[_Gap] = []
    for _, taken in fixed.passes:
        on_top = [each for each, edits in taken if not gone(each) and _touched(edits, gaps)]
        kept = [edit for each, edits in taken if not gone(each) and each not in on_top for edit in edits]
        found += on_top
        gaps = _opened_by(taken, kept, gaps)
    return found


def _opened_by(
    taken: Sequence[tuple[Diagnostic, tuple[Edit, ...]]], kept: Sequence[Edit], gaps: Sequence[_Gap]
) -> list[_Gap]:
    """The gaps after a pass of which only some edits are made."""
    full = list(dict.fromkeys(edit for _, edits in taken for edit in edits))
    missing = [edit for edit in full if edit not in kept]
    return [*(_after(gap, full) for gap in gaps), *(_opened(edit, full) for edit in missing)]


def _touched(edits: Iterable[Edit], gaps: Sequence[_Gap]) -> bool:
    return any(gap.touches(edit) for edit in edits for gap in gaps)


def _moved(edit: Edit, gaps: Iterable[_Gap]) -> Edit:
    """An edit of the full document as one of the document without."""
    more = sum(gap.more for gap in gaps if gap.snippet == edit.snippet and gap.end <= edit.span.start)
    return Edit(edit.snippet, Span(edit.span.start + more, edit.span.end + more), edit.text)


def _after(gap: _Gap, edits: Iterable[Edit]) -> _Gap:
    shift = _shift(gap.snippet, gap.start, edits)
    return _Gap(gap.snippet, gap.start + shift, gap.end + shift, gap.more)


def _opened(edit: Edit, edits: Iterable[Edit]) -> _Gap:
    """The gap that an edit leaves where it is not made, and all others are."""
    start = edit.span.start + _shift(edit.snippet, edit.span.start, (other for other in edits if other != edit))
    end = start + len(edit.text)
    return _Gap(edit.snippet, start, end, edit.span.end - edit.span.start - len(edit.text))


def _shift(snippet: int, start: int, edits: Iterable[Edit]) -> int:
    """How far edits that end before ``start`` move what stands there."""
    return sum(
        len(edit.text) - (edit.span.end - edit.span.start)
        for edit in edits
        if edit.snippet == snippet and edit.span.end <= start
    )


def _same_place(one: Document, here: Edit, two: Document, there: Edit) -> bool:
    """Whether two edits are of the same piece of code: what they replace and what follows in its line are alike."""
    return _seen(one, here) == _seen(two, there)


def _seen(document: Document, edit: Edit) -> str:
    text = next(snippet.text for snippet in document.snippets if snippet.index == edit.snippet)
    return text[edit.span.start : edit.span.end] + text[edit.span.end :].partition("\n")[0][:_AROUND]
