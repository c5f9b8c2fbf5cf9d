"""Muon: each matrix steps along the nearest orthogonal one to its momentum (Jordan et al. 2024)."""

import itertools
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import optim

from lintml.verify.references.declare import OptimizerReference, Setting
from lintml.verify.references.gradient_descent import DECAY, RATE

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)
_EPS = 1e-7
# The iteration is mostly done in bfloat16, which turns the steps by 0.06 of their length; one iteration fewer, by 0.35.
_ROUGH = 0.1


def orthogonal(matrix: torch.Tensor, steps: int) -> torch.Tensor:
    """From the matrix over its norm, on its longer side: ``steps`` times X ← a X + (b A + c A²) X with A = X Xᵀ."""
    a, b, c = _COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + _EPS)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


def by_shape(rows: int, columns: int) -> float:
    """As in the rule as it was published."""
    return math.sqrt(max(1.0, rows / columns))


def as_adamw(rows: int, columns: int) -> float:
    """So that steps are as long as those of AdamW (Liu et al. 2025)."""
    return 0.2 * math.sqrt(max(rows, columns))


def alike(rows: int, columns: int) -> float:
    """Not scaled."""
    return 1.0


class Muon(optim.Optimizer):  # type: ignore[misc]
    """Decoupled weight decay, then a step along the orthogonal part of the momentum, times ``scale`` of the shape."""

    def __init__(
        self,
        params: Any,
        lr: float,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.0,
        ns_steps: int = 5,
        scale: Callable[[int, int], float] = by_shape,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self._form = nesterov, ns_steps, scale

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        """Raises ValueError for a parameter that is no matrix."""
        ahead, steps, scale = self._form
        for group in self.param_groups:
            for p in group["params"]:
                if p.dim() != 2:
                    raise ValueError("Muon takes matrices")
                momentum = self.state[p].setdefault("momentum", torch.zeros_like(p))
                momentum.lerp_(p.grad, 1 - group["momentum"])
                way = p.grad.lerp(momentum, group["momentum"]) if ahead else momentum
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(orthogonal(way, steps), alpha=group["lr"] * scale(*p.shape))


def _conventions() -> Mapping[str, Callable[..., optim.Optimizer]]:
    """The rule in all its forms, each with what is said of it."""
    scales = {"": by_shape, "its steps are as long as those of AdamW": as_adamw, "its steps are not scaled": alike}
    looks = {"": {}, "it does not look ahead": {"nesterov": False}}
    return {
        "; ".join(filter(None, (scaled, looking))): partial(Muon, scale=scales[scaled], **looks[looking])
        for looking, scaled in itertools.product(looks, scales)
        if scaled or looking
    }


REFERENCES = (
    OptimizerReference(
        "torch.optim.Muon",
        Muon,
        {
            "lr": RATE,
            "momentum": Setting(("momentum", "mu", "beta", "mom")),
            "nesterov": Setting(("nesterov", "use_nesterov"), False),
            "weight_decay": DECAY,
            "ns_steps": Setting(("ns_steps", "steps", "backend_steps", "n_steps", "num_steps", "iterations")),
        },
        (
            {"lr": 0.02},
            {"lr": 0.02, "momentum": 0.7},
            {"lr": 0.02, "weight_decay": 2.0},
            {"lr": 0.05, "momentum": 0.9, "nesterov": True},
            {"lr": 0.02, "ns_steps": 3},
        ),
        {"lr": 0.02},
        ("muon",),
        _conventions(),
        _ROUGH,
    ),
)
