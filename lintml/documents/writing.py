"""A document written: all of it or nothing, and never over what somebody else wrote meanwhile."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from lintml.documents.errors import DocumentError
from lintml.model import Document

_BOM = b"\xef\xbb\xbf"


def write(document: Document, text: str) -> None:
    """Put ``text`` in place of the file that ``document`` was read from.

    Mode and owner are kept, a link stays a link, the BOM stays; on a crash the file is the old one or the new one.
    Raises DocumentError where the file is read-only, cannot be written, or is no longer what was read.
    """
    target = Path(os.path.realpath(document.path))
    try:
        _refuse(document, target)
        _replace(target, encode(document, text))
    except OSError as error:
        raise DocumentError(f"not written: {error.strerror or error}", document.path) from None


def _refuse(document: Document, target: Path) -> None:
    if target.read_bytes() != encode(document, document.text):
        raise DocumentError("not written: the file changed since it was read", document.path)
    if not os.access(target, os.W_OK):
        raise DocumentError("not written: the file is read-only", document.path)


def _replace(target: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _take_over(target, name)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _take_over(target: Path, name: str) -> None:
    """Give the new file the mode of the old one, and its owner where that is allowed."""
    old = target.stat()
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(name, old.st_uid, old.st_gid)
    os.chmod(name, stat.S_IMODE(old.st_mode))


def encode(document: Document, text: str) -> bytes:
    """The bytes of a file that holds ``text`` and, where ``document`` has one, a BOM."""
    return (_BOM if document.bom else b"") + text.encode("utf-8")
