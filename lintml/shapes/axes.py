"""Axes by number: where an axis stands, what it is replaced by, how many elements axes hold."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from lintml.shapes.call import UNKNOWN, Call, is_size
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Axis, Shape

MOST_PARTS: Final = 64  # past which a list of tensors is not written out


def place(
    call: Call, shape: Shape, dim: Any, *, more: int = 0, position: int = 0, number: bool = True
) -> tuple[Shape, int] | None:
    """The shape with axis ``dim`` in sight, and the axis counted from the end; None if unknown or refused.

    ``more`` is 1 where ``dim`` may stand one behind the last axis (unsqueeze, stack). Where ``number`` is true, a
    tensor without axes lets itself be treated as one with a single axis, which no shape can say: None.
    """
    if not isinstance(dim, int) or isinstance(dim, bool):
        return None
    world = call.world
    shape = world.shape(shape)
    if shape.rank == 0 and number and not more and dim in (0, -1):
        return None
    if dim < 0:
        seen = world.expose(shape, -dim - more)
        if seen is None:
            call.refuse("dim", dim, shape.rank, shape, position=position)
            return None
        return seen, dim
    if shape.rest is not None:
        decided = world.decide(shape, world.plausible(shape, dim + 1 - more))
        if decided is None:
            return None
        shape = decided
    rank = len(shape.dims) + more
    if dim >= rank:
        call.refuse("dim", dim, len(shape.dims), shape, position=position)
        return None
    return shape, dim - rank


def places(
    call: Call, shape: Shape, dims: Any, *, position: int = 0, number: bool = True, distinct: bool = False
) -> tuple[Shape, list[int]] | None:
    """As ``place`` for several axes: the shape with all of them in sight, and the axes counted from the end.

    Where they must be ``distinct``, an axis that is named twice is refused.
    """
    wanted = listed(dims)
    if wanted is None:
        return None
    for dim in wanted:
        found = place(call, shape, dim, position=position, number=number)
        if found is None:
            return None
        shape = found[0]
    axes = [dim if dim < 0 or shape.rest is not None else dim - len(shape.dims) for dim in wanted]
    if distinct and len(set(axes)) < len(axes):
        call.refuse("dim", len(axes), len(set(axes)), shape, position=position)
        return None
    return shape, axes


def listed(sizes: Any) -> Sequence[Any] | None:
    """Sizes as a sequence, however they were written; None where it is not known how many there are."""
    if is_size(sizes):
        return (sizes,)
    if isinstance(sizes, (tuple, list)):
        if len(sizes) == 1 and not is_size(sizes[0]):
            return listed(sizes[0]) if isinstance(sizes[0], (tuple, list)) else None
        return sizes
    return None


def axes_of(sizes: Any) -> list[Axis] | None:
    """Sizes as the axes of a shape, an unknown size as an unknown axis; None where their number is not known."""
    wanted = listed(sizes)
    return None if wanted is None else [size if is_size(size) else None for size in wanted]


def component(value: Any, index: int) -> Any:
    """The setting of one axis: an element of a tuple, or the one value that all axes share."""
    if isinstance(value, (tuple, list)):
        if len(value) == 1:
            return value[0]
        return value[index] if index < len(value) else UNKNOWN
    return value


def product(dims: Iterable[Axis]) -> Axis:
    """The number of elements, None where a size is unknown."""
    total: Axis = 1
    for size in dims:
        total = None if total is None or size is None else total * size
    return total


def with_axis(shape: Shape, axis: int, size: Axis) -> Shape:
    """The shape with another size at ``axis``, counted from the end."""
    at = len(shape.dims) + axis
    return Shape((*shape.dims[:at], size, *shape.dims[at + 1 :]), shape.rest)


def without_axis(shape: Shape, axis: int) -> Shape:
    """The shape less one axis, counted from the end."""
    at = len(shape.dims) + axis
    return Shape(shape.dims[:at] + shape.dims[at + 1 :], shape.rest)


def is_one(size: Axis) -> bool | None:
    """Whether an axis has size 1, None if it may or may not; parameters are taken to be more than 1."""
    if isinstance(size, Dim):
        return None if any(found.free for found in symbols(size)) else False
    return None if size is None else size == 1
