"""Tensors laid together, and one tensor cut into several."""

from itertools import pairwise
from typing import Any

from lintml.shapes.axes import MOST_PARTS, is_one, listed, place, with_axis, without_axis
from lintml.shapes.call import Call, is_size
from lintml.shapes.dim import Dim, floor_divide
from lintml.shapes.shape import Axis, Shape
from lintml.shapes.verbs.broadcasting import broadcast, same


def join(call: Call, each: Any, dim: Any) -> Shape | None:
    """Tensors laid end to end along one axis; all other axes must agree."""
    if isinstance(each, (list, tuple)):
        each = [one for one in each if not isinstance(one, Shape) or one.dims != (0,)] or each  # torch skips these
    aligned = _aligned(call, each, dim)
    found = place(call, aligned[0], dim, number=False) if aligned else None
    if aligned is None or found is None:
        return None
    first, axis = found
    total = first.dims[axis]
    merged = list(first.dims)
    for position, other in enumerate(aligned[1:], 1):
        other = _beside(call, other, first)
        if other.rest is not first.rest or len(other.dims) != len(first.dims):
            if other.rest is None and first.rest is None:
                call.refuse("rank", len(first.dims), len(other.dims), other, position=position)
            return None
        for at in range(-len(first.dims), 0):
            if at == axis:
                size = other.dims[at]
                total = None if total is None or size is None else total + size
                continue
            meant = call.world.degenerate
            answer = call.world.unify(merged[at], other.dims[at])
            if 1 in (merged[at], other.dims[at]):
                # What is put beside one step is one step: a decoder at work.
                call.world.degenerate = meant
            if answer is not True and answer is not None:
                call.refuse("joined", merged[at], other.dims[at], other, answer, position=position, index=at)
            elif merged[at] is None:
                merged[at] = other.dims[at]
    merged[axis] = total
    return call.world.shape(Shape(merged, first.rest))


def _beside(call: Call, shape: Shape, first: Shape) -> Shape:
    """A shape of as many axes as the first, if it can have them: those that are not in sight are the same."""
    world, axes = call.world, len(first.dims)
    shape = world.shape(shape)
    if shape.rest is None or shape.rest is first.rest:
        return shape
    if first.rest is None:
        return world.decide(shape, [axes]) or shape
    seen = world.expose(shape, axes) or shape
    if seen.rest is not None and len(seen.dims) == axes:
        world.same_axes(first.rest, seen.rest)
    return world.shape(seen)


def stack(call: Call, each: Any, dim: Any) -> Shape | None:
    """Tensors of one shape side by side along a new axis."""
    aligned = _aligned(call, each)
    if aligned is None:
        return None
    for position, other in enumerate(aligned[1:], 1):
        same(call, aligned[0], other, position, "stacked")
    found = place(call, aligned[0], dim, more=1)
    if found is None:
        return None
    shape, axis = found
    at = len(shape.dims) + axis + 1
    return Shape((*shape.dims[:at], len(aligned), *shape.dims[at:]), shape.rest)


def piled(call: Call, each: Any, dim: Any, least: Any, vector: Any) -> Shape | None:
    """Tensors of at least so many axes joined (hstack, vstack, dstack); a vector's axis comes at place ``vector``."""
    if not isinstance(each, (list, tuple)) or not isinstance(least, int) or not isinstance(vector, int):
        return None
    raised: list[Shape] = []
    for one in each:
        shape = call.world.shape(one) if isinstance(one, Shape) else None
        if shape is None or shape.rest is not None:
            return None
        dims = list(shape.dims) or [1]
        if len(dims) == 1 and least > 1:
            dims = [1] * vector + dims + [1] * (least - 1 - vector)
        raised.append(Shape(dims + [1] * (least - len(dims))))
    return join(call, raised, 0 if dim == 1 and raised and len(raised[0].dims) == 1 else dim)


def columns(call: Call, each: Any) -> Shape | None:
    """torch.column_stack: vectors as columns, matrices side by side."""
    if not isinstance(each, (list, tuple)):
        return None
    raised: list[Shape] = []
    for one in each:
        shape = call.world.shape(one) if isinstance(one, Shape) else None
        if shape is None or shape.rest is not None:
            return None
        raised.append(Shape((*shape.dims, *[1] * (2 - len(shape.dims)))) if shape.dims else Shape((1, 1)))
    return join(call, raised, 1)


def _aligned(call: Call, each: Any, dim: Any = None) -> list[Shape] | None:
    """A list of shapes with their ranks settled alike where one of them is known; None where one is unknown.

    Where none is, those that are laid end to end along one of their last axes, ``dim``, have the same axes before it.
    """
    if not isinstance(each, (list, tuple)) or not each or not all(isinstance(one, Shape) for one in each):
        return None
    shapes = [call.world.shape(one) for one in each]
    rank = next((len(one.dims) for one in shapes if one.rest is None), None)
    if rank is not None:
        settled = [call.world.decide(one, [rank]) if one.rest else one for one in shapes]
        if any(one is None for one in settled):
            return None
        shapes = [one for one in settled if one is not None]
    elif isinstance(dim, int) and dim < 0:
        seen = max(-dim, *(len(one.dims) for one in shapes))
        for one in shapes:
            first, other = call.world.shape(shapes[0]), call.world.shape(one)
            shown = [call.world.expose(each, seen) for each in (first, other)]
            if shown[0] is None or shown[1] is None:
                return None
            ahead, behind = shown[0].rest, call.world.shape(other).rest
            if ahead is not None and behind is not None and ahead is not behind:
                call.world.rests[behind] = Shape((), ahead)
    return [call.world.shape(one) for one in shapes]


