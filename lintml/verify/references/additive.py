"""Attention by a small network instead of a product of queries and keys (Bahdanau et al. 2015)."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
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


def _recognise(seen: Seen) -> Evidence:
    if not seen.graph.ops() & SOFTMAXES or "tanh" not in seen.graph.ops() or len(seen.recipes[0].inputs) != 2:
        return Evidence.NONE
    return Evidence.POSSIBLE if len(_weights(seen)) == 3 else Evidence.NONE


def _weights(seen: Seen) -> list[str]:
    return [name for name in seen.parameters if not name.endswith("bias")]


def _cases(seen: Seen) -> Iterator[Case]:
    for order in itertools.permutations(_weights(seen)):
        for swapped in (False, True):
            yield Case(partial(_run, order, swapped), "keys first" if swapped else "")


def _run(order: Sequence[str], swapped: bool, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    query, keys = reversed(inputs) if swapped else inputs
    if keys.dim() != 3:
        raise ValueError("keys are of rank 3")
    layers = [Layer(weights[name], weights.get(name.removesuffix("weight") + "bias")) for name in order]
    if query.dim() == 3:
        # Any number of queries, each by itself.
        rows = [additive(one, keys, layers[0], layers[1], layers[2]) for one in query.unbind(1)]
        context, shares = (torch.stack(part, 1) for part in zip(*rows, strict=True))
    else:
        context, shares = additive(query, keys, layers[0], layers[1], layers[2])
    return [context, shares, context[:, None], shares[:, None], shares[..., None]]


REFERENCES = (ModuleReference("additive attention (Bahdanau et al. 2015)", _recognise, _cases),)
