"""Shapes held against each other: broadcast, equal, multiplied as matrices."""

from typing import Any

from lintml.shapes.axes import listed, place
from lintml.shapes.call import Call
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Axis, Rest, Shape


def matmul(call: Call, a: Any, b: Any) -> Shape | None:
    """torch.matmul: vectors, matrices, and batches of matrices that broadcast."""
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return None
    a, b = call.world.shape(a), call.world.shape(b)
    for position, shape in enumerate((a, b)):
        if shape.rank == 0:
            call.refuse("rank", 1, 0, shape, position=position)
            return None
    if a.rank == 1 or b.rank == 1:
        return _with_vector(call, a, b)
    left, right = call.world.expose(a, 2), call.world.expose(b, 2)
    if left is None or right is None:
        return None
    left = call.world.shape(left)
    if left == call.world.shape(right) and _is_oblong(left):
        # Only if there were as many places as features, which is nobody's intention.
        call.refuse("inner", left.dims[-1], left.dims[-2], left, position=1, index=-2)
        return Shape((*left.dims[:-1], None), left.rest)
    call.fit("inner", left.dims[-1], right, -2, position=1)
    front = broadcast(call, Shape(left.dims[:-2], left.rest), Shape(right.dims[:-2], right.rest), 1, behind=2)
    if front is None:
        return None
    return call.world.shape(Shape((*front.dims, left.dims[-2], right.dims[-1]), front.rest))


def _is_oblong(shape: Shape) -> bool:
    """Whether the last axis is a parameter's or a number, and the one before it an input's own."""
    places, features = shape.dims[-2:]
    if not isinstance(places, Dim) or features is None or not all(found.free for found in symbols(places)):
        return False
    return isinstance(features, int) or not any(found.free for found in symbols(features))


def _with_vector(call: Call, a: Shape, b: Shape) -> Shape | None:
    vector, other, position = (a, b, 1) if a.rank == 1 else (b, a, 0)
    axis = -2 if position == 1 and b.rank != 1 else -1
    seen = call.world.expose(other, -axis)
    if seen is None:
        return None
    call.fit("inner", vector.dims[0], seen, axis, position=position)
    at = len(seen.dims) + axis
    return Shape(seen.dims[:at] + seen.dims[at + 1 :], seen.rest)


def broadcast_all(call: Call, *shapes: Any) -> Shape | None:
    """Several shapes broadcast together."""
    total: Shape | None = shapes[0] if shapes and isinstance(shapes[0], Shape) else None
    for position, shape in enumerate(shapes[1:], 1):
        total = broadcast(call, total, shape, position) if total is not None and isinstance(shape, Shape) else None
    return total


def broadcast(call: Call, a: Shape, b: Shape, position: int = 1, behind: int = 0) -> Shape | None:
    """Two shapes broadcast together, None where the outcome is unknown; ``behind`` axes follow the ones compared."""
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not b.rest and a.rest is not None and b.rest is not None:
        # Two inputs that are combined are alike, most often; that one has axes more cannot be told.
        if len(a.dims) != len(b.dims) or call.world.choose(2):
            return Shape(_together(call, a, b, position, behind, min(len(a.dims), len(b.dims))), Rest())
        call.world.rests[b.rest] = Shape((), a.rest)
        b = call.world.shape(b)
    if a.rest is not b.rest:
        short, long = (a, b) if a.rest is None else (b, a)
        if len(short.dims) > len(long.dims):
            if call.world.choose(2):
                unseen = [None] * (len(short.dims) - len(long.dims))
                return Shape([*unseen, *_together(call, a, b, position, behind, len(long.dims))], Rest())
            call.world.decide(long, [len(short.dims)])
            a, b = call.world.shape(a), call.world.shape(b)
    return Shape(_together(call, a, b, position, behind, max(len(a.dims), len(b.dims))), a.rest or b.rest)


