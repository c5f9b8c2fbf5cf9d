"""Optimizers that scale each step by the gradients seen, as torch.optim states them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import optim

from lintml.verify.references.declare import OptimizerReference, Setting
from lintml.verify.references.gradient_descent import DECAY, RATE

_BETA1 = Setting(("beta1", "beta_1", "b1"))
_BETA2 = Setting(("beta2", "beta_2", "b2"))
_EPS = Setting(("eps", "epsilon", "e"))
_ALPHA = Setting(("alpha", "rho", "decay_rate", "beta", "gamma", "smoothing", "decay"))

_ADAM = {"lr": RATE, "beta1": _BETA1, "beta2": _BETA2, "eps": _EPS, "weight_decay": DECAY}
_ADAM_BASE = {"lr": 0.01, "beta1": 0.0, "beta2": 0.0, "eps": 1e-8}
# A large eps shows where it stands; unequal betas show which is which; few steps show the bias correction.
_ADAM_GRID: tuple[Mapping[str, Any], ...] = (
    {"lr": 0.01},
    {"lr": 0.02, "beta1": 0.8, "beta2": 0.95},
    {"lr": 0.02, "beta1": 0.7, "beta2": 0.9, "eps": 0.01},
    {"lr": 0.02, "weight_decay": 0.1},
)


def _paired(make: Callable[..., optim.Optimizer]) -> Callable[..., optim.Optimizer]:
    """A maker that takes its two betas one by one."""

    def build(params: Any, beta1: float = 0.9, beta2: float = 0.999, **settings: Any) -> optim.Optimizer:
        return make(params, betas=(beta1, beta2), **settings)

    return build


def _adam_family(
    name: str, make: Callable[..., optim.Optimizer], nouns: tuple[str, ...], **more: Setting
) -> OptimizerReference:
    return OptimizerReference(name, _paired(make), {**_ADAM, **more}, _ADAM_GRID, _ADAM_BASE, nouns)


def _amsgrad(params: Any, **settings: Any) -> optim.Optimizer:
    return optim.Adam(params, amsgrad=True, **settings)


class Lion(optim.Optimizer):  # type: ignore[misc]
    """The sign of a running average of the gradient, and decoupled weight decay (Chen et al. 2023)."""

    def __init__(
        self, params: Any, lr: float = 1e-4, betas: tuple[float, float] = (0.9, 0.99), weight_decay: float = 0.0
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        """p ← (1 - lr λ) p - lr sign(β₁ m + (1 - β₁) g); m ← β₂ m + (1 - β₂) g."""
        for group in self.param_groups:
            one, two = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(torch.sign(one * m + (1 - one) * p.grad), alpha=group["lr"])
                m.mul_(two).add_(p.grad, alpha=1 - two)


_LION_GRID: tuple[Mapping[str, Any], ...] = (
    {"lr": 0.01},
    {"lr": 0.02, "beta1": 0.8, "beta2": 0.95},
    {"lr": 0.02, "weight_decay": 0.1},
)
_LION = {name: setting for name, setting in _ADAM.items() if name != "eps"}


def _rmsprop(params: Any, centered: bool = False, **settings: Any) -> optim.Optimizer:
    return optim.RMSprop(params, centered=bool(centered), **settings)


def _adafactor() -> Iterator[OptimizerReference]:
    """Adafactor (Shazeer and Stern 2018), which torch has since 2.5."""
    yield OptimizerReference(
        "torch.optim.Adafactor",
        optim.Adafactor,
        {
            "lr": RATE,
            "beta2_decay": Setting(("beta2_decay", "decay_rate", "decay")),
            "d": Setting(("d", "clip_threshold", "clipping_threshold", "threshold")),
            "weight_decay": DECAY,
        },
        (
            {"lr": 0.01},
            {"lr": 0.02, "beta2_decay": -0.5},
            {"lr": 0.02, "d": 1.01},
            {"lr": 0.02, "weight_decay": 0.1},
        ),
        {"lr": 0.01, "d": 1.0},
        ("adafactor",),
    )


REFERENCES = (
    _adam_family("torch.optim.Adam", optim.Adam, ("adam",)),
    _adam_family("torch.optim.AdamW", optim.AdamW, ("adamw",)),
    _adam_family("torch.optim.Adam(amsgrad=True)", _amsgrad, ("amsgrad",)),
    _adam_family("torch.optim.Adamax", optim.Adamax, ("adamax",)),
    _adam_family("torch.optim.NAdam", optim.NAdam, ("nadam",)),
    _adam_family("torch.optim.RAdam", optim.RAdam, ("radam",)),
    OptimizerReference(
        "torch.optim.RMSprop",
        _rmsprop,
        {
            "lr": Setting(tuple(name for name in RATE.aliases if name != "alpha")),
            "alpha": _ALPHA,
            "eps": _EPS,
            "weight_decay": DECAY,
            "momentum": Setting(("momentum", "mu"), 0.0),
            "centered": Setting(("centered", "centred"), False),
        },
        (
            {"lr": 0.01},
            {"lr": 0.02, "alpha": 0.9},
            {"lr": 0.02, "alpha": 0.8, "eps": 0.01},
            {"lr": 0.02, "weight_decay": 0.1},
            {"lr": 0.02, "momentum": 0.8},
            {"lr": 0.02, "alpha": 0.8, "centered": True},
        ),
        {"lr": 0.01, "alpha": 0.0, "eps": 1e-8},
        ("rmsprop", "rms"),
    ),
    OptimizerReference(
        "torch.optim.Adagrad",
        optim.Adagrad,
        {
            "lr": RATE,
            "lr_decay": Setting(("lr_decay",), 0.0),
            "weight_decay": DECAY,
            "initial_accumulator_value": Setting(("initial_accumulator_value", "initial_accumulator"), 0.0),
            "eps": _EPS,
        },
        (
            {"lr": 0.1},
            {"lr": 0.1, "eps": 0.01},
            {"lr": 0.1, "lr_decay": 0.1},
            {"lr": 0.1, "weight_decay": 0.1},
            {"lr": 0.1, "initial_accumulator_value": 0.2},
        ),
        {"lr": 0.1},
        ("adagrad",),
    ),
    OptimizerReference(
        "torch.optim.Adadelta",
        optim.Adadelta,
        {"lr": RATE, "rho": Setting(("rho", "decay", "gamma", "alpha")), "eps": _EPS, "weight_decay": DECAY},
        ({"lr": 1.0}, {"lr": 0.5, "rho": 0.8}, {"lr": 1.0, "eps": 0.01}, {"lr": 1.0, "weight_decay": 0.1}),
        {"lr": 1.0},
        ("adadelta",),
    ),
    OptimizerReference(
        "torch.optim.Rprop",
        optim.Rprop,
        {"lr": RATE},
        ({"lr": 0.01}, {"lr": 0.05}),
        {"lr": 0.01},
        ("rprop",),
    ),
    OptimizerReference(
        "torch.optim.ASGD",
        optim.ASGD,
        {
            "lr": RATE,
            "lambd": Setting(("lambd", "lambda_")),
            "alpha": Setting(("alpha",)),
            "t0": Setting(("t0",)),
            "weight_decay": DECAY,
        },
        ({"lr": 0.01}, {"lr": 0.05, "lambd": 0.01}, {"lr": 0.05, "alpha": 0.5}, {"lr": 0.05, "weight_decay": 0.1}),
        {"lr": 0.01},
        ("asgd",),
    ),
    OptimizerReference(
        "Lion (Chen et al. 2023)",
        _paired(Lion),
        _LION,
        _LION_GRID,
        {"lr": 0.01, "beta1": 0.0, "beta2": 0.0},
        ("lion",),
    ),
    OptimizerReference(
        "torch.optim.SparseAdam",
        _paired(optim.SparseAdam),
        {name: setting for name, setting in _ADAM.items() if name != "weight_decay"},
        _ADAM_GRID[:3],
        _ADAM_BASE,
        ("sparseadam", "lazyadam"),
    ),
    *(_adafactor() if hasattr(optim, "Adafactor") else ()),
)
