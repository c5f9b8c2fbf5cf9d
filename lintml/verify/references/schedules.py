"""Learning-rate schedules of torch.optim.lr_scheduler, compared by the rates that they set."""

from functools import partial
from typing import Any

from torch.optim import Optimizer, lr_scheduler

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
