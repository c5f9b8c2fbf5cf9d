"""Inputs whose sizes are larger, or multiples of a number: what is cut, folded or halved wants such."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from lintml.verify.inputs.editing import Step, leaves, mapped, put
from lintml.verify.inputs.forms import more_axes
from lintml.verify.inputs.sizes import BATCH, OTHER
from lintml.verify.inputs.spec import Recipe, Spec, Tensor, Value

LARGEST = 400
_MOST_HEADS = 8


def even(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A size that is halved."""
    yield from twice(recipe, int(found[1]))


def twice(recipe: Recipe, size: int) -> Iterator[Step]:
    """Inputs with twice a size wherever they have it."""
    doubled = mapped(recipe, lambda t: replace(t, shape=tuple(2 * s if s == size else s for s in t.shape)))
    if doubled != recipe:
        yield Step(doubled, 0)


def divisible(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """Sizes, or axes of inputs, that a number divides."""
    yield from larger(recipe)
    yield from _cut(recipe)


def larger(recipe: Recipe) -> Iterator[Step]:
    """Recipes with constructor sizes that more numbers divide."""
    for attempt, times in enumerate((2, 4, 8, 6, 12, 16)):
        arguments = tuple(
            (name, Value(spec.value * times))
            if isinstance(spec, Value) and isinstance(spec.value, int) and spec.value > 8
            else (name, spec)
            for name, spec in recipe.arguments
        )
        if arguments != recipe.arguments and _greatest(arguments) <= LARGEST:
            yield Step(replace(recipe, arguments=arguments, inputs=_times(recipe, times)), 1 + 4 * attempt)


def _greatest(arguments: tuple[tuple[str, Spec], ...]) -> int:
    return max((spec.value for _, spec in arguments if isinstance(spec, Value) and type(spec.value) is int), default=0)


def _times(recipe: Recipe, times: int) -> tuple[tuple[str, Spec], ...]:
    sizes = {spec.value for _, spec in recipe.arguments if isinstance(spec, Value) and isinstance(spec.value, int)}
    wide = {size for size in sizes if size > 8}
    return mapped(recipe, lambda t: replace(t, shape=tuple(s * times if s in wide else s for s in t.shape))).inputs


def grown(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """Images so large that the kernels fit."""
    for times in (3, 6):
        grown = mapped(recipe, partial(_larger, times))
        if max((size for _, spec in grown.inputs for t in leaves(spec) for size in t.shape), default=0) <= LARGEST:
            yield Step(grown, 2)


def _larger(times: int, tensor: Tensor) -> Tensor:
    return replace(tensor, shape=(*tensor.shape[:2], *(size * times for size in tensor.shape[2:])))


def viewed(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """``view(-1, 784)`` wants inputs of so many values: as rows, and as square images; ``(…, -1, 2)`` an even width."""
    sizes = [int(size) for size in found[1].split(",")]
    for index, (_, spec) in enumerate(recipe.inputs) if sizes[-2:-1] == [-1] or sizes[-1:] == [-1] else ():
        if isinstance(spec, Tensor) and spec.shape[:-1] == tuple(sizes[:-2]) and len(sizes) > 2:
            even = spec.sized(-1, spec.shape[-1] * max(sizes[-2:]))
            yield Step(put(recipe, index, spec, even), 1)
    yield from _square(recipe, sizes, int(found[2]))
    yield from _cut(recipe, sizes)
    wanted = math.prod(size for size in sizes if size > 0)
    for index, (_, spec) in enumerate(recipe.inputs) if len(sizes) == 2 and -1 in sizes else ():
        for tensor in leaves(spec):
            if sizes[0] == -1:
                yield Step(put(recipe, index, tensor, replace(tensor, shape=(BATCH, wanted))), 2)
            for channels in (1, 3):
                side = math.isqrt(wanted // channels)
                if side * side * channels == wanted:
                    image = (BATCH, channels, side, side)
                    yield Step(put(recipe, index, tensor, replace(tensor, shape=image, exact=channels == 1)), 3)
    yield from more_axes(recipe, found)


def _square(recipe: Recipe, sizes: Sequence[int], total: int) -> Iterator[Step]:
    """``view(n, n, -1)`` of a table for each two of so many places: as many as the table has."""
    if len(sizes) < 2 or sizes[0] != sizes[1] or sizes[0] < 2:
        return
    for other in range(1, _MOST_HEADS + 1):
        side = math.isqrt(total // other)
        if side > 1 and side * side * other == total:
            yield Step(mapped(recipe, partial(_swapped, sizes[0], side)), 1)


def _swapped(got: int, want: int, tensor: Tensor) -> Tensor:
    return replace(tensor, shape=tuple(want if size == got else size for size in tensor.shape))


def _cut(recipe: Recipe, numbers: Iterable[int] = ()) -> Iterator[Step]:
    """What is cut into pieces wants axes that their number divides, or channels that the square of it does."""
    given = [spec.value for _, spec in (*recipe.arguments, *recipe.inputs) if isinstance(spec, Value)]
    for number in dict.fromkeys((*numbers, *(value for value in given if type(value) is int))):
        if 1 < number < OTHER:
            yield from _divided(recipe, number, slice(1, None))
            yield from _divided(recipe, number * number, slice(1, 2))


def _divided(recipe: Recipe, number: int, axes: slice) -> Iterator[Step]:
    step = mapped(recipe, partial(_multiples, number, axes))
    if step != recipe:
        yield Step(step, 2)


def _multiples(number: int, axes: slice, tensor: Tensor) -> Tensor:
    """``tensor`` with the next multiples of ``number`` along ``axes``, no two the same."""
    shape = list(tensor.shape)
    for axis in range(len(shape))[axes]:
        shape[axis] += -shape[axis] % number
        while shape[axis] in shape[:axis]:
            shape[axis] += number
    return replace(tensor, shape=tuple(shape))


def multiple_of(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """Channels that a number divides."""
    yield from _divided(recipe, int(found[1]), slice(1, 2))