def broadcast_each(call: Call, each: Any) -> list[Shape | None] | None:
    """torch.broadcast_tensors: every tensor with the axes of all."""
    if not isinstance(each, (list, tuple)) or not each:
        return None
    total: Shape | None = Shape()
    for position, one in enumerate(each):
        known = total is not None and isinstance(one, Shape)
        total = broadcast(call, total, one, position) if known else None  # type: ignore[arg-type]
    return [total for _ in each]


def grid(call: Call, each: Any, indexing: Any) -> list[Shape] | None:
    """torch.meshgrid: one grid for each vector; "xy" exchanges the first two axes."""
    if not isinstance(each, (list, tuple)) or not isinstance(indexing, str | None):
        return None
    if len(each) == 1 and isinstance(each[0], (list, tuple)):
        each = each[0]
    sizes: list[Axis] = []
    for position, one in enumerate(each):
        shape = call.world.decide(one, (1, 0)) if isinstance(one, Shape) else None
        if isinstance(one, Shape) and shape is None:
            call.refuse("rank", 1, call.world.shape(one).rank, one, position=position)
        sizes.append((shape.dims[0] if shape.dims else 1) if shape is not None else None)
    if indexing == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    return [Shape(sizes) for _ in each]


def chunk(call: Call, s: Any, chunks: Any, dim: Any) -> list[Shape] | None:
    """So many parts of an axis, equal where that is possible, fewer where the axis is too short."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None or not isinstance(chunks, int) or not 0 < chunks <= MOST_PARTS:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(size, int):
        step = -(-size // chunks)
        parts = [min(step, size - at) for at in range(0, size, step)] if step else [0] * chunks
        return [with_axis(shape, axis, part) for part in parts]
    return [with_axis(shape, axis, _equal_part(size, chunks)) for _ in range(chunks)]


def _equal_part(size: Axis, parts: int) -> Axis:
    """The size of one of several equal parts of a parameter's axis, which is meant to divide; None of any other."""
    if not isinstance(size, Dim):
        return None
    part = floor_divide(size, parts)
    return part if part * parts == size or is_one(size) is False else None


def split(call: Call, s: Any, parts: Any, dim: Any) -> list[Shape] | None:
    """Parts of an axis: of these sizes, or as many of one size as there are."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(parts, (tuple, list)):
        sizes: list[Axis] = [part if is_size(part) else None for part in parts]
        if sizes and None not in sizes:
            total = sum(part for part in sizes if part is not None)
            answer = call.world.unify(total, size)
            if answer is not True and answer is not None:
                call.refuse("parts", total, size, shape, answer, index=axis)
        return [with_axis(shape, axis, part) for part in sizes]
    if isinstance(parts, bool):
        return None
    if isinstance(parts, int) and isinstance(size, int) and parts > 0 and size <= parts * MOST_PARTS:
        return [with_axis(shape, axis, min(parts, size - at)) for at in range(0, size, parts)] or [
            with_axis(shape, axis, 0)
        ]
    if is_size(parts) and size is not None and parts != 0:
        count = floor_divide(size, parts)
        if isinstance(count, int) and 0 < count <= MOST_PARTS and count * parts == size:
            return [with_axis(shape, axis, parts) for _ in range(count)]
    return None


def tensor_split(call: Call, s: Any, parts: Any, dim: Any) -> list[Shape] | None:
    """torch.tensor_split: so many parts, the first ones longer, or cuts at these places."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(parts, int) and not isinstance(parts, bool) and 0 < parts <= MOST_PARTS:
        if isinstance(size, int):
            return [with_axis(shape, axis, size // parts + (at < size % parts)) for at in range(parts)]
        return [with_axis(shape, axis, _equal_part(size, parts)) for _ in range(parts)]
    cuts = listed(parts)
    if cuts is None or is_size(parts):
        return None
    if isinstance(size, int) and all(isinstance(cut, int) for cut in cuts):
        edges = [0, *(max(0, min(size, cut + size if cut < 0 else cut)) for cut in cuts), size]
        return [with_axis(shape, axis, max(0, b - a)) for a, b in pairwise(edges)]
    return [with_axis(shape, axis, None) for _ in range(len(cuts) + 1)]


def axis_split(call: Call, s: Any, parts: Any, dim: Any, least: Any) -> list[Shape] | None:
    """hsplit, vsplit and dsplit: equal parts of the axis that the name means; ``least`` axes there must be."""
    if not isinstance(s, Shape) or not isinstance(dim, int) or not isinstance(least, int):
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        return None
    if len(shape.dims) < least:
        call.refuse("rank", least, len(shape.dims), shape)
        return None
    axis = 0 if dim == 1 and len(shape.dims) == 1 else dim
    size = shape.dims[axis]
    if isinstance(parts, int) and isinstance(size, int) and parts > 0 and size % parts:
        call.refuse("parts", parts, size, shape, index=axis - len(shape.dims))
        return None
    return tensor_split(call, shape, parts, axis)


def unbind(call: Call, s: Any, dim: Any) -> list[Shape] | None:
    """One tensor for each place along an axis, which goes."""
    found = place(call, s, dim, number=False) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    return [without_axis(shape, axis)] * size if isinstance(size, int) and 0 < size <= MOST_PARTS else None
