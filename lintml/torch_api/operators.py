"""Which shape line an operator of torch has: looked up by dotted name, read when first asked for."""

from functools import cache

from lintml.shapes.signature import Signature, entries, names, read
from lintml.torch_api import functional, functions, layers, methods, numerics


def layer(path: str) -> Signature | None:
    """The line of a layer by its canonical path, such as ``torch.nn.Linear``."""
    return _found(_layers(), path)


def function(path: str) -> Signature | None:
    """The line of a function by its canonical path, such as ``torch.nn.functional.linear``."""
    return _found(_functions(), path)


def method(name: str) -> Signature | None:
    """The line of a tensor method: its own, else that of ``torch.NAME``, whose first input is then the tensor."""
    return _found(_methods(), f"Tensor.{name}") or _found(_functions(), f"torch.{name}")


def _found(lines: dict[str, str], path: str) -> Signature | None:
    line = lines.get(path)
    return read(line) if line else None


@cache
def _layers() -> dict[str, str]:
    return _index(layers.LINES)


@cache
def _functions() -> dict[str, str]:
    return _index(functions.LINES) | _index(functional.LINES) | _index(numerics.LINES)


@cache
def _methods() -> dict[str, str]:
    return _index(methods.LINES)


def _index(table: str) -> dict[str, str]:
    return {name: line for line in entries(table) for name in names(line)}
