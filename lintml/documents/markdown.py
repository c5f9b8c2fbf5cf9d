"""Markdown in its dialects: CommonMark, GitHub, MkDocs, MyST, Pandoc, Quarto, R Markdown, MDX."""

import re
from collections.abc import Iterator

from lintml.documents.between import Between
from lintml.documents.block import Block
from lintml.documents.fenced import fenced_blocks
from lintml.documents.fences import Fence, margin_fences
from lintml.documents.text import split_lines

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:(?!```|~~~).*\n)*?(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)")
_MDX_COMMENT = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)


def markdown_blocks(text: str, *, mdx: bool = False) -> list[Block]:
    """The fenced blocks of ``text`` that are meant as Python, in order.

    ``mdx`` reads JSX in place of HTML: there, tags hide no fence, indented code does not exist, and comments stand
    in braces.
    """
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    return fenced_blocks(text, _mdx_fences(text) if mdx else _fences(text, begin), begin, Between())


def _fences(text: str, begin: int) -> list[Fence]:
    if text.count("\r") == text.count("\r\n") and (fences := margin_fences(text, begin)) is not None:
        return fences
    from lintml.documents.commonmark import commonmark_fences

    return commonmark_fences(text, text.count("\n", 0, begin))


def _mdx_fences(text: str) -> Iterator[Fence]:
    from lintml.documents.indented import indented_fences

    commented = {
        row
        for found in _MDX_COMMENT.finditer(text)
        for row in range(text.count("\n", 0, found.start()), text.count("\n", 0, found.end()) + 1)
    }
    return indented_fences(split_lines(text), hidden=commented)
