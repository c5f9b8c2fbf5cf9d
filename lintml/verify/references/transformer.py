"""The layers of a Transformer: attention and feed-forward, each with residual and norm (Vaswani et al. 2017)."""

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
    """The projections of each attention, the two of the feed-forward block, and the gains and shifts of the norms."""

    attentions: tuple[tuple[Slot, ...], ...]
    inner: Slot
    outer: Slot
    norms: tuple[str, ...]

    def ordered(self, order: Sequence[int]) -> "_Parts":
        """The same with query, key and value of each attention in another order of use."""
        turned = tuple((*(slots[at] for at in order), slots[3]) for slots in self.attentions)
        return _Parts(turned, self.inner, self.outer, self.norms)


def _parts(seen: Seen, count: int) -> _Parts | None:
    """The parameters by their places in the computation; None where they are not those of ``count`` attentions."""
    order = list(dict.fromkeys(name for step in seen.graph.projections() for name in weights_of(seen, step)))
    width = (seen.input_shapes()[0] or (0,))[-1]
    *attention, inner, outer = order if len(order) in (2 * count + 2, 4 * count + 2) else [""] * 4
    shapes = [seen.parameters.get(name) for name in order]
    fused = len(order) == 2 * count + 2
    wanted = ([(3 * width, width), (width, width)] if fused else [(width, width)] * 4) * count
    if shapes[:-2] != wanted or shapes[-1] != tuple(reversed(shapes[-2] or ())):
        return None
    biases = {bias_of(seen, name) for name in order}
    first_use = [seen.graph.names.get(read, "")[2:] for step in seen.graph.steps for read in step.reads]
    norms = [name for name in dict.fromkeys(first_use) if seen.parameters.get(name) == (width,) and name not in biases]
    if len(norms) != 2 * (count + 1):
        return None
    slots: list[Slot] = []
    for name in attention:
        thirds = 3 if fused and seen.parameters[name][0] == 3 * width else 0
        slots += [Slot(name, bias_of(seen, name), part) for part in range(thirds)] or [Slot(name, bias_of(seen, name))]
    ends = [Slot(name, bias_of(seen, name)) for name in (inner, outer)]
    each = tuple(tuple(slots[at : at + 4]) for at in range(0, len(slots), 4))
    return _Parts(each, ends[0], ends[1], tuple(norms))


def _recognise(attentions: int, seen: Seen) -> Evidence:
    if seen.kind != "module" or not seen.parameters or len(seen.recipes[0].inputs) != attentions:
        return Evidence.NONE
    if len({(shape or (0,))[-1] for shape in seen.input_shapes()}) != 1:
        return Evidence.NONE
    return Evidence.POSSIBLE if _parts(seen, attentions) is not None else Evidence.NONE


def _cases(attentions: int, seen: Seen) -> Iterator[Case]:
    parts = _parts(seen, attentions)
    if parts is None:
        return
    small = [value for value in seen.floats if 0 < value < 1e-3]
    orders = [(0, 1, 2)] if parts.attentions[0][0].part is not None else list(itertools.permutations(range(3)))
    choices = itertools.product(
        dict.fromkeys((*small, *_EPSILONS)),
        orders,
        heads_of(seen) or [1],
        _ACTIVATIONS,
        (False, True),
        (False, True),
    )
    for eps, order, heads, activation, norm_first, causal in choices:
        notes = ["norm_first"] * norm_first + ["causal"] * causal
        yield Case(partial(_run, parts.ordered(order), norm_first, activation, heads, eps, causal), "; ".join(notes))


def _run(
    parts: _Parts,
    norm_first: bool,
    activation: str,
    heads: int,
    eps: float,
    causal: bool,
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    x = inputs[0]
    inner = parts.inner.take(weights)
    kind = nn.TransformerEncoderLayer if len(parts.attentions) == 1 else nn.TransformerDecoderLayer
    layer = kind(x.shape[-1], heads, inner.weight.shape[0], 0.0, activation, eps, True, norm_first, dtype=x.dtype)
    layer.load_state_dict(_state(parts, weights))
    steps = x.shape[1]
    later = torch.full((steps, steps), float("-inf"), dtype=x.dtype).triu(1) if causal else None
    with torch.no_grad():
        return [layer.train()(*inputs, **{"src_mask" if len(inputs) == 1 else "tgt_mask": later})]


def _state(parts: _Parts, weights: Weights) -> dict[str, torch.Tensor]:
    """The weights under torch's names."""
    ends = {"linear1": parts.inner.take(weights), "linear2": parts.outer.take(weights)}
    found = {f"{name}.weight": one.weight for name, one in ends.items()}
    found |= {f"{name}.bias": one.shift for name, one in ends.items()}
    for name, slots in zip(("self_attn", "multihead_attn"), parts.attentions, strict=False):
        given = [slot.take(weights) for slot in slots]
        found[f"{name}.in_proj_weight"] = torch.cat([one.weight for one in given[:3]])
        found[f"{name}.in_proj_bias"] = torch.cat([one.shift for one in given[:3]])
        found[f"{name}.out_proj.weight"], found[f"{name}.out_proj.bias"] = given[3].weight, given[3].shift
    for at, name in enumerate(parts.norms):
        # The gain and shift of the norm that is used first, then of the next.
        found[f"norm{at // 2 + 1}.{('weight', 'bias')[at % 2]}"] = weights[name]
    return found


REFERENCES = (
    ModuleReference("torch.nn.TransformerEncoderLayer", partial(_recognise, 1), partial(_cases, 1), (3,)),
    ModuleReference("torch.nn.TransformerDecoderLayer", partial(_recognise, 2), partial(_cases, 2), (3,)),
)
