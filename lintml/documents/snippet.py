"""From a block to a snippet: what is not Python is seen through or masked, the rest is parsed."""

import ast
from dataclasses import replace

from lintml.documents.block import Block
from lintml.documents.deliberate import wrong_markers
from lintml.documents.execution import kept_from_running
from lintml.documents.magics import foreign_magic, mask_magics
from lintml.documents.markers import comment_markers
from lintml.documents.problems import describe
from lintml.documents.prompts import has_prompts, strip_prompts
from lintml.documents.text import starts_of
from lintml.model import Line, Problem, Snippet

_NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


def build(index: int, block: Block) -> Snippet:
    """The snippet of a block; it has a tree, or a problem that says why not."""
    lines, home, prefix = block.lines, block.home, block.prefix
    tree: ast.Module | None = None
    problem: Problem | None = None
    prompts = False
    magic = foreign_magic(lines)
    if unread := block.unread or (magic and f"cell magic {magic}"):
        problem = Problem(unread)
    else:
        try:
            tree = _parse(lines)
        except _NOT_PYTHON:
            lines, home = list(lines), list(home)
            prompts = has_prompts(lines)
            if prompts:
                strip_prompts(lines, home)
            else:
                prefix += _dedent(lines, home)
            tree, problem = _parse_masked(lines, home)
    return Snippet(
        index=index,
        text="\n".join(lines) + ("\n" if lines and block.ends_with_newline else ""),
        home=tuple(home),
        tree=tree,
        problem=problem,
        cell=block.cell,
        cell_id=block.cell_id,
        group=block.group,
        prefix=prefix,
        newline=block.newline,
        editable=block.editable,
        execute=kept_from_running(block),
        markers=(*block.markers, *comment_markers(lines, home), *wrong_markers(block, lines, home)),
        heading=block.heading,
        row=block.row,
        info=block.info.text,
        starts=tuple(starts_of(lines)),
        prompts=prompts,
        closed=block.closed,
        alternatives=block.alternatives,
        outputs=block.outputs,
    )


def _parse(lines: list[str]) -> ast.Module:
    return ast.parse("\n".join(lines))


def _parse_masked(lines: list[str], home: list[Line]) -> tuple[ast.Module | None, Problem | None]:
    """Parse what is left when magics are masked, and bare shell commands if it must be."""
    mask_magics(lines, home)
    try:
        return _parse(lines), None
    except _NOT_PYTHON as error:
        problem = describe(lines, error)
    if mask_magics(lines, home, commands=True):
        try:
            return _parse(lines), None
        except _NOT_PYTHON as error:
            problem = describe(lines, error)
    return None, problem


def _dedent(lines: list[str], home: list[Line]) -> str:
    """Take away the indentation that every line of code has, in both lists; say which it was."""
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    indent = min(indents, key=len, default="")
    if not all(other.startswith(indent) for other in indents):
        return ""
    by = len(indent)
    for index, line in enumerate(lines):
        cut = min(by, len(line) - len(line.lstrip(" \t")))
        place = home[index]
        lines[index] = line[cut:]
        home[index] = replace(place, start=place.start + cut, length=place.length - cut, column=place.column + cut)
    return indent
