"""Code that does not parse as it stands: prompts and common indentation go, magics and shell lines are masked."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from lintml.documents.errors import NOT_PYTHON
from lintml.documents.magics import mask_magics
from lintml.documents.problems import describe
from lintml.documents.prompts import has_prompts, strip_prompts
from lintml.model import Line, Problem


@dataclass(slots=True)
class Seen:
    """What is left of some lines, with their places, and the tree of it or the problem."""

    lines: list[str]
    home: list[Line]
    tree: ast.Module | None = None
    problem: Problem | None = None
    prompts: bool = False
    indent: str = ""


def see_through(lines: list[str], home: Sequence[Line], error: Exception | None) -> Seen:
    """Try what makes a program of some lines; neither list is changed.

    ``error`` is what the parser said of them as they are, where it was asked.
    """
    seen = Seen(list(lines), list(home), prompts=has_prompts(lines))
    if seen.prompts:
        strip_prompts(seen.lines, seen.home)
    else:
        seen.indent = _dedent(seen.lines, seen.home)
    mask_magics(seen.lines, seen.home)
    if error and seen.lines == lines:
        seen.problem = describe(lines, error)
    else:
        _parse(seen)
    if not seen.tree and mask_magics(seen.lines, seen.home, commands=True):
        _parse(seen)
    if not seen.tree and not error:
        as_it_is = Seen(list(lines), list(home))
        _parse(as_it_is)
        return as_it_is if as_it_is.tree else seen
    return seen


def _parse(seen: Seen) -> None:
    try:
        seen.tree, seen.problem = ast.parse("\n".join(seen.lines)), None
    except NOT_PYTHON as error:
        seen.problem = describe(seen.lines, error)


def _dedent(lines: list[str], home: list[Line]) -> str:
    """Take away the indentation that every line of code has, in both lists; say which it was."""
    indents = [line[: len(line) - len(line.lstrip(" \t"))] for line in lines if line.strip()]
    indent = min(indents, key=len, default="")
    if not indent or not all(other.startswith(indent) for other in indents):
        return ""
    for index, line in enumerate(lines):
        cut = min(len(indent), len(line) - len(line.lstrip(" \t")))
        place = home[index]
        lines[index] = line[cut:]
        home[index] = place._replace(start=place.start + cut, length=place.length - cut, column=place.column + cut)
    return indent
