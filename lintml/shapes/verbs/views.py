"""The same elements in other axes: flattened, reshaped, reordered, squeezed, expanded, repeated."""

from collections.abc import Sequence
from typing import Any

from lintml.shapes.axes import axes_of, is_one, listed, place, places, product, with_axis, without_axis
from lintml.shapes.call import Call, is_size
from lintml.shapes.dim import floor_divide, meant_equal
from lintml.shapes.shape import Axis, Shape


def flatten(call: Call, s: Any, start: Any, end: Any) -> Shape | None:
    """One axis in place of those from ``start`` to ``end``."""
    if not isinstance(s, Shape) or not isinstance(start, int) or not isinstance(end, int):
        return None
    shape = call.world.shape(s)
    if shape.rest is not None and not (start < 0 and end < 0):
        least = max((start + 1 if start >= 0 else -start), (end + 1 if end >= 0 else -end), 2)
        decided = call.world.decide(shape, call.world.plausible(shape, least))
        if decided is None:
            return None
        shape = decided
    elif shape.rest is not None:
        seen = call.world.expose(shape, max(-start, -end))
        if seen is None:
            return None
        shape = seen
    rank = len(shape.dims)
    if rank == 0:
        return Shape((1,))
    first, last = (start + rank if start < 0 else start), (end + rank if end < 0 else end)
    if not (0 <= first < rank and 0 <= last < rank) or first > last:
        call.refuse("dim", end if 0 <= first < rank else start, rank, shape)
        return None
    flat = product(shape.dims[first : last + 1])
    return Shape((*shape.dims[:first], flat, *shape.dims[last + 1 :]), shape.rest)


