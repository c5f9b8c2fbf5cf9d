"""Fences found by markdown-it-py, with the containers that documentation tools add to CommonMark."""

import re
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, fence
from markdown_it.token import Token

from lintml.documents.fences import Fence
from lintml.documents.info import Info, is_reference, parse_info

_HEADING = re.compile(r"#{1,6}(?:[ \t]|\Z)")
_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?|={3}[!+]?)[ \t]+\S")
_COLONS = re.compile(r"(:{3,})(.*)")
_TITLE = re.compile(r"""["']([^"'\n]*)["']""")
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def commonmark_fences(rows: list[str], first: int, row: int) -> tuple[list[Fence], int]:
    """The fences from row ``first``, those in lists, quotes, admonitions, tabs and directives too, and where they end.

    They end at a heading outside of everything below ``row``, or with the document. No rule of CommonMark looks
    beyond the row that ends its block, so what stands above such a heading reads the same whatever follows. While
    the next heading is inside of something, one twice as far is tried: in all, no row is read more than twice.
    """
    least = row + 1
    while True:
        after = next((at for at in range(least, len(rows)) if _HEADING.match(rows[at])), len(rows))
        tokens = _tokens(rows[first : after + 1])
        if after == len(rows) or _ends_with_heading(tokens, after - first):
            return _fences(tokens, rows, first), after
        least = 2 * after - first


def _tokens(rows: list[str]) -> list[Token]:
    parser = _parser()
    state = StateBlock("\n".join(rows), parser, {}, [])
    parser.block.tokenize(state, 0, state.lineMax)
    return state.tokens


def _ends_with_heading(tokens: list[Token], row: int) -> bool:
    """Whether the last row, which looks like a heading, is one outside of everything."""
    token = tokens[-3] if len(tokens) >= 3 else None
    return token is not None and token.type == "heading_open" and not token.level and token.map == [row, row + 1]


def _fences(tokens: list[Token], rows: list[str], first: int) -> list[Fence]:
    fences: list[Fence] = []
    titles: list[tuple[str, str]] = []
    for token in tokens:
        match token.type:
            case "fence":
                fences.append(_fence(token, rows, first, tuple(titles)))
            case "container_open":
                titles.append((token.meta["kind"], token.content))
            case "container_close":
                titles.pop()
    return fences


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark")
    rules = parser.block.ruler
    rules.before("fence", "indented_container", _indented_container, _INTERRUPTS)
    rules.before("fence", "colon_fence", _colon_fence, _INTERRUPTS)
    rules.at("fence", _fence_or_directive, _INTERRUPTS)
    return parser


def _fence_or_directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A fence; where its info string names a directive that holds Markdown, its content is read as such."""
    if not fence(state, start, end, silent):
        return False
    if not silent and (info := parse_info(state.tokens[-1].info)).container:
        _reopen(state, start, info)
    return True


def _colon_fence(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A fence of colons: code if it says so, else Markdown in a container (``:::{note}``, ``::: tip``)."""
    opening = _colons(state, start)
    if opening is None or state.is_code_block(start):
        return False
    if silent:
        return True
    length, text = opening
    after, closed, depth = start + 1, False, 0
    while after < end and not closed and (state.isEmpty(after) or state.sCount[after] >= state.blkIndent):
        inner = None if state.is_code_block(after) else _colons(state, after)
        if inner and inner[1]:
            depth += inner[0] == length
        elif inner and inner[0] >= length:
            closed = depth == 0
            depth -= 1
        after += not closed
    token = state.push("fence", "code", 0)
    token.info, token.map = text, [start, after + closed]
    token.content = state.getLines(start + 1, after, state.sCount[start], True)
    state.line = after + closed
    if not (info := parse_info(text)).python:
        _reopen(state, start, info)
    return True


def _colons(state: StateBlock, row: int) -> tuple[int, str] | None:
    """How many colons the row starts with, at least three, and what follows them."""
    found = _COLONS.match(state.src, state.bMarks[row] + state.tShift[row], state.eMarks[row])
    return (len(found[1]), found[2].strip()) if found and not is_reference(found[2]) else None


def _reopen(state: StateBlock, start: int, info: Info) -> None:
    token, after = state.tokens.pop(), state.line
    closed = after - start - 1 > _line_count(token.content)
    _container(state, start, after - closed, info.directive or info.language, info.argument)
    state.line = after


def _indented_container(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """``!!! note``, ``??? note`` and ``=== "Tab"``: what follows by four columns further in belongs to it."""
    if state.is_code_block(start):
        return False
    head = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not _INDENTED.match(head):
        return False
    if silent:
        return True
    inner = state.sCount[start] + 4
    after = start + 1
    while after < end and (state.isEmpty(after) or state.sCount[after] >= inner):
        after += 1
    indent, state.blkIndent = state.blkIndent, inner
    title = _TITLE.search(head)
    _container(state, start, after, head[:3], title[1] if title else head[3:].strip())
    state.blkIndent = indent
    state.line = after
    return True


def _container(state: StateBlock, start: int, after: int, kind: str, title: str) -> None:
    """Read the rows between ``start`` and ``after`` as Markdown of their own."""
    opening = state.push("container_open", "div", 1)
    opening.meta, opening.content = {"kind": kind}, title.strip()
    limit, parent = state.lineMax, state.parentType
    state.lineMax, state.parentType = after, "container"
    state.md.block.tokenize(state, start + 1, after)
    state.lineMax, state.parentType = limit, parent
    state.push("container_close", "div", -1)


def _fence(token: Token, rows: list[str], first: int, titles: tuple[tuple[str, str], ...]) -> Fence:
    assert token.map is not None
    row, after = (first + at for at in token.map)
    lines = token.content.split("\n")
    if not lines[-1]:
        lines.pop()
    end = row + 1 + len(lines)
    prefixes = []
    trusted = True
    for line, raw in zip(lines, rows[row + 1 : end], strict=True):
        trusted = trusted and raw.endswith(line)
        prefixes.append(raw[: len(raw) - len(line)])
    return Fence(row, end, parse_info(token.info), lines, prefixes, after > end, trusted, titles)


def _line_count(content: str) -> int:
    return content.count("\n") + (not content.endswith("\n") and content != "")
