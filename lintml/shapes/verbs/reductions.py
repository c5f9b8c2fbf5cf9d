"""Axes that go, shrink or take another size: reductions, selections, cuts, factories."""

import math
from typing import Any

from lintml.shapes.axes import axes_of, listed, place, places, product, with_axis, without_axis
from lintml.shapes.call import UNKNOWN, Call, is_size
from lintml.shapes.dim import Dim, bounds, floor_divide
from lintml.shapes.shape import Axis, Shape


def reduce(call: Call, s: Any, dim: Any = None, keepdim: Any = False) -> Shape | None:
    """Without the axes summed over (all of them where ``dim`` is None), or with size 1 in their place."""
    if not isinstance(s, Shape) or not isinstance(keepdim, bool) or dim is UNKNOWN:
        return None
    if dim is None or dim == () or dim == []:
        if not keepdim:
            return Shape()
        shape = call.world.shape(s)
        return Shape([1] * len(shape.dims)) if shape.rest is None else None
    if s.rank == 0:
        return s
    found = places(call, s, dim, distinct=True)
    if found is None:
        return None
    shape, axes = found
    gone = [len(shape.dims) + axis for axis in axes]
    if keepdim:
        return Shape((1 if at in gone else size for at, size in enumerate(shape.dims)), shape.rest)
    return Shape((size for at, size in enumerate(shape.dims) if at not in gone), shape.rest)


def reduced(call: Call, s: Any, reduction: Any) -> Shape | None:
    """A loss: one number, or one for each element where ``reduction`` is "none"."""
    if reduction in ("mean", "sum", "batchmean"):
        if call.settings.get("reduce") is None and call.settings.get("size_average") is None:
            return Shape()
        return None
    return s if reduction == "none" and isinstance(s, Shape) else None


def along(call: Call, s: Any, dim: Any) -> Shape | None:
    """The shape itself, where the axis is there (softmax, cumsum, flip, roll)."""
    if not isinstance(s, Shape):
        return None
    if dim is not None and dim is not UNKNOWN:
        places(call, s, dim)
    return call.world.shape(s)


def rolled(call: Call, s: Any, shifts: Any, dims: Any) -> Shape | None:
    """The shape itself; as many shifts as axes (torch.roll)."""
    if not isinstance(s, Shape) or dims is None:
        return s if isinstance(s, Shape) else None
    amounts, axes = listed(shifts), listed(dims)
    if amounts is not None and axes is not None and axes and len(amounts) != len(axes):
        call.refuse("shifts", len(axes), len(amounts), call.world.shape(s))
    return along(call, s, dims)


def numbered(call: Call, s: Any) -> Shape | None:
    """All elements in one axis."""
    shape = call.world.shape(s) if isinstance(s, Shape) else None
    return Shape((product(shape.dims) if shape is not None and shape.rest is None else None,))


def replace(call: Call, s: Any, dim: Any, size: Any) -> Shape | None:
    """One axis with another size."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    return None if found is None else with_axis(found[0], found[1], size if is_size(size) else None)


def narrow(call: Call, s: Any, dim: Any, start: Any, length: Any) -> Shape | None:
    """An axis cut to a length that it must have."""
    found = place(call, s, dim, number=False) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(size, int) and isinstance(length, int):
        at = start if isinstance(start, int) else 0
        at = at + size if at < 0 else at
        if not 0 <= at <= at + length <= size:
            call.refuse("length", at + length, size, shape, index=axis)
    return with_axis(shape, axis, length if is_size(length) else None)


def best(call: Call, s: Any, k: Any, dim: Any) -> Shape | None:
    """An axis cut to its ``k`` first (topk)."""
    if isinstance(s, Shape) and call.world.shape(s).rank == 0:
        return s
    return narrow(call, s, -1 if dim is None else dim, 0, k)


def select(call: Call, s: Any, dim: Any) -> Shape | None:
    """Without one axis."""
    found = place(call, s, dim, number=False) if isinstance(s, Shape) else None
    return None if found is None else without_axis(*found)


def unfolded(call: Call, s: Any, dim: Any, size: Any, step: Any) -> Shape | None:
    """Tensor.unfold: an axis becomes the number of windows, whose elements come last."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    length = shape.dims[axis]
    if isinstance(length, int) and isinstance(size, int) and size > length:
        call.refuse("window", size, length, shape, index=axis)
        return None
    count: Axis = None
    if length is not None and is_size(size) and is_size(step) and step != 0:
        count = floor_divide(length - size, step) + 1
    cut = with_axis(shape, axis, count)
    return Shape((*cut.dims, size if is_size(size) else None), cut.rest)


def halved(call: Call, s: Any, dim: Any) -> Shape | None:
    """An axis cut in two (glu); an odd one is refused."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(size, int) and size % 2:
        call.refuse("even", size + 1, size, shape, index=axis)
        return None
    return with_axis(shape, axis, None if size is None else floor_divide(size, 2))


def shortened(call: Call, s: Any, dim: Any, by: Any) -> Shape | None:
    """An axis less so many (diff, cumulative_trapezoid)."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None or not isinstance(by, int):
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(size, Dim):
        return with_axis(shape, axis, size - by if bounds(size - by)[0] >= 0 else None)
    return with_axis(shape, axis, None if size is None else max(size - by, 0))


def sizes(call: Call, size: Any) -> Shape | None:
    """The shape that a factory is asked for."""
    found = axes_of(size)
    return None if found is None else Shape(found)


def counted(call: Call, start: Any, end: Any, step: Any) -> Shape:
    """torch.arange: as many as there are steps; a bound that is given alone is the end."""
    if end is None:
        start, end = 0, start
    if is_size(start) and is_size(end) and isinstance(step, int) and step > 0:
        return Shape((floor_divide(end - start + step - 1, step),))
    numbers = [each for each in (start, end, step) if isinstance(each, (int, float)) and math.isfinite(each)]
    if len(numbers) == 3 and step != 0:
        return Shape((max(0, math.ceil((end - start) / step)),))
    return Shape((None,))


def square(call: Call, n: Any, m: Any) -> Shape:
    """torch.eye: a matrix with as many columns as rows, unless told otherwise."""
    columns = n if m is None else m
    return Shape((n if is_size(n) else None, columns if is_size(columns) else None))


def grown(call: Call, s: Any, more: Any) -> Shape | None:
    """One more axis at the end (one_hot); -1 asks for as many classes as there are."""
    if not isinstance(s, Shape):
        return None
    shape = call.world.shape(s)
    return Shape((*shape.dims, more if is_size(more) and more != -1 else None), shape.rest)


def at_least(call: Call, s: Any, axes: Any) -> Shape | None:
    """atleast_1d to atleast_3d: axes of size 1 added, for a third one behind."""
    if not isinstance(s, Shape) or not isinstance(axes, int):
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        return None
    dims = list(shape.dims) or [1]
    if axes >= 2 and len(dims) == 1:
        dims = [1, *dims]
    return Shape(dims + [1] * (axes - len(dims)))
