"""Convolutions and pools written out, held against torch's."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.graph import SOFTMAXES

_FEW = (0, 1, 2, 3)


def _is_convolution(rank: int, seen: Seen) -> Evidence:
    weights = [shape for shape in seen.parameters.values() if len(shape) == rank]
    others = [shape for shape in seen.parameters.values() if len(shape) != rank]
    if seen.graph.ops() & SOFTMAXES or len(weights) != 1 or len(others) > 1 or len(seen.recipes[0].inputs) != 1:
        return Evidence.NONE
    biased = all(shape in ((weights[0][0],), (1, weights[0][0], *(1,) * (rank - 2))) for shape in others)
    return Evidence.POSSIBLE if biased and len(seen.input_shapes()[0] or ()) == rank else Evidence.NONE


def _convolutions(function: Callable[..., torch.Tensor], rank: int, seen: Seen) -> Iterator[Case]:
    weight = next(name for name, shape in seen.parameters.items() if len(shape) == rank)
    bias = next((name for name, shape in seen.parameters.items() if name != weight), None)
    counts = list(dict.fromkeys((*seen.counts, *_FEW)))
    for stride in (count for count in counts if count > 0):
        for padding in counts:
            kernel = seen.parameters[weight][2:]
            if padding < max(kernel) and _slid(seen, kernel, stride, padding):
                yield Case(partial(_run_convolution, function, weight, bias, stride, padding))


def _slid(seen: Seen, kernel: Sequence[int], stride: int, padding: int = 0) -> bool:
    """Whether a kernel that slides over the input may make the axes that the output has."""
    axes, shape, result = len(kernel), seen.input_shapes()[0] or (), seen.result or ()
    if len(shape) != axes + 2:
        return True  # Of inputs of other ranks it is not known what they give.
    given, made = shape[-axes:], result[-axes:]
    return made == tuple((n + 2 * padding - k) // stride + 1 for n, k in zip(given, kernel, strict=True))


def _run_convolution(
    function: Callable[..., torch.Tensor],
    weight: str,
    bias: str | None,
    stride: int,
    padding: int,
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    shift = weights[bias].flatten() if bias is not None else None
    return [function(inputs[0], weights[weight], shift, stride=stride, padding=padding)]


def _is_pool(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0], seen.result
    if seen.parameters or len(seen.recipes[0].inputs) != 1 or not shape or not result or len(shape) != len(result):
        return Evidence.NONE
    if len(shape) < 3 or shape[:2] != result[:2]:
        return Evidence.NONE
    return Evidence.POSSIBLE if any(a < b for a, b in zip(result[2:], shape[2:], strict=True)) else Evidence.NONE


def _pools(function: Callable[..., torch.Tensor], axes: int, seen: Seen) -> Iterator[Case]:
    counts = [count for count in dict.fromkeys((*seen.counts, 2, 3)) if 0 < count < 64]
    for size in counts:
        for stride in counts:
            if _slid(seen, (size,) * axes, stride):
                yield Case(partial(_run_pool, function, size, stride))


def _run_pool(
    function: Callable[..., torch.Tensor], size: int, stride: int, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [function(inputs[0], size, stride)]


def _along_the_last(function: Callable[..., torch.Tensor], x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """A pool of sequences over the last axis of any number of them."""
    pooled = function(x.reshape(-1, 1, x.shape[-1]), size, stride)
    return pooled.reshape(*x.shape[:-1], -1)


def _is_global_pool(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0], seen.result
    if seen.parameters or len(seen.recipes[0].inputs) != 1 or not shape or len(shape) < 3:
        return Evidence.NONE
    return Evidence.POSSIBLE if result in (shape[:2], (*shape[:2], *(1,) * (len(shape) - 2))) else Evidence.NONE


def _global_pools(reduce: Callable[[torch.Tensor], torch.Tensor], seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run_global, reduce, (seen.result or ())))


def _run_global(
    reduce: Callable[[torch.Tensor], torch.Tensor], shape: Sequence[int], weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    x = inputs[0]
    return [reduce(x.flatten(2)).reshape(*x.shape[:2], *(1,) * (len(shape) - 2))]


REFERENCES = (
    *(
        ModuleReference(
            f"torch.nn.functional.conv{rank - 2}d",
            partial(_is_convolution, rank),
            partial(_convolutions, function, rank),
            (rank,),
        )
        for rank, function in ((3, F.conv1d), (4, F.conv2d), (5, F.conv3d))
    ),
    *(
        ModuleReference(f"torch.nn.functional.{name}_pool{axes}d", _is_pool, partial(_pools, function, axes), ranks)
        for name, axes, function, ranks in (
            ("max", 3, F.max_pool3d, (5,)),
            ("avg", 3, F.avg_pool3d, (5,)),
            ("max", 2, F.max_pool2d, (4,)),
            ("avg", 2, F.avg_pool2d, (4,)),
            ("max", 1, partial(_along_the_last, F.max_pool1d), (4, 3)),
            ("avg", 1, partial(_along_the_last, F.avg_pool1d), (4, 3)),
        )
    ),
    ModuleReference(
        "global average pooling (Lin et al. 2014)",
        _is_global_pool,
        partial(_global_pools, lambda x: x.mean(-1)),
        (4, 3),
    ),
    ModuleReference("global max pooling", _is_global_pool, partial(_global_pools, lambda x: x.amax(-1)), (4, 3)),
)
