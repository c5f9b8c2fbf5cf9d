"""One consistent guess about everything unknown: what free sizes equal, how many axes an input has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lintml.shapes.dim import (
    Dim,
    Size,
    Symbol,
    bounds,
    certainly_different,
    differ_by_remainders,
    meant_equal,
    solve,
    substitute,
    symbol,
    symbols,
)
from lintml.shapes.shape import Axis, Rest, Shape

MOST_AXES: Final = 5


@dataclass(frozen=True, slots=True)
class OnlyIf:
    """Two sizes agree only if an equation between parameters holds."""

    left: Size
    right: Size

    def __str__(self) -> str:
        return f"{self.left} == {self.right}"


Answer = bool | OnlyIf | None


class World:
    """Bindings of free symbols and ranks, made as operators demand them.

    A rank that several choices would fit is taken from ``script``, first choice by default; ``taken`` and ``offered``
    record the choices so that ``explore`` can try the others. ``degenerate`` says why the guess is no real solution:
    an input axis forced to size 1. ``lone`` says that an input is taken for one example without a batch, where an
    operator takes both. ``strained`` says that layers refuse their inputs' ranks where it is not certain how many there
    are; ``lone_after`` and ``strained_after`` how many choices had been made by then. While the world is ``tentative``,
    what is learnt will be forgotten, and ranks of tensors that are no inputs are not chosen.
    """

    def __init__(self, script: Sequence[int] = ()) -> None:
        self.bindings: dict[Symbol, Size] = {}
        self.rests: dict[Rest, Shape] = {}
        self.script = tuple(script)
        self.taken: list[int] = []
        self.offered: list[int] = []
        self.degenerate = ""
        self.lone_after: int | None = None
        self.strained_after: int | None = None
        self.tentative = 0
        self.coined = 0  # how many sizes and shapes there are that nothing is known of

    def fresh(self, name: str = "n") -> Dim:
        """A free size that nothing is known of."""
        self.coined += 1
        return symbol(f"{name}.{self.coined}", free=True)

    def unseen(self) -> Shape:
        """The shape of a tensor that nothing is known of, which is no input."""
        self.coined += 1
        return Shape((), Rest(f"?{self.coined}", inner=True))

    def size(self, axis: Axis) -> Axis:
        """A size with all that is known of its symbols put in."""
        if isinstance(axis, Dim) and self.bindings:
            return substitute(axis, self.bindings)
        return axis

    def shape(self, shape: Shape) -> Shape:
        """A shape with all that is known of its rest and symbols put in."""
        rest, dims = shape.rest, shape.dims
        while rest is not None and rest in self.rests:
            known = self.rests[rest]
            rest, dims = known.rest, known.dims + dims
        bound = self.bindings
        for axis in dims if bound else ():
            if axis.__class__ is Dim and not bound.keys().isdisjoint(symbols(axis)):
                dims = tuple([substitute(each, bound) if isinstance(each, Dim) else each for each in dims])
                break
        if rest is shape.rest and dims is shape.dims and shape.__class__ is Shape:
            return shape
        return Shape(dims, rest)

    def bind(self, name: Symbol, value: Size) -> bool:
        """Let a symbol be a size, here and in all that was bound before; False where one would be less than it can."""
        put_in = {known: substitute(size, {name: value}) for known, size in self.bindings.items()} | {name: value}
        if any(bounds(size)[1] < known.minimum for known, size in put_in.items()):
            return False
        self.bindings = put_in
        # A batch of one is a batch; any other axis of an input that must be 1 is nobody's intention.
        if value == 1 and name.free and not (name.leading or name.inner):
            self.degenerate = self.degenerate or f"{name} would have to be 1"
        return True

    def unify(self, a: Axis, b: Axis) -> Answer:
        """Make two sizes equal: True if they are or now are, False if they never can be, else what it takes.

        Sizes of parameters are taken to be equal where only the remainders of divisions decide it: widths are meant to
        divide, kernels that are padded by half of themselves are meant to be odd.
        """
        a, b = self.size(a), self.size(b)
        if a is None or b is None:
            return None
        if a == b:
            return True
        if certainly_different(a, b):
            return False
        gap = a - b
        free = [found for found in symbols(gap) if found.free]
        for name in free:
            value = solve(gap, name)
            if value is not None:
                return self.bind(name, value)
        if free:
            return False if certainly_different(a, b, least_free=2) else None
        return True if meant_equal(a, b) or differ_by_remainders(a, b) else OnlyIf(a, b)

    def broadcast(self, a: Axis, b: Axis) -> tuple[Axis, Answer]:
        """The size of two axes broadcast together, and whether they do."""
        a, b = self.size(a), self.size(b)
        if a == 1:
            return b, True
        if b == 1 or a == b:
            return a, True
        if a is None or b is None:
            known = b if a is None else a
            return (None if known is None or _may_be_one(known) else known), None
        if (_may_be_one(a) or _may_be_one(b)) and not _share_free(a, b):
            return (b if _may_be_one(a) else a), True
        answer = self.unify(a, b)
        # Of two sizes that do not agree neither is the outcome: what follows is not to be blamed for it.
        return (a if answer is True else None), answer

    def decide(self, shape: Shape, ranks: Sequence[int]) -> Shape | None:
        """The shape with one of these total ranks, the input's own preference first; None if none can be."""
        shape = self.shape(shape)
        if shape.rest is None:
            return shape if len(shape.dims) in ranks else None
        rest = shape.rest
        fitting = [rank for rank in ranks if rank >= len(shape.dims)]
        if not fitting:
            return None
        offset = len(shape.dims)
        certain = len(fitting) == 1 or (self.tentative and rest.inner)
        pick = 0 if certain else self.choose(len(fitting))
        axes = fitting[pick] - offset
        self.rests[rest] = Shape(
            symbol(f"{rest.name}.{at}", free=True, leading=at == 0 and not rest.inner, inner=rest.inner)
            for at in range(axes)
        )
        return self.shape(shape)

    def choose(self, ways: int) -> int:
        """One of several ways that things may be, by its number; other worlds go the others."""
        at = len(self.taken)
        pick = self.script[at] if at < len(self.script) else 0
        self.taken.append(pick)
        self.offered.append(ways)
        return pick

    @property
    def lone(self) -> bool:
        """Whether an input is taken for one example without a batch."""
        return self.lone_after is not None

    @property
    def strained(self) -> bool:
        """Whether layers refuse their inputs' ranks where it is not certain how many layers there are."""
        return self.strained_after is not None

    def take_as_lone(self) -> None:
        """Note that the world is lone from here on."""
        if self.lone_after is None:
            self.lone_after = len(self.taken)

    def strain(self) -> None:
        """Note that the world is strained from here on."""
        if self.strained_after is None:
            self.strained_after = len(self.taken)

    def plausible(self, shape: Shape, least: int) -> list[int]:
        """The total ranks of at least ``least`` axes that a shape may have, in the order to try them."""
        shape = self.shape(shape)
        if shape.rest is None:
            return [len(shape.dims)]
        bottom = max(least, len(shape.dims))
        preferred = [rank for rank in shape.rest.prefer if rank >= bottom]
        return preferred + [rank for rank in range(bottom, MOST_AXES + 1) if rank not in preferred]

    def expose(self, shape: Shape, axes: int) -> Shape | None:
        """The shape with at least its last ``axes`` axes in sight; None if it has fewer."""
        shape = self.shape(shape)
        missing = axes - len(shape.dims)
        if missing <= 0:
            return shape
        if shape.rest is None:
            return None
        prefer = tuple(rank for rank in shape.rest.prefer if rank >= axes) or (axes,)
        rest = shape.rest
        seen = rest.behind + missing
        self.rests[rest] = Shape(
            (symbol(f"{rest.name}.{-at}", free=True, inner=rest.inner) for at in range(seen, rest.behind, -1)),
            Rest(rest.name, prefer, seen, inner=rest.inner),
        )
        return self.shape(shape)

    def same_axes(self, a: Rest, b: Rest) -> None:
        """Take the leading axes of two shapes, which have as many others in sight, to be the same."""
        if a is not b:
            self.rests[b] = Shape((), a)

    def snapshot(self) -> tuple[dict[Symbol, Size], dict[Rest, Shape], str]:
        """What is known now, to come back to after a branch."""
        return dict(self.bindings), dict(self.rests), self.degenerate

    def restore(self, known: tuple[dict[Symbol, Size], dict[Rest, Shape], str]) -> None:
        """Forget what was learnt since the snapshot."""
        self.bindings, self.rests, self.degenerate = dict(known[0]), dict(known[1]), known[2]


def scripts(world: World) -> Iterator[tuple[int, ...]]:
    """The scripts that differ from the world's in exactly one later choice, the last choice first."""
    for at in reversed(range(len(world.script), len(world.taken))):
        for pick in range(1, world.offered[at]):
            yield (*world.taken[:at], pick)


def _may_be_one(size: Size) -> bool:
    """Whether an axis may be one to stretch: parameters are taken to be more than 1, as nobody stretches over them."""
    return isinstance(size, Dim) and any(found.free for found in symbols(size)) and not certainly_different(size, 1)


def _share_free(a: Size, b: Size) -> bool:
    """Whether two sizes come from one axis of an input: to stretch one of them would fix that axis."""
    theirs = symbols(b)
    return any(found.free and found in theirs for found in symbols(a))
