"""What is computed of images: Gram matrices, total variation, shuffled pixels, windows."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights

Function = Callable[..., torch.Tensor]


def gram(x: torch.Tensor, per: str, batched: bool) -> torch.Tensor:
    """(n, c, h, w) → (n, c, c) products of channels, or of all n c of them, over some number (Gatys et al. 2016)."""
    rows = x.flatten(2) if batched else x.flatten(0, 1).flatten(1)
    share = {"": 1, "places": x[0, 0].numel(), "values": x[0].numel() if batched else x.numel()}[per]
    return rows @ rows.mT / share


def variation(x: torch.Tensor, square: bool, how: str) -> torch.Tensor:
    """How neighbours of (n, c, h, w) images differ, along rows and columns (Rudin et al. 1992)."""
    parts = [x.diff(dim=-2), x.diff(dim=-1)]
    sizes = [part**2 if square else part.abs() for part in parts]
    match how:
        case "mean":
            return torch.stack([size.mean() for size in sizes]).sum()
        case "by image":
            return torch.stack([size.sum() / len(x) for size in sizes]).sum()
    return torch.stack([size.sum() for size in sizes]).sum()


def windows(x: torch.Tensor, size: int) -> torch.Tensor:
    """(n, h, w, c) → (n · windows, size, size, c), row by row (Liu et al. 2021)."""
    cut = x.unfold(1, size, size).unfold(2, size, size)
    return cut.permute(0, 1, 2, 4, 5, 3).flatten(0, 2)


def _one(seen: Seen, rank: int) -> bool:
    """Whether its one tensor has a rank; there are no weights."""
    shapes = seen.input_shapes()
    return not seen.parameters and shapes[0] is not None and len(shapes[0]) == rank and not any(shapes[1:])


def _is_gram(seen: Seen) -> Evidence:
    known = _one(seen, 4) and seen.graph.products() and (seen.result or ())[-2:-1] == (seen.result or ())[-1:]
    return Evidence.POSSIBLE if known else Evidence.NONE


def _gram_cases(seen: Seen) -> Iterator[Case]:
    for per in ("values", "places", ""):
        for batched in (True, False):
            note = f"over the number of {per}" if per else ""
            yield Case(partial(_run, partial(gram, per=per, batched=batched)), note)


def _is_variation(seen: Seen) -> Evidence:
    return Evidence.POSSIBLE if _one(seen, 4) and seen.result in ((), (1,)) else Evidence.NONE


def _variation_cases(seen: Seen) -> Iterator[Case]:
    for square in (False, True):
        for how in ("", "mean", "by image"):
            yield Case(partial(_run, partial(variation, square=square, how=how)), "of squares" if square else "")


def _run(function: Function, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [function(inputs[0])]


def _is_shuffled(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0] or (), seen.result or ()
    known = _one(seen, 4) and len(result) == 4 and result[2] > shape[2] > 0 and result[2] % shape[2] == 0
    return Evidence.POSSIBLE if known and shape[1] % result[1] == 0 else Evidence.NONE


def _shuffled_cases(seen: Seen) -> Iterator[Case]:
    shape, result = seen.input_shapes()[0] or (1,) * 4, seen.result or (1,) * 4
    yield Case(partial(_run, partial(F.pixel_shuffle, upscale_factor=result[2] // shape[2])))


def _is_windowed(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0] or (), seen.result or ()
    known = _one(seen, 4) and len(result) == 4 and result[1] == result[2] and result[-1:] == shape[-1:]
    return Evidence.POSSIBLE if known and 1 < result[1] < shape[1] else Evidence.NONE


def _windowed_cases(seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run, partial(windows, size=(seen.result or (1, 1))[1])))


REFERENCES = (
    ModuleReference("Gram matrix (Gatys et al. 2016)", _is_gram, _gram_cases, (4,)),
    ModuleReference("total variation (Rudin et al. 1992)", _is_variation, _variation_cases, (4,)),
    ModuleReference("torch.nn.functional.pixel_shuffle", _is_shuffled, _shuffled_cases, (4,)),
    ModuleReference("windows of an image (Liu et al. 2021)", _is_windowed, _windowed_cases, (4,)),
)
