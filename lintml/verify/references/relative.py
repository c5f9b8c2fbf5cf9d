"""How far apart two tokens stand, in attention: buckets of distances (Raffel et al. 2020), a table for windows."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.references.declare import Case, Evidence, Layer, ModuleReference, Seen, Weights

_FARTHEST = 160


def bucketed(apart: torch.Tensor, both: bool, count: int, farthest: int, fine: torch.dtype) -> torch.Tensor:
    """Distances to buckets: each small one has its own, larger ones share one by their logarithm.

    Of ``both`` directions, half of the buckets are for what comes after; else what comes after is as near as can be.
    """
    if both:
        count //= 2
        base, apart = (apart > 0) * count, apart.abs()
    else:
        base, apart = torch.zeros_like(apart), -apart.clamp(max=0)
    exact = count // 2
    logarithm = torch.log(apart.clamp(min=1).to(fine) / exact) / math.log(farthest / exact)
    shared = (exact + (logarithm * (count - exact)).long()).clamp(max=count - 1)
    return base + torch.where(apart < exact, apart, shared)


def places(size: int, flipped: bool, turned: bool) -> torch.Tensor:
    """(size², size²): the row of a table of (2 size - 1)² that belongs to two places of a window."""
    at = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).flatten(1)
    apart = (at[:, :, None] - at[:, None, :]) * (-1 if flipped else 1) + size - 1
    row, column = reversed(apart.unbind(0)) if turned else apart.unbind(0)
    return row * (2 * size - 1) + column


def windowed(
    x: torch.Tensor, weights: Weights, mixed: str, out: str, table: str, size: int, flipped: bool, turned: bool
) -> torch.Tensor:
    """(b, size², d) → (b, size², d): attention with a learnt bias for each distance (Liu et al. 2021)."""
    batch, steps, width = x.shape
    heads = weights[table].shape[-1]
    parts = torch.nn.functional.linear(x, weights[f"{mixed}.weight"], weights.get(f"{mixed}.bias"))
    q, k, v = parts.view(batch, steps, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
    bias = weights[table].reshape(-1, heads)[places(size, flipped, turned)].permute(2, 0, 1)
    scores = q @ k.mT * (width // heads) ** -0.5 + bias
    y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, steps, width)
    return torch.nn.functional.linear(y, weights[f"{out}.weight"], weights.get(f"{out}.bias"))


def _whole(inputs: Sequence[Any]) -> list[Any]:
    """Whole distances of either sign in place of the first tensor, as many as it has values."""
    first, *others = inputs
    count = max(first.numel(), 2)
    return [torch.linspace(-_FARTHEST, _FARTHEST, count).long().reshape(first.shape), *others]


def _are_buckets(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    known = not seen.parameters and shapes[0] and not any(shapes[1:]) and seen.result == shapes[0]
    return Evidence.POSSIBLE if known and seen.graph.ops() & {"log", "log2"} else Evidence.NONE


def _bucket_cases(seen: Seen) -> Iterator[Case]:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    numbers = [value for value in (*given, *seen.counts) if type(value) is int and value > 1]
    for at, count in enumerate(numbers):
        for farthest in (*numbers[at + 1 :], 128):
            for both in (True, False):
                for fine in (torch.float32, torch.float64):
                    if farthest > count // 2 > 1:
                        note = "" if both else "of what comes before"
                        yield Case(partial(_run_buckets, both, count, farthest, fine), note)


def _run_buckets(
    both: bool, count: int, farthest: int, fine: torch.dtype, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [bucketed(inputs[0], both, count, farthest, fine)]


def _projections(seen: Seen) -> tuple[Layer, Layer] | None:
    """The projection to queries, keys and values at once, and that of what attention gives."""
    layers = [layer for layer in seen.layers if layer.type == "Linear"]
    wide = [one for one in layers if one.settings["out_features"] == 3 * one.settings["in_features"]]
    flat = [one for one in layers if one.settings["out_features"] == one.settings["in_features"]]
    return (wide[0], flat[0]) if len(wide) == len(flat) == 1 and len(layers) == 2 else None


def _table(seen: Seen) -> tuple[str, int] | None:
    """The parameter that is no layer's, and the side of the window that it has a row for each distance in."""
    shape = seen.input_shapes()[0] or ()
    inside = {layer.path for layer in seen.layers}
    own = [name for name in seen.parameters if name.rpartition(".")[0] not in inside]
    if len(own) != 1 or len(shape) != 3:
        return None
    size, rows = math.isqrt(shape[1]), math.prod(seen.parameters[own[0]][:-1])
    return (own[0], size) if size * size == shape[1] and rows == (2 * size - 1) ** 2 else None


def _is_window(seen: Seen) -> Evidence:
    if seen.kind != "module" or len(seen.recipes[0].inputs) != 1 or seen.result != seen.input_shapes()[0]:
        return Evidence.NONE
    return Evidence.POSSIBLE if _projections(seen) and _table(seen) else Evidence.NONE


def _window_cases(seen: Seen) -> Iterator[Case]:
    projections, table = _projections(seen), _table(seen)
    if projections is None or table is None:
        return
    mixed, out = (layer.path for layer in projections)
    name, size = table
    for flipped, turned in ((False, False), (True, False), (False, True), (True, True)):
        note = "; ".join(["counted from the key"] * flipped + ["columns first"] * turned)
        yield Case(partial(_run_window, mixed, out, name, size, flipped, turned), note)


def _run_window(
    mixed: str, out: str, table: str, size: int, flipped: bool, turned: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [windowed(inputs[0], weights, mixed, out, table, size, flipped, turned)]


REFERENCES = (
    ModuleReference("buckets of distances (Raffel et al. 2020)", _are_buckets, _bucket_cases, fit=_whole),
    ModuleReference("attention in windows (Liu et al. 2021)", _is_window, _window_cases, (3,)),
)
