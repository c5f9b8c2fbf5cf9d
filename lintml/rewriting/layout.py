"""How a snippet is laid out: its indentation, its blank lines, and where a statement stands among its neighbours."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from lintml.rewriting.pieces import RewriteError, is_definition
from lintml.rewriting.source import Source

_SEMICOLON = re.compile(r"(?:[ \t\f]|\\\n)*;(?:[ \t\f]|\\\n)*")
_SPACE_BEFORE = re.compile(r"(?:[ \t\f]|\\\n)*\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A statement with its decorators, in the block of statements that it is one of.

    ``before`` and ``after`` are where the text ends that stands before it on its line (the previous statement, or
    the colon of a suite) and where the statement begins that follows it there; None where its lines are its own.
    """

    source: Source
    statement: ast.stmt
    block: list[ast.stmt]
    index: int
    owner: ast.AST
    start: int
    end: int
    before: int | None
    after: int | None

    @property
    def first_line(self) -> int:
        return self.source.line(self.start)

    @property
    def last_line(self) -> int:
        return self.source.line(self.end)

    @property
    def has_own_lines(self) -> bool:
        return self.before is None and self.after is None

    @property
    def is_nested(self) -> bool:
        return not isinstance(self.owner, ast.Module)


def place_of(source: Source, statement: ast.stmt) -> Place:
    """Where ``statement`` stands."""
    owner, field = source.parent(statement)
    block = getattr(owner, field)
    if not isinstance(block, list):
        raise RewriteError(f"a {type(statement).__name__} here is no statement of a block")
    index = block.index(statement)
    start, end = extent(source, statement)
    if field == "orelse" and isinstance(owner, ast.If) and source.text.startswith("elif", start):
        raise RewriteError("an elif is no statement of its own")
    before = after = None
    if index and _SEMICOLON.fullmatch(source.text, previous := source.span(block[index - 1]).end, start):
        before = previous
    elif not source.begins_line(start):
        before = _end_before(source, start)
    if index + 1 < len(block) and _SEMICOLON.fullmatch(
        source.text, end, following := source.span(block[index + 1]).start
    ):
        after = following
    return Place(source, statement, block, index, owner, start, end, before, after)


def extent(source: Source, statement: ast.stmt) -> tuple[int, int]:
    """The start and the end of ``statement``, its decorators included."""
    span = source.span(statement)
    decorators = getattr(statement, "decorator_list", [])
    start = source.text.rindex("@", 0, source.span(decorators[0]).start) if decorators else span.start
    return start, span.end


def suite_start(source: Source, block: list[ast.stmt]) -> int | None:
    """Where the colon ends that ``block`` stands behind on one line; None for a block of lines."""
    start, _ = extent(source, block[0])
    return None if source.begins_line(start) else _end_before(source, start)


def indent_of(place: Place) -> str:
    """The indentation of the block that a statement is in, or would have if it were one of lines."""
    source = place.source
    start, _ = extent(source, place.block[0])
    if not place.is_nested or source.begins_line(start):
        return source.indent(source.line(start))
    owner = place.owner.pattern if isinstance(place.owner, ast.match_case) else place.owner
    assert isinstance(owner, ast.stmt | ast.excepthandler | ast.pattern)
    return source.indent(owner.lineno - 1) + unit(source)


def unit(source: Source) -> str:
    """One level of indentation as the snippet has it."""
    for node in ast.walk(source.tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and source.begins_line(extent(source, body[0])[0]):
            inner, outer = source.indent(body[0].lineno - 1), source.indent(node.lineno - 1)
            if inner.startswith(outer):
                return inner[len(outer) :]
    return "    "


def usual_gap(source: Source, block: list[ast.stmt], default: int) -> int:
    """How many blank lines ``block`` has between definitions and their neighbours, most often."""
    gaps = [
        source.blanks_from(source.line(source.span(one).end) + 1)
        for one, other in pairwise(block)
        if is_definition(one) or is_definition(other)
    ]
    counted = Counter(gap for gap in gaps if gap)
    return counted.most_common(1)[0][0] if counted else default


def _end_before(source: Source, start: int) -> int:
    """Where the text before ``start`` ends, white space and continued lines left out."""
    found = _SPACE_BEFORE.search(source.text, 0, start)
    assert found is not None
    return found.start()
