"""What torch's error messages say about the inputs: a table of messages, each of which gives other inputs to try."""

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from lintml.verify.inputs.conform import ranked
from lintml.verify.inputs.sizes import BATCH, FREE, OTHER, SETTINGS, SPATIAL
from lintml.verify.inputs.spec import Group, Made, Recipe, Spec, Tensor, Value

_LARGEST = 400
_MOST_AXES_OF_ROWS = 3


@dataclass(frozen=True, slots=True)
class Step:
    """Another recipe to try; ``cost`` orders what is tried first."""

    recipe: Recipe
    cost: int


def repairs(recipe: Recipe, error: tuple[str, str]) -> Iterator[Step]:
    """Recipes that the message of ``error`` suggests in place of ``recipe``, the likeliest first."""
    text = error[1]
    for pattern, repair in _REPAIRS:
        found = pattern.search(text)
        if found:
            yield from repair(recipe, found)


def swap_sizes(recipe: Recipe, got: int, want: int) -> Iterator[Step]:
    """Recipes in which inputs have ``want`` where they had ``got``, or two constructor arguments are made equal."""
    everywhere = _map(recipe, lambda t: replace(t, shape=tuple(want if s == got else s for s in t.shape)))
    if everywhere != recipe and got not in FREE:
        yield Step(everywhere, 1)
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in _leaves(spec):
            for axis in range(len(tensor.shape) - 1, -1, -1):
                if tensor.shape[axis] == got:
                    yield Step(_put(recipe, index, tensor, tensor.sized(axis, want)), 2)
    yield from _equal_settings(recipe, got, want)


