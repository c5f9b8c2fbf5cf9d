"""What static analysis knows of a class or function, as data that a trial can draw inputs from."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["module", "optimizer", "scheduler", "loss", "function"]
Role: TypeAlias = Literal[
    "size", "heads", "count", "length", "kernel", "float", "probability", "bool", "text", "sizes", "layer", "class",
    "config", "optimizer", "schedules", "params", "model", "loader", "loss", "device", "unknown",
]  # fmt: skip
Dtype: TypeAlias = Literal["float", "index", "bool"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constructor parameter: what it is used as, and the source text of its default (None: it has none)."""

    name: str
    role: Role = "unknown"
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """A forward input: one tuple of axis expressions for each rank it may have.

    An expression is integer arithmetic over constructor parameters and free axes (``"b"``, ``"d_model"``, ``"2 * h"``);
    ``below`` is the exclusive upper bound of an index, as such an expression.
    """

    name: str
    shapes: tuple[tuple[str, ...], ...] = ()
    dtype: Dtype = "float"
    below: str = ""


@dataclass(frozen=True, slots=True)
class Contract:
    """A class or function as the page defines it; everything but the name may be missing."""

    name: str
    kind: Kind = "module"
    parameters: tuple[Parameter, ...] = ()
    inputs: tuple[Input, ...] = ()
    conditions: tuple[str, ...] = field(default=())
