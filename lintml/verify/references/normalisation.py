"""Normalisation of the feature axis: LayerNorm (Ba et al. 2016) and RMSNorm (Zhang and Sennrich 2019)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights, weight_maps
from lintml.verify.references.graph import MULTIPLIES, SOFTMAXES, Graph

_ALIASES = {
    "weight": ("gamma", "g", "scale", "a_2", "a", "alpha", "w", "gain"),
    "bias": ("beta", "b", "shift", "offset", "b_2"),
}
_REDUCTIONS = frozenset(["mean", "var", "std", "sum", "var_mean", "std_mean", "linalg_vector_norm", "norm"])
_SPREADS = frozenset(("sqrt", "rsqrt", "var", "var_mean", "std", "std_mean", "linalg_vector_norm", "norm", "sqrt_"))
_DEFAULT_EPS = 1e-5
_LARGEST_EPS = 1e-2


def layer_norm(x: torch.Tensor, weight: torch.Tensor | None, bias: torch.Tensor | None, eps: float) -> torch.Tensor:
    """(…, d) → (…, d): zero mean and unit biased variance over the last axis, then scale and shift."""
    return F.layer_norm(x, x.shape[-1:], weight, bias, eps)


def rms_norm(x: torch.Tensor, weight: torch.Tensor | None, eps: float) -> torch.Tensor:
    """(…, d) → (…, d): divided by the root mean square over the last axis, then scaled."""
    scaled = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)
    return scaled if weight is None else scaled * weight


def _normalises(graph: Graph, seen: Seen) -> bool:
    """Whether a graph only reduces its last axis, scales by what it found, and gives an output of the input's shape."""
    shape = seen.input_shapes()[0]
    if shape is None or len(shape) < 2 or len(seen.recipes[0].inputs) != 1:
        return False
    if graph.ops() & (MULTIPLIES | SOFTMAXES):
        return False
    reductions = [step for step in graph.steps if step.op in _REDUCTIONS]
    # The features as they are: parts of them are another norm.
    whole = all(step.read_shapes[0][-1:] == shape[-1:] for step in reductions if step.shapes)
    last = whole and all(_over_last(step.read_shapes[0], step.shapes[0]) for step in reductions if step.shapes)
    scales = bool(graph.ops() & _SPREADS) or _half_power(graph)
    return bool(reductions) and last and scales and seen.result == shape


def _over_last(before: Sequence[int], after: Sequence[int]) -> bool:
    return tuple(after) in ((*before[:-1], 1), tuple(before[:-1])) and before[-1:] != [1]


def _half_power(graph: Graph) -> bool:
    return any(step.op == "pow" and 0.5 in map(abs, _numbers(step.settings)) for step in graph.steps)


def _numbers(values: Sequence[Any]) -> list[float]:
    return [float(value) for value in values if isinstance(value, int | float)]


def _affine(seen: Seen) -> bool:
    shape = seen.input_shapes()[0] or ()
    return all(size == shape[-1:] for size in seen.parameters.values())


def _is_layer_norm(seen: Seen) -> Evidence:
    if len(seen.parameters) > 2 or not _affine(seen):
        return Evidence.NONE
    if "native_layer_norm" in seen.graph.ops():
        return Evidence.POSSIBLE
    if not _normalises(seen.graph, seen) or not seen.graph.ops() & {"sub", "rsub"}:
        return Evidence.NONE
    return Evidence.CERTAIN if len(seen.parameters) == 2 else Evidence.POSSIBLE


def _is_rms_norm(seen: Seen) -> Evidence:
    if len(seen.parameters) > 1 or not _affine(seen):
        return Evidence.NONE
    if not _normalises(seen.graph, seen) or seen.graph.ops() & {"sub", "rsub", "var", "std"}:
        return Evidence.NONE
    return Evidence.CERTAIN if len(seen.parameters) == 1 and "mean" in seen.graph.ops() else Evidence.POSSIBLE


def _epsilons(seen: Seen) -> list[float]:
    """The small numbers that the module was given or keeps; only where it has none, those written into its code."""
    kept = [value for value in (*seen.argument.values(), *seen.settings.values()) if isinstance(value, float)]
    written = [value for step in seen.graph.steps for value in _numbers(step.settings)]
    for values in (kept, written):
        small = list(dict.fromkeys(value for value in values if 0 < value < _LARGEST_EPS))
        if small:
            return small
    return [_DEFAULT_EPS]


def _layer_norm_cases(seen: Seen) -> Iterator[Case]:
    yield from _cases(seen, (("weight", "bias"), ("weight",), ("bias",), ()), layer_norm)


def _rms_norm_cases(seen: Seen) -> Iterator[Case]:
    yield from _cases(seen, (("weight",), ()), lambda x, weight, bias, eps: rms_norm(x, weight, eps))


def _cases(seen: Seen, kinds: Sequence[Sequence[str]], norm: Callable[..., torch.Tensor]) -> Iterator[Case]:
    (width,) = (seen.input_shapes()[0] or (0,))[-1:]
    for names in kinds:
        for mapped in weight_maps(seen, dict.fromkeys(names, (width,)), _ALIASES):
            for eps in _epsilons(seen):
                yield Case(partial(_run, norm, mapped, eps, 0.0))
                # A weight that begins at zero is what the gain is more than one.
                if mapped.get("weight") in seen.zero:
                    yield Case(partial(_run, norm, mapped, eps, 1.0), "its gain is its weight and one")


def _run(
    norm: Callable[..., torch.Tensor],
    mapped: Mapping[str, str],
    eps: float,
    more: float,
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    given = {name: weights[parameter].to(inputs[0].dtype) for name, parameter in mapped.items()}
    weight = given["weight"] + more if "weight" in given else None
    return [norm(inputs[0], weight, given.get("bias"), eps)]


REFERENCES = (
    ModuleReference("torch.nn.functional.layer_norm", _is_layer_norm, _layer_norm_cases, (3, 2, 4)),
    ModuleReference("torch.nn.functional.rms_norm", _is_rms_norm, _rms_norm_cases, (3, 2, 4)),
)