def _together(call: Call, a: Shape, b: Shape, position: int, behind: int, count: int) -> list[Axis]:
    """The last axes of two shapes, broadcast together."""
    dims: list[Axis] = []
    for at in range(-count, 0):
        left = a.dims[at] if -at <= len(a.dims) else 1
        right = b.dims[at] if -at <= len(b.dims) else 1
        size, answer = call.world.broadcast(left, right)
        if answer is not True and answer is not None:
            call.refuse("broadcast", left, right, b, answer, position=position, index=at - behind)
        dims.append(size)
    return dims


def same(call: Call, a: Shape, b: Shape, position: int, word: str) -> None:
    """Hold two shapes to be one."""
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not b.rest:
        _settle_alike(call, a, b)
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


def _settle_alike(call: Call, a: Shape, b: Shape) -> None:
    """Give two shapes one rank, if that of one of them is known, or one rest of axes."""
    for one, other in ((a, b), (b, a)):
        if one.rest is not None and other.rest is None and len(one.dims) <= len(other.dims):
            call.world.decide(one, [len(other.dims)])
            return
    if a.rest is not None and b.rest is not None and len(a.dims) == len(b.dims):
        call.world.rests[b.rest] = Shape((), a.rest)


def into(call: Call, s: Any, *others: Any) -> Shape | None:
    """The shape of a tensor that is changed in place: the others broadcast to it, and may not make it larger."""
    if not isinstance(s, Shape):
        return None
    for position, other in enumerate(others, 1):
        if not isinstance(other, Shape):
            continue
        mine, theirs = call.world.shape(s), call.world.shape(other)
        if mine.rest is None and theirs.rest is None and len(theirs.dims) > len(mine.dims):
            call.refuse("rank", len(mine.dims), len(theirs.dims), theirs, position=position)
            continue
        for at in range(-min(len(mine.dims), len(theirs.dims)), 0):
            have, want = mine.dims[at], theirs.dims[at]
            if have == 1 and isinstance(want, int) and want != 1:
                call.refuse("broadcast", have, want, theirs, position=position, index=at)
        broadcast(call, mine, theirs, position)
    return call.world.shape(s)


def tensordot(call: Call, a: Any, b: Any, dims: Any) -> Shape | None:
    """torch.tensordot: the last axes of one against the first of the other, or these axes against those."""
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return None
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not None or b.rest is not None:
        return None
    if isinstance(dims, int) and not isinstance(dims, bool):
        if dims > min(len(a.dims), len(b.dims)):
            call.refuse("rank", dims, min(len(a.dims), len(b.dims)), a)
            return None
        mine, theirs = list(range(len(a.dims) - dims, len(a.dims))), list(range(dims))
    else:
        pair = dims if isinstance(dims, (tuple, list)) and len(dims) == 2 else (None, None)
        first, second = listed(pair[0]), listed(pair[1])
        if first is None or second is None or len(first) != len(second):
            return None
        found = [place(call, a, axis) for axis in first], [place(call, b, axis, position=1) for axis in second]
        if None in found[0] or None in found[1]:
            return None
        mine = [len(a.dims) + each[1] for each in found[0] if each]
        theirs = [len(b.dims) + each[1] for each in found[1] if each]
    for x, y in zip(mine, theirs, strict=True):
        _, answer = call.world.broadcast(a.dims[x], b.dims[y])
        if answer is not True and answer is not None:
            call.refuse("inner", a.dims[x], b.dims[y], b, answer, position=1, index=y - len(b.dims))
    left = [size for at, size in enumerate(a.dims) if at not in mine]
    return Shape([*left, *[size for at, size in enumerate(b.dims) if at not in theirs]])


def kron(call: Call, a: Any, b: Any) -> Shape | None:
    """torch.kron: every axis of one times that of the other, from the last."""
    if not isinstance(a, Shape) or not isinstance(b, Shape):
        return None
    a, b = call.world.shape(a), call.world.shape(b)
    if a.rest is not None or b.rest is not None:
        return None
    longest = max(len(a.dims), len(b.dims))
    left = (*[1] * (longest - len(a.dims)), *a.dims)
    right = (*[1] * (longest - len(b.dims)), *b.dims)
    return Shape(None if x is None or y is None else x * y for x, y in zip(left, right, strict=True))
