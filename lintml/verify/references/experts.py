"""Mixtures of experts: each token goes to the few experts that a router gives the most (Shazeer et al. 2017)."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.references.blocks import ACTIVATIONS, Activation, Affine
from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights

Expert = Callable[[torch.Tensor], torch.Tensor]


def mixed(x: torch.Tensor, scores: torch.Tensor, experts: Sequence[Expert], few: int, shared: bool) -> torch.Tensor:
    """(…, d) → (…, e): the ``few`` experts of the highest scores, their shares a softmax over these, or over all."""
    best, chosen = scores.topk(few, -1)
    shares = best.softmax(-1) if shared else scores.softmax(-1).gather(-1, chosen)
    weights = torch.zeros_like(scores).scatter(-1, chosen, shares)
    return (torch.stack([expert(x) for expert in experts], -1) * weights[..., None, :]).sum(-1)


def _routers(seen: Seen) -> Iterator[tuple[str, list[list[str]]]]:
    """The matrix that may be the router, and the matrices of each expert."""
    matrices = [name for name, shape in seen.parameters.items() if len(shape) == 2]
    for router in matrices:
        count = seen.parameters[router][0]
        others = [name for name in matrices if name != router]
        each, odd = divmod(len(others), count)
        groups = [others[at : at + each] for at in range(0, len(others), each)] if each and not odd else []
        shapes = {tuple(seen.parameters[name] for name in group) for group in groups}
        if len(groups) == count > 1 and len(shapes) == 1:
            yield router, groups


def _recognise(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    known = shape and len(seen.recipes[0].inputs) == 1 and seen.graph.ops() & {"topk", "sort", "max", "argmax"}
    return Evidence.POSSIBLE if known and any(_routers(seen)) else Evidence.NONE


def _cases(seen: Seen) -> Iterator[Case]:
    for router, groups in _routers(seen):
        counts = [value for value in dict.fromkeys((*seen.counts, 1, 2)) if 0 < value < len(groups)]
        for few, shared, name in itertools.product(counts, (True, False), ("relu", "gelu", "silu", "")):
            for order in itertools.permutations(range(len(groups[0]))):
                ordered = [[Affine(group[at], seen) for at in order] for group in groups]
                act = ACTIVATIONS.get(name)
                note = "" if shared else "shares of all the experts"
                yield Case(partial(_run, Affine(router, seen), ordered, few, shared, act), note)


def _run(
    router: Affine,
    groups: Sequence[Sequence[Affine]],
    few: int,
    shared: bool,
    activation: Activation | None,
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    x = inputs[0]
    experts = [partial(_expert, group, activation, weights) for group in groups]
    return [mixed(x, router(x, weights), experts, few, shared)]


def _expert(layers: Sequence[Affine], activation: Activation | None, weights: Weights, x: torch.Tensor) -> torch.Tensor:
    if len(layers) == 1 and activation is None:
        return layers[0](x, weights)
    if len(layers) == 2 and activation is not None:
        return layers[1](activation(layers[0](x, weights)), weights)
    if len(layers) == 3 and activation is not None:
        return layers[2](activation(layers[0](x, weights)) * layers[1](x, weights), weights)
    raise ValueError("no such expert")


REFERENCES = (ModuleReference("mixture of experts (Shazeer et al. 2017)", _recognise, _cases, (3, 2)),)
