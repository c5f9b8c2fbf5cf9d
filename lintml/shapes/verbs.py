"""The verbs of the notation: what computes a size, or a whole shape, from words."""

from collections.abc import Sequence
from typing import Any, Final

from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import Dim, Size, floor_divide
from lintml.shapes.shape import Axis, Rest, Shape
from lintml.shapes.world import MOST_AXES

SHAPES: Final = frozenset(
    """flatten unflatten reshape permute transpose squeeze unsqueeze reduce join stack expand repeat sizes chunk split
    unbind narrow select replace matmul padded swap like broadcast_all""".split()
)

Sizes = Any  # a tuple of sizes, one size, or UNKNOWN: what a caller wrote for ``size``, ``dims``, ``repeats``


def slide(call: Call, n: Axis, kernel: Any, stride: Any, padding: Any, dilation: Any = 1, ceil: Any = False) -> Axis:
    """The length that a window leaves of an axis (torch.nn.Conv1d, "Shape"); ``padding`` may be "same" or "valid"."""
    if padding == "same":
        return n
    padding = 0 if padding == "valid" else padding
    stride = kernel if stride is None or stride == () else stride
    if n is None or not all(is_size(each) for each in (kernel, stride, padding, dilation)):
        return None
    room = n + 2 * padding - dilation * (kernel - 1) - 1
    if ceil is not False:
        if not (ceil is True and isinstance(room, int) and isinstance(n, int) and isinstance(stride, int)):
            return None
        steps = -(-room // stride)
        length: Size = steps + 1 if steps * stride < n + padding else steps
    else:
        length = floor_divide(room, stride) + 1
    if isinstance(length, int) and length <= 0:
        call.refuse("window", kernel, n, Shape((n,)))
        return None
    return length


def stretch(call: Call, n: Axis, kernel: Any, stride: Any, padding: Any, more: Any, dilation: Any = 1) -> Axis:
    """The length that a transposed convolution makes of an axis (torch.nn.ConvTranspose1d, "Shape")."""
    if n is None or not all(is_size(each) for each in (kernel, stride, padding, more, dilation)):
        return None
    return (n - 1) * stride - 2 * padding + dilation * (kernel - 1) + more + 1  # type: ignore[no-any-return]


def is_size(value: Any) -> bool:
    """Whether a setting is a size: an integer, known or symbolic, and no truth value."""
    return isinstance(value, (int, Dim)) and not isinstance(value, bool)


def place(call: Call, shape: Shape, dim: Any, *, more: int = 0) -> tuple[Shape, int] | None:
    """The shape with axis ``dim`` in sight, and the axis counted from the end; None if unknown or refused.

    ``more`` is 1 where ``dim`` may stand one behind the last axis (unsqueeze, stack).
    """
    if not isinstance(dim, int) or isinstance(dim, bool):
        return None
    world = call.world
    if dim < 0:
        seen = world.expose(shape, -dim - more)
        if seen is None:
            shape = world.shape(shape)
            call.refuse("dim", dim, shape.rank, shape)
            return None
        return seen, dim
    seen = world.shape(shape)
    if seen.rest is not None:
        decided = world.decide(seen, world.plausible(seen, dim + 1 - more))
        if decided is None:
            return None
        seen = decided
    rank = len(seen.dims) + more
    if dim >= rank:
        call.refuse("dim", dim, len(seen.dims), seen)
        return None
    return seen, dim - rank


def flatten(call: Call, s: Any, start: Any, end: Any) -> Shape | None:
    """One axis in place of those from ``start`` to ``end``."""
    if not isinstance(s, Shape) or not isinstance(start, int) or not isinstance(end, int):
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        least = max((start + 1 if start >= 0 else -start), (end + 1 if end >= 0 else -end))
        decided = call.world.decide(shape, call.world.plausible(shape, max(least, 2)))
        if decided is None:
            return None
        shape = decided
    rank = len(shape.dims)
    if rank == 0:
        return Shape((1,))
    first, last = (start + rank if start < 0 else start), (end + rank if end < 0 else end)
    if not (0 <= first < rank and 0 <= last < rank):
        call.refuse("dim", start if not 0 <= first < rank else end, rank, shape)
        return None
    if first > last:
        return None
    return Shape((*shape.dims[:first], product(shape.dims[first : last + 1]), *shape.dims[last + 1 :]))


def unflatten(call: Call, s: Any, dim: Any, sizes: Sizes) -> Shape | None:
    """Several axes in place of one."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    wanted = listed(sizes)
    if found is None or wanted is None:
        return None
    shape, axis = found
    inner = reshape(call, Shape((shape.dims[axis],)), wanted)
    if inner is None:
        return None
    after = shape.dims[len(shape.dims) + axis + 1 :]
    return Shape((*shape.dims[: len(shape.dims) + axis], *inner.dims, *after), shape.rest)


def reshape(call: Call, s: Any, sizes: Sizes) -> Shape | None:
    """The same elements in other axes; -1 stands for what is left."""
    wanted = listed(sizes)
    if wanted is None:
        return None
    target: list[Axis] = [size if is_size(size) else None for size in wanted]
    holes = [at for at, size in enumerate(target) if size == -1]
    if len(holes) > 1:
        return None
    if not isinstance(s, Shape):
        return Shape(None if size == -1 else size for size in target)
    shape = call.world.shape(s)
    target = [call.world.size(size) for size in target]
    if shape.rest is not None or None in shape.dims or None in target:
        return Shape(None if size == -1 else size for size in target)
    have, need = _uncommon(shape.dims, [size for size in target if size != -1])
    total, fixed = product(have), product(need)
    if total is None or fixed is None:
        return Shape(None if size == -1 else size for size in target)
    if not holes:
        answer = call.world.unify(total, fixed)
        if answer is not True and answer is not None:
            call.refuse("elements", product(target), product(shape.dims), shape, answer)
        return Shape(target)
    left = floor_divide(total, fixed)
    exact = call.world.size(left * fixed) == call.world.size(total)
    if not exact and isinstance(total, int) and isinstance(fixed, int):
        call.refuse("elements", product(size for size in target if size != -1), product(shape.dims), shape)
    return Shape((left if exact else None) if size == -1 else size for size in target)


def _uncommon(a: Sequence[Axis], b: Sequence[Axis]) -> tuple[list[Axis], list[Axis]]:
    mine, theirs = list(a), list(b)
    for size in a:
        if size in theirs:
            theirs.remove(size)
            mine.remove(size)
    return mine, theirs


def permute(call: Call, s: Any, dims: Sizes) -> Shape | None:
    """The axes in another order."""
    order = listed(dims)
    if not isinstance(s, Shape) or order is None or not all(isinstance(each, int) for each in order):
        return None
    shape = call.world.decide(s, [len(order)])
    if shape is None:
        shape = call.world.shape(s)
        call.refuse("rank", len(order), shape.rank, shape)
        return Shape([None] * len(order))
    rank = len(order)
    picks = [each + rank if each < 0 else each for each in order]
    if sorted(picks) != list(range(rank)):
        return None
    return Shape(shape.dims[each] for each in picks)


def transpose(call: Call, s: Any, a: Any, b: Any) -> Shape | None:
    """Two axes exchanged."""
    if not isinstance(s, Shape) or not isinstance(a, int) or not isinstance(b, int):
        return None
    first = place(call, s, a)
    second = place(call, first[0], b) if first else None
    if first is None or second is None:
        return None
    first = place(call, second[0], a)
    if first is None:
        return None
    shape = second[0]
    dims = list(shape.dims)
    dims[first[1]], dims[second[1]] = dims[second[1]], dims[first[1]]
    return Shape(dims, shape.rest)


swap = transpose


def squeeze(call: Call, s: Any, dim: Any = None) -> Shape | None:
    """Without an axis of size 1; an axis that may or may not be 1 leaves the shape unknown."""
    if not isinstance(s, Shape):
        return None
    if dim is None:
        shape = call.world.shape(s)
        if shape.rest is not None or not all(isinstance(size, int) for size in shape.dims):
            return None
        return Shape(size for size in shape.dims if size != 1)
    found = place(call, s, dim)
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if size == 1:
        at = len(shape.dims) + axis
        return Shape(shape.dims[:at] + shape.dims[at + 1 :], shape.rest)
    if size is None or call.world.size(size) is None:
        return None
    return shape if isinstance(size, int) or not any(found.free for found in _symbols(size)) else None


def _symbols(size: Size) -> Any:
    from lintml.shapes.dim import symbols

    return symbols(size)


def unsqueeze(call: Call, s: Any, dim: Any) -> Shape | None:
    """With one more axis of size 1."""
    found = place(call, s, dim, more=1) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    at = len(shape.dims) + axis + 1
    return Shape((*shape.dims[:at], 1, *shape.dims[at:]), shape.rest)


def reduce(call: Call, s: Any, dim: Any = None, keepdim: Any = False) -> Shape | None:
    """Without the axes summed over (all of them where ``dim`` is None), or with size 1 in their place."""
    if not isinstance(s, Shape) or keepdim is UNKNOWN or dim is UNKNOWN:
        return None
    if dim is None or dim == () or dim == []:
        shape = call.world.shape(s)
        if keepdim:
            return Shape([1] * len(shape.dims)) if shape.rest is None else None
        return Shape()
    shape = s
    places: list[int] = []
    for each in listed(dim) or ():
        found = place(call, shape, each)
        if found is None:
            return None
        shape = found[0]
    for each in listed(dim) or ():
        found = place(call, shape, each)
        if found is None:
            return None
        places.append(len(shape.dims) + found[1])
    if keepdim:
        return Shape((1 if at in places else size for at, size in enumerate(shape.dims)), shape.rest)
    return Shape((size for at, size in enumerate(shape.dims) if at not in places), shape.rest)


def join(call: Call, each: Any, dim: Any) -> Shape | None:
    """Tensors laid end to end along one axis; all other axes must agree."""
    aligned = _aligned(call, each)
    if aligned is None:
        return None
    found = place(call, aligned[0], dim)
    if found is None:
        return None
    first, axis = found
    total = first.dims[axis]
    merged = list(first.dims)
    for position, other in enumerate(aligned[1:], 1):
        other = call.world.shape(other)
        if other.rest is not first.rest or len(other.dims) != len(first.dims):
            if other.rest is None and first.rest is None:
                call.refuse("rank", len(first.dims), len(other.dims), other, position=position)
            return None
        for at in range(-len(first.dims), 0):
            if at == axis:
                size = other.dims[at]
                total = None if total is None or size is None else total + size
                continue
            answer = call.world.unify(merged[at], other.dims[at])
            if answer is not True and answer is not None:
                call.refuse("joined", merged[at], other.dims[at], other, answer, position=position, index=at)
            elif merged[at] is None:
                merged[at] = other.dims[at]
    merged[axis] = total
    return call.world.shape(Shape(merged, first.rest))


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


def _aligned(call: Call, each: Any) -> list[Shape] | None:
    """A list of shapes with their ranks settled alike where one of them is known; None where one is unknown."""
    if not isinstance(each, (list, tuple)) or not each or not all(isinstance(one, Shape) for one in each):
        return None
    shapes = [call.world.shape(one) for one in each]
    ranks = [len(one.dims) for one in shapes if one.rest is None]
    if ranks:
        settled = [call.world.decide(one, [ranks[0]]) if one.rest else one for one in shapes]
        if any(one is None for one in settled):
            return None
        shapes = [one for one in settled if one is not None]
    return [call.world.shape(one) for one in shapes]


def expand(call: Call, s: Any, sizes: Sizes) -> Shape | None:
    """Axes of size 1 stretched; -1 keeps one; more sizes than axes lead."""
    wanted = listed(sizes)
    if wanted is None:
        return None
    target: list[Axis] = [size if is_size(size) else None for size in wanted]
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
        elif have is not None and have != 1 and want is not None:
            answer = call.world.unify(have, want)
            if answer is not True and answer is not None:
                call.refuse("expanded", want, have, shape, answer, index=at - len(shape.dims))
    return Shape(None if size == -1 else size for size in target)


def repeat(call: Call, s: Any, times: Sizes) -> Shape | None:
    """Every axis so many times; more numbers than axes lead, fewer are refused."""
    wanted = listed(times)
    if not isinstance(s, Shape) or wanted is None:
        return None
    shape = call.world.shape(s)
    if shape.rest is not None:
        fitting = [rank for rank in call.world.plausible(shape, 1) if rank <= len(wanted)]
        decided = call.world.decide(shape, fitting) if fitting else None
        if decided is None:
            call.refuse("repeats", len(shape.dims), len(wanted), shape)
            return None
        shape = decided
    if len(shape.dims) > len(wanted):
        call.refuse("repeats", len(shape.dims), len(wanted), shape)
        return None
    offset = len(wanted) - len(shape.dims)
    padded = (1,) * offset + shape.dims
    return Shape(None if a is None or not is_size(b) else a * b for a, b in zip(padded, wanted, strict=True))


def sizes(call: Call, size: Sizes) -> Shape | None:
    """The shape that a factory is asked for."""
    wanted = listed(size)
    return None if wanted is None else Shape(each if is_size(each) else None for each in wanted)


def chunk(call: Call, s: Any, chunks: Any, dim: Any) -> Any:
    """So many parts of an axis, equal where that is possible."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None or not isinstance(chunks, int) or not 0 < chunks <= 64:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(size, int):
        step = -(-size // chunks)
        return [_with(shape, axis, min(step, size - at)) for at in range(0, size, step)] if step else None
    part = None if size is None else floor_divide(size, chunks)
    if part is None or (isinstance(size, Dim) and part * chunks != size):
        part = None
    return [_with(shape, axis, part) for _ in range(chunks)]


def split(call: Call, s: Any, parts: Any, dim: Any) -> Any:
    """Parts of an axis: of these sizes, or as many of one size as there are."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None:
        return None
    shape, axis = found
    size = shape.dims[axis]
    if isinstance(parts, (tuple, list)):
        total: Axis = 0
        for part in parts:
            total = None if total is None or not is_size(part) else total + part
        answer = call.world.unify(total, size)
        if answer is not True and answer is not None:
            call.refuse("parts", total, size, shape, answer, index=axis)
        return [_with(shape, axis, part if is_size(part) else None) for part in parts]
    if isinstance(parts, int) and isinstance(size, int) and parts > 0 and size // parts <= 64:
        return [_with(shape, axis, min(parts, size - at)) for at in range(0, size, parts)]
    if is_size(parts) and size is not None:
        count = floor_divide(size, parts)
        if isinstance(count, int) and 0 < count <= 64 and count * parts == size:
            return [_with(shape, axis, parts) for _ in range(count)]
    return None


def unbind(call: Call, s: Any, dim: Any) -> Any:
    """One tensor for each place along an axis, which goes."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    if found is None or not isinstance(found[0].dims[found[1]], int):
        return None
    shape, axis = found
    size = shape.dims[axis]
    at = len(shape.dims) + axis
    one = Shape(shape.dims[:at] + shape.dims[at + 1 :], shape.rest)
    return [one] * size if isinstance(size, int) and size <= 64 else None


def narrow(call: Call, s: Any, dim: Any, length: Any) -> Shape | None:
    """An axis cut to a length."""
    return replace(call, s, dim, length)


def replace(call: Call, s: Any, dim: Any, size: Any) -> Shape | None:
    """One axis with another size."""
    found = place(call, s, dim) if isinstance(s, Shape) else None
    return None if found is None else _with(found[0], found[1], size if is_size(size) else None)


def select(call: Call, s: Any, dim: Any) -> Shape | None:
    """Without one axis."""
    return reduce(call, s, dim, False) if isinstance(dim, int) else None


def like(call: Call, s: Any) -> Shape | None:
    """The shape itself."""
    return s if isinstance(s, Shape) else None


def matmul(call: Call, a: Any, b: Any) -> Shape | None:
    """torch.matmul: vectors, matrices, and batches of matrices that broadcast."""
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return None
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rank == 1 or b.rank == 1:
        return _with_vector(call, a, b)
    left, right = call.world.expose(a, 2), call.world.expose(b, 2)
    if left is None or right is None:
        return None
    left = call.world.shape(left)
    answer = call.world.unify(left.dims[-1], right.dims[-2])
    if answer is not True and answer is not None:
        call.refuse("inner", left.dims[-1], right.dims[-2], right, answer, position=1, index=-2)
    front = broadcast(call, Shape(left.dims[:-2], left.rest), Shape(right.dims[:-2], right.rest), 1, behind=2)
    if front is None:
        return None
    return call.world.shape(Shape((*front.dims, left.dims[-2], right.dims[-1]), front.rest))


def _with_vector(call: Call, a: Shape, b: Shape) -> Shape | None:
    if a.rank == 0 or b.rank == 0:
        call.refuse("rank", 1, 0, a if a.rank == 0 else b, position=int(a.rank != 0))
        return None
    vector, other, axis = (a, b, -2) if a.rank == 1 else (b, a, -1)
    if a.rank == 1 and b.rank == 1:
        axis = -1
    seen = call.world.expose(other, -axis)
    if seen is None:
        return None
    answer = call.world.unify(vector.dims[0], seen.dims[axis])
    if answer is not True and answer is not None:
        call.refuse("inner", a.dims[-1], b.dims[axis if a.rank == 1 else 0], b, answer, position=1)
    at = len(seen.dims) + axis
    return Shape(seen.dims[:at] + seen.dims[at + 1 :], seen.rest)


def padded(call: Call, s: Any, pad: Sizes) -> Shape | None:
    """torch.nn.functional.pad: pairs from the last axis backwards."""
    amounts = listed(pad)
    if not isinstance(s, Shape) or amounts is None or len(amounts) % 2:
        return None
    shape = call.world.expose(s, len(amounts) // 2)
    if shape is None:
        return None
    dims = list(shape.dims)
    for at in range(0, len(amounts), 2):
        before, after, size = amounts[at], amounts[at + 1], dims[-1 - at // 2]
        known = size is not None and is_size(before) and is_size(after)
        dims[-1 - at // 2] = size + before + after if known else None  # type: ignore[operator]
    return Shape(dims, shape.rest)


def broadcast_all(call: Call, *shapes: Any) -> Shape | None:
    """Several shapes broadcast together."""
    if not shapes or not all(isinstance(shape, Shape) for shape in shapes):
        return None
    total: Shape | None = shapes[0]
    for position, shape in enumerate(shapes[1:], 1):
        total = broadcast(call, total, shape, position) if total is not None else None
    return total


def broadcast(call: Call, a: Shape, b: Shape, position: int = 1, behind: int = 0) -> Shape | None:
    """Two shapes broadcast together, None where the outcome is unknown; ``behind`` axes follow the ones compared."""
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not b.rest and a.rest is not None and b.rest is not None:
        if len(a.dims) != len(b.dims):
            return None
        call.world.rests[b.rest] = Shape((), a.rest)
        b = call.world.shape(b)
    if a.rest is not b.rest:
        short, long = (a, b) if a.rest is None else (b, a)
        if len(short.dims) > len(long.dims):
            return None
    rest: Rest | None = a.rest or b.rest
    longest = max(len(a.dims), len(b.dims))
    dims: list[Axis] = []
    for at in range(-longest, 0):
        left = a.dims[at] if -at <= len(a.dims) else 1
        right = b.dims[at] if -at <= len(b.dims) else 1
        size, answer = call.world.broadcast(left, right)
        if answer is not True and answer is not None:
            call.refuse("broadcast", left, right, b, answer, position=position, index=at - behind)
        dims.append(size)
    return Shape(dims, rest)


def same(call: Call, a: Shape, b: Shape, position: int, word: str) -> None:
    """Hold two shapes to be one."""
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not None or b.rest is not None:
        if a.rest is not b.rest:
            for one, other in ((a, b), (b, a)):
                if one.rest is not None and other.rest is None and len(one.dims) <= len(other.dims):
                    call.world.decide(one, [len(other.dims)])
                    break
            else:
                if a.rest is not None and b.rest is not None and len(a.dims) == len(b.dims):
                    call.world.rests[b.rest] = Shape((), a.rest)
            a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not b.rest:
        return
    if len(a.dims) != len(b.dims):
        if a.rest is None:
            call.refuse("rank", len(a.dims), len(b.dims), b, position=position)
        return
    for at in range(-len(a.dims), 0):
        answer = call.world.unify(a.dims[at], b.dims[at])
        if answer is not True and answer is not None:
            call.refuse(word, a.dims[at], b.dims[at], b, answer, position=position, index=at)


def product(dims: Any) -> Axis:
    """The number of elements, None where a size is unknown."""
    total: Axis = 1
    for size in dims:
        total = None if total is None or size is None else total * size
    return total


def listed(sizes: Sizes) -> Sequence[Any] | None:
    """Sizes as a sequence, however they were written; None where they are unknown."""
    if is_size(sizes):
        return (sizes,)
    if isinstance(sizes, (tuple, list)):
        if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
            return sizes[0]
        return sizes
    return None


def _with(shape: Shape, axis: int, size: Axis) -> Shape:
    at = len(shape.dims) + axis
    return Shape((*shape.dims[:at], size, *shape.dims[at + 1 :]), shape.rest)


__all__ = [*sorted(SHAPES), "MOST_AXES", "broadcast", "place", "product", "same", "slide", "stretch"]
