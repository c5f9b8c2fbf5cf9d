"""Feed-forward blocks that gate: SwiGLU, GEGLU and their kin (Shazeer 2020), LoRA (Hu et al. 2021)."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.graph import SOFTMAXES

Activation = Callable[[torch.Tensor], torch.Tensor]


def gated(
    x: torch.Tensor, gate: torch.Tensor, up: torch.Tensor, down: torch.Tensor | None, activation: Activation
) -> torch.Tensor:
    """(act(x gateᵀ) ⊙ x upᵀ) downᵀ, without the last product where there is no ``down``."""
    mixed = activation(F.linear(x, gate)) * F.linear(x, up)
    return mixed if down is None else F.linear(mixed, down)


def low_rank(
    x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, a: torch.Tensor, b: torch.Tensor, scale: float
) -> torch.Tensor:
    """x weightᵀ + bias + scale · x aᵀ bᵀ for ``a`` (r, in) and ``b`` (out, r)."""
    return F.linear(x, weight, bias) + scale * F.linear(F.linear(x, a), b)


def _matrices(seen: Seen) -> list[str]:
    return [name for name, shape in seen.parameters.items() if len(shape) == 2]


def _is_gated(seen: Seen) -> Evidence:
    if len(seen.recipes[0].inputs) != 1 or seen.graph.ops() & SOFTMAXES or "mul" not in seen.graph.ops():
        return Evidence.NONE
    names = _matrices(seen)
    return Evidence.POSSIBLE if len(names) == len(seen.parameters) and len(names) in (2, 3) else Evidence.NONE


def _gated_cases(activation: Activation, seen: Seen) -> Iterator[Case]:
    for names in itertools.permutations(_matrices(seen)):
        yield Case(partial(_run_gated, activation, names))


def _run_gated(
    activation: Activation, names: Sequence[str], weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    x, matrices = inputs[0], [weights[name] for name in names]
    if len(matrices) == 2:
        fused, down = matrices
        gate, up = fused.chunk(2)
        return [gated(x, gate, up, down, activation)]
    return [gated(x, matrices[0], matrices[1], matrices[2], activation)]


def _is_low_rank(seen: Seen) -> Evidence:
    names = _matrices(seen)
    ranks = sorted(min(seen.parameters[name]) for name in names)
    if len(names) != 3 or len(seen.recipes[0].inputs) != 1 or len(seen.parameters) > 4:
        return Evidence.NONE
    return Evidence.POSSIBLE if ranks[0] == ranks[1] < ranks[2] else Evidence.NONE


def _low_rank_cases(seen: Seen) -> Iterator[Case]:
    names = sorted(_matrices(seen), key=lambda name: -min(seen.parameters[name]))
    bias = next((name for name, shape in seen.parameters.items() if len(shape) == 1), None)
    rank = min(min(seen.parameters[name]) for name in names)
    numbers = [*seen.floats, *map(float, seen.counts)]
    scales = dict.fromkeys((*(value / rank for value in numbers), *numbers, 1.0))
    for a, b in (names[1:], names[:0:-1]):
        for scale in scales:
            note = "" if scale * rank in numbers else f"scaled by {scale:g}"
            yield Case(partial(_run_low_rank, names[0], bias, a, b, rank, scale), note)


def _run_low_rank(
    name: str, bias: str | None, a: str, b: str, rank: int, scale: float, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    down = weights[a] if weights[a].shape[0] == rank else weights[a].t()
    up = weights[b] if weights[b].shape[1] == rank else weights[b].t()
    return [low_rank(inputs[0], weights[name], weights[bias] if bias is not None else None, down, up, scale)]


REFERENCES = (
    ModuleReference("SwiGLU (Shazeer 2020)", _is_gated, partial(_gated_cases, F.silu)),
    ModuleReference("GEGLU (Shazeer 2020)", _is_gated, partial(_gated_cases, F.gelu)),
    ModuleReference("GLU (Dauphin et al. 2017)", _is_gated, partial(_gated_cases, torch.sigmoid)),
    ModuleReference("LoRA (Hu et al. 2021)", _is_low_rank, _low_rank_cases),
)
