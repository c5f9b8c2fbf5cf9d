"""What is said when a document cannot be found, read or written, and what parsing its code may raise."""

from typing import Final

# Also for null bytes, deep nesting and numbers too long.
NOT_PYTHON: Final = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class DocumentError(Exception):
    """One clear line, without the path: that is in ``path``, and ``row`` and ``column`` count from 1 where known."""

    def __init__(self, message: str, path: str = "", row: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.row = row
        self.column = column
