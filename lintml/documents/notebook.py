"""Notebooks: each code cell is a block, whose lines stand inside JSON strings of the file."""

from typing import Any

from lintml.documents.between import Between, Lead
from lintml.documents.block import Block
from lintml.documents.info import PYTHON, Info
from lintml.documents.ipynb import Cell, Notebook, Source, raw_offsets, read_notebook
from lintml.documents.markers import tag_marker
from lintml.documents.tabs import set_alternatives, tab_in_code
from lintml.documents.text import line_starts, newline_at, split_lines
from lintml.model import Line

_INFO = Info("python", "python")


def notebook_blocks(text: str) -> tuple[list[Block], tuple[str, ...]]:
    """The code cells of a notebook, and the decoded source of every cell.

    Raises DocumentError where the text is not JSON or not a notebook.
    """
    notebook = read_notebook(text)
    foreign = _foreign_language(notebook)
    between = Between()
    blocks = []
    for number, cell in enumerate(notebook.cells, 1):
        code = "".join(cell.source.decoded) if cell.source else ""
        if not cell.source or cell.fields.get("cell_type") != "code":
            between.read(code, 0)
        else:
            blocks.append(_block(text, cell, number, cell.source, foreign, between.take()))
    set_alternatives(blocks)
    return blocks, tuple("".join(cell.source.decoded) if cell.source else "" for cell in notebook.cells)


def _foreign_language(notebook: Notebook) -> str:
    """The language of the notebook's kernel where it is not Python."""
    metadata = notebook.fields.get("metadata")
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        language = _at(_at(metadata, holder), key)
        if isinstance(language, str) and language:
            return "" if language.lower() in PYTHON else language
    return ""


def _block(text: str, cell: Cell, number: int, source: Source, foreign: str, lead: Lead) -> Block:
    code = "".join(source.decoded)
    lines = split_lines(code)
    ends_with_newline = len(lines) > 1 and not lines[-1]
    if not lines[-1]:
        lines.pop()
    metadata = cell.fields.get("metadata")
    language = _at(_at(metadata, "vscode"), "languageId")
    foreign = foreign or (language if isinstance(language, str) and language.lower() not in PYTHON else "")
    identity = cell.fields.get("id") or _at(metadata, "id")
    tags = _tags(metadata)
    return Block(
        lines=lines,
        home=_home(text, source, code, lines),
        row=1,
        info=_INFO,
        ends_with_newline=ends_with_newline,
        newline=newline_at(code, len(lines[0])) if lines else "\n",
        unread=f"written in {foreign}" if foreign else "",
        cell=number,
        cell_id=identity if isinstance(identity, str) else None,
        group=tab_in_code(lines) or lead.tab,
        heading=lead.heading,
        before=lead.before,
        execute=lead.execute,
        tags=tags,
        outputs=bool(cell.fields.get("outputs")),
        markers=[*lead.markers, *(marker for tag in tags if (marker := tag_marker(tag)))],
    )


def _tags(metadata: Any) -> tuple[str, ...]:
    tags = _at(metadata, "tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _home(text: str, source: Source, code: str, lines: list[str]) -> list[Line]:
    if lines and len(source.strings) == len(lines) and "\r" not in code and all(map(_ends, source.decoded[:-1])):
        spans = [(start, _before_newline(text, end)) for start, end in source.strings]
        if not code.endswith("\n"):
            spans[-1] = source.strings[-1]
    else:
        offsets = raw_offsets(text, source)
        spans = [(offsets[at], offsets[at + len(line)]) for at, line in zip(line_starts(code), lines, strict=False)]
    return [Line(start, end - start, row, 1) for row, (start, end) in enumerate(spans, 1)]


def _ends(string: str) -> bool:
    return string.endswith("\n")


def _before_newline(text: str, end: int) -> int:
    return end - (2 if text.startswith("\\n", end - 2) else len("\\u000a"))


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
