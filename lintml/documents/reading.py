"""A document read: bytes to text, text to blocks, blocks to snippets."""

import os
import warnings
from pathlib import Path

from lintml.documents.block import Block
from lintml.documents.errors import DocumentError
from lintml.documents.snippet import build
from lintml.model import Document, Kind

_BOM = b"\xef\xbb\xbf"
_KINDS: dict[str, Kind] = {".ipynb": "notebook", ".py": "script", ".pyi": "script", ".pyw": "script"}


def kind_of(path: str) -> Kind:
    """What a path holds, by its ending; whatever is not known is Markdown."""
    return _KINDS.get(os.path.splitext(path)[1].lower(), "markdown")


def read(path: str) -> Document:
    """Read a file.

    Raises DocumentError where it is not there, not a file, not readable, not UTF-8, or a notebook that is none.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DocumentError(_reason(error), path) from None
    return decode(data, path)


def decode(data: bytes, path: str) -> Document:
    """Read a document from its bytes, such as those of standard input; raises DocumentError as ``read`` does."""
    bom = data.startswith(_BOM)
    text = _decode(data[len(_BOM) :] if bom else data, path)
    return parse(text, path, bom=bom)


def parse(text: str, path: str, kind: Kind | None = None, bom: bool = False) -> Document:
    """Read a document from its text; ``path`` gives its kind where none is named.

    Raises DocumentError where a notebook is none.
    """
    kind = kind or kind_of(path)
    try:
        blocks, cells = blocks_of(text, kind)
    except DocumentError as error:
        error.path = path
        raise
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snippets = tuple(build(index, block) for index, block in enumerate(blocks))
    return Document(path, kind, text, snippets, bom, cells)


def blocks_of(text: str, kind: Kind) -> tuple[list[Block], tuple[str, ...]]:
    """The blocks of a document, and the decoded cells where it is a notebook."""
    match kind:
        case "notebook":
            from lintml.documents.notebook import notebook_blocks

            return notebook_blocks(text)
        case "script":
            from lintml.documents.script import script_blocks

            return script_blocks(text), ()
        case "markdown":
            from lintml.documents.markdown import markdown_blocks

            return markdown_blocks(text), ()


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
        what = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte 0x{data[error.start]:02x}"
        message = f"not UTF-8: {what} at offset {error.start} (row {row}, column {column})"
        raise DocumentError(message, path, row, column) from None


def _reason(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "no such file"
        case IsADirectoryError():
            return "a directory, not a file"
        case PermissionError():
            return "not readable: permission denied"
        case _:
            return f"not readable: {error.strerror or error}"
