"""What a subscript leaves of a tensor: integers, slices, None, an ellipsis, masks, tensors of indices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, is_size
from lintml.shapes.dim import Dim, Size, bounds, floor_divide
from lintml.shapes.shape import Axis, Shape
from lintml.shapes.world import World


@dataclass(frozen=True, slots=True, eq=False)
class Indices:
    """A tensor or list of integers in a subscript."""

    shape: Shape | None


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A tensor of truth values in a subscript: it stands for as many axes as it has."""

    shape: Shape | None


def index(call: Call, shape: Shape, items: Sequence[Any]) -> Shape | None:
    """The shape of ``x[items]``; None where an item is not understood.

    An item is a size, a slice of sizes, None, ``...``, ``Indices``, ``Mask``, or UNKNOWN. As in torch, integers take
    their axis away before tensors of indices are looked at; those come together in their place if they stand side by
    side, else first.
    """
    if any(item is UNKNOWN or (isinstance(item, (Mask, Indices)) and item.shape is None) for item in items):
        return None
    world = call.world
    items = [_settled(item, world) for item in items]
    widths = [_width(item) for item in items]
    if None in widths:
        return None
    total = sum(width for width in widths if width is not None)
    seen = _in_sight(call, world.shape(shape), items, total)
    if seen is None:
        return None
    dims, spare = list(seen.dims), len(seen.dims) - total
    kept: list[Axis | Indices] = []
    for item, width in zip(items, widths, strict=True):
        size = spare if item is Ellipsis else width or 0
        kept += dims[:size] if item is Ellipsis else _kept(call, item, dims[:size], seen)
        del dims[:size]
    kept += dims
    return _gathered(call, kept, seen)


def sliced(size: Axis, part: slice) -> Axis:
    """The length that a slice leaves of an axis, None where that depends on what is not known.

    A symbolic bound is taken to lie within the axis (``table[:, :n]``, ``x[..., -n:]``); an integer may lie beyond a
    symbolic axis.
    """
    start, step = (least if given is None else given for given, least in ((part.start, 0), (part.step, 1)))
    stop = part.stop
    if start == 0 and stop is None and step == 1:
        return size
    if not isinstance(step, int) or step <= 0 or not is_size(start) or size is None:
        return None
    first = start if isinstance(start, Dim) and bounds(start)[0] >= 0 else _edge(start, size)
    last = size if stop is None else _edge(stop, size, end=True) if is_size(stop) else None
    if first is None or last is None:
        return None
    length = last - first
    return max(0, -(-length // step)) if isinstance(length, int) else floor_divide(length + step - 1, step)


def _edge(at: Size, size: Size, *, end: bool = False) -> Axis:
    """Where a slice's bound lies on an axis: an integer start and what is cut off at the end lie within it."""
    if isinstance(at, int) and isinstance(size, int):
        return max(0, at + size) if at < 0 else min(at, size)
    low, high = bounds(at)
    if low < 0 <= high:
        return None
    if isinstance(at, Dim) and high >= 0:
        return size if bounds(size - at)[1] <= 0 else at
    if high < 0:
        return size + at if end or bounds(size + at)[0] >= 0 else None
    return at if not end or bounds(size - at)[0] >= 0 else None


def _settled(item: Any, world: World) -> Any:
    match item:
        case Mask(shape=Shape() as shape):
            return Mask(world.shape(shape))
        case Indices(shape=Shape() as shape):
            return Indices(world.shape(shape))
    return item


def _width(item: Any) -> int | None:
    """How many axes an item stands for; None where that is not known."""
    if item is None or item is Ellipsis:
        return 0
    if isinstance(item, Mask):
        return item.shape.rank if item.shape is not None else None
    return 1 if isinstance(item, (slice, Indices)) or is_size(item) else None


def _in_sight(call: Call, shape: Shape, items: Sequence[Any], total: int) -> Shape | None:
    """The shape with every axis that an item stands for in sight; refused where it has too few."""
    seen: Shape | None = shape
    if shape.rest is not None:
        open_ended = items[:1] == [Ellipsis]
        plausible = call.world.plausible(shape, max(total, 1))
        seen = call.world.expose(shape, total) if open_ended else call.world.decide(shape, plausible)
    if seen is None or len(seen.dims) < total:
        call.refuse("rank", total, shape.rank, shape)
        return None
    return seen


def _kept(call: Call, item: Any, dims: list[Axis], shape: Shape) -> list[Axis | Indices]:
    """What comes in the place of the axes that an item stands for."""
    match item:
        case None:
            return [1]
        case slice():
            return [sliced(dims[0], item)]
        case Indices():
            return [item]
        case Mask(shape=Shape(dims=wanted)):
            for size, want in zip(dims, wanted, strict=True):
                answer = call.world.unify(want, size)
                if answer is not True and answer is not None:
                    call.refuse("mask", want, size, shape, answer)
            return [Indices(Shape((None,)))]
    if isinstance(item, int) and isinstance(dims[0], int) and not -dims[0] <= item < dims[0]:
        call.refuse("index", item, dims[0], shape)
    return []


def _gathered(call: Call, kept: list[Axis | Indices], seen: Shape) -> Shape | None:
    """The axes that are left, those of the tensors of indices broadcast in their place."""
    at = [place for place, each in enumerate(kept) if isinstance(each, Indices)]
    plain = [each for each in kept if not isinstance(each, Indices)]
    if not at:
        return Shape(plain, seen.rest)
    together = verbs.broadcast_all(call, *[each.shape for each in kept if isinstance(each, Indices)])
    if together is None or together.rest is not None or seen.rest is not None:
        return None
    first = at[0] if at[-1] - at[0] == len(at) - 1 else 0
    return Shape([*plain[:first], *together.dims, *plain[first:]])
