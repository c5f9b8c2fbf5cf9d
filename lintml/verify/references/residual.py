"""Residual blocks of convolutions (He et al. 2016): basic and bottleneck, with or without a projection beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, Layer, ModuleReference, Seen, Weights

_ALLOWED = frozenset(("Conv2d", "BatchNorm2d", "ReLU", "Sequential", "ModuleList", "Identity", ""))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A convolution and the norm after it."""

    convolution: Layer
    norm: Layer

    def __call__(self, x: torch.Tensor, weights: Weights) -> torch.Tensor:
        """In training mode, as the batch has it."""
        path, norm = self.convolution.path, self.norm.path
        settings = {key: self.convolution.settings[key] for key in ("stride", "padding", "dilation", "groups")}
        x = F.conv2d(x, weights[f"{path}.weight"], weights.get(f"{path}.bias"), **settings)
        eps = self.norm.settings["eps"]
        return F.batch_norm(x, None, None, weights[f"{norm}.weight"], weights[f"{norm}.bias"], True, 0.0, eps)


def residual(x: torch.Tensor, chain: Sequence[_Pair], beside: _Pair | None, weights: Weights) -> torch.Tensor:
    """relu(chain(x) + beside(x)), with a relu between the pairs of the chain; x itself where nothing is beside."""
    y = x
    for number, pair in enumerate(chain):
        y = pair(torch.relu(y) if number else y, weights)
    return torch.relu(y + (x if beside is None else beside(x, weights)))


def _pairs(seen: Seen) -> list[_Pair]:
    """Convolutions and norms in the order of their use; none where they do not take turns."""
    by_weight = {f"{layer.path}.weight": layer for layer in seen.layers if layer.type in ("Conv2d", "BatchNorm2d")}
    read = [seen.graph.names.get(number, "")[2:] for step in seen.graph.steps for number in step.reads]
    used = [by_weight[name] for name in dict.fromkeys(read) if name in by_weight]
    turns = [layer.type for layer in used] == ["Conv2d", "BatchNorm2d"] * (len(used) // 2)
    return [_Pair(*used[at : at + 2]) for at in range(0, len(used), 2)] if turns else []


def _recognise(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if seen.kind != "module" or len(seen.recipes[0].inputs) != 1 or shape is None or len(shape) != 4:
        return Evidence.NONE
    known = {layer.type for layer in seen.layers} <= _ALLOWED and seen.graph.ops() & {"add", "add_"}
    return Evidence.POSSIBLE if known and len(_pairs(seen)) in (2, 3, 4) else Evidence.NONE


def _cases(seen: Seen) -> Iterator[Case]:
    pairs = _pairs(seen)
    yield Case(partial(_run, pairs, None))
    for at in (len(pairs) - 1, 0):
        yield Case(partial(_run, [*pairs[:at], *pairs[at + 1 :]], pairs[at]), "projected")


def _run(chain: Sequence[_Pair], beside: _Pair | None, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [residual(inputs[0], chain, beside, weights)]


REFERENCES = (ModuleReference("residual block (He et al. 2016)", _recognise, _cases, (4,), modes=(True,)),)