def _multiply(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    got, want = int(found[2]), int(found[3])
    yield from swap_sizes(recipe, got, want)
    yield from _sums(recipe, want, _wide)
    yield from _sums(recipe, want, _row)
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in _leaves(spec):
            if len(tensor.shape) >= 3 and len(tensor.shape[2:]) in (1, 2):
                for size in (28, 32, 64, 224, 227, 96, 84, 128, 48, 16, 8, 299):
                    square = tensor.shape[:2] + (size,) * len(tensor.shape[2:])
                    yield Step(_put(recipe, index, tensor, replace(tensor, shape=square)), 6)
            if len(tensor.shape) <= _MOST_AXES_OF_ROWS:
                yield Step(_put(recipe, index, tensor, replace(tensor, shape=(*tensor.shape[:-1], want))), 3)


def _mismatch(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    one, two = int(found[1]), int(found[2])
    if abs(one - two) == 1:
        # The halves of an odd size.
        yield from _twice(recipe, one + two)
    yield from swap_sizes(recipe, one, two)
    yield from swap_sizes(recipe, two, one)


def _even(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    yield from _twice(recipe, int(found[1]))


def _twice(recipe: Recipe, size: int) -> Iterator[Step]:
    doubled = _map(recipe, lambda t: replace(t, shape=tuple(2 * s if s == size else s for s in t.shape)))
    if doubled != recipe:
        yield Step(doubled, 0)


def _channels(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A convolution of several images put together wants the sum of their channels."""
    yield from _mismatch(recipe, found)
    yield from _sums(recipe, int(found[1]), _image)


def _sums(recipe: Recipe, want: int, shaped: Callable[[int, Tensor], Tensor]) -> Iterator[Step]:
    """Inputs that are put together have, in sum, what is wanted: each one a constructor size."""
    sizes = [spec.value for _, spec in recipe.arguments if isinstance(spec, Value) and type(spec.value) is int]
    for one, two in dict.fromkeys(itertools.product(sizes, repeat=2)):
        if one + two == want and len(recipe.inputs) > 1:
            features = (one, *(two for _ in recipe.inputs[1:]))
            inputs = [
                (name, _mapped(spec, partial(shaped, size)))
                for (name, spec), size in zip(recipe.inputs, features, strict=True)
            ]
            yield Step(replace(recipe, inputs=tuple(inputs)), 1)


def _wide(features: int, tensor: Tensor) -> Tensor:
    return tensor.sized(-1, features) if tensor.shape else tensor


def _row(features: int, tensor: Tensor) -> Tensor:
    return Tensor((BATCH, features))


def _image(channels: int, tensor: Tensor) -> Tensor:
    return Tensor((BATCH, channels, *SPATIAL[:2]))


def _last_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A norm over the last axes says which they are."""
    sizes = tuple(map(int, found[1].split(",")))
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in _leaves(spec):
            front = tensor.shape[: -len(sizes)] or (BATCH,)
            yield Step(_put(recipe, index, tensor, replace(tensor, shape=(*front, *sizes))), 1)


def _both(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    a, b, c, d = (int(found[n]) for n in range(1, 5))
    for want, got in ((a, c), (b, d)):
        if want != got:
            yield from swap_sizes(recipe, got, want)
            yield from swap_sizes(recipe, want, got)


def _want_rank(group: int, off: int = 0) -> Callable[[Recipe, re.Match[str]], Iterator[Step]]:
    def repair(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
        rank = int(found[group]) + off
        yield from ranks(recipe, rank, 1)

    return repair


def ranks(recipe: Recipe, rank: int, cost: int) -> Iterator[Step]:
    """Recipes with inputs of ``rank``: all of them, then one at a time."""
    every = _map(recipe, lambda t: t if _full(t, rank) else replace(t, shape=ranked(t.shape, rank)))
    if every != recipe:
        yield Step(every, cost)
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) != rank and not _full(spec, rank):
            yield Step(_put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, rank))), cost + 1)


def _full(tensor: Tensor, rank: int) -> bool:
    """Whether a tensor takes no more axes: indices stand for rows of features, which become large."""
    return tensor.kind == "index" and rank > _MOST_AXES_OF_ROWS


def _kinds(kind: str) -> Callable[[Recipe, re.Match[str]], Iterator[Step]]:
    def repair(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
        for index, (_, spec) in enumerate(recipe.inputs):
            for tensor in _leaves(spec):
                if tensor.kind != kind:
                    fresh = replace(tensor, kind=kind, below=5 if kind == "index" else 0)  # type: ignore[arg-type]
                    yield Step(_put(recipe, index, tensor, fresh), 2)

    return repair


def _lower_index(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in _leaves(spec):
            if tensor.kind == "index" and tensor.below > 2:
                yield Step(_put(recipe, index, tensor, replace(tensor, below=2)), 1)
    for position, (name, setting) in enumerate(recipe.arguments):
        if isinstance(setting, Value) and isinstance(setting.value, int) and setting.value < 100:
            yield Step(_set(recipe, position, name, Value(101)), 4)


def _divisible(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
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
        if arguments != recipe.arguments and _greatest(arguments) <= _LARGEST:
            yield Step(replace(recipe, arguments=arguments, inputs=_times(recipe, times)), 1 + 4 * attempt)


def _greatest(arguments: tuple[tuple[str, Spec], ...]) -> int:
    return max((spec.value for _, spec in arguments if isinstance(spec, Value) and type(spec.value) is int), default=0)


def _times(recipe: Recipe, times: int) -> tuple[tuple[str, Spec], ...]:
    sizes = {spec.value for _, spec in recipe.arguments if isinstance(spec, Value) and isinstance(spec.value, int)}
    larger = _map(recipe, lambda t: replace(t, shape=tuple(s * times if s in sizes and s > 8 else s for s in t.shape)))
    return larger.inputs


def _grow(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for times in (3, 6):
        grown = _map(recipe, partial(_larger, times))
        if max((size for _, spec in grown.inputs for t in _leaves(spec) for size in t.shape), default=0) <= _LARGEST:
            yield Step(grown, 2)


def _larger(times: int, tensor: Tensor) -> Tensor:
    return replace(tensor, shape=(*tensor.shape[:2], *(size * times for size in tensor.shape[2:])))


def _viewed(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """``view(-1, 784)`` wants inputs of so many values: as rows, and as square images; ``(…, -1, 2)`` an even width."""
    sizes = [int(size) for size in found[1].split(",")]
    for index, (_, spec) in enumerate(recipe.inputs) if sizes[-2:-1] == [-1] or sizes[-1:] == [-1] else ():
        if isinstance(spec, Tensor) and spec.shape[:-1] == tuple(sizes[:-2]) and len(sizes) > 2:
            even = spec.sized(-1, spec.shape[-1] * max(sizes[-2:]))
            yield Step(_put(recipe, index, spec, even), 1)
    yield from _cut(recipe, sizes)
    wanted = math.prod(size for size in sizes if size > 0)
    for index, (_, spec) in enumerate(recipe.inputs) if len(sizes) == 2 and -1 in sizes else ():
        for tensor in _leaves(spec):
            if sizes[0] == -1:
                yield Step(_put(recipe, index, tensor, replace(tensor, shape=(BATCH, wanted))), 2)
            for channels in (1, 3):
                side = math.isqrt(wanted // channels)
                if side * side * channels == wanted:
                    image = (BATCH, channels, side, side)
                    yield Step(_put(recipe, index, tensor, replace(tensor, shape=image, exact=channels == 1)), 3)
    yield from _more_axes(recipe, found)


def _cut(recipe: Recipe, numbers: Iterable[int] = ()) -> Iterator[Step]:
    """What is cut into pieces wants axes that their number divides, or channels that the square of it does."""
    given = [spec.value for _, spec in (*recipe.arguments, *recipe.inputs) if isinstance(spec, Value)]
    for number in dict.fromkeys((*numbers, *(value for value in given if type(value) is int))):
        if 1 < number < OTHER:
            yield from _divided(recipe, number, slice(1, None))
            yield from _divided(recipe, number * number, slice(1, 2))


def _divided(recipe: Recipe, number: int, axes: slice) -> Iterator[Step]:
    step = _map(recipe, partial(_multiples, number, axes))
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


def _not_divided(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    yield from _divided(recipe, int(found[1]), slice(1, 2))


def _tensors(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (name, spec) in enumerate(recipe.inputs):
        if not isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            inputs[index] = (name, Tensor((BATCH, FREE[1], FREE[2])))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def _more_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) < 5:
            yield Step(_put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, len(spec.shape) + 1))), 2)
    yield from _fewer_axes(recipe, found)


def _fewer_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) > 1:
            yield Step(_put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, len(spec.shape) - 1))), 3)


def _unpack(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    yield from ranks(recipe, int(found[1]), 1)
    yield from _tuples(recipe, found)


def _tuples(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            inputs[index] = (name, Group((spec, spec)))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def _exact(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    want, got = (tuple(int(size) for size in re.findall(r"\d+", found[n])) for n in (1, 2))
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in _leaves(spec):
            if tensor.shape == got or (isinstance(spec, Group) and len(tensor.shape) == len(want)):
                yield Step(_put(recipe, index, tensor, replace(tensor, shape=want, exact=True)), 1)


def _plain_number(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            for cost, number in enumerate((SETTINGS[0], BATCH)):
                inputs[index] = (name, Value(number))
                yield Step(replace(recipe, inputs=tuple(inputs)), 2 + cost)


def _callable(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    sizes = [s.value for _, s in recipe.arguments if isinstance(s, Value) and isinstance(s.value, int)]
    for position, (name, spec) in enumerate(recipe.arguments):
        if isinstance(spec, Value) and isinstance(spec.value, int | float):
            yield Step(_set(recipe, position, name, Made("layer", sizes[0] if sizes else BATCH)), 3)
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and spec.shape:
            inputs = [*recipe.inputs]
            inputs[index] = (name, Made("layer", spec.shape[-1]))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def _listed(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for position, (name, spec) in enumerate(recipe.arguments):
        if isinstance(spec, Value) and isinstance(spec.value, int):
            yield Step(_set(recipe, position, name, Group((Value(spec.value), Value(spec.value + 6)), "list")), 3)


def _equal_settings(recipe: Recipe, one: int, two: int) -> Iterator[Step]:
    """Two sizes that clash where one is a constructor's: the module needs them equal, which the recipe then says."""
    names = {spec.value: name for name, spec in recipe.arguments if isinstance(spec, Value) and type(spec.value) is int}
    if one == two or two not in names:
        return
    said = names.get(one) or next((f"{one // v} * {n}" for v, n in names.items() if v > 2 and one % v == 0), "")
    if not said or one > _LARGEST:
        return
    arguments = tuple((name, Value(one) if name == names[two] else spec) for name, spec in recipe.arguments)
    inputs = _map(recipe, lambda t: replace(t, shape=tuple(one if s == two else s for s in t.shape))).inputs
    yield Step(replace(recipe, arguments=arguments, inputs=inputs, equal=(*recipe.equal, (said, names[two]))), 8)


def _settings_as_features(recipe: Recipe, index: int, spec: Tensor) -> Iterator[Step]:
    """Each constructor size in the place of the features: the last axis, of an image the second."""
    axis = 1 if len(spec.shape) > 3 else -1
    for _, setting in recipe.arguments:
        if spec.shape and isinstance(setting, Value) and type(setting.value) is int and setting.value > 2:
            yield Step(_put(recipe, index, spec, spec.sized(axis, setting.value)), 6)
            if axis == 1:
                square = (setting.value,) * len(spec.shape[2:])
                yield Step(_put(recipe, index, spec, replace(spec, shape=(*spec.shape[:2], *square))), 4)


def _leaves(spec: Spec) -> list[Tensor]:
    match spec:
        case Tensor():
            return [spec]
        case Group(items):
            return list(dict.fromkeys(leaf for item in items for leaf in _leaves(item)))
    return []


def _put(recipe: Recipe, index: int, old: Tensor, new: Tensor) -> Recipe:
    inputs = [*recipe.inputs]
    inputs[index] = (inputs[index][0], _replace(inputs[index][1], old, new))
    return replace(recipe, inputs=tuple(inputs))


def _replace(spec: Spec, old: Tensor, new: Tensor) -> Spec:
    match spec:
        case Tensor():
            return new if spec == old else spec
        case Group(items):
            return replace(spec, items=tuple(_replace(item, old, new) for item in items))
    return spec


def _map(recipe: Recipe, change: Callable[[Tensor], Tensor]) -> Recipe:
    return replace(recipe, inputs=tuple((name, _mapped(spec, change)) for name, spec in recipe.inputs))


def _mapped(spec: Spec, change: Callable[[Tensor], Tensor]) -> Spec:
    match spec:
        case Tensor():
            return change(spec)
        case Group(items):
            return replace(spec, items=tuple(_mapped(item, change) for item in items))
    return spec


def _set(recipe: Recipe, position: int, name: str, spec: Spec) -> Recipe:
    arguments = [*recipe.arguments]
    arguments[position] = (name, spec)
    return replace(recipe, arguments=tuple(arguments))


_SHAPE = r"[\[(]([\d, ]+)[\])]"
_REPAIRS: tuple[tuple[re.Pattern[str], Callable[[Recipe, re.Match[str]], Iterator[Step]]], ...] = tuple(
    (re.compile(pattern), repair)
    for pattern, repair in (
        (r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x\d+\)", _multiply),
        (r"size mismatch, got input \(\d+\), mat \((\d+)x(\d+)\), vec \((\d+)\)", _multiply),
        (r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)", _mismatch),
        (r"first two dimensions of batch2 tensor to be: \[(\d+), (\d+)\] but got: \[(\d+), (\d+)\]", _both),
        (r"The expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)", _mismatch),
        (r"equal size, but got \[(?:\d+, )*(\d+)\] at entry 0 and \[(?:\d+, )*(\d+)\]", _mismatch),
        (r"must be even, but dimension \d+ is size (\d+)", _even),
        (r"must match except in dimension \d+\. (?:Expected size|Got) (\d+) (?:but got size|and) (\d+)", _mismatch),
        (r"has size (\d+) for operand \d+ which does not broadcast with previously seen size (\d+)", _mismatch),
        (r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)", _mismatch),
        (r"to have (\d+) channels, but got (\d+) channels", _channels),
        (r"running_mean should contain (\d+) elements not (\d+)", _mismatch),
        (r"expected (?:embedding|hidden) (?:dim|dimension)[^\d]*(\d+)[^\d]+(\d+)", _mismatch),
        (r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]", _mismatch),
        (r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", _mismatch),
        (r"expected input with shape \[\*, ([\d, ]+)\], but got input of size", _last_axes),
        (rf"Expected hidden(?:\[\d\])? size {_SHAPE}, got {_SHAPE}", _exact),
        (r"must be an? (\d)D tensor", _want_rank(1)),
        (r"[Ee]xpected (\d)D(?: or \dD)? (?:\(\w+\) )?(?:or \dD \(\w+\) )?(?:input|tensor)", _want_rank(1)),
        (r"[Ee]xpected \dD \(unbatched\) or (\d)D \(batched\) input", _want_rank(1)),
        (r"input must have (\d) dimensions", _want_rank(1)),
        (r"Expected (\d)-?D(?:imensional)? input", _want_rank(1)),
        (r"is not equal to len\(dims\) = (\d)", _want_rank(1)),
        (r"number of subscripts in the equation \((\d)\) does not match", _want_rank(1)),
        (r"Dimension out of range .* but got (\d)\)", _want_rank(1, 1)),
        (r"too many indices for tensor of dimension (\d)", _want_rank(1, 1)),
        (r"(?:unpack|values) \(expected (\d)", _unpack),
        (r"scalar types?: Long|expected scalar type Long|expected.* to be Long|indices must be|int64|"
         r"(?:only|must be) integer|used as indices must be", _kinds("index")),
        (r"only supports boolean masks|scalar type Bool|bitwise_.*for 'Float'|must be bool", _kinds("bool")),
        (r"not implemented for '(?:Long|Int|Bool)'|[Ee]xpected.*[Ff]loating|can only.*floating point|dtype.*got Long"
         r"|same dtype|Input type .* and (?:weight|bias) type", _kinds("float")),
        (r"between 0 and 1|out of bounds \[0, 1\]", _kinds("unit")),
        (r"index out of range|out of bounds|Class values must be|class indices", _lower_index),
        (r"size\(-?\d\)=\d+ is not divisible by (\d+)", _not_divided),
        (r"divisible|^$|assert", _divisible),
        (r"Kernel size can't be greater|[Oo]utput size is too small|smaller than kernel size", _grow),
        (r"at most \d|at least \d|[Dd]imension(?:s|al)?\b.*expected|dim", _more_axes),
        (r"shape '\[([-\d, ]+)\]' is invalid for input of size", _viewed),
        (r"cannot unpack|not subscriptable|must be tuple|object is not iterable", _tuples),
        (r"cannot be interpreted as an integer|must be (?:int|tuple of ints)|integer tensors of a single element"
         r"|argument .* must be .*(?:int|float|Number)|invalid combination of arguments - got .*Tensor", _plain_number),
        (r"argument 'input' \(position 1\) must be Tensor, not (?:int|float)", _tensors),
        (r"object is not callable", _callable),
        (r"object has no attribute '(?:size|shape|dim|view|mean|float|t)'", _tensors),
        (r"'int' object is not (?:iterable|subscriptable)|object of type 'int' has no len", _listed),
    )
)  # fmt: skip


def enumerate_inputs(recipe: Recipe) -> Iterator[Step]:
    """Every rank and kind that has not been suggested, one input at a time, then all inputs together."""
    for rank in (2, 3, 4, 1, 5):
        yield from ranks(recipe, rank, 10)
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            yield Step(_put(recipe, index, spec, Tensor((BATCH, FREE[1]), "index", 5)), 11)
            yield Step(_put(recipe, index, spec, Tensor((BATCH,), "index", 5)), 12)
            if spec.kind == "float":
                yield Step(_put(recipe, index, spec, Tensor((BATCH, 3, *SPATIAL[:2]))), 12)
            yield Step(_put(recipe, index, spec, replace(spec, kind="bool", below=0)), 13)
            for axis in range(len(spec.shape)):
                yield Step(_put(recipe, index, spec, spec.sized(axis, 1)), 20)
            yield from _settings_as_features(recipe, index, spec)
