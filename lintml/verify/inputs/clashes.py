"""Inputs of other sizes, where two sizes clash: what one is, the other may become."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from lintml.verify.inputs.editing import Step, leaves, mapped, mapped_spec, put
from lintml.verify.inputs.factors import LARGEST, twice
from lintml.verify.inputs.forms import MOST_AXES_OF_ROWS
from lintml.verify.inputs.sizes import BATCH, FREE, SPATIAL
from lintml.verify.inputs.spec import Group, Recipe, Tensor, Value


def swap_sizes(recipe: Recipe, got: int, want: int) -> Iterator[Step]:
    """Recipes in which inputs have ``want`` where they had ``got``, or two constructor arguments are made equal."""
    everywhere = mapped(recipe, lambda t: replace(t, shape=tuple(want if s == got else s for s in t.shape)))
    if everywhere != recipe and got not in FREE:
        yield Step(everywhere, 1)
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in leaves(spec):
            for axis in range(len(tensor.shape) - 1, -1, -1):
                if tensor.shape[axis] == got:
                    yield Step(put(recipe, index, tensor, tensor.sized(axis, want)), 2)
    yield from _equal_settings(recipe, got, want)


def multiplied(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """What a matrix product says: the features of an input, of inputs put side by side, of a flattened image."""
    got, want = int(found[2]), int(found[3])
    yield from swap_sizes(recipe, got, want)
    yield from _sums(recipe, want, _wide)
    yield from _sums(recipe, want, _row)
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in leaves(spec):
            if len(tensor.shape) >= 3 and len(tensor.shape[2:]) in (1, 2):
                for size in (28, 32, 64, 224, 227, 96, 84, 128, 48, 16, 8, 299):
                    square = tensor.shape[:2] + (size,) * len(tensor.shape[2:])
                    yield Step(put(recipe, index, tensor, replace(tensor, shape=square)), 6)
            if len(tensor.shape) <= MOST_AXES_OF_ROWS:
                yield Step(put(recipe, index, tensor, replace(tensor, shape=(*tensor.shape[:-1], want))), 3)


def mismatched(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """One of two sizes that differ becomes the other; of two that differ by one, both are halves of an odd one."""
    one, two = int(found[1]), int(found[2])
    if abs(one - two) == 1:
        # The halves of an odd size.
        yield from twice(recipe, one + two)
        for times in (8, 32):
            yield Step(mapped(recipe, partial(_halved_often, times)), 1)
    yield from _in_two_parts(recipe, one, two)
    yield from swap_sizes(recipe, one, two)
    yield from swap_sizes(recipe, two, one)


def _in_two_parts(recipe: Recipe, one: int, two: int) -> Iterator[Step]:
    """Features that are cut where the code says, as the corners of a box are: as many before as after."""
    even = mapped(recipe, partial(_last_size, one + two, 2 * min(one, two)))
    if even != recipe and min(one, two) > 1:
        yield Step(even, 1)


def _halved_often(times: int, tensor: Tensor) -> Tensor:
    """Images and signals whose sides are multiples of ``times``, no two the same."""
    front, sides = tensor.shape[:2], tensor.shape[2:]
    if len(front) + len(sides) < 3 or tensor.kind != "float":
        return tensor
    return replace(tensor, shape=(*front, *(times * -(-size // times) + times * at for at, size in enumerate(sides))))


def _last_size(got: int, want: int, tensor: Tensor) -> Tensor:
    return tensor.sized(-1, want) if tensor.shape[-1:] == (got,) else tensor


def channels(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A convolution of several images put together wants the sum of their channels."""
    yield from mismatched(recipe, found)
    yield from _sums(recipe, int(found[1]), _image)


def both_sizes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """The first two axes of a batch of matrices."""
    a, b, c, d = (int(found[n]) for n in range(1, 5))
    for want, got in ((a, c), (b, d)):
        if want != got:
            yield from swap_sizes(recipe, got, want)
            yield from swap_sizes(recipe, want, got)


def last_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A norm over the last axes says which they are."""
    sizes = tuple(map(int, found[1].split(",")))
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in leaves(spec):
            front = tensor.shape[: -len(sizes)] or (BATCH,)
            yield Step(put(recipe, index, tensor, replace(tensor, shape=(*front, *sizes))), 1)


def exact_shape(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A shape that the message gives whole."""
    want, got = (tuple(int(size) for size in re.findall(r"\d+", found[n])) for n in (1, 2))
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in leaves(spec):
            if tensor.shape == got or (isinstance(spec, Group) and len(tensor.shape) == len(want)):
                yield Step(put(recipe, index, tensor, replace(tensor, shape=want, exact=True)), 1)


def _sums(recipe: Recipe, want: int, shaped: Callable[[int, Tensor], Tensor]) -> Iterator[Step]:
    """Inputs that are put together have, in sum, what is wanted: each one a constructor size."""
    sizes = [spec.value for _, spec in recipe.arguments if isinstance(spec, Value) and type(spec.value) is int]
    for one, two in dict.fromkeys(itertools.product(sizes, repeat=2)):
        if one + two == want and len(recipe.inputs) > 1:
            features = (one, *(two for _ in recipe.inputs[1:]))
            inputs = [
                (name, mapped_spec(spec, partial(shaped, size)))
                for (name, spec), size in zip(recipe.inputs, features, strict=True)
            ]
            yield Step(replace(recipe, inputs=tuple(inputs)), 1)


def _wide(features: int, tensor: Tensor) -> Tensor:
    return tensor.sized(-1, features) if tensor.shape else tensor


def _row(features: int, tensor: Tensor) -> Tensor:
    return Tensor((BATCH, features))


def _image(channels: int, tensor: Tensor) -> Tensor:
    return Tensor((BATCH, channels, *SPATIAL[:2]))


def _equal_settings(recipe: Recipe, one: int, two: int) -> Iterator[Step]:
    """Two sizes that clash where one is a constructor's: the module needs them equal, which the recipe then says."""
    names = {spec.value: name for name, spec in recipe.arguments if isinstance(spec, Value) and type(spec.value) is int}
    if one == two or two not in names:
        return
    said = names.get(one) or next((f"{one // v} * {n}" for v, n in names.items() if v > 2 and one % v == 0), "")
    if not said or one > LARGEST:
        return
    arguments = tuple((name, Value(one) if name == names[two] else spec) for name, spec in recipe.arguments)
    inputs = mapped(recipe, lambda t: replace(t, shape=tuple(one if s == two else s for s in t.shape))).inputs
    yield Step(replace(recipe, arguments=arguments, inputs=inputs, equal=(*recipe.equal, (said, names[two]))), 8)
