"""Classes that wrap one layer of torch: what they give must be what that layer gives, with the same weights."""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, cast

import torch
from torch import nn

from lintml.verify.references.declare import Case, Evidence, Layer, ModuleReference, Seen, Weights

_LAYERS = [
    "Linear",
    "Bilinear",
    "Embedding",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "LSTM",
    "GRU",
    "RNN",
    "LSTMCell",
    "GRUCell",
    "RNNCell",
    "LayerNorm",
    "GroupNorm",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
]


_RECURRENT = ("LSTM", "GRU", "RNN")
_CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")


def rebuilt(layer: Layer) -> nn.Module:
    """torch's layer with the settings that a wrapped one has, in float64."""
    made = getattr(nn, layer.type)
    known = inspect.signature(nn.RNNBase if layer.type in _RECURRENT else made).parameters
    settings = {name: _setting(value) for name, value in layer.settings.items() if name in known and name != "mode"}
    if "bias" in known and layer.type not in _RECURRENT:
        settings["bias"] = bool(layer.settings.get("bias"))
    if layer.type in ("GRU", "RNN"):
        settings.pop("proj_size", None)  # Which only an LSTM takes.
    if layer.type == "RNN":
        settings["nonlinearity"] = str(layer.settings["mode"]).removeprefix("RNN_").lower()
    return cast(nn.Module, made(**settings).to(torch.float64))


def readings(layer: Layer, result: Any) -> Iterator[torch.Tensor]:
    """What people return of a layer's result: all of it, and of a recurrent layer its last step and last states."""
    flat = list(_flat(result))
    yield from flat
    if layer.type not in _RECURRENT:
        return
    steps, *states = flat
    yield from (steps[-1], steps[:, -1], steps[:, -1:], steps[-1:])
    for state in states:
        yield from (state[-1], state[0], state.squeeze(0))
        if len(state) > 1:
            yield from (torch.cat((state[-2], state[-1]), -1), torch.cat((state[0], state[1]), -1))


def _flat(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _flat(item)


def _setting(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is(kind: str) -> Any:
    def recognise(seen: Seen) -> Evidence:
        if all(layer.type != kind for layer in seen.layers):
            return Evidence.NONE
        layers = [layer for layer in seen.layers if layer.type and layer.type not in _CONTAINERS]
        outer = [layer for layer in layers if not any(layer.path.startswith(f"{other.path}.") for other in layers)]
        if [layer.type for layer in outer] != [kind]:
            return Evidence.NONE
        mine = all(name.startswith(f"{outer[0].path}.") for name in seen.parameters)
        return Evidence.POSSIBLE if mine else Evidence.NONE

    return recognise


def _cases(kind: str) -> Any:
    def cases(seen: Seen) -> Iterator[Case]:
        layer = next(layer for layer in seen.layers if layer.type == kind)
        if f"{layer.path}.in_proj_bias" in seen.parameters:
            layer = Layer(layer.path, layer.type, {**layer.settings, "bias": True})
        base = rebuilt(layer)
        own = dict(base.named_parameters())
        if {f"{layer.path}.{name}" for name in own} != set(seen.parameters):
            return
        first = len(list(readings(layer, _sample(base, seen))))
        for number in range(first):

            def run(weights: Weights, inputs: Sequence[Any], number: int = number) -> list[torch.Tensor]:
                with torch.no_grad():
                    for name, parameter in own.items():
                        parameter.copy_(weights[f"{layer.path}.{name}"])
                    found = list(readings(layer, base.eval()(*inputs)))
                return [found[number], *found]

            yield Case(run)

    return cases


def _sample(base: nn.Module, seen: Seen) -> Any:
    from lintml.verify import tensors

    inputs = [tensors.draw(spec, tensors.seeded(0), torch.float64) for _, spec in seen.recipes[0].inputs]
    with torch.no_grad():
        return base.eval()(*inputs)


REFERENCES = tuple(ModuleReference(f"torch.nn.{kind}", _is(kind), _cases(kind)) for kind in _LAYERS)
