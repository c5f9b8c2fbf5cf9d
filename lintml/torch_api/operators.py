"""Which shape line an operator of torch has: looked up by dotted name, read when first asked for."""

from functools import lru_cache

from lintml.shapes.signature import Signature, names, read
from lintml.torch_api import functions, layers, methods


def layer(path: str) -> Signature | None:
    """The line of a layer by its canonical path, such as ``torch.nn.Linear``."""
    line = _index("layers").get(path)
    return read(line) if line else None


def function(path: str) -> Signature | None:
    """The line of a function by its canonical path, such as ``torch.nn.functional.linear``."""
    line = _index("functions").get(path)
    return read(line) if line else None


def method(name: str) -> Signature | None:
    """The line of a tensor method: its own, else that of the function ``torch.NAME`` whose first input is the tensor."""
    line = _index("methods").get(f"Tensor.{name}") or _index("functions").get(f"torch.{name}")
    return read(line) if line else None


@lru_cache(maxsize=None)
def _index(table: str) -> dict[str, str]:
    lines = {"layers": layers, "functions": functions, "methods": methods}[table].LINES
    return {name: line for line in lines.strip().splitlines() for name in names(line)}
