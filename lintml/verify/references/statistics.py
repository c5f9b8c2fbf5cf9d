"""Normalisation by statistics of the batch (Ioffe and Szegedy 2015), of each instance, or of groups of channels."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights, called, weight_maps
from lintml.verify.references.graph import MULTIPLIES, SOFTMAXES

_ALIASES = {
    "weight": ("gamma", "g", "scale", "alpha", "w", "gain"),
    "bias": ("beta", "b", "shift", "offset"),
}
_LARGEST_EPS = 1e-2
_REDUCTIONS = frozenset(
    ("mean", "var", "var_mean", "std", "sum", "native_batch_norm", "_native_batch_norm_legit", "native_group_norm")
)


def batch_norm(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor, eps: float) -> torch.Tensor:
    """(n, c, …) → (n, c, …): each channel with the mean and biased variance of the batch, as in training mode."""
    return F.batch_norm(x, None, None, weight.flatten(), bias.flatten(), True, 0.0, eps)


def _channels(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if shape is None or len(shape) < 2 or len(seen.recipes[0].inputs) != 1 or seen.result != shape:
        return Evidence.NONE
    if len(seen.parameters) != 2:
        return Evidence.NONE
    if seen.graph.ops() & (MULTIPLIES | SOFTMAXES) or not seen.graph.ops() & _REDUCTIONS:
        return Evidence.NONE
    wide = all(_count(size) == shape[1] for size in seen.parameters.values())
    return Evidence.POSSIBLE if wide else Evidence.NONE


def _is_batch_norm(seen: Seen) -> Evidence:
    named = called(seen.name, ("batchnorm", "bn"))
    evidence = _channels(seen)
    return Evidence.CERTAIN if evidence is Evidence.POSSIBLE and named else evidence


def _batch_cases(seen: Seen) -> Iterator[Case]:
    for mapped in _maps(seen):
        for eps in _epsilons(seen):
            yield Case(partial(_run_batch, mapped, eps), "in training mode")


def _run_batch(mapped: dict[str, str], eps: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [batch_norm(inputs[0], weights[mapped["weight"]], weights[mapped["bias"]], eps)]


def _group_cases(seen: Seen) -> Iterator[Case]:
    channels = (seen.input_shapes()[0] or (0, 0))[1]
    for mapped in _maps(seen):
        for groups in [count for count in seen.counts if 1 < count < channels and channels % count == 0]:
            for eps in _epsilons(seen):
                yield Case(partial(_run_group, mapped, groups, eps))


def _run_group(
    mapped: dict[str, str], groups: int, eps: float, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    weight, bias = (weights[mapped[name]].flatten() for name in ("weight", "bias"))
    return [F.group_norm(inputs[0], groups, weight, bias, eps)]


def _instance_cases(seen: Seen) -> Iterator[Case]:
    for mapped in _maps(seen):
        for eps in _epsilons(seen):
            yield Case(partial(_run_instance, mapped, eps))


def _run_instance(mapped: dict[str, str], eps: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    weight, bias = (weights[mapped[name]].flatten() for name in ("weight", "bias"))
    return [F.instance_norm(inputs[0], weight=weight, bias=bias, eps=eps)]


def _maps(seen: Seen) -> Iterator[dict[str, str]]:
    shapes = list(seen.parameters.values())
    yield from weight_maps(seen, {"weight": shapes[0], "bias": shapes[1]}, _ALIASES)


def _epsilons(seen: Seen) -> list[float]:
    return [value for value in seen.floats if 0 < value < _LARGEST_EPS] or [1e-5]


def _count(shape: Sequence[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


REFERENCES = (
    ModuleReference("torch.nn.functional.batch_norm", _is_batch_norm, _batch_cases, (2, 4, 3), modes=(True,)),
    ModuleReference("torch.nn.functional.group_norm", _channels, _group_cases, (4, 3)),
    ModuleReference("torch.nn.functional.instance_norm", _channels, _instance_cases, (4, 3)),
)
