"""Shapes: known axes behind an unknown number of leading ones."""

import re
from collections.abc import Iterable
from itertools import count
from typing import Final, TypeAlias

from lintml.shapes.dim import Size, symbols

Axis: TypeAlias = Size | None  # None: the axis is there, its size is not known

_serial = count(1)
# The axes of what code works out have numbers that tell them apart, which say nothing to a reader.
_NUMBERED: Final = re.compile(r"\?\d+\.-?\d+")


class Rest:
    """Leading axes whose number is not known yet.

    ``prefer`` lists total ranks of the whole tensor, likeliest first; ``behind`` counts the axes already in sight.
    ``inner`` says that they are not an input's, but of something that the code works out: they may well be of size 1.
    """

    __slots__ = ("behind", "inner", "name", "prefer")

    def __init__(
        self, name: str = "", prefer: tuple[int, ...] = (2, 3, 4, 1, 5), behind: int = 0, *, inner: bool = False
    ) -> None:
        self.name = name or f"r{next(_serial)}"
        self.prefer = prefer
        self.behind = behind
        self.inner = inner

    def __repr__(self) -> str:
        return "*?" if self.inner else f"*{self.name}"


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

    @property
    def settled(self) -> bool:
        """Whether nothing of it can still be chosen: no rank, no free size."""
        return self.rest is None and not any(
            size is None or any(found.free for found in symbols(size)) for size in self.dims
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shape) and self.rest is other.rest and self.dims == other.dims

    def __hash__(self) -> int:
        return hash((self.rest, self.dims))

    def __repr__(self) -> str:
        words = [repr(self.rest)] if self.rest else []
        words += ["?" if axis is None else _NUMBERED.sub("?", str(axis)) for axis in self.dims]
        return f"({', '.join(words)}{',' if len(words) == 1 and not self.rest else ''})"


class Packed(Shape):
    """A packed sequence (pack_padded_sequence): time, batch and features, in this order whatever the layers' own is."""

    __slots__ = ()
