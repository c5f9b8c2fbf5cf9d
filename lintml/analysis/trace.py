"""What one run of the interpreter saw: operators applied, sizes that clash, devices that mix."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lintml.analysis.arity import Misfit
from lintml.analysis.invocations import Invocation
from lintml.analysis.pairs import Misuse
from lintml.analysis.unpacking import Unpacking
from lintml.analysis.values import Application, Instance, Layer, PageClass, Tensor, Value
from lintml.shapes.shape import Axis, Shape
from lintml.shapes.world import OnlyIf

# What clashes where a tensor has too few axes or too many.
RANKS: Final = frozenset("rank dim dims repeats sizes".split())


@dataclass(frozen=True, slots=True, eq=False)
class Clash:
    """Sizes or ranks that an operator of torch refuses.

    ``operator`` is its canonical path ("torch.nn.Linear", "torch.add" for ``+``), ``axis`` the word of its shape line
    ("rank" for a wrong number of axes), ``condition`` the equation under which the sizes agree after all (None:
    never), ``node`` the call or operation, ``layer`` the call that made the layer, ``shapes`` those of all inputs,
    ``position`` the input that does not fit and ``index`` its axis counted from the end. ``owner`` is the class it
    happens in. ``optional`` says that it stands in a branch or loop that need not be taken.
    """

    operator: str
    axis: str
    want: Axis
    got: Axis
    condition: OnlyIf | None
    node: ast.AST
    layer: ast.Call | None
    application: Application
    shapes: tuple[Shape | None, ...]
    position: int
    index: int | None
    owner: PageClass | None
    function: ast.AST | None
    callers: tuple[ast.Call, ...] = ()
    optional: bool = False

    @property
    def input(self) -> Tensor | None:
        """The tensor that does not fit."""
        inputs = self.application.inputs
        return inputs[self.position] if self.position < len(inputs) else None


@dataclass(frozen=True, slots=True, eq=False)
class DeviceMix:
    """A tensor that a factory made on the CPU meets one that follows the inputs or the module's parameters."""

    factory: ast.Call
    node: ast.AST
    owner: PageClass | None
    function: ast.AST | None
    path: str


@dataclass(slots=True, eq=False)
class Store:
    """A value that an object of the page, a tensor or a layer is given under a name; ``node`` is what is assigned."""

    node: ast.Attribute
    owner: Instance | Tensor | Layer
    value: Value


@dataclass(slots=True, eq=False)
class Trace:
    """The events of one run, in order; ``unheard`` counts refused ranks that are not held against the page.

    ``refused`` is how many choices its world had made when a rank was first refused for certain.
    """

    applications: list[Application] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    mixes: list[DeviceMix] = field(default_factory=list)
    constructions: list[tuple[PageClass, Mapping[str, Value]]] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    unpackings: list[Unpacking] = field(default_factory=list)
    invocations: list[Invocation] = field(default_factory=list)
    misuses: list[Misuse] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    containers: list[Layer] = field(default_factory=list)
    unheard: int = 0
    refused: int | None = None
    spent: bool = False

    @property
    def hard(self) -> list[Clash]:
        """The clashes that no value of the parameters avoids."""
        return [clash for clash in self.clashes if clash.condition is None]
