"""One application of an operator: what it is given, what does not fit, what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from lintml.shapes.dim import Dim
from lintml.shapes.shape import Axis, Shape
from lintml.shapes.world import Answer, World


class _Unknown:
    """A setting whose value is not known; unlike None, which is a value."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


UNKNOWN = _Unknown()

Given: TypeAlias = "Shape | Sequence[Shape | None] | None"


_PRODUCTS = frozenset(("matmul", "bmm", "mm"))


@dataclass(frozen=True, slots=True, eq=False)
class Mismatch:
    """An input that does not fit.

    ``axis`` is the word of the notation (``"rank"`` for a wrong number of axes), ``want`` and ``got`` sizes, ``shape``
    the input's whole shape, ``answer`` False for never or the equation that it takes, ``index`` the axis counted from
    the end.
    """

    position: int
    axis: str
    want: Axis
    got: Axis
    shape: Shape
    answer: Answer = False
    index: int | None = None


@dataclass(slots=True)
class Output:
    """One result: its shape or None where unknown, and its dtype where the operator decides it."""

    shape: Shape | None
    dtype: str = ""


def is_size(value: Any) -> bool:
    """Whether a setting is a size: an integer, known or symbolic, and no truth value."""
    return isinstance(value, (int, Dim)) and not isinstance(value, bool)


@dataclass(slots=True)
class Call:
    """An operator's inputs and settings in one world; ``mismatches`` collects what does not fit.

    ``settings`` hold every parameter that is no tensor, ``UNKNOWN`` where its value is.
    """

    name: str
    tensors: Sequence[Given]
    settings: Mapping[str, Any]
    world: World
    mismatches: list[Mismatch] = field(default_factory=list)

    def given(self, position: int) -> Shape | None:
        """An input's shape, with all that is known put in; None where the input is absent, unknown or a list."""
        found = self.tensors[position] if position < len(self.tensors) else None
        return self.world.shape(found) if isinstance(found, Shape) else None

    def group(self, position: int) -> list[Shape | None]:
        """An input that is a list of tensors, the shape of each; empty where it is absent, unknown or one tensor."""
        found = self.tensors[position] if position < len(self.tensors) else None
        if not isinstance(found, (list, tuple)):
            return []
        return [self.world.shape(each) if isinstance(each, Shape) else None for each in found]

    def size(self, name: str) -> Axis:
        """A setting that is a size; None where it is unknown or something else."""
        found = self.settings.get(name)
        return found if is_size(found) else None

    def require(self, want: Axis, got: Axis) -> Answer:
        """Hold an axis to what an operator asks for; a 1 that a layer was made for is meant: one channel, say."""
        meant = self.world.degenerate
        known = self.world.snapshot()
        answer = self.world.unify(want, got)
        if self.world.degenerate != meant and want == 1 and self.name.rpartition(".")[2] in _PRODUCTS:
            # That an input's axis would have to be 1 is no way out: the two do not fit.
            self.world.restore(known)
            return False
        if want == 1 and want in self.settings.values():
            self.world.degenerate = meant
        return answer

    def fit(self, axis: str, want: Axis, shape: Shape, index: int, *, position: int = 0) -> None:
        """Hold one axis of an input to a size."""
        answer = self.require(want, shape.dims[index])
        if answer is not True and answer is not None:
            got = self.world.size(shape.dims[index])
            at = index if index < 0 or shape.rest is not None else index - len(shape.dims)
            self.refuse(axis, want, got, shape, answer, position=position, index=at)

    def ranked(self, position: int, *ranks: int) -> Shape | None:
        """An input's shape with one of these ranks, first choice first; refused and None where it has another."""
        given = self.given(position)
        if given is None:
            return None
        shape = self.world.decide(given, ranks)
        if shape is None:
            self.refuse("rank", ranks[0], given.rank, given, position=position)
        elif given.rest is not None and len(shape.dims) < ranks[0]:
            self.world.take_as_lone()
        return shape

    def refuse(
        self,
        axis: str,
        want: Axis,
        got: Axis,
        shape: Shape,
        answer: Answer = False,
        *,
        position: int = 0,
        index: int | None = None,
    ) -> None:
        """Note that an input does not fit."""
        self.mismatches.append(Mismatch(position, axis, want, got, shape, answer, index))
