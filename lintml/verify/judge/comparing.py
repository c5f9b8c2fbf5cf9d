"""When two results are the same: as near as rounding allows, and nearer than nothing at all would be."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import torch

_SMALL = 1000
_FLOOR = 4.0
_MOST_STEPS = 1e10


@dataclass(frozen=True, slots=True)
class Comparison:
    """The largest relative root-mean-square difference, the largest that passes, and whether it tells anything.

    ``inconclusive`` says why the reference could not tell right from wrong here.
    """

    worst: float
    bound: float
    inconclusive: str = ""

    @property
    def same(self) -> bool:
        """Whether the difference is rounding."""
        return not self.inconclusive and self.worst <= self.bound


def rel_rms(got: torch.Tensor, want: torch.Tensor) -> float:
    """Root mean square of the difference over that of ``want``; infinite for another shape or no finite number."""
    if got.shape != want.shape:
        return inf
    if want.numel() == 0:
        return 0.0
    got, want = got.to(torch.float64), want.to(torch.float64)
    size = float(want.pow(2).mean().sqrt())
    off = float((got - want).pow(2).mean().sqrt())
    if not isfinite(off):
        return inf
    return off / (size or 1.0)


def allowed(want: torch.Tensor, noise: float, dtype: torch.dtype) -> float:
    """How far rounding may be off: a few times what the reference itself moves when its inputs move by one rounding.

    What comes out small may have been worked out from numbers near one, as tanh is from powers of e.
    """
    times = 10 if int(want.numel()) < _SMALL else 3
    size = float(want.to(torch.float64).pow(2).mean().sqrt()) if want.numel() else 1.0
    steps = min(max(1.0, 1 / size), _MOST_STEPS) if size > 0 else 1.0
    return times * max(noise, _FLOOR * steps * float(torch.finfo(dtype).eps))


def compare(got: torch.Tensor, want: torch.Tensor, shaken: torch.Tensor, dtype: torch.dtype) -> Comparison:
    """Hold ``got`` against ``want``; ``shaken`` is the reference on inputs off by one rounding of ``dtype``."""
    if not bool(torch.isfinite(want).all()):
        return Comparison(inf, 0.0, "the reference gives values that are not finite")
    limit = allowed(want, rel_rms(shaken, want), dtype)
    if (want.numel() and rel_rms(torch.zeros_like(want), want) <= limit) or not bool(want.any()):
        return Comparison(inf, limit, "zeros would pass")
    worst = rel_rms(got, want)
    return Comparison(worst, limit)


def same_tensors(one: Sequence[torch.Tensor], two: Sequence[torch.Tensor]) -> bool:
    """Whether two results of the same computation agree in shapes and, but for rounding, in values; NaN equals NaN."""
    return len(one) == len(two) and all(
        a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=1e-9, atol=1e-12, equal_nan=True)
        for a, b in zip(one, two, strict=True)
    )


def same_values(one: Any, two: Any) -> bool:
    """Whether two values that crossed from a sandbox are the same, tensors but for rounding."""
    match one, two:
        case torch.Tensor(), torch.Tensor():
            return same_tensors([one], [two])
        case ((tuple() | list()), (tuple() | list())):
            return len(one) == len(two) and all(map(same_values, one, two))
        case dict(), dict():
            return one.keys() == two.keys() and all(same_values(one[key], two[key]) for key in one)
        case float(), float():
            return one == two or (one != one and two != two)
    return bool(one == two)


def shake(tensor: torch.Tensor, generator: torch.Generator, dtype: torch.dtype) -> torch.Tensor:
    """A float tensor with each value off by about one rounding of ``dtype``; any other tensor as it is."""
    if not tensor.is_floating_point():
        return tensor
    off = torch.randn(tensor.shape, generator=generator, dtype=torch.float64) * torch.finfo(dtype).eps
    return (tensor.to(torch.float64) * (1 + off)).to(tensor.dtype)


def finite(values: Sequence[float]) -> float | None:
    """The largest of ``values``, None where it is not finite or there is none (JSON has no infinity)."""
    largest = max(values, default=inf)
    return largest if isfinite(largest) else None
