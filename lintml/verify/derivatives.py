"""Whether a backward pass gives the slope that small steps of the inputs show, along one direction of all of them."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch

from lintml.verify import tensors

_LARGEST = 20_000
_STEPS = (1e-5, 1e-6)
_CLOSE = 1e-3


def fault(run: Callable[[list[Any]], Sequence[torch.Tensor]], inputs: list[Any], seed: int) -> str | None:
    """What is wrong with the gradients of ``run`` in float64, empty where they are right, None where nobody can say."""
    generator = tensors.seeded(seed)
    directions = [_drawn(leaf, generator) for leaf in _floats(inputs)]
    if not directions or sum(direction.numel() for direction in directions) > _LARGEST:
        return None
    given = copy.deepcopy(inputs)
    for leaf in _floats(given):
        leaf.requires_grad_()
    outputs = _floats(run(given))
    weights = [_drawn(output, generator) for output in outputs]
    if not all(output.requires_grad for output in outputs):
        return None
    torch.stack([(one * two).sum() for one, two in zip(outputs, weights, strict=True)]).sum().backward()
    pairs = zip(_floats(given), directions, strict=True)
    slope = sum(float((leaf.grad * direction).sum()) for leaf, direction in pairs if leaf.grad is not None)

    def value(step: float) -> float:
        moved = copy.deepcopy(inputs)
        with torch.no_grad():
            for leaf, direction in zip(_floats(moved), directions, strict=True):
                leaf.add_(direction, alpha=step)
            return sum(float((one * two).sum()) for one, two in zip(_floats(run(moved)), weights, strict=True))

    coarse, fine = ((value(step) - value(-step)) / (2 * step) for step in _STEPS)
    size = max(abs(fine), abs(slope), _CLOSE)
    if abs(coarse - fine) > _CLOSE * size:
        return None  # A kink lies near: no step is small enough to say.
    if abs(fine - slope) <= _CLOSE * size:
        return ""
    return f"along one direction of its inputs it rises by {fine:.4g}, but its gradient says {slope:.4g}"


def _floats(tree: Any) -> list[torch.Tensor]:
    return [leaf for leaf in tensors.leaves(tree) if leaf.is_floating_point()]


def _drawn(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(like.shape, generator=generator, dtype=torch.float64)
