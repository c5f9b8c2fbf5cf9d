"""Attention whose projections are not square: inputs and outputs of two widths, keys and values shared by heads."""

import itertools
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.attention import FUSED, Affine, Slot, bias_of, core_of, weights_of
from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights


def grouped(x: torch.Tensor, projections: Sequence[Affine], heads: int, causal: bool) -> torch.Tensor:
    """(b, t, d) → (b, t, e): the third and second projection may have fewer heads, each shared by as many queries."""
    q, k, v = (projection(x) for projection in projections[:3])
    size = q.shape[-1] // heads
    q, k, v = (part.unflatten(-1, (-1, size)).transpose(-3, -2) for part in (q, k, v))
    k, v = (part.repeat_interleave(q.shape[-3] // part.shape[-3], -3) for part in (k, v))
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return projections[3](mixed.transpose(-3, -2).flatten(-2))


def _rows(seen: Seen) -> list[int]:
    """The widths of what the first three projections give, in the order of their use."""
    return [seen.parameters[name][0] for name in _order(seen)[:3]]


def _order(seen: Seen) -> list[str]:
    return list(dict.fromkeys(name for step in seen.graph.projections() for name in weights_of(seen, step)))


def _is_attention(shared: bool, seen: Seen) -> Evidence:
    known = core_of(seen.graph) is not None or bool(seen.graph.ops() & FUSED)
    if not known or len(seen.recipes[0].inputs) != 1 or len(_order(seen)) != 4:
        return Evidence.NONE
    return Evidence.POSSIBLE if (len(set(_rows(seen))) > 1) is shared else Evidence.NONE


def _cases(seen: Seen) -> Iterator[Case]:
    *three, out = _order(seen)
    wide = max(_rows(seen))
    for q, k, v in itertools.permutations(three):
        if seen.parameters[q][0] == wide and seen.parameters[k][0] == seen.parameters[v][0]:
            for heads in [count for count in (*seen.counts, 1) if wide % count == 0]:
                for causal in (False, True):
                    slots = [Slot(name, bias_of(seen, name)) for name in (q, k, v, out)]
                    yield Case(partial(_run, slots, heads, causal), "causal" if causal else "")


def _run(
    slots: Sequence[Slot], heads: int, causal: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [grouped(inputs[0], [slot.take(weights) for slot in slots], heads, causal)]


REFERENCES = (
    ModuleReference("grouped-query attention (Ainslie et al. 2023)", partial(_is_attention, True), _cases, (3,)),
    ModuleReference("torch.nn.functional.scaled_dot_product_attention", partial(_is_attention, False), _cases, (3,)),
)
