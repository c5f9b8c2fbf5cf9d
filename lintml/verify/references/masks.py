"""What is added to scores of attention, or hides some of them: causal masks, linear biases (ALiBi), filtered logits."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Shape, Weights

_HIDDEN = float("-inf")


def later(steps: int) -> torch.Tensor:
    """(steps, steps): whether column j is later than row i."""
    at = torch.arange(steps)
    return at[None, :] > at[:, None]


def slopes(heads: int) -> torch.Tensor:
    """2^(-8 h / heads) for h = 1 … heads (Press et al. 2022)."""
    return 2.0 ** (-8.0 * torch.arange(1, heads + 1, dtype=torch.float64) / heads)


def kept_by_rank(logits: torch.Tensor, count: int) -> torch.Tensor:
    """Logits over the last axis, minus infinity where they are not among the ``count`` greatest."""
    if not 0 < count < logits.shape[-1]:
        raise ValueError("nothing would be hidden")
    least = logits.topk(count, -1).values[..., -1:]
    return logits.masked_fill(logits < least, _HIDDEN)


def kept_by_share(logits: torch.Tensor, share: float) -> torch.Tensor:
    """Minus infinity but for the fewest whose probabilities add up to ``share`` (Holtzman et al. 2020)."""
    ordered, places = logits.sort(-1, descending=True)
    chances = ordered.softmax(-1)
    beyond = chances.cumsum(-1) - chances >= share
    if not bool(beyond.any()):
        raise ValueError("nothing would be hidden")
    return logits.masked_fill(torch.zeros_like(beyond).scatter(-1, places, beyond), _HIDDEN)


def _whole_numbers(inputs: Sequence[Any]) -> list[int]:
    return [value for value in inputs if type(value) is int]


def _of_numbers(count: int, seen: Seen) -> bool:
    """Whether it is a function of so many whole numbers alone."""
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    return seen.kind == "function" and len(given) == count and all(type(value) is int for value in given)


def _is_causal(seen: Seen) -> Evidence:
    result = seen.result or ()
    if not _of_numbers(1, seen) or len(result) < 2 or result[-1] != result[-2] or any(size > 1 for size in result[:-2]):
        return Evidence.NONE
    return Evidence.POSSIBLE


def _causal_cases(seen: Seen) -> Iterator[Case]:
    shape = seen.result or ()
    for note in ("true where it may look", "true where it may not", "to be added"):
        yield Case(partial(_run_causal, note, shape), note)


def _run_causal(note: str, shape: Shape, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    hidden = later(_whole_numbers(inputs)[0])
    match note:
        case "true where it may look":
            return [(~hidden).reshape(shape)]
        case "true where it may not":
            return [hidden.reshape(shape)]
    return [torch.zeros(hidden.shape, dtype=torch.float64).masked_fill(hidden, _HIDDEN).reshape(shape)]


def _are_slopes(seen: Seen) -> Evidence:
    known = _of_numbers(1, seen) and len([size for size in seen.result or () if size > 1]) == 1
    return Evidence.POSSIBLE if known else Evidence.NONE


def _slope_cases(seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run_slopes, seen.result or ()))


def _run_slopes(shape: Shape, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [slopes(_whole_numbers(inputs)[0]).reshape(shape)]


def _is_linear_bias(seen: Seen) -> Evidence:
    known = _of_numbers(2, seen) and len(seen.result or ()) in (3, 4)
    return Evidence.POSSIBLE if known else Evidence.NONE


def _linear_bias_cases(seen: Seen) -> Iterator[Case]:
    for heads_first, note in itertools.product((True, False), ("", "of both sides", "by the column alone", "masked")):
        yield Case(partial(_run_linear_bias, heads_first, note, seen.result or ()), note)


def _run_linear_bias(
    heads_first: bool, note: str, shape: Shape, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    heads, steps = _whole_numbers(inputs) if heads_first else reversed(_whole_numbers(inputs))
    at = torch.arange(steps, dtype=torch.float64)
    distance = at[None, :] - at[:, None]
    match note:
        case "of both sides":
            distance = -distance.abs()
        case "by the column alone":
            distance = at.expand(steps, steps)
    bias = slopes(heads)[:, None, None] * distance
    return [(bias.masked_fill(later(steps), _HIDDEN) if note == "masked" else bias).reshape(shape)]


def _filters(kind: type, seen: Seen) -> Evidence:
    shapes, others = seen.input_shapes(), seen.recipes[0].inputs[1:]
    if seen.parameters or not shapes[0] or seen.result != shapes[0] or len(others) > 1 or any(shapes[1:]):
        return Evidence.NONE
    given = [getattr(spec, "value", None) for _, spec in others]
    return Evidence.POSSIBLE if all(type(value) is kind for value in given) else Evidence.NONE


def _rank_cases(seen: Seen) -> Iterator[Case]:
    for chances in (False, True):
        for count in [value for value in seen.counts if value > 0] or [0]:
            yield Case(partial(_run_rank, count, chances), "as probabilities" if chances else "")


def _run_rank(count: int, chances: bool, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    kept = kept_by_rank(inputs[0], next(iter(_whole_numbers(inputs)), count))
    return [kept.softmax(-1) if chances else kept]


def _share_cases(seen: Seen) -> Iterator[Case]:
    for chances in (False, True):
        for share in [value for value in seen.floats if 0 < value < 1] or [0.0]:
            yield Case(partial(_run_share, share, chances), "as probabilities" if chances else "")


def _run_share(share: float, chances: bool, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    given = next((value for value in inputs if isinstance(value, float)), share)
    kept = kept_by_share(inputs[0], given)
    return [kept.softmax(-1) if chances else kept]


def _warm_cases(seen: Seen) -> Iterator[Case]:
    for value in seen.floats or [1.0]:
        for axis in (-1, 1):
            yield Case(partial(_run_warm, value, axis))


def _run_warm(value: float, axis: int, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    temperature = next((one for one in inputs if isinstance(one, float)), value)
    return [torch.softmax(inputs[0] / temperature, axis)]


REFERENCES = (
    ModuleReference("causal mask", _is_causal, _causal_cases),
    ModuleReference("slopes of linear biases (Press et al. 2022)", _are_slopes, _slope_cases),
    ModuleReference("linear biases of attention (Press et al. 2022)", _is_linear_bias, _linear_bias_cases),
    ModuleReference("top-k filter", partial(_filters, int), _rank_cases, (2, 3)),
    ModuleReference(
        "nucleus filter (Holtzman et al. 2020)", partial(_filters, float), _share_cases, (2, 3), scales=(1.0, 3.0)
    ),
    ModuleReference("softmax with a temperature", partial(_filters, float), _warm_cases, (2, 3)),
)
