"""Patterns of einops: ``rearrange``, ``reduce``, ``repeat``, ``EinMix`` and ``einsum``, which name axes in words."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeAlias

from lintml.shapes.axes import product
from lintml.shapes.call import Call, is_size
from lintml.shapes.dim import floor_divide
from lintml.shapes.shape import Axis, Shape

Kind: TypeAlias = Literal["rearrange", "reduce", "repeat", "mix"]
Group: TypeAlias = tuple[str, ...]  # the names that one axis is made of, "..." for any axes made one

_WORD = re.compile(r"\.\.\.|\w+|[()]")
_ANY: Group = ("*",)  # any axes, each on its own


def rearrange(call: Call, kind: Kind, given: Shape | None, pattern: Any, lengths: Mapping[str, Any]) -> Shape | None:
    """The shape that a pattern makes of one tensor (einops: rearrange, reduce, repeat, their layers, EinMix).

    ``lengths`` are the sizes that the caller gives to names. What does not fit is noted on the call, axes by name.
    """
    if not isinstance(pattern, str):
        return None
    sides = [_groups(side) for side in pattern.split("->")]
    if len(sides) != 2:
        return None
    left, right = sides
    _hold_names(call, kind, left, right, lengths, given)
    known: dict[str, Axis] = {name: size if is_size(size) else None for name, size in lengths.items()}
    middle: Shape | None = None
    if given is not None:
        shape = _in_sight(call, left, given)
        if shape is None:
            return None
        at = left.index(_ANY) if _ANY in left else len(left)
        behind = len(left) - at - 1
        for axis, group in enumerate(left):
            if group != _ANY:
                _take_apart(call, group, shape, axis if axis < at else axis - len(left), known)
        if _ANY in left:
            middle = Shape(shape.dims[at : len(shape.dims) - behind], shape.rest)
    return _put_together(call, right, known, middle)


def einsum(call: Call, shapes: Sequence[Shape | None], pattern: Any) -> Shape | None:
    """einops.einsum: one name is one size in every tensor; names that the result lacks are summed over."""
    if not isinstance(pattern, str) or "(" in pattern or "..." in pattern:
        return None
    left, _, right = pattern.partition("->")
    terms = [_groups(term) for term in left.split(",")]
    if any(len(group) != 1 for group in (*_groups(right), *[group for term in terms for group in term])):
        return None
    for (name,) in _groups(right):
        if not any((name,) in term for term in terms):
            call.refuse(name, 0, 1, Shape())
            return None
    known: dict[str, Axis] = {}
    for position, (term, given) in enumerate(zip(terms, shapes, strict=False)):
        shape = call.world.decide(given, [len(term)]) if given is not None else None
        if given is not None and shape is None:
            seen = call.world.shape(given)
            call.refuse("rank", len(term), seen.rank, seen, position=position)
        for axis, (name,) in enumerate(term) if shape is not None else ():
            if known.get(name) is not None:
                call.fit(name, known[name], shape, axis, position=position)  # type: ignore[arg-type]
            else:
                known[name] = shape.dims[axis]  # type: ignore[union-attr]
    return Shape(known.get(name) for (name,) in _groups(right))


@cache
def _groups(side: str) -> tuple[Group, ...]:
    """One side of a pattern: the names of each axis; ``1`` and ``()`` are an axis without names."""
    found: list[Group] = []
    inside: list[str] | None = None
    for word in _WORD.findall(side):
        if word == "(":
            inside = []
        elif word == ")":
            found.append(tuple(inside or ()))
            inside = None
        elif inside is not None:
            inside += [word] if word != "1" else []
        else:
            found.append(_ANY if word == "..." else (word,) if word != "1" else ())
    return tuple(found)


def _hold_names(
    call: Call,
    kind: Kind,
    left: tuple[Group, ...],
    right: tuple[Group, ...],
    lengths: Mapping[str, Any],
    given: Shape | None,
) -> None:
    """Refuse a name that stands on one side only where the operation does not let it."""
    before, after = ({name for group in side for name in group if name.isidentifier()} for side in (left, right))
    fresh, gone = after - before, before - after
    if kind in ("repeat", "mix"):
        fresh -= set(lengths)
    if fresh or (gone and kind not in ("reduce", "mix")):
        call.refuse(min(fresh or gone), len(before), len(after), given if given is not None else Shape())


def _in_sight(call: Call, left: tuple[Group, ...], given: Shape) -> Shape | None:
    named = len(left) - (_ANY in left)
    if _ANY not in left:
        shape = call.world.decide(given, [named])
    elif left[0] == _ANY:
        shape = call.world.expose(given, named)
    else:
        shape = call.world.decide(given, [rank for rank in call.world.plausible(given, named) if rank >= named])
    if shape is None:
        seen = call.world.shape(given)
        call.refuse("rank", named, seen.rank, seen)
    return shape


def _take_apart(call: Call, group: Group, shape: Shape, axis: int, known: dict[str, Axis]) -> None:
    """Learn the sizes of one axis's names; at most one of them may be left to find."""
    size = shape.dims[axis]
    index = axis if axis < 0 or shape.rest is not None else axis - len(shape.dims)
    unknown = [name for name in group if not name.isdigit() and name not in known]
    fixed = product(int(name) if name.isdigit() else known[name] for name in group if name not in unknown)
    if len(unknown) > 1 or size is None or fixed is None:
        known.update(dict.fromkeys(unknown))
        return
    word = unknown[0] if unknown else group[0] if group else "1"
    if not unknown:
        call.fit(word, fixed, shape, index)
    elif fixed == 1:
        known[word] = size
    else:
        known[word] = _rest_of(call, word, size, fixed, shape, index)


def _rest_of(call: Call, word: str, size: Axis, fixed: Axis, shape: Shape, index: int) -> Axis:
    """The size of the one name that is left: what the others divide the axis into, which they must."""
    if size is None or fixed is None or fixed == 0:
        return None
    if isinstance(size, int) and isinstance(fixed, int):
        if size % fixed:
            call.refuse(word, fixed, size, shape, index=index)
            return None
        return size // fixed
    part = call.world.fresh(word)
    if call.world.unify(fixed * part, size) is True:
        return call.world.size(part)
    return floor_divide(call.world.size(size) or 0, fixed)


def _put_together(
    call: Call, right: tuple[Group, ...], known: Mapping[str, Axis], middle: Shape | None
) -> Shape | None:
    dims: list[Axis] = []
    rest = None
    for group in right:
        if group == _ANY:
            if middle is None or (middle.rest is not None and dims):
                return None
            rest = middle.rest
            dims += middle.dims
        elif "..." in group:
            sizes = None if middle is None or middle.rest is not None else product(middle.dims)
            names = product(known.get(name) for name in group if name != "...")
            dims.append(None if sizes is None or names is None else sizes * names)
        else:
            dims.append(product(int(name) if name.isdigit() else known.get(name) for name in group))
    return call.world.shape(Shape(dims, rest))