def unflatten(call: Call, s: Any, dim: Any, sizes: Any) -> Shape | None:
    """Several axes in place of one."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    wanted = listed(sizes)
    if found is None or wanted is None:
        return None
    shape, axis = found
    inner = reshape(call, Shape((shape.dims[axis],)), wanted)
    if inner is None:
        return None
    at = len(shape.dims) + axis
    return Shape((*shape.dims[:at], *inner.dims, *shape.dims[at + 1 :]), shape.rest)


def reshape(call: Call, s: Any, sizes: Any) -> Shape | None:
    """The same elements in other axes; -1 stands for what is left."""
    target = axes_of(sizes)
    if target is None:
        return None
    target = [call.world.size(size) for size in target]
    shape = call.world.shape(s) if isinstance(s, Shape) else None
    holes = [at for at, size in enumerate(target) if size == -1]
    open_ended = Shape(None if size == -1 else size for size in target)
    if len(holes) > 1:
        call.refuse("inferred", 1, len(holes), shape or open_ended)
        return open_ended
    if shape is None or shape.rest is not None or None in shape.dims or None in target:
        return open_ended
    have, need = _uncommon(shape.dims, [size for size in target if size != -1])
    total, fixed = product(have), product(need)
    if fixed == 0 and holes:
        call.refuse("inferred", 1, 0, shape)
    if total is None or fixed is None or fixed == 0:
        return open_ended
    if not holes:
        answer = call.world.unify(total, fixed)
        if answer is not True and answer is not None:
            call.refuse("elements", product(target), product(shape.dims), shape, answer)
        return Shape(target)
    if total == 1 and not isinstance(fixed, int):
        answer = call.world.unify(1, fixed)
        if answer is not True and answer is not None:
            call.refuse("elements", product(size for size in target if size != -1), product(shape.dims), shape, answer)
        return open_ended
    left = floor_divide(total, fixed)
    if left * fixed != total and not meant_equal(left * fixed, total):
        if isinstance(total, int) and isinstance(fixed, int):
            call.refuse("elements", product(size for size in target if size != -1), product(shape.dims), shape)
        return open_ended
    return Shape(left if size == -1 else size for size in target)


def _uncommon(a: Sequence[Axis], b: Sequence[Axis]) -> tuple[list[Axis], list[Axis]]:
    """The sizes that only one of two lists has: what a view splits or merges."""
    mine, theirs = list(a), list(b)
    for size in a:
        if size in theirs:
            theirs.remove(size)
            mine.remove(size)
    return mine, theirs


def like(call: Call, s: Any, other: Any) -> Shape | None:
    """The elements of one tensor in the axes of another (view_as)."""
    if not isinstance(other, Shape):
        return None
    shape = call.world.shape(other)
    return reshape(call, s, shape.dims) if shape.rest is None and None not in shape.dims and shape.dims else shape


def permute(call: Call, s: Any, dims: Any) -> Shape | None:
    """The axes in another order."""
    order = listed(dims)
    if not isinstance(s, Shape) or order is None or not all(isinstance(each, int) for each in order):
        return None
    rank = len(order)
    shape = call.world.decide(s, [rank])
    if shape is None:
        shape = call.world.shape(s)
        call.refuse("rank", rank, shape.rank, shape)
        return Shape([None] * rank)
    picks = [each + rank if each < 0 else each for each in order]
    if sorted(picks) != list(range(rank)):
        call.refuse("dims", rank, max(picks, default=0), shape)
        return Shape([None] * rank)
    return Shape(shape.dims[each] for each in picks)


def transpose(call: Call, s: Any, a: Any, b: Any) -> Shape | None:
    """Two axes exchanged."""
    found = places(call, s, (a, b)) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, (first, second) = found
    dims = list(shape.dims)
    dims[first], dims[second] = dims[second], dims[first]
    return Shape(dims, shape.rest)


def turned(call: Call, s: Any) -> Shape | None:
    """``x.T`` and ``torch.t``: a matrix on its side; a vector stays."""
    if not isinstance(s, Shape):
        return None
    shape = call.world.decide(s, (2, 1, 0))
    if shape is None:
        shape = call.world.shape(s)
        call.refuse("rank", 2, shape.rank, shape)
        return None
    return Shape(reversed(shape.dims))


def moved(call: Call, s: Any, source: Any, destination: Any) -> Shape | None:
    """Axes taken to other places, the rest kept in order (torch.movedim)."""
    first = places(call, s, source, distinct=True) if isinstance(s, Shape) else None
    second = places(call, first[0], destination, distinct=True) if first is not None else None
    if first is None or second is None or second[0].rest is not None:
        return None
    shape, targets = second
    rank = len(shape.dims)
    sources = [at if at < 0 else at - rank for at in (listed(source) or ())]
    if len(sources) != len(targets):
        call.refuse("dim", len(sources), len(targets), shape)
        return None
    left = [axis for axis in range(-rank, 0) if axis not in sources]
    order = dict(zip(targets, sources, strict=True))
    return Shape(shape.dims[order[at] if at in order else left.pop(0)] for at in range(-rank, 0))


def squeeze(call: Call, s: Any, dim: Any = None) -> Shape | None:
    """Without axes of size 1; an axis that may or may not be 1 leaves the shape unknown."""
    if not isinstance(s, Shape):
        return None
    if dim is None:
        shape = call.world.shape(s)
        if shape.rest is not None or any(is_one(size) is None for size in shape.dims):
            return None
        return Shape(size for size in shape.dims if size != 1)
    found = places(call, s, dim)
    if found is None:
        return None
    shape, axes = found
    if any(is_one(shape.dims[axis]) is None for axis in axes):
        return None
    dropped = [len(shape.dims) + axis for axis in axes if shape.dims[axis] == 1]
    return Shape((size for at, size in enumerate(shape.dims) if at not in dropped), shape.rest)


def unsqueeze(call: Call, s: Any, dim: Any) -> Shape | None:
    """With one more axis of size 1."""
    found = place(call, s, dim, more=1) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    at = len(shape.dims) + axis + 1
    return Shape((*shape.dims[:at], 1, *shape.dims[at:]), shape.rest)


def expand(call: Call, s: Any, sizes: Any) -> Shape | None:
    """Axes of size 1 stretched; -1 keeps one; more sizes than axes lead."""
    target = axes_of(sizes)
    if target is None:
        return None
    shape = call.world.shape(s) if isinstance(s, Shape) else None
    if shape is None or shape.rest is not None:
        return Shape(None if size == -1 else size for size in target)
    if len(shape.dims) > len(target):
        call.refuse("sizes", len(shape.dims), len(target), shape)
        return None
    offset = len(target) - len(shape.dims)
    for at, have in enumerate(shape.dims):
        want = target[offset + at]
        if want == -1:
            target[offset + at] = have
        elif have is not None and want is not None and is_one(have) is False:
            answer = call.world.unify(have, want)
            if answer is not True and answer is not None:
                call.refuse("expanded", want, have, shape, answer, index=at - len(shape.dims))
    return Shape(None if size == -1 else size for size in target)


def stretched(call: Call, s: Any, other: Any) -> Shape | None:
    """Expanded to the shape of another tensor (expand_as)."""
    if not isinstance(other, Shape):
        return None
    shape = call.world.shape(other)
    if shape.rest is None and isinstance(s, Shape) and shape.dims:
        expand(call, s, shape.dims if len(shape.dims) > 1 or is_size(shape.dims[0]) else None)
    return shape


def repeat(call: Call, s: Any, times: Any) -> Shape | None:
    """Every axis so many times; more numbers than axes lead, fewer are refused."""
    wanted = listed(times)
    if not isinstance(s, Shape) or wanted is None:
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        fitting = [rank for rank in call.world.plausible(shape, 0) if rank <= len(wanted)]
        decided = call.world.decide(shape, fitting) if fitting else None
        if decided is None:
            return None
        shape = decided
    if len(shape.dims) > len(wanted):
        call.refuse("repeats", len(shape.dims), len(wanted), shape)
        return None
    return _times(shape, wanted)


def tile(call: Call, s: Any, times: Any) -> Shape | None:
    """As ``repeat``, with ones ahead of fewer numbers than axes."""
    wanted = listed(times)
    if not isinstance(s, Shape) or wanted is None:
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        return None
    return _times(shape, [*[1] * (len(shape.dims) - len(wanted)), *wanted])


def _times(shape: Shape, times: Sequence[Any]) -> Shape:
    padded = (*[1] * (len(times) - len(shape.dims)), *shape.dims)
    return Shape(None if a is None or not is_size(b) else a * b for a, b in zip(padded, times, strict=True))


def interleaved(call: Call, s: Any, repeats: Any, dim: Any) -> Shape | None:
    """Every element so many times along one axis; of all elements where there is no axis (torch.repeat_interleave)."""
    if not isinstance(s, Shape):
        return None
    if dim is None:
        shape = call.world.shape(s)
        total = product(shape.dims) if shape.rest is None else None
        return Shape((total * repeats if total is not None and is_size(repeats) else None,))
    found = place(call, s, dim)
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    return with_axis(shape, axis, size * repeats if size is not None and is_size(repeats) else None)


def turned_quarters(call: Call, s: Any, k: Any, dims: Any) -> Shape | None:
    """torch.rot90: two axes exchanged where the turns are odd."""
    found = places(call, s, dims, distinct=True) if isinstance(s, Shape) else None
    if found is None or not isinstance(k, int):
        return None
    if len(found[1]) != 2:
        call.refuse("dims", 2, len(found[1]), found[0])
        return None
    return transpose(call, found[0], *found[1]) if k % 2 else found[0]


def diagonal(call: Call, s: Any, offset: Any, a: Any, b: Any) -> Shape | None:
    """Two axes give way to their diagonal, at the end (torch.diagonal)."""
    found = places(call, s, (a, b), distinct=True) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, (first, second) = found
    size = _diagonal_length(shape.dims[first], shape.dims[second], offset)
    left = without_axis(shape, max(first, second))
    left = without_axis(left, min(first, second) + 1)
    return Shape((*left.dims, size), left.rest)


def diag(call: Call, s: Any, diagonal: Any) -> Shape | None:
    """torch.diag: a vector becomes a matrix, a matrix its diagonal."""
    shape = call.world.decide(s, (1, 2)) if isinstance(s, Shape) else None
    if shape is None:
        if isinstance(s, Shape):
            call.refuse("rank", 2, call.world.shape(s).rank, s)
        return None
    if len(shape.dims) == 2:
        return Shape((_diagonal_length(shape.dims[0], shape.dims[1], diagonal),))
    side = shape.dims[0] + abs(diagonal) if shape.dims[0] is not None and isinstance(diagonal, int) else None
    return Shape((side, side))


def _diagonal_length(rows: Axis, columns: Axis, offset: Any) -> Axis:
    if rows is None or columns is None or not isinstance(offset, int):
        return None
    if isinstance(rows, int) and isinstance(columns, int):
        return max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    return rows if rows == columns and offset == 0 else None


def embedded(call: Call, s: Any, n: Any, offset: Any, a: Any, b: Any) -> Shape | None:
    """torch.diag_embed: the last axis laid along the diagonal of a new pair of axes."""
    if not isinstance(s, Shape) or (a, b) != (-2, -1) or not isinstance(offset, int):
        return None
    shape = call.world.shape(s)
    side = n + abs(offset) if is_size(n) else None
    return Shape((*shape.dims, side, side), shape.rest)
