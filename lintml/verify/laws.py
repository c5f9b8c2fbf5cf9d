"""Properties that hold whatever a module computes: what it does to its inputs, its gradients and its state."""

import copy
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.inputs.spec import Recipe


@dataclass(frozen=True, slots=True)
class Law:
    """A property that was tried: whether it held, and otherwise what was seen."""

    name: str
    held: bool
    seen: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A module with the inputs that it runs on; ``fresh`` makes it again with the same weights."""

    fresh: Callable[[], nn.Module]
    recipe: Recipe
    seed: int

    def inputs(self, seed: int = 0) -> list[Any]:
        """Drawn inputs; the same ``seed``, the same values."""
        generator = tensors.seeded(self.seed + seed)
        return [tensors.draw(spec, generator, torch.get_default_dtype()) for _, spec in self.recipe.inputs]

    def run(self, module: nn.Module, inputs: list[Any]) -> list[torch.Tensor]:
        """The output tensors, from a fixed random state."""
        torch.manual_seed(self.seed)
        return tensors.leaves(module(*inputs))


def check(make: Callable[[], Any], recipe: Recipe, seed: int, only: Iterable[str] | None = None) -> list[Law]:
    """The laws that apply to what ``make`` makes, each tried; one that cannot be tried is left out."""
    if not isinstance(make(), nn.Module):
        return []
    scene = Scene(make, recipe, seed)
    wanted = set(only) if only is not None else set(_LAWS)
    found = []
    for name, law in _LAWS.items():
        if name not in wanted:
            continue
        try:
            seen = next(law(scene), None)
        except Exception:
            continue
        if seen is not None:
            found.append(Law(name, not seen, seen))
    return found


def _deterministic(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    with torch.no_grad():
        one = tensors.leaves(module(*copy.deepcopy(inputs)))
        two = tensors.leaves(module(*copy.deepcopy(inputs)))
    yield "" if _same(one, two) else "two runs in eval mode give different values"


def _inputs_kept(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    before = [leaf.clone() for leaf in tensors.leaves(inputs)]
    with torch.no_grad():
        scene.run(module, inputs)
    changed = [
        i for i, (old, new) in enumerate(zip(before, tensors.leaves(inputs), strict=True)) if not torch.equal(old, new)
    ]
    yield f"forward changes input {changed[0]} in place" if changed else ""


def _gradients(scene: Scene) -> Iterator[str]:
    module = scene.fresh().train()
    outputs = [leaf for leaf in scene.run(module, scene.inputs()) if leaf.requires_grad]
    parameters = dict(module.named_parameters())
    if not parameters or not outputs:
        return
    # A random weighting: the plain sum of a softmax or of a normalised row has no gradient at all.
    generator = tensors.seeded(scene.seed)
    torch.stack([(leaf * torch.randn(leaf.shape, generator=generator)).sum() for leaf in outputs]).sum().backward()
    dead = [name for name, p in parameters.items() if p.requires_grad and (p.grad is None or not p.grad.any())]
    yield f"no gradient reaches {', '.join(dead[:4])}" if dead else ""


def _state_kept(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    if not module.state_dict():
        return
    with torch.no_grad():
        generator = tensors.seeded(scene.seed)
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
        file = io.BytesIO()
        torch.save(module.state_dict(), file)
        file.seek(0)
        other = scene.fresh().eval()
        other.load_state_dict(torch.load(file, weights_only=True))
        kept = _same(scene.run(module, scene.inputs()), scene.run(other, scene.inputs()))
    yield "" if kept else "a copy that loaded the state gives other values: something that matters is not in state_dict"


def _inputs_used(scene: Scene) -> Iterator[str]:
    module = scene.fresh().eval()
    inputs = scene.inputs()
    with torch.no_grad():
        base = scene.run(module, copy.deepcopy(inputs))
        dead = []
        for index, (name, _) in enumerate(scene.recipe.inputs):
            other = copy.deepcopy(inputs)
            other[index] = scene.inputs(seed=1)[index]
            if tensors.leaves(other[index]) and _same(base, scene.run(module, other)):
                dead.append(name)
    yield f"nothing depends on {', '.join(dead)}" if dead else ""


def _same(one: list[torch.Tensor], two: list[torch.Tensor]) -> bool:
    return len(one) == len(two) and all(
        a.shape == b.shape and torch.allclose(a, b, rtol=1e-6, atol=1e-7, equal_nan=True)
        for a, b in zip(one, two, strict=True)
    )


_LAWS: dict[str, Callable[[Scene], Iterator[str]]] = {
    "deterministic in eval mode": _deterministic,
    "inputs are not changed": _inputs_kept,
    "gradient reaches every parameter": _gradients,
    "state_dict holds the state": _state_kept,
    "every input matters": _inputs_used,
}
