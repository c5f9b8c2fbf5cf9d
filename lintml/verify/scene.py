"""A module and the inputs that it runs on, as the laws are tried on them."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.inputs.spec import Recipe


class Scene:
    """A module with the inputs that it runs on; there is one of it at a time.

    ``still`` and ``lively`` are for laws that leave its weights as they are.
    """

    def __init__(self, make: Callable[[], nn.Module], recipes: Sequence[Recipe], seed: int) -> None:
        self.recipes = recipes
        self.seed = seed
        self._make = make
        self._drawn: dict[tuple[int, Recipe], list[Any]] = {}
        self._module: nn.Module | None = None
        self._state = ""

    def fresh(self) -> nn.Module:
        """The module as it was made, which ends the one that was asked for before."""
        self._state = ""
        self._module = None
        return self._make()

    @property
    def still(self) -> nn.Module:
        """The module in evaluation mode."""
        return self._in("still", lambda module: module.eval())

    @property
    def lively(self) -> nn.Module:
        """The module with weights drawn anew, for one that starts at zero lets nothing through."""
        return self._in("lively", self._enliven)

    @cached_property
    def hides(self) -> bool:
        """Whether it gives what tensors are hidden in, as a distribution."""
        with torch.no_grad():
            return not tensors.plain(self.still(*self.inputs()))

    def inputs(self, seed: int = 0, recipe: Recipe | None = None) -> list[Any]:
        """Drawn inputs; the same ``seed``, the same values."""
        key = (seed, recipe or self.recipes[0])
        if key not in self._drawn:
            generator = tensors.seeded(self.seed + seed)
            self._drawn[key] = [tensors.draw(spec, generator, torch.get_default_dtype()) for _, spec in key[1].inputs]
        return copied(self._drawn[key])

    def run(self, module: nn.Module, inputs: list[Any]) -> list[torch.Tensor]:
        """The output tensors, from a fixed random state; the inputs are copied first."""
        tensors.reseed(self.seed)
        return tensors.leaves(module(*copied(inputs)))

    def _in(self, state: str, change: Callable[[nn.Module], nn.Module]) -> nn.Module:
        if self._module is None or self._state != state:
            self._module, self._state = change(self.fresh()), state
        return self._module

    def _enliven(self, module: nn.Module) -> nn.Module:
        generator = tensors.seeded(self.seed)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.1)
        return module


def copied(inputs: list[Any]) -> list[Any]:
    """The inputs with tensors of their own."""
    return list(tensors.map_tensors(torch.clone, inputs))
