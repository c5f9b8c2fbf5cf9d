"""L-BFGS (Liu and Nocedal 1989), one iteration a step, as torch.optim states it."""

from functools import partial
from typing import Any

import torch
from torch import optim

from lintml.verify import compiler
from lintml.verify.references.declare import OptimizerReference, Setting
from lintml.verify.references.gradient_descent import RATE

_one_iteration = partial(optim.LBFGS, max_iter=1, tolerance_grad=0.0, tolerance_change=0.0)


class _WholeFirstStep(optim.LBFGS):  # type: ignore[misc]
    """The first step goes along the gradient as it is, where torch shortens it to a sum of at most one."""

    def __init__(self, params: Any, lr: float = 1.0, history_size: int = 100) -> None:
        super().__init__(params, lr, 1, None, 0.0, 0.0, history_size)

    def step(self, closure: Any) -> Any:
        group = self.param_groups[0]
        fresh, rate = not self.state[group["params"][0]], group["lr"]
        if fresh:
            with torch.enable_grad():
                closure()
            group["lr"] = rate * max(1.0, float(torch.stack([p.grad.abs().sum() for p in group["params"]]).sum()))
        loss = compiler.step_of(optim.LBFGS, self, closure)
        group["lr"] = rate
        return loss


REFERENCES = (
    OptimizerReference(
        "torch.optim.LBFGS",
        _one_iteration,
        {"lr": RATE, "history_size": Setting(("history_size", "history", "memory", "m", "max_history"))},
        ({"lr": 0.1}, {"lr": 0.1, "history_size": 2}, {"lr": 0.5, "history_size": 3}),
        {"lr": 0.1},
        ("lbfgs",),
        {"its first step is not shortened": _WholeFirstStep},
    ),
)
