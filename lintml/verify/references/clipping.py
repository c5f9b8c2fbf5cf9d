"""Gradients clipped by their norm or by their values (Pascanu et al. 2013), as torch.nn.utils does it."""

from collections.abc import Sequence

import torch

from lintml.verify.references.declare import ChangeReference

Tensors = Sequence[torch.Tensor]


def by_norm(gradients: Tensors, most: float, eps: float = 1e-6) -> list[torch.Tensor]:
    """All gradients times the same factor, where their norm together is more than ``most``."""
    norm = float(torch.linalg.vector_norm(torch.cat([one.flatten() for one in gradients])))
    return [one * min(1.0, most / (norm + eps)) for one in gradients]


def by_value(gradients: Tensors, most: float) -> list[torch.Tensor]:
    """Each value cut to what lies between -most and most."""
    return [one.clamp(-most, most) for one in gradients]


def each_by_norm(gradients: Tensors, most: float, eps: float = 1e-6) -> list[torch.Tensor]:
    """Each gradient by its own norm."""
    return [clipped for one in gradients for clipped in by_norm([one], most, eps)]


_LIMITS = (1.0, 2.5, 50.0)

REFERENCES = (
    ChangeReference(
        "torch.nn.utils.clip_grad_norm_",
        "gradients",
        _LIMITS,
        lambda old, new, most, count: by_norm(old, most),
        {"without torch's 1e-6": lambda old, new, most, count: by_norm(old, most, 0.0)},
    ),
    ChangeReference(
        "torch.nn.utils.clip_grad_value_",
        "gradients",
        (0.5, 1.0, 50.0),
        lambda old, new, most, count: by_value(old, most),
    ),
    ChangeReference(
        "clipping of each gradient by its own norm",
        "gradients",
        _LIMITS,
        lambda old, new, most, count: each_by_norm(old, most),
        {"without torch's 1e-6": lambda old, new, most, count: each_by_norm(old, most, 0.0)},
    ),
)
