"""What is computed of rows and of sequences of numbers: distances of all pairs, means of what counts, returns."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.graph import MULTIPLIES

Function = Callable[..., torch.Tensor]
# What brings a row of one together with a row of the other.
_MEETINGS = MULTIPLIES | {"sum", "linalg_vector_norm", "norm", "_cdist_forward", "_euclidean_dist"}


def distances(a: torch.Tensor, b: torch.Tensor, square: bool) -> torch.Tensor:
    """(…, n, d) and (…, m, d) rows → (…, n, m)."""
    apart = ((a.unsqueeze(-2) - b.unsqueeze(-3)) ** 2).sum(-1)
    return apart if square else apart.sqrt()


def similarities(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """(…, n, d) and (…, m, d) rows → (…, n, m) cosines of their angles."""
    return F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).mT


def mean_of_kept(x: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """(b, t, d) states and a (b, t) mask → (b, d): the mean of those that are kept (Reimers and Gurevych 2019)."""
    share = kept.to(x.dtype)
    return torch.einsum("bt,btd->bd", share, x) / share.sum(1, keepdim=True).clamp(min=1e-9)


def returns(rewards: torch.Tensor, discount: float) -> torch.Tensor:
    """G(t) = r(t) + γ G(t + 1) along the first axis."""
    later, found = torch.zeros_like(rewards[0]), []
    for reward in reversed(rewards.unbind(0)):
        later = reward + discount * later
        found.append(later)
    return torch.stack(found[::-1])


def advantages(rewards: torch.Tensor, values: torch.Tensor, discount: float, trace: float) -> torch.Tensor:
    """A(t) = δ(t) + γ λ A(t + 1), δ(t) = r(t) + γ V(t + 1) - V(t), and no value after the end (Schulman et al. 2016).

    Of one value more than rewards, the last is that after the end.
    """
    after = values[1:] if len(values) > len(rewards) else torch.cat((values[1:], torch.zeros_like(values[:1])))
    return returns(rewards + discount * after - values[: len(rewards)], discount * trace)


def _two(seen: Seen) -> bool:
    shapes = seen.input_shapes()
    return not seen.parameters and len(shapes) == 2 and all(shape is not None and len(shape) > 1 for shape in shapes)


def _is_one_hot(seen: Seen) -> Evidence:
    shapes, result = seen.input_shapes(), seen.result or (0,)
    known = not seen.parameters and shapes[0] and not any(shapes[1:]) and result[:-1] == shapes[0]
    return Evidence.POSSIBLE if known else Evidence.NONE


def _one_hot_cases(seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run_one_hot, (seen.result or (0,))[-1]))


def _run_one_hot(count: int, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [F.one_hot(inputs[0], count)]


def _of_pairs(seen: Seen) -> Evidence:
    shapes = [shape or () for shape in seen.input_shapes()]
    known = _two(seen) and shapes[0][-1] == shapes[1][-1] and len(seen.result or ()) > 1
    return Evidence.POSSIBLE if known and seen.graph.ops() & _MEETINGS else Evidence.NONE


def _distance_cases(seen: Seen) -> Iterator[Case]:
    for square in (False, True):
        yield Case(partial(_run, partial(distances, square=square)), "squared" if square else "")


def _similarity_cases(seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run, similarities))


def _run(function: Function, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [function(*inputs)]


def _is_mean(seen: Seen) -> Evidence:
    shapes = [shape or () for shape in seen.input_shapes()]
    known = not seen.parameters and len(shapes) == 2 and len(shapes[0]) == 3 and shapes[1] == shapes[0][:2]
    return Evidence.POSSIBLE if known and seen.result == (shapes[0][0], shapes[0][2]) else Evidence.NONE


def _mean_cases(seen: Seen) -> Iterator[Case]:
    yield Case(partial(_run, mean_of_kept))


def _discounts(seen: Seen) -> list[float]:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    floats = [*(value for value in given if isinstance(value, float)), *seen.floats]
    return [value for value in dict.fromkeys(floats) if 0 < value <= 1]


def _is_return(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    known = not seen.parameters and shapes[0] and not any(shapes[1:]) and seen.result == shapes[0]
    return Evidence.POSSIBLE if known and _discounts(seen) else Evidence.NONE


def _return_cases(seen: Seen) -> Iterator[Case]:
    for discount in _discounts(seen):
        yield Case(partial(_run_return, discount))


def _run_return(discount: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [returns(inputs[0], discount)]


def _is_advantage(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    known = not seen.parameters and len(shapes) > 1 and shapes[0] and shapes[1] and not any(shapes[2:])
    return Evidence.POSSIBLE if known and seen.result == shapes[0] and len(_discounts(seen)) > 1 else Evidence.NONE


def _advantage_cases(seen: Seen) -> Iterator[Case]:
    for discount, trace in itertools.permutations(_discounts(seen), 2):
        yield Case(partial(_run_advantage, discount, trace))


def _run_advantage(discount: float, trace: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    found = advantages(inputs[0], inputs[1], discount, trace)
    return [found, found + inputs[1][: len(found)]]


REFERENCES = (
    ModuleReference("torch.nn.functional.one_hot", _is_one_hot, _one_hot_cases),
    ModuleReference("torch.cdist", _of_pairs, _distance_cases, (2, 3)),
    ModuleReference("cosine similarity of all pairs", _of_pairs, _similarity_cases, (2, 3)),
    ModuleReference("mean of what a mask keeps (Reimers and Gurevych 2019)", _is_mean, _mean_cases),
    ModuleReference("discounted returns", _is_return, _return_cases),
    ModuleReference("generalised advantage estimation (Schulman et al. 2016)", _is_advantage, _advantage_cases),
)
