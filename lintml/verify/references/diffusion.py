"""Parts of diffusion models: embeddings of time, schedules of noise (Ho et al. 2020; Nichol and Dhariwal 2021)."""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights

_BASE = 10000.0
_ORDERS = ("sine first", "cosine first", "in turns")


def waves(steps: torch.Tensor, width: int, base: float, less: int, order: str) -> torch.Tensor:
    """(…) times → (…, width): sine and cosine of t · base^(-i / (width / 2 - less)) for i below width / 2."""
    half = width // 2
    rates = torch.exp(-math.log(base) * torch.arange(half, dtype=torch.float64) / (half - less))
    angle = steps.to(torch.float64)[..., None] * rates
    match order:
        case "sine first":
            return torch.cat((angle.sin(), angle.cos()), -1)
        case "cosine first":
            return torch.cat((angle.cos(), angle.sin()), -1)
    return torch.stack((angle.sin(), angle.cos()), -1).flatten(-2)


def straight(count: int, start: float, end: float) -> torch.Tensor:
    """Variances on a line."""
    return torch.linspace(start, end, count, dtype=torch.float64)


def of_roots(count: int, start: float, end: float) -> torch.Tensor:
    """Variances whose square roots are on a line (Rombach et al. 2022)."""
    return torch.linspace(start**0.5, end**0.5, count, dtype=torch.float64) ** 2


def cosine(count: int, shift: float, least: float, most: float) -> torch.Tensor:
    """1 - ᾱ(t) / ᾱ(t - 1) with ᾱ(t) = cos²((t / T + s) / (1 + s) · π / 2), cut to what is left of one."""
    at = torch.linspace(0, count, count + 1, dtype=torch.float64) / count
    kept = torch.cos((at + shift) / (1 + shift) * math.pi / 2) ** 2
    return (1 - kept[1:] / kept[:-1]).clamp(least, most)


def _is_embedded(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0], seen.result
    if shape is None or not result or seen.parameters or any(seen.input_shapes()[1:]):
        return Evidence.NONE
    known = result[:-1] == shape and seen.graph.ops() & {"sin", "sin_"} and seen.graph.ops() & {"cos", "cos_"}
    return Evidence.POSSIBLE if known else Evidence.NONE


def _embedded_cases(seen: Seen) -> Iterator[Case]:
    width = (seen.result or (0,))[-1]
    bases = [float(value) for value in (*seen.floats, *seen.counts) if value >= 1000]
    for base, less, order in itertools.product((*bases, _BASE), (1, 0), _ORDERS):
        note = "; ".join([order] * (order != "sine first") + ["its last rate is one over the base"] * less)
        yield Case(partial(_run_embedded, width, base, less, order), note)


def _run_embedded(
    width: int, base: float, less: int, order: str, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [waves(inputs[0], width, base, less, order)]


def _is_schedule(seen: Seen) -> Evidence:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    counts = [value for value in given if type(value) is int]
    numbers = all(isinstance(value, int | float) for value in given)
    known = seen.kind == "function" and numbers and len(counts) == 1 and seen.result == (counts[0],)
    return Evidence.POSSIBLE if known else Evidence.NONE


def _count(inputs: Sequence[Any]) -> int:
    return next(value for value in inputs if type(value) is int)


def _settings(seen: Seen) -> list[float]:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    return [*(value for value in given if isinstance(value, float)), *seen.floats]


def _straight_cases(seen: Seen) -> Iterator[Case]:
    count = next(value for _, spec in seen.recipes[0].inputs if type(value := getattr(spec, "value", None)) is int)
    ends = list(itertools.pairwise(_settings(seen)))
    for start, end in (*ends, (1e-4, 0.02)):
        yield Case(partial(_run_straight, start, end))
        yield Case(partial(_run_straight, start * 1000 / count, end * 1000 / count), "as for a thousand steps")
        yield Case(partial(_run_roots, start, end), "its roots are on the line")


def _run_straight(start: float, end: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [straight(_count(inputs), start, end)]


def _run_roots(start: float, end: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [of_roots(_count(inputs), start, end)]


def _cosine_cases(seen: Seen) -> Iterator[Case]:
    limits = ((0.0, 0.999), (1e-4, 0.9999), (0.0, 0.9999), (1e-4, 0.999))
    for shift, (least, most) in itertools.product(dict.fromkeys((*_settings(seen), 0.008)), limits):
        yield Case(partial(_run_cosine, shift, least, most))


def _run_cosine(shift: float, least: float, most: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [cosine(_count(inputs), shift, least, most)]


REFERENCES = (
    ModuleReference("embedding of time steps (Ho et al. 2020)", _is_embedded, _embedded_cases, scales=(1.0, 100.0)),
    ModuleReference("linear variances (Ho et al. 2020)", _is_schedule, _straight_cases),
    ModuleReference("cosine variances (Nichol and Dhariwal 2021)", _is_schedule, _cosine_cases),
)
