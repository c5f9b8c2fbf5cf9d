"""What the code of an optimizer's step works with: a parameter, its gradient, its state, the settings of its group."""

import ast
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from lintml.analysis.polynomials import Atom, Polynomial, number, unknown

Recording: TypeAlias = Literal["on", "off", "open"]
"""Whether autograd records: by default, not under ``no_grad``, or not known."""

# Numbers are Polynomials; strings, booleans, None and tuples stand for themselves; the rest is below.
Value: TypeAlias = Any


class Mark(Enum):
    """Values of which there is one of a kind."""

    UNKNOWN = "unknown"
    SELF = "the optimizer"
    GROUPS = "its parameter groups"
    GROUP = "one of them"
    STATES = "the states of all parameters"
    LOSS = "what the closure gives"


UNKNOWN: Final = Mark.UNKNOWN


class Cell:
    """A tensor that code may write into: what it holds by now, and the node that wrote it last."""

    __slots__ = ("content", "kind", "name", "written")

    def __init__(self, kind: str, content: Polynomial, name: str = "", written: ast.AST | None = None) -> None:
        self.kind = kind
        self.name = name
        self.content = content
        self.written = written


@dataclass(frozen=True, slots=True)
class Ref:
    """A tensor; ``data`` says that it was reached through ``.data`` or ``detach``, past autograd."""

    cell: Cell
    data: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """A list, tuple or iterator, or one element that stands for all."""

    items: list[Value]


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """The state of one parameter: tensors and numbers by key."""

    held: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """An attribute of the optimizer that is not known: a number, or tensors by index."""

    name: str


@dataclass(frozen=True, slots=True)
class Mode:
    """A context that switches autograd's recording."""

    recording: Recording


@dataclass(frozen=True, slots=True)
class Closure:
    """The caller's closure; ``enabled`` where it was wrapped so that it runs with gradients."""

    enabled: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """Something that holds or not; the same key means the same thing throughout a way."""

    key: Hashable
    negated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A function or method of the page, or a lambda, with the names it sees."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    method: bool = False
    scope: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of a tensor, a list, a group or a state."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """A name of torch, of Python or of another library."""

    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Write:
    """A parameter changed in place: through ``.data`` or not, with autograd recording or not."""

    node: ast.AST
    data: bool
    recording: Recording


@dataclass(frozen=True, slots=True, eq=False)
class GradientUse:
    """A gradient used as a tensor where it may be None; ``read`` is the ``p.grad`` that it comes from."""

    node: ast.AST
    read: ast.Attribute


@dataclass(frozen=True, slots=True, eq=False)
class ClosureCall:
    """The closure called; ``enabled`` says that it can work out gradients there."""

    node: ast.Call
    enabled: bool


@dataclass(frozen=True, slots=True, eq=False)
class DataRead:
    """``.data`` taken of a parameter, a gradient or a state."""

    node: ast.Attribute
    kind: str
    recording: Recording


@dataclass(slots=True, eq=False)
class Way:
    """One way through a method: what it took to hold, what it did, and what the tensors are afterwards.

    ``parameter`` is the new value in terms of the old one, the gradient, the state buffers and the settings;
    ``buffers`` maps a buffer's key to its new value and the node that wrote it. ``values`` holds what expressions were
    worth, ``entered`` the functions that were gone through; ``backward`` says that gradients are worked out on the way.
    """

    known: dict[Hashable, bool] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    uses: list[GradientUse] = field(default_factory=list)
    calls: list[ClosureCall] = field(default_factory=list)
    data: list[DataRead] = field(default_factory=list)
    settings: set[str] = field(default_factory=set)
    values: dict[ast.AST, Polynomial] = field(default_factory=dict)
    parameter: Polynomial = field(default_factory=Polynomial)
    buffers: dict[str, tuple[Polynomial, ast.AST]] = field(default_factory=dict)
    entered: set[ast.AST] = field(default_factory=set)
    backward: bool = False

    @property
    def polynomials(self) -> Iterator[Polynomial]:
        """What comes of the way, and what was tested on it."""
        yield self.parameter
        yield from (value for value, _ in self.buffers.values())
        tested = (part for key in self.known if isinstance(key, tuple) for part in key)
        yield from (part for part in tested if isinstance(part, Polynomial))


def constant(node: ast.Constant) -> Value:
    """What a literal is worth."""
    match node.value:
        case bool() | str() as plain:
            return plain
        case int() | float() as plain:
            return number(plain)
    return None


def content(value: Value) -> Polynomial | None:
    """What a number or tensor is by now, None for anything else."""
    match value:
        case Polynomial():
            return value
        case Ref(cell=cell):
            return cell.content
        case Held(name=name):
            return unknown(Atom("setting", f".{name}"))
        case bool():
            return number(float(value))
    return None
