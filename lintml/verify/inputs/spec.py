"""What to feed a callable: a description of values that crosses processes as JSON."""

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["float", "unit", "index", "bool", "count"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor to draw: normal floats, floats in (0, 1) (``unit``), indices below ``below``, booleans, or counts.

    Counts are whole numbers from 1 to ``below``, falling, as the lengths of sequences in a batch are.

    ``exact`` says that a layer dictates the shape, so that an axis of size 1 is meant.
    """

    shape: tuple[int, ...]
    kind: Kind = "float"
    below: int = 0
    exact: bool = False

    def sized(self, axis: int, size: int) -> "Tensor":
        """The same tensor with ``size`` along ``axis``."""
        shape = list(self.shape)
        shape[axis] = size
        return replace(self, shape=tuple(shape))


@dataclass(frozen=True, slots=True)
class Group:
    """A tuple or list of values."""

    items: tuple["Spec", ...]
    kind: Literal["tuple", "list"] = "tuple"


@dataclass(frozen=True, slots=True)
class Value:
    """A plain number, text or None."""

    value: int | float | bool | str | None


@dataclass(frozen=True, slots=True)
class Made:
    """An object that the child makes itself: a layer of ``size`` features, the class ``name``, an optimizer …"""

    what: Literal["layer", "class", "model", "optimizer", "schedules", "params", "loss", "loader", "falling"]
    size: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A configuration: named values, read as attributes or, of a ``dict``, by key."""

    items: tuple[tuple[str, "Spec"], ...]
    kind: Literal["namespace", "dict"] = "namespace"


Spec: TypeAlias = Tensor | Group | Value | Made | Record


def to_json(spec: Spec) -> dict[str, Any]:
    """``spec`` as plain JSON data."""
    match spec:
        case Tensor(shape, kind, below, exact):
            return {"tensor": [list(shape), kind, below, exact]}
        case Group(items, kind):
            return {kind: [to_json(item) for item in items]}
        case Value(value):
            return {"value": value}
        case Made(what, size, name):
            return {"made": [what, size, name]}
        case Record(items, kind):
            return {kind: [[name, to_json(item)] for name, item in items]}


def from_json(data: dict[str, Any]) -> Spec:
    """The spec that ``to_json`` wrote; raises ValueError for anything else."""
    match data:
        case {"tensor": [list(shape), "float" | "unit" | "index" | "bool" | "count" as kind, int(below), bool(exact)]}:
            return Tensor(tuple(map(int, shape)), kind, below, exact)
        case {"tuple": list(items)}:
            return Group(tuple(map(from_json, items)))
        case {"list": list(items)}:
            return Group(tuple(map(from_json, items)), "list")
        case {"value": None | bool() | int() | float() | str() as value}:
            return Value(value)
        case {"made": [str(what), int(size), str(name)]}:
            return Made(what, size, name)  # type: ignore[arg-type]
        case {"namespace": list(items)}:
            return Record(tuple((str(name), from_json(item)) for name, item in items))
        case {"dict": list(items)}:
            return Record(tuple((str(name), from_json(item)) for name, item in items), "dict")
    raise ValueError(f"not a spec: {data!r}")


def tensors(spec: Spec) -> tuple[Tensor, ...]:
    """The tensors of ``spec``, left to right."""
    match spec:
        case Tensor():
            return (spec,)
        case Group(items):
            return tuple(leaf for item in items for leaf in tensors(item))
    return ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a subject and call it: constructor arguments, call arguments, and what had to be assumed.

    ``equal`` names constructor parameters that had to be equal, ``tied`` axes of one input that have to be, or to be as
    many as a constructor parameter says; ``degenerate`` says that it took an axis of size 1.
    """

    arguments: tuple[tuple[str, Spec], ...] = ()
    inputs: tuple[tuple[str, Spec], ...] = ()
    equal: tuple[tuple[str, str], ...] = ()
    degenerate: bool = False
    tied: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """This recipe as plain JSON data."""
        return {
            "arguments": [[name, to_json(spec)] for name, spec in self.arguments],
            "inputs": [[name, to_json(spec)] for name, spec in self.inputs],
            "equal": [list(pair) for pair in self.equal],
            "degenerate": self.degenerate,
            "tied": [list(pair) for pair in self.tied],
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> "Recipe":
        """The recipe that ``to_json`` wrote; raises ValueError or KeyError for anything else."""
        return Recipe(
            tuple((str(name), from_json(spec)) for name, spec in data["arguments"]),
            tuple((str(name), from_json(spec)) for name, spec in data["inputs"]),
            tuple((str(one), str(two)) for one, two in data["equal"]),
            bool(data["degenerate"]),
            tuple((str(one), str(two)) for one, two in data["tied"]),
        )
