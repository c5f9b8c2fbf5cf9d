"""Learning-rate schedules of torch.optim.lr_scheduler, compared by the rates that they set."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from torch.optim import Optimizer, lr_scheduler

from lintml.verify.guest.workshop import Falling, Planned
from lintml.verify.references.declare import ScheduleReference

_COUNTS = (3, 7)
_FACTORS = (0.5, 0.3)
_FLOORS = (0.01, 0.002)
_LENGTHS = (20, 31)


def _plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    return lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=patience, threshold=0.0, eps=0.0)


def _impatient_plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    """The rate falls at the ``patience``-th bad step in a row, where torch waits for one more."""
    return _plateau(optimizer, factor, patience - 1)


def _threshold_plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    return lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=patience, eps=0.0)


def _floored_plateau(optimizer: Optimizer, factor: float, patience: int, min_lr: float) -> Any:
    return lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=factor, patience=patience, threshold=0.0, eps=0.0, min_lr=min_lr
    )


def _impatient_floored_plateau(optimizer: Optimizer, factor: float, patience: int, min_lr: float) -> Any:
    return _floored_plateau(optimizer, factor, patience - 1, min_lr)


def noam(step: int, width: float, warm_up: float) -> float:
    """width^-½ · min(step^-½, step · warm_up^-1½), counted from 1 (Vaswani et al. 2017, equation 3)."""
    return float(width**-0.5 * min(step**-0.5, step * warm_up**-1.5))


def warm_cosine(step: int, warm_up: int, total: int) -> float:
    """A factor that rises to one over ``warm_up`` steps, then falls as half a cosine until ``total``."""
    if step < warm_up:
        return step / max(1, warm_up)
    return max(0.0, 0.5 * (1 + math.cos(math.pi * (step - warm_up) / max(1, total - warm_up))))


def warm_linear(step: int, warm_up: int, total: int) -> float:
    """The same with a straight fall."""
    if step < warm_up:
        return step / max(1, warm_up)
    return max(0.0, (total - step) / max(1, total - warm_up))


class Rates:
    """Sets the rate to what ``rate`` says of the number of steps so far, at once or only when stepped."""

    def __init__(self, optimizer: Optimizer, rate: Callable[[int], float], late: bool = False) -> None:
        self._groups = optimizer.param_groups
        self._rate = rate
        self._steps = 0
        if not late:
            self._set()

    def step(self) -> None:
        """One more step."""
        self._steps += 1
        self._set()

    def _set(self) -> None:
        for group in self._groups:
            group["lr"] = self._rate(self._steps)


def _noam(optimizer: Optimizer, width: int, warm_up: int, base: bool = False, late: bool = False) -> Rates:
    start = optimizer.param_groups[0]["lr"] if base else 1.0
    return Rates(optimizer, lambda step: start * noam(max(step, 1), width, warm_up), late)


def _counted_noam(optimizer: Optimizer, width: int, warm_up: int) -> Rates:
    start = optimizer.param_groups[0]["lr"]
    return Rates(optimizer, lambda step: start * noam(step + 1, width, warm_up))


def _scaled_noam(optimizer: Optimizer, width: int, warm_up: int, factor: float) -> Rates:
    return Rates(optimizer, lambda step: factor * noam(max(step, 1), width, warm_up), late=True)


def _risen(
    factor: Callable[[int, int, int], float], optimizer: Optimizer, warm_up: int, total: int, ahead: int = 0
) -> Rates:
    start = optimizer.param_groups[0]["lr"]
    return Rates(optimizer, lambda step: start * factor(step + ahead, warm_up, total), late=True)


def _rising(name: str, factor: Callable[[int, int, int], float]) -> ScheduleReference:
    return ScheduleReference(
        name,
        lambda optimizer, warm_up, total: lr_scheduler.LambdaLR(optimizer, lambda step: factor(step, warm_up, total)),
        {"warm_up": (7, 11), "total": (70, 90)},
        conventions={
            "its first rate is that of the optimizer": partial(_risen, factor),
            "it counts from one": lambda optimizer, warm_up, total: lr_scheduler.LambdaLR(
                optimizer, lambda step: factor(step + 1, warm_up, total)
            ),
        },
    )


def _one_after_the_other(optimizer: Optimizer, schedulers: Planned, milestones: list[int]) -> Any:
    return lr_scheduler.SequentialLR(optimizer, schedulers(optimizer), milestones)


def _late_warm_up(optimizer: Optimizer, start_factor: float, total_iters: int) -> Any:
    return lr_scheduler.LinearLR(optimizer, start_factor=start_factor, total_iters=total_iters)


REFERENCES = (
    ScheduleReference(
        "torch.optim.lr_scheduler.StepLR", lr_scheduler.StepLR, {"step_size": _COUNTS, "gamma": _FACTORS}
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.MultiStepLR",
        lr_scheduler.MultiStepLR,
        {"milestones": ([3, 11, 20], [5, 8]), "gamma": _FACTORS},
    ),
    ScheduleReference("torch.optim.lr_scheduler.ExponentialLR", lr_scheduler.ExponentialLR, {"gamma": (0.9, 0.7)}),
    ScheduleReference(
        "torch.optim.lr_scheduler.CosineAnnealingLR", lr_scheduler.CosineAnnealingLR, {"T_max": _LENGTHS}
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.CosineAnnealingLR",
        lr_scheduler.CosineAnnealingLR,
        {"T_max": _LENGTHS, "eta_min": _FLOORS},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
        lr_scheduler.CosineAnnealingWarmRestarts,
        {"T_0": (7, 11), "T_mult": (1, 2)},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
        lr_scheduler.CosineAnnealingWarmRestarts,
        {"T_0": (7, 11), "T_mult": (1, 2), "eta_min": _FLOORS},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.LinearLR", _late_warm_up, {"start_factor": (0.1, 0.25), "total_iters": _LENGTHS}
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.LinearLR",
        lr_scheduler.LinearLR,
        {"start_factor": (0.1, 0.25), "end_factor": (0.9, 0.8), "total_iters": _LENGTHS},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.ConstantLR",
        lr_scheduler.ConstantLR,
        {"factor": _FACTORS, "total_iters": _LENGTHS},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.PolynomialLR",
        lr_scheduler.PolynomialLR,
        {"total_iters": _LENGTHS, "power": (2.0, 0.5)},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.OneCycleLR",
        partial(lr_scheduler.OneCycleLR, cycle_momentum=False),
        {"max_lr": (0.5, 0.3), "total_steps": (70, 90)},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.CyclicLR",
        partial(lr_scheduler.CyclicLR, cycle_momentum=False),
        {"base_lr": (0.01, 0.05), "max_lr": (0.5, 0.3), "step_size_up": (7, 10)},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.LambdaLR", lr_scheduler.LambdaLR, {"lr_lambda": (Falling(3), Falling(7))}
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.MultiplicativeLR",
        lr_scheduler.MultiplicativeLR,
        {"lr_lambda": (Falling(30), Falling(70))},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.SequentialLR",
        _one_after_the_other,
        {"schedulers": (Planned(0), Planned(1)), "milestones": ([6], [9])},
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.ChainedScheduler",
        lambda optimizer, schedulers: lr_scheduler.ChainedScheduler(schedulers(optimizer), optimizer),
        {"schedulers": (Planned(0), Planned(1))},
    ),
    ScheduleReference(
        "the rate of Vaswani et al. (2017)",
        _noam,
        {"width": (64, 96), "warm_up": (7, 20)},
        conventions={
            "set at the first step": partial(_noam, late=True),
            "times the rate of the optimizer": partial(_noam, base=True),
            "times the rate of the optimizer, counted from one": _counted_noam,
        },
    ),
    ScheduleReference(
        "the rate of Vaswani et al. (2017)",
        _scaled_noam,
        {"width": (64, 96), "warm_up": (7, 20), "factor": (2.0, 0.5)},
    ),
    _rising("linear warm-up, then a cosine (Loshchilov and Hutter 2017)", warm_cosine),
    _rising("linear warm-up, then linear", warm_linear),
    ScheduleReference(
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        _plateau,
        {"factor": _FACTORS, "patience": _COUNTS},
        metric=True,
        conventions={
            "its patience is that of torch plus one": _impatient_plateau,
            "with torch's relative threshold of 1e-4": _threshold_plateau,
        },
    ),
    ScheduleReference(
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        _floored_plateau,
        {"factor": _FACTORS, "patience": _COUNTS, "min_lr": (0.02, 0.005)},
        metric=True,
        conventions={"its patience is that of torch plus one": _impatient_floored_plateau},
    ),
)
