"""One application of an operator: what it is given, what does not fit, what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Output:
    """One result: its shape or None where unknown, and its dtype where the operator decides it."""

    shape: Shape | None
    dtype: str = ""


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
