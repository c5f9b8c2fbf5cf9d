"""reStructuredText: code directives, interactive sessions, and literal blocks that hold one."""

import re
from collections.abc import Iterator

from lintml.documents.between import Between
from lintml.documents.block import Block
from lintml.documents.fenced import fenced_blocks
from lintml.documents.fences import Fence
from lintml.documents.info import PYTHON, Info, parse_info
from lintml.documents.prompts import has_prompts
from lintml.documents.text import has_any, split_lines, starts_of_rows

_DIRECTIVE = re.compile(r"[ \t]*\.\.[ \t]+([\w-]+(?::[\w-]+)?)::(?:[ \t]+(.*))?$")
_COMMENT = re.compile(r"[ \t]*\.\.(?:[ \t]+(?![_\[|])|$)")
_CODE = frozenset(
    {"code-block", "code", "sourcecode", "code-cell", "testcode", "testsetup", "jupyter-execute", "ipython", "code-tab"}
)
_DEFAULT = {"testcode": "python", "testsetup": "python", "jupyter-execute": "python", "ipython": "ipython"}
_OPENERS = (".", ">")
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
    if not _has_signs(text):
        return []
    rows = split_lines(text)
    return fenced_blocks(text, starts_of_rows(text, rows), rest_fences(rows), 0, Between(rest=True))


def _has_signs(text: str) -> bool:
    """Whether there can be code; what is not ASCII is slow to put in lower case, so that most of it is not."""
    return (not text.isascii() and has_any(_SIGNS, text)) or has_any(_SIGNS, text.lower())


def rest_fences(lines: list[str], first: int = 0, end: int | None = None) -> Iterator[Fence]:
    """The code in the rows from ``first`` to before ``end``; its lines are dedented, as the markup says."""
    end = len(lines) if end is None else end
    row, python = first, False
    open_directives: list[tuple[int, str, str]] = []
    for at, line in enumerate(lines[first:end], first):
        if at < row or not ("::" in line or line.lstrip(" \t")[:1] in _OPENERS):
            continue
        if open_directives:
            least = min(_indent(line) for line in lines[row : at + 1] if line.strip())
            while open_directives and least <= open_directives[-1][0]:
                open_directives.pop()
        row = at
        indent = _indent(line)
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
    body = lines[first:end]
    said = [line for line in body if line and not line.isspace()]
    indent = said[0][: _indent(said[0])] if said else ""
    trusted = all(line.startswith(indent) for line in said)
    if not trusted:
        shallow = min(said, key=_indent)
        indent = shallow[: _indent(shallow)]
        trusted = all(line.startswith(indent) for line in said)
    prefixes = [indent if line.startswith(indent) else line[: min(_indent(line), len(indent))] for line in body]
    content = [line[len(prefix) :] for line, prefix in zip(body, prefixes, strict=True)]
    return Fence(row, end, info, content, prefixes, True, trusted, titles, opened)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _after_indented(lines: list[str], row: int, end: int, indent: int) -> int:
    """The row after everything below ``row`` that stands further in than ``indent``."""
    after = row + 1
    while after < end:
        line = lines[after]
        said = line.lstrip(" \t")
        if said and len(line) - len(said) <= indent and not said.isspace():
            break
        after += 1
    return after
