"""Interactive sessions: the code behind ``>>>`` and ``In [1]:`` is kept, what was printed is blanked."""

import ast
import re
from dataclasses import replace

from lintml.model import Line

_PROMPT = re.compile(r"\s*(?:>>>|In \[\d*\]:)(?: |$)")
_MORE = re.compile(r"\s*\.{3,}:?(?: |$)")


def has_prompts(lines: list[str]) -> bool:
    """Whether the lines record an interactive session."""
    return any(_PROMPT.match(line) for line in lines)


def strip_prompts(lines: list[str], home: list[Line]) -> None:
    """Take the prompts away, in both lists; lines that were printed become empty and masked."""
    in_code = False
    for index, line in enumerate(lines):
        prompt = _PROMPT.match(line) or (_MORE.match(line) if in_code else None)
        in_code = prompt is not None
        place = home[index]
        if prompt:
            by = prompt.end()
            lines[index] = line[by:]
            home[index] = replace(place, start=place.start + by, length=place.length - by, column=place.column + by)
        else:
            lines[index] = ""
            home[index] = replace(place, masked=True)


def prompts_after(code: str) -> list[str]:
    """For each line of a session's code, the prompt it stands behind: ``>>> `` where a statement begins."""
    count = code.count("\n") + 1
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [">>> "] * count
    prompts = [">>> "] * count
    for statement in tree.body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        for row in range(first, statement.end_lineno or first):
            prompts[row] = "... "
    return prompts
