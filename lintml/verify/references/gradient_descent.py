"""Stochastic gradient descent with momentum, as torch.optim.SGD states it."""

from typing import Any

import torch

from lintml.verify import compiler
from lintml.verify.references.declare import OptimizerReference, Setting

RATE = Setting(("lr", "learning_rate", "eta", "step_size", "rate", "alpha", "base_lr", "learningrate"))
DECAY = Setting(("weight_decay", "wd", "weightdecay", "l2", "lambda_", "lam", "decay", "l2_reg"), 0.0)

_GRID: tuple[dict[str, Any], ...] = (
    {"lr": 0.1},
    {"lr": 0.03, "momentum": 0.9},
    {"lr": 0.03, "momentum": 0.8, "dampening": 0.3},
    {"lr": 0.05, "weight_decay": 0.1},
    {"lr": 0.05, "momentum": 0.7, "weight_decay": 0.05},
    {"lr": 0.05, "momentum": 0.6, "dampening": 0.2, "weight_decay": 0.05},
    {"lr": 0.05, "momentum": 0.9, "nesterov": True},
    {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.03, "nesterov": True},
)


class _Averaged(torch.optim.SGD):  # type: ignore[misc]
    """The velocity is a running average of gradients that starts at zero: dampening equal to momentum."""

    def __init__(self, params: Any, lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(params, lr=lr, momentum=momentum, dampening=momentum, weight_decay=weight_decay)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                if group["momentum"] and "momentum_buffer" not in self.state[p]:
                    self.state[p]["momentum_buffer"] = torch.zeros_like(p)
        compiler.step_of(torch.optim.SGD, self)


class _Decoupled(torch.optim.SGD):  # type: ignore[misc]
    """Weight decay shrinks the weights by lr · decay instead of joining the gradient (Loshchilov and Hutter 2019)."""

    def __init__(self, params: Any, lr: float, weight_decay: float = 0.0, **settings: Any) -> None:
        super().__init__(params, lr=lr, **settings)
        self._decay = weight_decay

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                p.mul_(1 - group["lr"] * self._decay)
        compiler.step_of(torch.optim.SGD, self)


def _nesterov(params: Any, lr: float, momentum: float = 0.0, **settings: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(params, lr=lr, momentum=momentum, nesterov=momentum > 0, **settings)


REFERENCES = (
    OptimizerReference(
        "torch.optim.SGD",
        torch.optim.SGD,
        {
            "lr": RATE,
            "momentum": Setting(("momentum", "mu", "beta", "rho", "mom", "gamma", "beta1"), 0.0),
            "dampening": Setting(("dampening", "damping", "tau"), 0.0),
            "weight_decay": DECAY,
            "nesterov": Setting(("nesterov", "use_nesterov", "is_nesterov"), False),
        },
        _GRID,
        base={"lr": 0.1},
        conventions={
            "its momentum buffer is a running average": _Averaged,
            "its weight decay is decoupled": _Decoupled,
            "it always looks ahead (nesterov)": _nesterov,
        },
    ),
)
