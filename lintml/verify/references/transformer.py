"""A Transformer encoder layer: attention and feed-forward, each with residual and norm (Vaswani et al. 2017)."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from lintml.verify.references.attention import Slot, bias_of, heads_of, weights_of
from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights

_EPSILONS = (1e-5, 1e-6, 1e-12)
_ACTIVATIONS = ("relu", "gelu")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The projections of the attention, the two of the feed-forward block, and the gains and shifts of the norms."""

    attention: tuple[Slot, ...]
    inner: Slot
    outer: Slot
    norms: tuple[str, ...]


def _parts(seen: Seen) -> _Parts | None:
    """The parameters by their places in the computation; None where they are not those of an encoder layer."""
    order = list(dict.fromkeys(name for step in seen.graph.projections() for name in weights_of(seen, step)))
    width = (seen.input_shapes()[0] or (0,))[-1]
    *attention, inner, outer = order if len(order) in (4, 6) else [""] * 4
    shapes = [seen.parameters.get(name) for name in order]
    wanted = [(3 * width, width), (width, width)] if len(order) == 4 else [(width, width)] * 4
    if shapes[:-2] != wanted or shapes[-1] != tuple(reversed(shapes[-2] or ())):
        return None
    biases = {bias_of(seen, name) for name in order}
    first_use = [seen.graph.names.get(read, "")[2:] for step in seen.graph.steps for read in step.reads]
    norms = [name for name in dict.fromkeys(first_use) if seen.parameters.get(name) == (width,) and name not in biases]
    if len(norms) != 4:
        return None
    slots: list[Slot] = []
    for name in attention:
        fused = seen.parameters[name][0] == 3 * width
        slots += [Slot(name, bias_of(seen, name), part if fused else None) for part in range(3 if fused else 1)]
    ends = [Slot(name, bias_of(seen, name)) for name in (inner, outer)]
    return _Parts(tuple(slots), ends[0], ends[1], tuple(norms))


def _recognise(seen: Seen) -> Evidence:
    if seen.kind != "module" or not seen.parameters or len(seen.recipes[0].inputs) != 1:
        return Evidence.NONE
    return Evidence.POSSIBLE if _parts(seen) is not None else Evidence.NONE


def _cases(seen: Seen) -> Iterator[Case]:
    parts = _parts(seen)
    if parts is None:
        return
    small = [value for value in seen.floats if 0 < value < 1e-3]
    choices = itertools.product((False, True), _ACTIVATIONS, heads_of(seen) or [1], dict.fromkeys((*small, *_EPSILONS)))
    for norm_first, activation, heads, eps in choices:
        yield Case(partial(_run, parts, norm_first, activation, heads, eps), "norm_first" if norm_first else "")


def _run(
    parts: _Parts, norm_first: bool, activation: str, heads: int, eps: float, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    x = inputs[0]
    inner, outer = parts.inner.take(weights), parts.outer.take(weights)
    layer = nn.TransformerEncoderLayer(
        x.shape[-1], heads, inner.weight.shape[0], 0.0, activation, eps, True, norm_first, dtype=x.dtype
    )
    given = [slot.take(weights) for slot in parts.attention]
    # Order 0 1 2 3: gain and shift of the norm that is used first, then of the other.
    values = {
        "self_attn.in_proj_weight": torch.cat([one.weight for one in given[:3]]),
        "self_attn.in_proj_bias": torch.cat([one.shift for one in given[:3]]),
        "self_attn.out_proj.weight": given[3].weight,
        "self_attn.out_proj.bias": given[3].shift,
        "linear1.weight": inner.weight,
        "linear1.bias": inner.shift,
        "linear2.weight": outer.weight,
        "linear2.bias": outer.shift,
        **dict(
            zip(
                ("norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias"),
                (weights[name] for name in parts.norms),
                strict=True,
            )
        ),
    }
    layer.load_state_dict(values)
    with torch.no_grad():
        return [layer.train()(x)]


REFERENCES = (ModuleReference("torch.nn.TransformerEncoderLayer", _recognise, _cases, (3,)),)
