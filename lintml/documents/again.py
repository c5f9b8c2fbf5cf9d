"""A document read again after edits, to see that they say what was meant; where that is enough, around them only."""

import re
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lintml.documents.block import Block
from lintml.documents.fences import Fence
from lintml.documents.reading import blocks_of, code_of
from lintml.documents.snippet import build
from lintml.documents.text import line_starts, split_lines
from lintml.model import Document, Snippet

_HIGHLIGHT = r"(?i):(?<=highlight:):"


@dataclass(slots=True)
class Again:
    """What was read: the snippets that stood there before, and the lines of the blocks that do so now."""

    snippets: Sequence[Snippet]
    code: list[list[str]]
    _blocks: Callable[[], list[Block]]

    def text(self, index: int) -> str:
        """What a block says as a snippet where that is more than its lines: prompts go, magics are masked."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return build(index, self._blocks()[index]).text


def read_again(document: Document, text: str, edited: Sequence[Snippet]) -> Again:
    """Read ``text``, which is the document's after edits of some snippets, as far as these can have changed it."""
    again = None
    span = edited[0].home[0].start, edited[-1].home[-1].start + edited[-1].home[-1].length
    if document.anew:
        again = _markdown(document, text, *span)
    elif document.kind == "rest" and not re.search(_HIGHLIGHT, text):
        again = _rest(document, text, *span)
    return again or _all(document, text)


def _all(document: Document, text: str) -> Again:
    of = text, document.path, document.kind
    code = code_of(*of, docstrings=document.docstrings)
    return Again(document.snippets, code, lambda: blocks_of(*of, docstrings=document.docstrings).blocks)


def _markdown(document: Document, text: str, begin: int, end: int) -> Again | None:
    """Read from the last place before the edits where reading begins anew to the first one behind.

    If that still is one, all that follows reads as before: it is the same, and nothing before it counts.
    """
    from lintml.documents.markdown import after_front_matter, markdown_stretch

    if after_front_matter(text) != after_front_matter(document.text):
        return None
    anew = document.anew
    start = anew[max(bisect_right(anew, begin) - 1, 0)]
    behind = bisect_right(anew, end)
    end = anew[behind] if behind < len(anew) else len(document.text)
    shifted = end + len(text) - len(document.text)
    rows = split_lines(text[start:shifted])
    if behind == len(anew):
        return _stretch(document, text, (start, end, shifted), list(markdown_stretch(rows, [])))
    last = len(rows) - 1
    following = text.find("\n", shifted)
    rows[-1:] = split_lines(text[shifted : following if following >= 0 else len(text)])
    begins: list[int] = []
    fences = [fence for fence in markdown_stretch(rows, begins) if fence.row < last]
    return _stretch(document, text, (start, end, shifted), fences) if last in begins else None


def _rest(document: Document, text: str, begin: int, end: int) -> Again:
    """Read between two rows at the margin below blank ones: no directive or session goes on there.

    Beside these, reading remembers only what ``highlight`` said last, and where that is named all is read.
    """
    from lintml.documents.rest import rest_fences

    start = document.text.rfind("\n\n", 0, begin)
    while start >= 0 and not _at_margin(document.text, start):
        start = document.text.rfind("\n\n", 0, start)
    end = document.text.find("\n\n", end)
    while end >= 0 and not _at_margin(document.text, end):
        end = document.text.find("\n\n", end + 1)
    start, end = (start + 2 if start >= 0 else 0), (end + 2 if end >= 0 else len(document.text))
    shifted = end + len(text) - len(document.text)
    return _stretch(document, text, (start, end, shifted), list(rest_fences(split_lines(text[start:shifted]))))


def _at_margin(text: str, blank: int) -> bool:
    """Whether a row at the margin follows the newline of a blank one."""
    return not text[blank + 2 : blank + 3].isspace() and blank + 2 < len(text)


def _stretch(document: Document, text: str, span: tuple[int, int, int], fences: list[Fence]) -> Again:
    """What was read of a stretch: ``span`` is where it starts and ends in the document, and where it ends now."""
    start, end, shifted = span
    first, after = _row_at(document.text, start), _row_at(document.text, end) + (end == len(document.text))
    snippets = [each for each in document.snippets if first <= (each.home[0].row if each.home else each.row) < after]
    python = [fence for fence in fences if fence.info.python]

    def blocks() -> list[Block]:
        from lintml.documents.between import Between
        from lintml.documents.fenced import fenced_blocks

        part = text[start:shifted]
        return fenced_blocks(part, line_starts(part), python, 0, Between())

    return Again(snippets, [fence.lines for fence in python], blocks)


def _row_at(text: str, offset: int) -> int:
    """The row, from 1, of the line that an offset stands in."""
    return len(split_lines(text[:offset])) if "\r" in text else text.count("\n", 0, offset) + 1
