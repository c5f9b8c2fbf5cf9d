"""Attention by a small network instead of a product of queries and keys (Bahdanau et al. 2015)."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Shape, Weights
from lintml.verify.references.graph import SOFTMAXES


def additive(
    query: torch.Tensor, keys: torch.Tensor, w: "Layer", u: "Layer", v: "Layer"
) -> tuple[torch.Tensor, torch.Tensor]:
    """softmax(v tanh(w q + u k)) over (b, t, d) keys for (b, d) queries: (b, d) context and (b, t) weights."""
    scores = v(torch.tanh(w(query)[:, None] + u(keys))).squeeze(-1)
    weights = F.softmax(scores, -1)
    return torch.einsum("bt,btd->bd", weights, keys), weights


class Layer:
    """A linear layer out of a subject's weights."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        self._weight = weight if weight.dim() > 1 else weight[None]
        self._bias = bias

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self._weight, self._bias)

    def parts(self, width: int, last: bool) -> tuple["Layer", "Layer"]:
        """The layers of the first, or the ``last``, ``width`` features and of the others; the bias goes with these."""
        sizes = [self._weight.shape[1] - width, width] if last else [width, self._weight.shape[1] - width]
        one, two = self._weight.split(sizes, 1)
        return (Layer(two, None), Layer(one, self._bias)) if last else (Layer(one, None), Layer(two, self._bias))


def pooled(x: torch.Tensor, layers: Sequence[Layer]) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean of (b, t, d) rows, weighted by a softmax of v tanh(w x), or of v x: (b, d) and (b, t)."""
    *inner, v = layers
    scores = v(torch.tanh(inner[0](x)) if inner else x).squeeze(-1)
    weights = F.softmax(scores, -1)
    return torch.einsum("bt,btd->bd", weights, x), weights


def _recognise(seen: Seen) -> Evidence:
    if not _weighs(seen) or "tanh" not in seen.graph.ops() or len(seen.recipes[0].inputs) != 2:
        return Evidence.NONE
    return Evidence.POSSIBLE if len(_weights(seen)) in (2, 3) else Evidence.NONE


def _weighs(seen: Seen) -> bool:
    return bool(seen.graph.ops() & (SOFTMAXES | {"exp"}))


def _weights(seen: Seen) -> list[str]:
    return [name for name in seen.parameters if not name.endswith("bias")]


def _cases(seen: Seen) -> Iterator[Case]:
    for order in itertools.permutations(_weights(seen)):
        for swapped in (False, True):
            yield Case(partial(_run, order, swapped, seen.result), "keys first" if swapped else "")


def _run(
    order: Sequence[str], swapped: bool, result: Shape | None, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    query, keys = reversed(inputs) if swapped else inputs
    if keys.dim() != 3:
        raise ValueError("keys are of rank 3")
    w, u, v = _three([_layer(name, weights) for name in order], query.shape[-1], swapped)
    if query.dim() == 3:
        # Any number of queries, each by itself.
        rows = [additive(one, keys, w, u, v) for one in query.unbind(1)]
        context, shares = (torch.stack(part, 1) for part in zip(*rows, strict=True))
    else:
        context, shares = additive(query, keys, w, u, v)
    return _first(result, context, shares, context[:, None], shares[:, None], shares[..., None])


def _first(result: Shape | None, *found: torch.Tensor) -> list[torch.Tensor]:
    """What may be returned, that which has the shape of what is returned first."""
    return sorted(found, key=lambda one: tuple(one.shape) != result)


def _layer(name: str, weights: Weights) -> Layer:
    return Layer(weights[name], weights.get(name.removesuffix("weight") + "bias"))


def _three(layers: Sequence[Layer], width: int, keys_first: bool) -> Sequence[Layer]:
    """The layers of query, keys and scores; of one layer for query and keys put together, its two parts."""
    if len(layers) == 3:
        return layers
    both, v = layers
    return (*both.parts(width, keys_first), v)


def _is_pool(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if not _weighs(seen) or len(seen.recipes[0].inputs) != 1 or shape is None or len(shape) != 3:
        return Evidence.NONE
    fits = len(_weights(seen)) == 1 + ("tanh" in seen.graph.ops()) and seen.result in ((shape[0], shape[2]), shape[:2])
    return Evidence.POSSIBLE if fits else Evidence.NONE


def _pool_cases(seen: Seen) -> Iterator[Case]:
    for order in itertools.permutations(_weights(seen)):
        yield Case(partial(_run_pool, order, seen.result))


def _run_pool(
    order: Sequence[str], result: Shape | None, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    context, shares = pooled(inputs[0], [_layer(name, weights) for name in order])
    return _first(result, context, shares, shares[..., None])


REFERENCES = (
    ModuleReference("additive attention (Bahdanau et al. 2015)", _recognise, _cases),
    ModuleReference("attention pooling (Yang et al. 2016)", _is_pool, _pool_cases, (3,)),
)
