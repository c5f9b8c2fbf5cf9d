"""Documents: the only room that knows a file format or opens a file; each part loads when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lintml.documents.errors import DocumentError

if TYPE_CHECKING:
    from lintml.documents.discovery import find
    from lintml.documents.lines import prompts_of
    from lintml.documents.loading import kind_of, load
    from lintml.documents.mention import mentions_torch
    from lintml.documents.positions import locate, raw_row, source_lines, span_of
    from lintml.documents.reading import parse, read
    from lintml.documents.splice import rewrite
    from lintml.documents.writing import encode, write

__all__ = [
    "DocumentError", "encode", "find", "kind_of", "load", "locate", "mentions_torch", "parse", "prompts_of", "raw_row",
    "read", "rewrite", "source_lines", "span_of", "write",
]  # fmt: skip

_PARTS = {
    "discovery": ("find",),
    "lines": ("prompts_of",),
    "mention": ("mentions_torch",),
    "positions": ("locate", "raw_row", "source_lines", "span_of"),
    "loading": ("kind_of", "load"),
    "reading": ("parse", "read"),
    "splice": ("rewrite",),
    "writing": ("encode", "write"),
}
_HOME = {name: part for part, names in _PARTS.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value
