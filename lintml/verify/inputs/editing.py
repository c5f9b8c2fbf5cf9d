"""Recipes with one thing changed: an input, a size, a setting."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lintml.verify.inputs.spec import Group, Recipe, Spec, Tensor


@dataclass(frozen=True, slots=True)
class Step:
    """Another recipe to try; ``cost`` orders what is tried first."""

    recipe: Recipe
    cost: int


def leaves(spec: Spec) -> list[Tensor]:
    """The different tensors of a spec."""
    match spec:
        case Tensor():
            return [spec]
        case Group(items):
            return list(dict.fromkeys(leaf for item in items for leaf in leaves(item)))
    return []


def put(recipe: Recipe, index: int, old: Tensor, new: Tensor) -> Recipe:
    """``recipe`` with ``new`` for ``old`` in one input."""
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


def mapped(recipe: Recipe, change: Callable[[Tensor], Tensor]) -> Recipe:
    """``recipe`` with every tensor of its inputs changed."""
    return replace(recipe, inputs=tuple((name, mapped_spec(spec, change)) for name, spec in recipe.inputs))


def mapped_spec(spec: Spec, change: Callable[[Tensor], Tensor]) -> Spec:
    """``spec`` with every tensor in it changed."""
    match spec:
        case Tensor():
            return change(spec)
        case Group(items):
            return replace(spec, items=tuple(mapped_spec(item, change) for item in items))
    return spec


def with_setting(recipe: Recipe, position: int, name: str, spec: Spec) -> Recipe:
    """``recipe`` with another constructor argument."""
    arguments = [*recipe.arguments]
    arguments[position] = (name, spec)
    return replace(recipe, arguments=tuple(arguments))
