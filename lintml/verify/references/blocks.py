"""Blocks that networks repeat: linear maps, perceptrons, squeezed, separable, and patches of images."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, Layer, ModuleReference, Seen, Weights
from lintml.verify.references.graph import MULTIPLIES, SOFTMAXES

Activation = Callable[[torch.Tensor], torch.Tensor]

ACTIVATIONS: dict[str, Activation] = {
    "relu": torch.relu,
    "gelu": F.gelu,
    "gelu by tanh": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
_CURVES = frozenset(
    """relu relu_ clamp_min clamp_min_ threshold maximum clamp where gelu silu silu_ tanh tanh_ sigmoid sigmoid_ erf exp
    """.split()
)
_RECURSIONS = ("LSTM", "GRU", "RNN", "MultiheadAttention")


class Affine:
    """A linear map or convolution out of a subject's weights: its matrix by name, and the bias beside it, if any."""

    def __init__(self, weight: str, seen: Seen) -> None:
        self.name = weight
        beside = weight.removesuffix("weight") + "bias" if weight.endswith("weight") else ""
        self.bias = beside if beside in seen.parameters else None

    def of(self, weights: Weights) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Its weight and bias."""
        return weights[self.name], weights[self.bias] if self.bias is not None else None

    def __call__(self, x: torch.Tensor, weights: Weights) -> torch.Tensor:
        return F.linear(x, *self.of(weights))


def feed_forward(
    x: torch.Tensor, inner: Affine, outer: Affine, activation: Activation, residual: bool, weights: Weights
) -> torch.Tensor:
    """outer(act(inner x)) at each position (Vaswani et al. 2017, equation 2), to which x may be added."""
    changed = outer(activation(inner(x, weights)), weights)
    return x + changed if residual else changed


def squeezed(x: torch.Tensor, inner: Affine, outer: Affine, activation: Activation, weights: Weights) -> torch.Tensor:
    """(n, c, …) channels, each times σ(outer(act(inner of the means))) (Hu et al. 2018)."""
    hidden = activation(F.linear(x.flatten(2).mean(-1), *_flat(inner, weights)))
    gate = torch.sigmoid(F.linear(hidden, *_flat(outer, weights)))
    return x * gate.reshape(*gate.shape, *[1] * (x.dim() - 2))


def _flat(layer: Affine, weights: Weights) -> tuple[torch.Tensor, torch.Tensor | None]:
    weight, bias = layer.of(weights)
    return weight.flatten(1), bias


def highway(x: torch.Tensor, change: Affine, gate: Affine, activation: Activation, weights: Weights) -> torch.Tensor:
    """t act(change x) + (1 - t) x with t = σ(gate x) (Srivastava et al. 2015)."""
    t = torch.sigmoid(gate(x, weights))
    return t * activation(change(x, weights)) + (1 - t) * x


def _matrices(seen: Seen) -> list[str]:
    return [
        name for name, shape in seen.parameters.items() if len(shape) == 2 or (len(shape) == 4 and shape[2:] == (1, 1))
    ]


def _has(seen: Seen, kind: str) -> bool:
    return any(layer.type == kind for layer in seen.layers)


def _whole(seen: Seen, count: int) -> bool:
    """Whether its weights are so many matrices and their biases, and nothing in it knows of order."""
    names = _matrices(seen)
    biases = {Affine(name, seen).bias for name in names} - {None}
    alone = len(seen.recipes[0].inputs) == 1 and not any(layer.type in _RECURSIONS for layer in seen.layers)
    return alone and len(names) == count and len(seen.parameters) == count + len(biases)


def _pairs(seen: Seen) -> Iterator[tuple[Affine, Affine]]:
    for one, two in itertools.permutations(_matrices(seen)):
        yield Affine(one, seen), Affine(two, seen)


def _is_linear(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0], seen.result
    if (
        not shape
        or not result
        or len(seen.recipes[0].inputs) != 1
        or seen.graph.ops() & (SOFTMAXES | _CURVES)
        or _has(seen, "Linear")
    ):
        return Evidence.NONE
    if len([one for one in seen.parameters.values() if len(one) == 2]) != 1 or len(seen.parameters) > 2:
        return Evidence.NONE
    return (
        Evidence.POSSIBLE if result[:-1] == shape[:-1] and seen.graph.ops() & (MULTIPLIES | {"mul"}) else Evidence.NONE
    )


def _linear_cases(seen: Seen) -> Iterator[Case]:
    name = next(name for name, shape in seen.parameters.items() if len(shape) == 2)
    bias = next((other for other in seen.parameters if other != name), None)
    for turned in (False, True):
        yield Case(partial(_run_linear, name, bias, turned))


def _run_linear(
    name: str, bias: str | None, turned: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    weight = weights[name].T if turned else weights[name]
    return [F.linear(inputs[0], weight, weights[bias].flatten() if bias is not None else None)]


def _is_looked_up(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if shape is None or len(seen.recipes[0].inputs) != 1 or len(seen.parameters) != 1 or _has(seen, "Embedding"):
        return Evidence.NONE
    ((_, *rest),) = seen.parameters.values()
    return Evidence.POSSIBLE if len(rest) == 1 and seen.result == (*shape, rest[0]) else Evidence.NONE


def _lookup_cases(seen: Seen) -> Iterator[Case]:
    (name,) = seen.parameters
    for scale in (1.0, seen.parameters[name][1] ** 0.5):
        yield Case(partial(_run_lookup, name, scale), "times the root of its width" if scale > 1 else "")


def _run_lookup(name: str, scale: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [F.embedding(inputs[0], weights[name]) * scale]


def _is_leaky(seen: Seen) -> Evidence:
    shape, slopes = seen.input_shapes()[0], list(seen.parameters.values())
    if not shape or len(shape) < 2 or len(seen.recipes[0].inputs) != 1 or len(slopes) != 1 or seen.result != shape:
        return Evidence.NONE
    known = slopes[0] in ((), (1,), shape[-1:], shape[1:2]) and not seen.graph.ops() & (MULTIPLIES | {"sum", "mean"})
    return (
        Evidence.POSSIBLE
        if known and seen.graph.ops() & (_CURVES | {"_prelu_kernel", "gt", "minimum"})
        else Evidence.NONE
    )


def _leaky_cases(seen: Seen) -> Iterator[Case]:
    (name,) = seen.parameters
    for axis in (1, -1):
        yield Case(partial(_run_leaky, name, axis), "of the last axis" if axis < 0 else "")


def _run_leaky(name: str, axis: int, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    """x where it is positive, else x times a learnt slope, one or one for each channel (He et al. 2015)."""
    x, slope = inputs[0], weights[name]
    if slope.numel() > 1 and axis > 0:
        slope = slope.reshape(-1, *[1] * (x.dim() - 2))
    return [torch.where(x > 0, x, x * slope)]


def _is_feed_forward(residual: bool, seen: Seen) -> Evidence:
    known = _whole(seen, 2) and seen.graph.ops() & _CURVES and not seen.graph.ops() & (SOFTMAXES | {"mean"})
    added = bool(seen.graph.ops() & {"add", "add_"})
    return Evidence.POSSIBLE if known and (added or not residual) and not seen.graph.products() else Evidence.NONE


def _feed_forward_cases(residual: bool, seen: Seen) -> Iterator[Case]:
    for inner, outer in _pairs(seen):
        for name, activation in ACTIVATIONS.items():
            yield Case(partial(_run_feed_forward, inner, outer, activation, residual), f"with {name}")


def _run_feed_forward(
    inner: Affine, outer: Affine, activation: Activation, residual: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [feed_forward(inputs[0], inner, outer, activation, residual, weights)]


def _is_squeezed(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    known = _whole(seen, 2) and shape is not None and len(shape) > 2 and seen.result == shape
    return Evidence.POSSIBLE if known and seen.graph.ops() & {"sigmoid", "exp", "tanh"} else Evidence.NONE


def _squeezed_cases(seen: Seen) -> Iterator[Case]:
    for inner, outer in _pairs(seen):
        for name in ("relu", "silu", "gelu"):
            yield Case(
                partial(_run_squeezed, inner, outer, ACTIVATIONS[name]), "" if name == "relu" else f"with {name}"
            )


def _run_squeezed(
    inner: Affine, outer: Affine, activation: Activation, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [squeezed(inputs[0], inner, outer, activation, weights)]


def _is_highway(seen: Seen) -> Evidence:
    known = _whole(seen, 2) and seen.result == seen.input_shapes()[0] and seen.graph.ops() & {"sigmoid", "exp", "tanh"}
    return Evidence.POSSIBLE if known else Evidence.NONE


def _highway_cases(seen: Seen) -> Iterator[Case]:
    for change, gate in _pairs(seen):
        for name in ("relu", "tanh", "gelu"):
            yield Case(partial(_run_highway, change, gate, ACTIVATIONS[name]), f"with {name}")


def _run_highway(
    change: Affine, gate: Affine, activation: Activation, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    return [highway(inputs[0], change, gate, activation, weights)]


def _convolutions(seen: Seen) -> list[Layer]:
    return [layer for layer in seen.layers if layer.type == "Conv2d"]


def _is_separable(seen: Seen) -> Evidence:
    layers = _convolutions(seen)
    others = [layer for layer in seen.layers if layer.type not in ("Conv2d", "Sequential", "Identity", "")]
    if len(layers) != 2 or others or len(seen.recipes[0].inputs) != 1:
        return Evidence.NONE
    deep = [layer for layer in layers if layer.settings.get("groups", 1) > 1]
    return Evidence.POSSIBLE if len(deep) == 1 and not seen.graph.ops() & _CURVES else Evidence.NONE


def _separable_cases(seen: Seen) -> Iterator[Case]:
    deep, point = sorted(_convolutions(seen), key=lambda layer: layer.settings.get("groups", 1) == 1)
    settings = {key: deep.settings[key] for key in ("stride", "padding", "dilation", "groups")}
    yield Case(
        partial(_run_separable, Affine(f"{deep.path}.weight", seen), Affine(f"{point.path}.weight", seen), settings)
    )


def _run_separable(
    deep: Affine, point: Affine, settings: dict[str, Any], weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    """Each channel by itself, then all channels at each place (Chollet 2017)."""
    return [F.conv2d(F.conv2d(inputs[0], *deep.of(weights), **settings), *point.of(weights))]


def _is_patched(seen: Seen) -> Evidence:
    shape, result = seen.input_shapes()[0], seen.result
    wide = [one for one in seen.parameters.values() if len(one) in (2, 4)]
    if shape is None or len(shape) != 4 or result is None or len(result) != 3 or len(seen.recipes[0].inputs) != 1:
        return Evidence.NONE
    return (
        Evidence.POSSIBLE if len(wide) == 1 and len(seen.parameters) <= 2 and result[-1] in wide[0] else Evidence.NONE
    )


def _patched_cases(seen: Seen) -> Iterator[Case]:
    name = next(name for name, one in seen.parameters.items() if len(one) in (2, 4))
    shape = seen.input_shapes()[0] or (0, 1)
    _, *rest = seen.parameters[name]
    size = rest[-1] if len(rest) == 3 else round((rest[0] / shape[1]) ** 0.5)
    for channels_last in (False, True):
        yield Case(partial(_run_patched, Affine(name, seen), size, channels_last))


def _run_patched(
    layer: Affine, size: int, channels_last: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    """(n, c, h, w) images → (n, patches, d): each patch, row by row, mapped at once (Dosovitskiy et al. 2021)."""
    weight, bias = layer.of(weights)
    patches = inputs[0].unfold(2, size, size).unfold(3, size, size).permute(0, 2, 3, 1, 4, 5)
    if channels_last and weight.dim() == 2:
        patches = patches.permute(0, 1, 2, 4, 5, 3)
    return [F.linear(patches.flatten(3).flatten(1, 2), weight.flatten(1), bias)]


REFERENCES = (
    ModuleReference("torch.nn.functional.linear", _is_linear, _linear_cases),
    ModuleReference("torch.nn.functional.embedding", _is_looked_up, _lookup_cases),
    ModuleReference("torch.nn.functional.prelu", _is_leaky, _leaky_cases),
    ModuleReference(
        "feed-forward block (Vaswani et al. 2017)",
        partial(_is_feed_forward, False),
        partial(_feed_forward_cases, False),
    ),
    ModuleReference(
        "feed-forward block with a residual", partial(_is_feed_forward, True), partial(_feed_forward_cases, True)
    ),
    ModuleReference("squeeze and excitation (Hu et al. 2018)", _is_squeezed, _squeezed_cases),
    ModuleReference("highway layer (Srivastava et al. 2015)", _is_highway, _highway_cases),
    ModuleReference("depthwise separable convolution (Chollet 2017)", _is_separable, _separable_cases),
    ModuleReference("patch embedding (Dosovitskiy et al. 2021)", _is_patched, _patched_cases, (4,)),
)
