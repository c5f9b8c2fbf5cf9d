"""A file loaded: what its path says that it is, and its bytes as text; no parser is needed for that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lintml.documents.errors import DocumentError

if TYPE_CHECKING:
    from lintml.model import Kind

_BOM = b"\xef\xbb\xbf"
_KINDS: dict[str, Kind] = {
    ".ipynb": "notebook", ".py": "script", ".pyi": "script", ".pyw": "script", ".rst": "rest", ".rest": "rest",
}  # fmt: skip


def kind_of(path: str) -> Kind:
    """What a path holds, by its ending; whatever is not known is Markdown."""
    return _KINDS.get(os.path.splitext(path)[1].lower(), "markdown")


def load(path: str, data: bytes | None = None) -> tuple[str, bool]:
    """The text of a file, or of ``data`` in its place, and whether a BOM stands before it.

    Raises DocumentError where the file is not there, not a file, not readable or not UTF-8.
    """
    if data is None:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise DocumentError(_reason(error), path) from None
    bom = data.startswith(_BOM)
    return _decode(data[len(_BOM) :] if bom else data, path), bom


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
