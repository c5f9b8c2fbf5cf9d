"""Fourier transforms: axes lengthened, halved and doubled."""

from typing import Any

from lintml.shapes.axes import listed, places, with_axis
from lintml.shapes.call import UNKNOWN, Call, is_size
from lintml.shapes.dim import floor_divide
from lintml.shapes.shape import Axis, Shape


def lengthened(call: Call, s: Any, n: Any, dim: Any) -> Shape | None:
    """Every axis of the transform padded or cut to the length asked for; the last ones where no axis is named."""
    if not isinstance(s, Shape) or n is UNKNOWN or dim is UNKNOWN:
        return None
    lengths = listed(n) if n is not None else None
    if n is not None and lengths is None:
        return None
    if dim is None:
        if lengths is None:
            return call.world.shape(s)
        dim = tuple(range(-len(lengths), 0))
    found = places(call, s, dim, number=False, distinct=True)
    if found is None:
        return None
    shape, axes = found
    for axis, length in zip(axes, lengths or (), strict=False):
        if length != -1:
            shape = with_axis(shape, axis, length if is_size(length) else None)
    return shape


def half_spectrum(call: Call, s: Any, n: Any, dim: Any) -> Shape | None:
    """As ``lengthened``, the last axis of the transform then ``n // 2 + 1``: a real signal's spectrum is symmetric."""
    return _last(call, s, n, dim, lambda size: floor_divide(size, 2) + 1 if size is not None else None)


def whole_spectrum(call: Call, s: Any, n: Any, dim: Any) -> Shape | None:
    """As ``lengthened``, the last axis ``2 * (n - 1)`` unless a length is asked for."""
    lengths = listed(n) if n is not None else None
    asked = lengths[-1] if lengths else None
    if n is UNKNOWN or (n is not None and not lengths):
        return None
    if asked is not None and asked != -1:
        return lengthened(call, s, n, dim)
    return _last(call, s, n, dim, lambda size: 2 * (size - 1) if size is not None else None)


def _last(call: Call, s: Any, n: Any, dim: Any, length: Any) -> Shape | None:
    shape = lengthened(call, s, n, dim)
    if shape is None:
        return None
    axes = listed(dim) if dim is not None else (-1,)
    found = places(call, shape, axes[-1]) if axes else None
    if found is None:
        return None
    axis = found[1][0]
    size: Axis = found[0].dims[axis]
    return with_axis(found[0], axis, length(size))
