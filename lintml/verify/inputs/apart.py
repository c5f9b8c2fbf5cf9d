"""Sizes that only happen to be equal, told from those that the code wants equal: by changing them, one by one."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from lintml.verify.inputs.editing import mapped
from lintml.verify.inputs.sizes import SPATIAL, VOLUME, apart_from
from lintml.verify.inputs.spec import Recipe, Spec, Tensor, Value

Runs = Callable[[Recipe], bool]

_TOGETHER = 2
_MOST_ALIKE = 6
_IMAGE = 4


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of one input."""

    input: int
    axis: int


def apart(recipe: Recipe, runs: Runs) -> Recipe:
    """``recipe`` with sizes that differ wherever ``runs`` allows it: the axes of inputs one by one, then two by two.

    A key and its value have the same length, which need not be that of the query: the two change together.
    """
    for size in _shared(recipe):
        moved = True
        while moved:
            moved = False
            for axes in _subsets(_of_size(recipe, size)):
                changed = _sized(recipe, axes, apart_from(size, _taken(recipe)))
                if runs(changed):
                    recipe, moved = changed, True
                    break
    return recipe


def together(recipe: Recipe) -> Recipe:
    """``recipe`` with the sizes of its first tensor for every other one of that rank, as views of one thing have.

    Indices of a lower rank have those of its first axes, as the classes of scores do.
    """
    first = next(filter(None, (_free(spec) for _, spec in recipe.inputs)), ())
    return replace(recipe, inputs=tuple((name, _like(first, spec)) for name, spec in recipe.inputs), tied=())


def _like(first: tuple[int, ...], spec: Spec) -> Spec:
    rank = len(_free(spec))
    if not isinstance(spec, Tensor) or not 0 < rank <= len(first) or (rank < len(first) and spec.kind == "float"):
        return spec
    return replace(spec, shape=first[:rank])


def tied(recipe: Recipe, runs: Runs) -> Recipe:
    """``recipe``, which is apart as far as can be, with the equations that one of its inputs must fulfil for it to run.

    Axes that are equal because a layer wants that many, as the sides of an image, are no equation.
    """
    found: list[tuple[str, str]] = []
    settings = {spec.value: name for name, spec in recipe.arguments if isinstance(spec, Value)}
    for name, spec in recipe.inputs:
        if not isinstance(spec, Tensor) or spec.exact:
            continue
        for size, count in Counter(spec.shape).items():
            axes = [at for at, other in enumerate(spec.shape) if other == size]
            if count < _TOGETHER or size == 1:
                continue
            free = runs(_sized(recipe, _of_size(recipe, size), apart_from(size, _taken(recipe))))
            if not free and (size not in settings or len(spec.shape) >= _IMAGE):
                continue
            last = f"{name}.size({axes[-1]})" if free else settings[size]
            found += [(f"{name}.size({at})", last) for at in axes[:-1]]
    return replace(recipe, tied=tuple(found)) if found else recipe


def at_its_own_size(recipe: Recipe) -> bool:
    """Whether the batch or the steps have to be as many as the features: it runs, but seldom as anybody means it."""
    settings = {name for name, _ in recipe.arguments}
    return any(two in settings for _, two in recipe.tied)


def smaller(recipe: Recipe) -> Recipe:
    """``recipe`` with images of a tenth of the places."""
    less = dict(zip(SPATIAL, VOLUME, strict=False))
    return mapped(recipe, lambda t: replace(t, shape=tuple(less.get(size, size) for size in t.shape)))


def _shared(recipe: Recipe) -> list[int]:
    """The sizes that several axes have, in order."""
    sizes = Counter(size for _, spec in recipe.inputs for size in _free(spec))
    return [size for size, count in sizes.items() if 1 < count <= _MOST_ALIKE and size > 1]


def _free(spec: Spec) -> tuple[int, ...]:
    """The sizes of an input that no layer dictates as a whole."""
    return spec.shape if isinstance(spec, Tensor) and not spec.exact else ()


def _of_size(recipe: Recipe, size: int) -> list[_Axis]:
    return [
        _Axis(position, axis)
        for position, (_, spec) in enumerate(recipe.inputs)
        for axis, found in enumerate(_free(spec))
        if found == size
    ]


def _subsets(axes: list[_Axis]) -> Iterator[tuple[_Axis, ...]]:
    """Those that may change while the first keeps its size."""
    for count in range(1, _TOGETHER + 1):
        yield from itertools.combinations(axes[1:], count)


def _taken(recipe: Recipe) -> set[int]:
    inputs = {size for _, spec in recipe.inputs if isinstance(spec, Tensor) for size in spec.shape}
    return inputs | {spec.value for _, spec in recipe.arguments if isinstance(spec, Value) and type(spec.value) is int}


def _sized(recipe: Recipe, axes: Iterable[_Axis], size: int) -> Recipe:
    inputs = [*recipe.inputs]
    for one in axes:
        name, spec = inputs[one.input]
        assert isinstance(spec, Tensor)
        inputs[one.input] = (name, spec.sized(one.axis, size))
    return replace(recipe, inputs=tuple(inputs))
