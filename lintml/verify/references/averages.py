"""Averages of a model's weights, kept beside it (Polyak and Juditsky 1992)."""

from collections.abc import Callable, Sequence

import torch

from lintml.verify.references.declare import ChangeReference

Tensors = Sequence[torch.Tensor]


def moved(old: Tensors, new: Tensors, share: float) -> list[torch.Tensor]:
    """The average after it has gone by ``share`` of the way from ``old`` to ``new``."""
    return [(1 - share) * one + share * two for one, two in zip(old, new, strict=True)]


def exponential(old: Tensors, new: Tensors, decay: float, count: int) -> list[torch.Tensor]:
    """decay · old + (1 - decay) · new."""
    return moved(old, new, 1 - decay)


def _share(old: Tensors, new: Tensors, share: float, count: int) -> list[torch.Tensor]:
    return moved(old, new, share)


def _warm(old: Tensors, new: Tensors, decay: float, count: int) -> list[torch.Tensor]:
    return moved(old, new, 1 - min(decay, (1 + count) / (10 + count)))


def _late(old: Tensors, new: Tensors, decay: float, count: int) -> list[torch.Tensor]:
    return moved(old, new, 1 - min(decay, count / (9 + count)))


def _copied_first(old: Tensors, new: Tensors, decay: float, count: int) -> list[torch.Tensor]:
    return moved(old, new, 1.0 if count == 1 else 1 - decay)


def equal(old: Tensors, new: Tensors, _: float, count: int) -> list[torch.Tensor]:
    """The mean of the weights at the start and after each of ``count`` calls."""
    return moved(old, new, 1 / (count + 1))


def _equal_of_calls(old: Tensors, new: Tensors, _: float, count: int) -> list[torch.Tensor]:
    return moved(old, new, 1 / count)


CONVENTIONS: dict[str, Callable[[Tensors, Tensors, float, int], list[torch.Tensor]]] = {
    "its setting is the share of the new weights": _share,
    "its decay rises to the one that is set": _warm,
    "its decay rises to the one that is set, from the first call": _late,
    "its first call copies the weights": _copied_first,
}

REFERENCES = (
    ChangeReference("exponential moving average of weights", "average", (0.9, 0.25), exponential, CONVENTIONS),
    ChangeReference(
        "equal average of weights (Izmailov et al. 2018)",
        "average",
        (0.9, 0.25),
        equal,
        {"the weights at the start do not count": _equal_of_calls},
    ),
)
