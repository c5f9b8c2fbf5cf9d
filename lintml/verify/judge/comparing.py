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


class Yardstick:
    """What a reference gives, ``want``, and how far from it is near: ``shaken`` is the same of inputs one rounding off.

    Made once for all that is held against it. Where scores are masked, all three are infinite in the same places.
    """

    def __init__(self, want: torch.Tensor, shaken: torch.Tensor, dtype: torch.dtype) -> None:
        self._size = _rms(want)
        self._masked = _masked(want, shaken) if not isfinite(self._size) else None
        if self._masked is not None:
            want, shaken = _levelled(want, self._masked), _levelled(shaken, self._masked)
            self._size = _rms(want)
        self._want = want
        self._limit = 0.0
        self._inconclusive = ""
        if not isfinite(self._size) and not bool(torch.isfinite(want).all()):
            self._inconclusive = "the reference gives values that are not finite"
            return
        self._limit = _allowed(want, self._size, _off(shaken, want, self._size), dtype)
        if want.numel() == 0 or _over(self._size, self._size) <= self._limit:
            self._inconclusive = "zeros would pass"

    def hold(self, got: torch.Tensor) -> Comparison:
        """How far ``got`` is off."""
        if self._inconclusive:
            return Comparison(inf, self._limit, self._inconclusive)
        if self._masked is not None:
            if got.shape != self._masked.shape or not torch.equal(torch.isinf(got), self._masked):
                return Comparison(inf, self._limit)
            got = _levelled(got, self._masked)
        return Comparison(_off(got, self._want, self._size), self._limit)


def compare(got: torch.Tensor, want: torch.Tensor, shaken: torch.Tensor, dtype: torch.dtype) -> Comparison:
    """Hold ``got`` against ``want``; ``shaken`` is the reference on inputs off by one rounding of ``dtype``."""
    return Yardstick(want, shaken, dtype).hold(got)


def _masked(want: torch.Tensor, shaken: torch.Tensor) -> torch.Tensor | None:
    """Where both are infinite alike, if that is somewhere, but not everywhere."""
    if want.shape != shaken.shape or not want.is_floating_point():
        return None
    places = torch.isinf(want)
    if not bool(places.any()) or bool(places.all()) or not torch.equal(torch.isinf(shaken), places):
        return None
    return places if torch.equal(want[places], shaken[places]) else None


def _levelled(tensor: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """``tensor`` with one, or minus one, in place of what is infinite."""
    return torch.where(places, tensor.sign(), tensor)


def rel_rms(got: torch.Tensor, want: torch.Tensor) -> float:
    """Root mean square of the difference over that of ``want``; infinite for another shape or no finite number."""
    return _off(got, want, _rms(want))


def allowed(want: torch.Tensor, noise: float, dtype: torch.dtype) -> float:
    """How far rounding may be off: a few times what the reference itself moves when its inputs move by one rounding."""
    return _allowed(want, _rms(want), noise, dtype)


def _allowed(want: torch.Tensor, size: float, noise: float, dtype: torch.dtype) -> float:
    """What comes out small may have been worked out from numbers near one, as tanh is from powers of e."""
    times = 10 if int(want.numel()) < _SMALL else 3
    steps = min(max(1.0, 1 / size), _MOST_STEPS) if size > 0 else 1.0
    return times * max(noise, _FLOOR * steps * float(torch.finfo(dtype).eps))


def _off(got: torch.Tensor, want: torch.Tensor, size: float) -> float:
    if got.shape != want.shape:
        return inf
    if want.numel() == 0:
        return 0.0
    return _over(_rms(got.to(torch.float64) - want.to(torch.float64)), size)


def _rms(tensor: torch.Tensor) -> float:
    return float(tensor.to(torch.float64).pow(2).mean().sqrt()) if tensor.numel() else 1.0


def _over(off: float, size: float) -> float:
    return off / (size or 1.0) if isfinite(off) else inf


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
