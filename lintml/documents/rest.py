"""reStructuredText: code directives, interactive sessions, and literal blocks that hold one."""

import re
from collections.abc import Iterator

from lintml.documents.between import Between
from lintml.documents.block import Block
from lintml.documents.fenced import fenced_blocks
from lintml.documents.fences import Fence
from lintml.documents.info import PYTHON, Info, parse_info
from lintml.documents.prompts import has_prompts
from lintml.documents.text import split_lines, starts_of_rows

_DIRECTIVE = re.compile(r"[ \t]*\.\.[ \t]+([\w-]+(?::[\w-]+)?)::(?:[ \t]+(.*))?$")
_COMMENT = re.compile(r"[ \t]*\.\.(?:[ \t]+(?![_\[|])|$)")
_CODE = frozenset(
    {"code-block", "code", "sourcecode", "code-cell", "testcode", "testsetup", "jupyter-execute", "ipython", "code-tab"}
)
_DEFAULT = {"testcode": "python", "testsetup": "python", "jupyter-execute": "python", "ipython": "ipython"}
# Each way to hold code says one of these; a literal block does so within it, or above it in ``.. highlight::``.
_SIGNS = (">>>", "in [", "highlight::", "doctest::", *(f"{name}::" for name in sorted(_CODE)))
_LITERAL = frozenset(
    {
        "raw", "math", "parsed-literal", "literalinclude", "csv-table", "graphviz", "mermaid", "productionlist",
        "testoutput", "highlight", "plantuml", "prompt", "program-output", "image", "figure-md",
    }
)  # fmt: skip


def rest_blocks(text: str) -> list[Block]:
    """The blocks of ``text`` that are meant as Python, in order."""
    said = text.lower()
    if not any(sign in said for sign in _SIGNS):
        return []
    rows = split_lines(text)
    return fenced_blocks(text, starts_of_rows(text, rows), rest_fences(rows), 0, Between(rest=True))


def rest_fences(lines: list[str], first: int = 0, end: int | None = None) -> Iterator[Fence]:
    """The code in the rows from ``first`` to before ``end``; its lines are dedented, as the markup says."""
    end = len(lines) if end is None else end
    row, python = first, False
    open_directives: list[tuple[int, str, str]] = []
    while row < end:
        line = lines[row]
        said = line.lstrip(" \t")
        if not said or said.isspace():
            row += 1
            continue
        indent = len(line) - len(said)
        while open_directives and indent <= open_directives[-1][0]:
            open_directives.pop()
        if said[0] not in ".>" and "::" not in said:
            row += 1
            continue
        titles = tuple((name, title) for _, name, title in open_directives)
        after = _after_indented(lines, row, end, indent)
        if found := _DIRECTIVE.match(line):
            name, argument = found[1].lower(), (found[2] or "").strip()
            if name in _CODE:
                yield _directive(lines, row, after, name, argument, titles)
            elif name == "doctest":
                yield _content(lines, row, row + 1, after, Info(line.strip(), "doctest", directive=name), titles)
            elif name not in _LITERAL:
                open_directives.append((indent, name, argument))
                after = row + 1
            python = argument.lower() in PYTHON if name == "highlight" else python
        elif line.lstrip().startswith(">>>"):
            after = next((at for at in range(row, end) if not lines[at].strip()), end)
            yield _content(lines, row - 1, row, after, Info(">>>", "pycon"), titles, opened=False)
        elif line.rstrip().endswith("::"):
            if python or has_prompts(lines[row + 1 : after]):
                yield _content(lines, row, row + 1, after, Info("::", "python"), titles)
        elif not _COMMENT.match(line):
            after = row + 1
        row = max(after, row + 1)


def _directive(
    lines: list[str], row: int, after: int, name: str, argument: str, titles: tuple[tuple[str, str], ...]
) -> Fence:
    """A code directive; ``.. code-tab:: py PyTorch`` is a tab as well."""
    if name == "code-tab":
        argument, _, title = argument.partition(" ")
        titles = (*titles, (name, title))
    info = parse_info(argument or _DEFAULT.get(name, ""))
    info = Info(lines[row].strip(), info.language, info.words, info.attributes, name)
    return _content(lines, row, row + 1, after, info, titles)


def _content(
    lines: list[str],
    row: int,
    first: int,
    after: int,
    info: Info,
    titles: tuple[tuple[str, str], ...],
    *,
    opened: bool = True,
) -> Fence:
    end = after
    while end > first and not lines[end - 1].strip():
        end -= 1
    indents = [line[: _indent(line)] for line in lines[first:end] if line.strip()]
    indent = min(indents, key=len, default="")
    prefixes = [line[: min(_indent(line), len(indent))] for line in lines[first:end]]
    content = [line[len(prefix) :] for line, prefix in zip(lines[first:end], prefixes, strict=True)]
    trusted = all(prefix == indent for prefix, line in zip(prefixes, content, strict=True) if line.strip())
    return Fence(row, end, info, content, prefixes, True, trusted, titles, opened)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _after_indented(lines: list[str], row: int, end: int, indent: int) -> int:
    """The row after everything below ``row`` that stands further in than ``indent``."""
    after = row + 1
    while after < end and (not lines[after].strip() or _indent(lines[after]) > indent):
        after += 1
    return after
