"""Interactive sessions: the code behind ``>>>`` and ``In [1]:`` is kept, what was printed is blanked."""

import ast
import re

from lintml.documents.magics import advance
from lintml.model import Line

_PROMPT = re.compile(r"\s*(?:>>>|In \[[\d ]*\]:)(?: |$)")
_MORE = re.compile(r"\s*\.{3,}:?(?: |$)")


def has_prompts(lines: list[str]) -> bool:
    """Whether the lines record an interactive session: the first that is no comment stands behind a prompt."""
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return _PROMPT.match(first) is not None


def strip_prompts(lines: list[str], home: list[Line]) -> None:
    """Take the prompts away, in both lists; lines that were printed become empty and masked.

    A line without a prompt is code where a bracket or a string is open, as many sessions in documents have it.
    """
    in_code, depth, quote = False, 0, ""
    for index, line in enumerate(lines):
        prompt = _PROMPT.match(line) or (_MORE.match(line) if in_code else None)
        in_code = prompt is not None or bool(depth or quote)
        place = home[index]
        if prompt:
            by = prompt.end()
            lines[index] = line[by:]
            home[index] = place._replace(start=place.start + by, length=place.length - by, column=place.column + by)
        if in_code:
            depth, quote = advance(lines[index], depth, quote)
        else:
            lines[index] = ""
            home[index] = place._replace(masked=True)


def prompts_after(code: str, *, ipython: bool) -> list[str]:
    """For each line of a session's code, the prompt that a new line there stands behind."""
    first, more = ("In [ ]: ", "   ...: ") if ipython else (">>> ", "... ")
    prompts = [first] * (code.count("\n") + 1)
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return prompts
    for statement in statements:
        decorators = getattr(statement, "decorator_list", [])
        begin = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        for row in range(begin, statement.end_lineno or begin):
            prompts[row] = more
    return prompts
