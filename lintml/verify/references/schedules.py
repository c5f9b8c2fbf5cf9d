"""Learning-rate schedules of torch.optim.lr_scheduler, compared by the rates that they set."""

from typing import Any

from torch.optim import Optimizer, lr_scheduler

from lintml.verify.references.declare import ScheduleReference


def _plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    return lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=patience, threshold=0.0, eps=0.0)


def _impatient_plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    """The rate falls at the ``patience``-th bad step in a row, where torch waits for one more."""
    return _plateau(optimizer, factor, patience - 1)


def _threshold_plateau(optimizer: Optimizer, factor: float, patience: int) -> Any:
    return lr_scheduler.ReduceLROnPlateau(optimizer, factor=factor, patience=patience, eps=0.0)


REFERENCES = (
    ScheduleReference(
        "torch.optim.lr_scheduler.StepLR", lr_scheduler.StepLR, {"step_size": "count", "gamma": "factor"}
    ),
    ScheduleReference("torch.optim.lr_scheduler.ExponentialLR", lr_scheduler.ExponentialLR, {"gamma": "factor"}),
    ScheduleReference(
        "torch.optim.lr_scheduler.ReduceLROnPlateau",
        _plateau,
        {"factor": "factor", "patience": "count"},
        metric=True,
        conventions={
            "its patience is that of torch plus one": _impatient_plateau,
            "with torch's relative threshold of 1e-4": _threshold_plateau,
        },
    ),
)
