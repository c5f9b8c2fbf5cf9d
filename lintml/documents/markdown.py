"""Markdown in its dialects: CommonMark, GitHub, MkDocs, MyST, Pandoc, Quarto, R Markdown, MDX."""

import re
from collections.abc import Iterable, Iterator

from lintml.documents.between import Between
from lintml.documents.block import Blocks
from lintml.documents.fenced import fenced_blocks
from lintml.documents.fences import Fence, find_fences
from lintml.documents.info import parse_info
from lintml.documents.text import split_lines, starts_of_rows

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:(?!```|~~~).*\n)*?(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)")
_MARKS = ("```", "~~~", ":::")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_MDX_COMMENT = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)


def markdown_blocks(text: str, *, mdx: bool = False) -> Blocks:
    """The fenced blocks of ``text`` that are meant as Python, in order."""
    if not _perhaps_python(text):
        return Blocks([])
    rows = split_lines(text)
    starts = starts_of_rows(text, rows)
    anew: list[int] = []
    blocks = fenced_blocks(text, starts, _fences(text, rows, mdx, anew), after_front_matter(text), Between())
    return Blocks(blocks, anew=tuple([starts[row] for row in anew if row < len(starts)]))


def markdown_fences(text: str, *, mdx: bool = False) -> Iterable[Fence]:
    """The fences of ``text`` in any language; none where none can hold Python.

    ``mdx`` reads JSX in place of HTML: there, tags hide no fence, indented code does not exist, and comments stand
    in braces.
    """
    return _fences(text, split_lines(text), mdx, []) if _perhaps_python(text) else ()


def markdown_stretch(rows: list[str], anew: list[int]) -> Iterator[Fence]:
    """The fences of some rows that read as if the document began there; ``anew`` takes the rows that do so too."""
    return find_fences(rows, 0, _commonmark, anew)


def _fences(text: str, rows: list[str], mdx: bool, anew: list[int]) -> Iterable[Fence]:
    first = text.count("\n", 0, after_front_matter(text))
    if mdx:
        from lintml.documents.indented import indented_fences

        return indented_fences(rows, first, _in_mdx_comments(text))
    return find_fences(rows, first, _commonmark, anew)


def _commonmark(rows: list[str], first: int, row: int) -> tuple[list[Fence], int]:
    from lintml.documents.commonmark import commonmark_fences

    return commonmark_fences(rows, first, row)


def _perhaps_python(text: str) -> bool:
    """Whether some line goes on like a fence of Python: on the line that opens one, nothing like a fence precedes."""
    for mark in _MARKS:
        at = text.find(mark)
        while at >= 0:
            line = _REST_OF_LINE.match(text, at)
            assert line is not None
            if parse_info(line[0].lstrip(mark[0])).python:
                return True
            at = text.find(mark, line.end())
    return False


def after_front_matter(text: str) -> int:
    """The offset behind the metadata at the head, if there is any."""
    front = _FRONT_MATTER.match(text)
    return front.end() if front else 0


def _in_mdx_comments(text: str) -> set[int]:
    return {
        row
        for found in _MDX_COMMENT.finditer(text)
        for row in range(text.count("\n", 0, found.start()), text.count("\n", 0, found.end()) + 1)
    }
