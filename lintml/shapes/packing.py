"""``einops.pack`` and ``unpack``: tensors that share some axes, and whose other axes, any number, are made one."""

from collections.abc import Sequence
from typing import Any

from lintml.shapes.axes import product
from lintml.shapes.call import Call, is_size
from lintml.shapes.shape import Axis, Shape


def pack(call: Call, shapes: Sequence[Shape | None], pattern: Any) -> Shape | None:
    """The shape of the tensors made one (einops.pack): ``*`` in the pattern is where their own axes stand in a row."""
    named = _around(pattern)
    if named is None:
        return None
    ahead, behind = named
    shared: dict[str, Axis] = {}
    row: list[Axis] = []
    for position, given in enumerate(shapes):
        shape = _in_sight(call, given, ahead, behind, position)
        if shape is None:
            row.append(None)
            continue
        rank = len(shape.dims)
        for word, index in zip((*ahead, *behind), (*range(len(ahead)), *range(rank - len(behind), rank)), strict=True):
            if shared.get(word) is not None:
                call.fit(word, shared[word], shape, index - rank, position=position)
            else:
                shared[word] = shape.dims[index]
        row.append(None if shape.rest is not None else product(shape.dims[len(ahead) : rank - len(behind)]))
    total: Axis = None if not row or None in row else sum(size for size in row if size is not None)
    return call.world.shape(Shape((*map(shared.get, ahead), total, *map(shared.get, behind))))


def own_axes(shape: Shape | None, pattern: Any) -> tuple[Axis, ...] | None:
    """What ``pack`` says of one tensor beside the result: the sizes of its own axes; None where they are not known."""
    named = _around(pattern)
    if named is None or shape is None or shape.rest is not None:
        return None
    ahead, behind = map(len, named)
    return shape.dims[ahead : len(shape.dims) - behind] if len(shape.dims) >= ahead + behind else None


def unpack(call: Call, parts: Sequence[Any], pattern: Any) -> list[Shape | None]:
    """The shapes of the tensors that one is taken apart into (einops.unpack), one for each of ``parts``."""
    named = _around(pattern)
    ahead, behind = named or ([], [])
    shape = call.ranked(0, len(ahead) + 1 + len(behind)) if named is not None else None
    if shape is None:
        return [None] * len(parts)
    sizes = [part if isinstance(part, tuple) and all(map(is_size, part)) else None for part in parts]
    if all(part is not None and -1 not in part for part in sizes):
        total: Axis = sum(size for part in sizes if (size := product(part or ())) is not None)
        call.fit("*", total, shape, len(ahead) - len(shape.dims))
    first, last = shape.dims[: len(ahead)], shape.dims[len(ahead) + 1 :]
    return [
        None if part is None else Shape((*first, *[None if size == -1 else size for size in part], *last))
        for part in sizes
    ]


def _around(pattern: Any) -> tuple[list[str], list[str]] | None:
    """The names ahead of the star and behind it."""
    if not isinstance(pattern, str):
        return None
    words = pattern.split()
    if words.count("*") != 1 or len({*words}) != len(words):
        return None
    at = words.index("*")
    return words[:at], words[at + 1 :]


def _in_sight(
    call: Call, given: Shape | None, ahead: Sequence[str], behind: Sequence[str], position: int
) -> Shape | None:
    """A tensor's shape where every named axis can be told; refused where it has too few."""
    if given is None:
        return None
    least = len(ahead) + len(behind)
    shape = call.world.shape(given)
    if shape.rest is not None:
        return None if ahead else call.world.expose(shape, least)
    if len(shape.dims) < least:
        call.refuse("rank", least, shape.rank, shape, position=position)
        return None
    return shape
