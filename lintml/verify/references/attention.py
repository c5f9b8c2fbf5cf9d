"""Dot-product attention with one or several heads (Vaswani et al. 2017, equations 1 and 3.2.2)."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.graph import MULTIPLIES, RANDOM, SOFTMAXES, VIEWS, Graph, Step

_SCALES = frozenset(["mul", "div", "mul_", "div_", "true_divide"])
# A softmax written out.
_BY_HAND = frozenset(("exp", "sub", "sum", "amax", "max"))
_MASKS = frozenset(["masked_fill", "masked_fill_", "where"])
FUSED = frozenset(
    [
        "_scaled_dot_product_flash_attention_for_cpu",
        "_scaled_dot_product_attention_math",
        "scaled_dot_product_attention",
    ]
)


def attention(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool, scale: float | None = None
) -> torch.Tensor:
    """softmax(q kᵀ / √d) v over (…, n, d) × (…, m, d) × (…, m, e) → (…, n, e)."""
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)


def multihead(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, projections: Sequence["Affine"], heads: int, causal: bool
) -> list[torch.Tensor]:
    """nn.MultiheadAttention, batch first, with these query, key, value and output projections: output, weights."""
    width = q.shape[-1]
    layer = torch.nn.MultiheadAttention(width, heads, batch_first=True, dtype=q.dtype).eval()
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.cat([one.weight for one in projections[:3]]))
        layer.in_proj_bias.copy_(torch.cat([one.shift for one in projections[:3]]))
        layer.out_proj.weight.copy_(projections[3].weight)
        layer.out_proj.bias.copy_(projections[3].shift)
        hidden = torch.full((q.shape[-2], k.shape[-2]), float("-inf"), dtype=q.dtype).triu(1) if causal else None
        output, weights = layer(q, k, v, attn_mask=hidden, need_weights=True, average_attn_weights=False)
    return [output, weights, weights.mean(-3)]


@dataclass(frozen=True, slots=True, eq=False)
class Affine:
    """A projection x ↦ x weightᵀ + bias."""

    weight: torch.Tensor
    bias: torch.Tensor | None

    @property
    def shift(self) -> torch.Tensor:
        """The bias, zero where there is none."""
        return self.weight.new_zeros(self.weight.shape[0]) if self.bias is None else self.bias

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a projection's weights stand: parameters, the part of a fused one, whether it multiplies from the right."""

    weight: str
    bias: str | None
    part: int | None = None
    transposed: bool = False
    heads_first: int = 0

    def take(self, weights: Weights) -> Affine:
        """The projection, from the subject's weights."""
        weight = weights[self.weight]
        weight = weight.t() if self.transposed else weight
        bias = weights[self.bias] if self.bias is not None else None
        if self.part is None:
            return Affine(weight, bias)
        return Affine(self._third(weight), self._third(bias) if bias is not None else None)

    def _third(self, rows: torch.Tensor) -> torch.Tensor:
        assert self.part is not None
        if self.heads_first:
            return rows.reshape(self.heads_first, 3, -1, *rows.shape[1:])[:, self.part].reshape(-1, *rows.shape[1:])
        return rows.chunk(3)[self.part]


def core_of(graph: Graph) -> tuple[Step, Step, Step] | None:
    """The products before and after the one softmax: scores, weights, mixture."""
    softmaxes = [step for step in graph.steps if step.op in SOFTMAXES]
    softmaxes = softmaxes or [step for step in graph.steps if step.op == "exp"]
    if len(softmaxes) != 1:
        return None
    products = graph.products()
    above = [step for step in graph.between(softmaxes[0].reads, frozenset()) if step in products]
    below = [step for step in products if softmaxes[0] in list(graph.between(step.reads, frozenset()))]
    return (above[0], softmaxes[0], below[-1]) if above and below else None


def _plain(graph: Graph, core: tuple[Step, Step, Step]) -> bool:
    """Whether nothing but reshaping, scaling and masking stands between projections, scores, weights and output."""
    allowed = VIEWS | MULTIPLIES | SOFTMAXES | _BY_HAND | _SCALES | _MASKS | RANDOM
    return graph.ops() <= allowed and len(graph.products()) == 2


def _projection_count(seen: Seen) -> int:
    return len({name for step in seen.graph.projections() for name in weights_of(seen, step)})


def weights_of(seen: Seen, step: Step) -> list[str]:
    names = []
    for number in step.reads:
        if not seen.graph.from_inputs(number):
            names += [name for name in seen.graph.parameters_of(number) if len(seen.parameters.get(name, ())) == 2]
    return names


def _is_attention(seen: Seen) -> Evidence:
    if seen.graph.ops() & FUSED:
        return Evidence.POSSIBLE
    core = core_of(seen.graph)
    if core is None:
        return Evidence.NONE
    count = _projection_count(seen)
    mapped = sum(len(shape) == 2 for shape in seen.parameters.values()) == count
    certain = _plain(seen.graph, core) and mapped and _parts(seen) in (3, 4)
    return Evidence.CERTAIN if certain else Evidence.POSSIBLE


