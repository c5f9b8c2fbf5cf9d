"""Fences at any indentation, as MDX and docstrings have them: there, indentation is not code."""

import re
from collections.abc import Collection, Iterator

from lintml.documents.fences import Fence
from lintml.documents.info import parse_info

_OPENING = re.compile(r"([ \t]*(?:>[ \t]?)*)(`{3,}|~{3,})([^`]*)$")


def indented_fences(lines: list[str], first: int = 0, hidden: Collection[int] = ()) -> Iterator[Fence]:
    """The fences of ``lines`` from row ``first``, but for those that open on a hidden row."""
    row = first
    while row < len(lines):
        found = None if row in hidden else _OPENING.match(lines[row])
        if not found:
            row += 1
            continue
        fence = _fence(lines, row, *found.groups())
        yield fence
        row = fence.end + fence.closed


def _fence(lines: list[str], row: int, indent: str, mark: str, info: str) -> Fence:
    closing = re.compile(rf"[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*")
    end = next((at for at in range(row + 1, len(lines)) if closing.fullmatch(lines[at])), len(lines))
    body = lines[row + 1 : end]
    prefixes = [indent if line.startswith(indent) else line if indent.startswith(line) else "" for line in body]
    content = [line[len(prefix) :] for line, prefix in zip(body, prefixes, strict=True)]
    trusted = all(prefix == indent or not line for prefix, line in zip(prefixes, content, strict=True))
    return Fence(row, end, parse_info(info), content, prefixes, end < len(lines), trusted)
