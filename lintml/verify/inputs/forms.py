"""Inputs of another form: more or fewer axes, indices, numbers, tuples, layers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from lintml.verify.inputs.conform import ranked
from lintml.verify.inputs.editing import Step, leaves, mapped, put, with_setting
from lintml.verify.inputs.sizes import BATCH, FREE, SETTINGS
from lintml.verify.inputs.spec import Group, Made, Recipe, Tensor, Value

MOST_AXES_OF_ROWS = 3


def of_rank(group: int, off: int = 0) -> Callable[[Recipe, re.Match[str]], Iterator[Step]]:
    """A repair that gives inputs the rank that the message says."""

    def repair(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
        rank = int(found[group]) + off
        yield from ranks(recipe, rank, 1)
        if all(len(tensor.shape) <= rank for _, spec in recipe.inputs for tensor in leaves(spec)):
            # An axis too many comes from the code: one of the inputs is meant to have one less.
            yield from (replace(step, cost=1) for step in _fewer_axes(recipe, found))

    return repair


def ranks(recipe: Recipe, rank: int, cost: int) -> Iterator[Step]:
    """Recipes with inputs of ``rank``: all of them, then one at a time."""
    every = mapped(recipe, lambda t: t if _full(t, rank) else replace(t, shape=ranked(t.shape, rank)))
    if every != recipe:
        yield Step(every, cost)
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) != rank and not _full(spec, rank):
            yield Step(put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, rank))), cost + 1)


def unpacked(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """As many axes, or parts, as a shape or an input is unpacked into."""
    count = int(found[1])
    yield from ranks(recipe, count, 1)
    if count > 1:
        yield Step(mapped(recipe, lambda t: t.sized(-1, count) if len(t.shape) > 1 else t), 2)
    yield from pairs(recipe, found)


def pairs(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A tuple in place of a tensor."""
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            inputs[index] = (name, Group((spec, spec)))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def more_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """An axis more, or an axis less."""
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) < 5:
            yield Step(put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, len(spec.shape) + 1))), 2)
    yield from _fewer_axes(recipe, found)


def _fewer_axes(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    for index, (_, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and len(spec.shape) > 1:
            yield Step(put(recipe, index, spec, replace(spec, shape=ranked(spec.shape, len(spec.shape) - 1))), 3)


def _full(tensor: Tensor, rank: int) -> bool:
    """Whether a tensor takes no more axes: indices stand for rows of features, which become large."""
    return tensor.kind == "index" and rank > MOST_AXES_OF_ROWS


def of_kind(kind: str) -> Callable[[Recipe, re.Match[str]], Iterator[Step]]:
    """A repair that gives inputs another kind of values."""

    def repair(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
        for index, (_, spec) in enumerate(recipe.inputs):
            for tensor in leaves(spec):
                if tensor.kind != kind:
                    fresh = replace(tensor, kind=kind, below=5 if kind == "index" else 0)  # type: ignore[arg-type]
                    yield Step(put(recipe, index, tensor, fresh), 2)

    return repair


def lower_index(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """Smaller indices, or larger tables."""
    for index, (_, spec) in enumerate(recipe.inputs):
        for tensor in leaves(spec):
            if tensor.kind == "index" and tensor.below > 2:
                yield Step(put(recipe, index, tensor, replace(tensor, below=2)), 1)
    for position, (name, setting) in enumerate(recipe.arguments):
        if isinstance(setting, Value) and isinstance(setting.value, int) and setting.value < 100:
            yield Step(with_setting(recipe, position, name, Value(101)), 4)


def tensors_for_numbers(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A tensor in place of whatever is none."""
    for index, (name, spec) in enumerate(recipe.inputs):
        if not isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            inputs[index] = (name, Tensor((BATCH, FREE[1], FREE[2])))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def numbers_for_tensors(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A number in place of a tensor."""
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor):
            inputs = [*recipe.inputs]
            for cost, number in enumerate((SETTINGS[0], BATCH)):
                inputs[index] = (name, Value(number))
                yield Step(replace(recipe, inputs=tuple(inputs)), 2 + cost)


def layers(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A layer in place of a number or a tensor."""
    sizes = [s.value for _, s in recipe.arguments if isinstance(s, Value) and isinstance(s.value, int)]
    for position, (name, spec) in enumerate(recipe.arguments):
        if isinstance(spec, Value) and isinstance(spec.value, int | float):
            yield Step(with_setting(recipe, position, name, Made("layer", sizes[0] if sizes else BATCH)), 3)
    for index, (name, spec) in enumerate(recipe.inputs):
        if isinstance(spec, Tensor) and spec.shape:
            inputs = [*recipe.inputs]
            inputs[index] = (name, Made("layer", spec.shape[-1]))
            yield Step(replace(recipe, inputs=tuple(inputs)), 3)


def lists(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """A list in place of a number."""
    for position, (name, spec) in enumerate(recipe.arguments):
        if isinstance(spec, Value) and isinstance(spec.value, int):
            yield Step(
                with_setting(recipe, position, name, Group((Value(spec.value), Value(spec.value + 6)), "list")), 3
            )