def _parts(seen: Seen) -> int:
    """How many square projections the weights amount to."""
    total = 0
    for shape in seen.parameters.values():
        if len(shape) == 2:
            total += max(shape) // min(shape)
    return total


def _is_single(seen: Seen) -> Evidence:
    evidence = _is_attention(seen)
    if evidence is Evidence.CERTAIN and (_parts(seen) == 4 or heads_of(seen)):
        return Evidence.POSSIBLE
    return evidence


def _is_multi(seen: Seen) -> Evidence:
    evidence = _is_attention(seen)
    if not seen.parameters:
        return Evidence.NONE
    return evidence if evidence is not Evidence.CERTAIN or _parts(seen) == 4 else Evidence.POSSIBLE


def heads_of(seen: Seen) -> list[int]:
    """What may be the number of heads: whole numbers given or kept that divide the width."""
    width = (seen.input_shapes()[0] or (0,))[-1]
    kept = [*seen.argument.values(), *seen.settings.values()]
    found = [value for value in kept if type(value) is int and 1 < value < width and width % value == 0]
    return sorted(dict.fromkeys(found))


def _slots(seen: Seen, wanted: int) -> Iterator[tuple[Slot, ...]]:
    """Ways to read ``wanted`` projections out of the parameters, that of their use in the call first."""
    order = list(dict.fromkeys(name for step in seen.graph.projections() for name in weights_of(seen, step)))
    width = (seen.input_shapes()[0] or (0,))[-1]
    slots: list[Slot] = []
    for name in order:
        shape = seen.parameters[name]
        bias = bias_of(seen, name)
        if shape == (3 * width, width) or shape == (width, 3 * width):
            slots += [Slot(name, bias, part, shape[0] == width) for part in range(3)]
        else:
            slots.append(Slot(name, bias, None, not name.endswith("weight")))
    if len(slots) != wanted:
        return
    yield from itertools.permutations(slots)
    if any(slot.part is not None for slot in slots):
        for heads in heads_of(seen):
            yield tuple(Slot(s.weight, s.bias, s.part, s.transposed, heads if s.part is not None else 0) for s in slots)


def bias_of(seen: Seen, weight: str) -> str | None:
    candidate = weight.removesuffix("weight") + "bias"
    return candidate if weight.endswith("weight") and candidate in seen.parameters else None


def _sources(inputs: Sequence[Any]) -> Sequence[torch.Tensor]:
    given = [value for value in inputs if isinstance(value, torch.Tensor) and value.is_floating_point()]
    match given:
        case [x]:
            return x, x, x
        case [x, memory]:
            return x, memory, memory
        case [q, k, v, *_]:
            return q, k, v
    raise ValueError("no inputs to attend over")


def _single_cases(seen: Seen) -> Iterator[Case]:
    count = _parts(seen)
    floats = [v for v in (*seen.argument.values(), *seen.settings.values()) if isinstance(v, float) and v > 0]
    scales: list[float | None] = [None]
    if count == 0:
        scales += [scale for value in dict.fromkeys(floats) for scale in (value, 1 / value)]
    for slots in _slots(seen, count) if count in (3,) else [()] if count == 0 else []:
        for causal in (False, True):
            for scale in scales:

                def run(
                    weights: Weights,
                    inputs: Sequence[Any],
                    slots: Sequence[Slot] = slots,
                    causal: bool = causal,
                    scale: float | None = scale,
                ) -> list[torch.Tensor]:
                    sources = _sources(inputs)
                    q, k, v = (
                        (slot.take(weights)(x) for slot, x in zip(slots, sources, strict=True)) if slots else sources
                    )
                    mixed = attention(q, k, v, causal, scale)
                    eye = torch.eye(k.shape[-2], dtype=q.dtype).expand(*k.shape[:-1], k.shape[-2])
                    return [mixed, attention(q, k, eye, causal, scale)]

                yield Case(run, "causal" if causal else "")


def _multi_cases(seen: Seen) -> Iterator[Case]:
    count = _parts(seen)
    for heads in heads_of(seen) or [1]:
        for causal in (False, True):
            for slots in _slots(seen, count) if count in (3, 4) else ():

                def run(
                    weights: Weights,
                    inputs: Sequence[Any],
                    slots: Sequence[Slot] = slots,
                    heads: int = heads,
                    causal: bool = causal,
                ) -> list[torch.Tensor]:
                    q, k, v = _sources(inputs)
                    projections = [slot.take(weights) for slot in slots]
                    if len(projections) == 3:
                        projections.append(Affine(torch.eye(q.shape[-1], dtype=q.dtype), None))
                    return multihead(q, k, v, projections, heads, causal)

                notes = ["causal"] * causal + ["without an output projection"] * (len(slots) == 3)
                yield Case(run, "; ".join(notes))


REFERENCES = (
    ModuleReference("torch.nn.functional.scaled_dot_product_attention", _is_single, _single_cases, (3, 4, 2)),
    ModuleReference("torch.nn.MultiheadAttention", _is_multi, _multi_cases, (3, 2)),
)
