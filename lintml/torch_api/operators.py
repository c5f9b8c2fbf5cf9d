"""Which shape line an operator of torch has: looked up by dotted name, read when first asked for."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from lintml.shapes.signature import Signature, entries, names, read
from lintml.torch_api import functional, functions, layers, methods, numerics

Kind: TypeAlias = Literal["layers", "functions", "methods"]
_MOST: Final = 4096  # names of documents, whatever they are, are not kept for ever


@lru_cache(maxsize=_MOST)
def layer(path: str) -> Signature | None:
    """The line of a layer by its canonical path, such as ``torch.nn.Linear``."""
    return _found(lines("layers"), path)


@lru_cache(maxsize=_MOST)
def function(path: str) -> Signature | None:
    """The line of a function by its canonical path, such as ``torch.nn.functional.linear``."""
    return _found(lines("functions"), path)


@lru_cache(maxsize=_MOST)
def method(name: str) -> Signature | None:
    """The line of a tensor method: its own, else that of ``torch.NAME``, whose first input is then the tensor."""
    return _found(lines("methods"), f"Tensor.{name}") or _found(lines("functions"), f"torch.{name}")


@cache
def lines(kind: Kind) -> Mapping[str, str]:
    """The line of every operator of a kind, by name; methods are named ``Tensor.NAME``."""
    tables = {
        "layers": (layers.LINES,),
        "functions": (functions.LINES, functional.LINES, numerics.LINES),
        "methods": (methods.LINES,),
    }
    return {name: line for table in tables[kind] for line in entries(table) for name in names(line)}


def _found(lines: Mapping[str, str], path: str) -> Signature | None:
    line = lines.get(path)
    return read(line) if line else None
