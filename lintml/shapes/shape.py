"""Shapes: known axes behind an unknown number of leading ones."""

from collections.abc import Iterable
from itertools import count
from typing import TypeAlias

from lintml.shapes.dim import Size

Axis: TypeAlias = Size | None  # None: the axis is there, its size is not known

_serial = count(1)


class Rest:
    """Leading axes whose number is not known yet.

    ``prefer`` lists total ranks of the whole tensor, likeliest first; ``behind`` counts the axes already in sight.
    """

    __slots__ = ("behind", "name", "prefer")

    def __init__(self, name: str = "", prefer: tuple[int, ...] = (2, 3, 4, 1, 5), behind: int = 0) -> None:
        self.name = name or f"r{next(_serial)}"
        self.prefer = prefer
        self.behind = behind

    def __repr__(self) -> str:
        return f"*{self.name}"


class Shape:
    """The sizes of a tensor's axes, outermost first; ``rest`` stands before ``dims`` where the rank is not known."""

    __slots__ = ("dims", "rest")

    def __init__(self, dims: Iterable[Axis] = (), rest: Rest | None = None) -> None:
        self.dims: tuple[Axis, ...] = tuple(dims)
        self.rest = rest

    @property
    def rank(self) -> int | None:
        """The number of axes, or None."""
        return None if self.rest else len(self.dims)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and self.rest is other.rest and self.dims == other.dims

    def __hash__(self) -> int:
        return hash((self.rest, self.dims))

    def __repr__(self) -> str:
        words = [repr(self.rest)] if self.rest else []
        words += ["?" if axis is None else str(axis) for axis in self.dims]
        return f"({', '.join(words)}{',' if len(words) == 1 and not self.rest else ''})"


class Packed(Shape):
    """A packed sequence (pack_padded_sequence): time, batch and features, in this order whatever the layers' own is."""

    __slots__ = ()
