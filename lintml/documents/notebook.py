"""Notebooks: each code cell is a block, whose lines stand inside JSON strings of the file."""

from typing import Any

from lintml.documents.between import Between, Lead
from lintml.documents.block import Block, Blocks
from lintml.documents.cell_lines import CellLines
from lintml.documents.info import PYTHON, Info
from lintml.documents.ipynb import Cell, Notebook, read_notebook
from lintml.documents.markers import tag_marker
from lintml.documents.tabs import set_alternatives, tab_in_code
from lintml.documents.text import newline_at, split_lines

_INFO = Info("python", "python")


def notebook_blocks(text: str) -> Blocks:
    """The code cells of a notebook, and the source of every cell.

    Raises DocumentError where the text is not JSON or not a notebook.
    """
    notebook = read_notebook(text)
    foreign = _foreign_language(notebook)
    between = Between()
    blocks = []
    for number, cell in enumerate(notebook.cells, 1):
        if not cell.start or cell.fields.get("cell_type") != "code":
            between.read(cell.code, 0)
        else:
            blocks.append(_block(text, cell, number, foreign, between.take()))
    set_alternatives(blocks)
    cells = notebook.cells
    return Blocks(blocks, tuple([cell.code for cell in cells]), tuple([cell.start for cell in cells]))


def lines_of_cell(code: str) -> list[str]:
    """The lines of a cell; its last one may end or not."""
    lines = split_lines(code)
    if not lines[-1]:
        lines.pop()
    return lines


def _foreign_language(notebook: Notebook) -> str:
    """The language of the notebook's kernel where it is not Python."""
    metadata = notebook.fields.get("metadata")
    for holder, key in (("language_info", "name"), ("kernelspec", "language")):
        language = _at(_at(metadata, holder), key)
        if isinstance(language, str) and language:
            return "" if language.lower() in PYTHON else language
    return ""


def _block(text: str, cell: Cell, number: int, foreign: str, lead: Lead) -> Block:
    code = cell.code
    lines = lines_of_cell(code)
    metadata = cell.fields.get("metadata")
    language = _at(_at(metadata, "vscode"), "languageId") if metadata else ""
    foreign = foreign or (language if isinstance(language, str) and language.lower() not in PYTHON else "")
    identity = cell.fields.get("id") or _at(metadata, "id")
    tags = _tags(metadata) if metadata else ()
    return Block(
        lines=lines,
        home=CellLines(text, cell.start, code, lines),
        row=1,
        info=_INFO,
        ends_with_newline=code.endswith(("\n", "\r")),
        newline=newline_at(code, len(lines[0])) if "\r" in code else "\n",
        unread=f"written in {foreign}" if foreign else "",
        cell=number,
        cell_id=identity if isinstance(identity, str) else None,
        group=(tab_in_code(lines) if "tab" in code else "") or lead.tab,
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


def _at(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
