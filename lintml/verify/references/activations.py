"""Functions of one tensor: activations, softmax and its kin, as torch.nn.functional states them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights, called
from lintml.verify.references.graph import MULTIPLIES, VIEWS

Function = Callable[[torch.Tensor], torch.Tensor]
Forms = Callable[[Seen], Iterable[tuple[str, Function]]]

_AXES = (-1, 1, 0)
# Of functions with a corner: beyond it on both sides, and before it.
_WIDE = (1.0, 9.0, 1e-3)


def _one(function: Function) -> Forms:
    return lambda seen: [("", function)]


def _with_float(function: Callable[[torch.Tensor, float], torch.Tensor], default: float) -> Forms:
    """A function with one setting: each fraction that the subject has, else torch's default."""

    def forms(seen: Seen) -> Iterator[tuple[str, Function]]:
        for value in [*(one for one in seen.floats if one != 1.0 or one == default), default]:
            yield "", partial(_second, function, value)

    return forms


def _over_axes(function: Callable[[torch.Tensor, int], torch.Tensor]) -> Forms:
    """A function over an axis: the last, the second, the first."""

    def forms(seen: Seen) -> Iterator[tuple[str, Function]]:
        rank = len(seen.input_shapes()[0] or ())
        for axis in _AXES:
            if axis < rank:
                yield "" if axis == -1 else f"over axis {axis}", partial(_second, function, axis)

    return forms


def _second(function: Callable[[torch.Tensor, Any], torch.Tensor], value: Any, x: torch.Tensor) -> torch.Tensor:
    return function(x, value)


def quick_gelu(x: torch.Tensor) -> torch.Tensor:
    """x σ(1.702 x), the approximation of Hendrycks and Gimpel (2016)."""
    return x * torch.sigmoid(1.702 * x)


def _gelus(seen: Seen) -> Iterator[tuple[str, Function]]:
    yield "", F.gelu
    yield "by tanh", partial(F.gelu, approximate="tanh")
    yield "by a sigmoid of 1.702 x", quick_gelu


def _swishes(seen: Seen) -> Iterator[tuple[str, Function]]:
    yield "", F.silu
    for beta in filter(None, seen.floats):
        yield f"with beta {beta:g}", partial(_swish, beta)


def _swish(beta: float, x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(beta * x)


def _reference(
    name: str, forms: Forms, *nouns: str, reduces: bool = False, scales: tuple[float, ...] = (1.0, 1e-2, 1e-3)
) -> ModuleReference:
    def recognise(seen: Seen) -> Evidence:
        shapes = seen.input_shapes()
        if seen.parameters or len(shapes) != 1 or shapes[0] is None or seen.graph.ops() & MULTIPLIES:
            return Evidence.NONE
        if seen.still.ops() <= VIEWS:
            return Evidence.NONE  # It gives back what it is given, as some functions do at some of their settings.
        if not reduces and seen.result != shapes[0]:
            return Evidence.NONE
        return Evidence.CERTAIN if called(seen.name, nouns) else Evidence.POSSIBLE

    def cases(seen: Seen) -> Iterator[Case]:
        for note, function in forms(seen):
            yield Case(partial(_run, function), note)

    return ModuleReference(f"torch.{name}", recognise, cases, scales=scales)


def _run(function: Function, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [function(inputs[0])]


def _mish(x: torch.Tensor) -> torch.Tensor:
    return x * torch.tanh(F.softplus(x))


REFERENCES = (
    _reference("nn.functional.relu", _one(F.relu), "relu", scales=_WIDE),
    _reference("nn.functional.relu6", _one(F.relu6), "relu6", scales=_WIDE),
    _reference("nn.functional.gelu", _gelus, "gelu", "newgelu", "quickgelu", "geluapprox"),
    _reference("nn.functional.silu", _swishes, "silu", "swish"),
    _reference("nn.functional.mish", _one(_mish), "mish"),
    _reference("nn.functional.softplus", _one(F.softplus), "softplus"),
    _reference("nn.functional.softsign", _one(F.softsign), "softsign"),
    _reference("nn.functional.elu", _with_float(F.elu, 1.0), "elu", scales=_WIDE),
    _reference("nn.functional.selu", _one(F.selu), "selu", scales=_WIDE),
    _reference("nn.functional.leaky_relu", _with_float(F.leaky_relu, 0.01), "leakyrelu", "lrelu", scales=_WIDE),
    _reference("nn.functional.hardtanh", _one(F.hardtanh), "hardtanh", scales=_WIDE),
    _reference("nn.functional.hardsigmoid", _one(F.hardsigmoid), "hardsigmoid", scales=_WIDE),
    _reference("nn.functional.hardswish", _one(F.hardswish), "hardswish", scales=_WIDE),
    _reference("nn.functional.logsigmoid", _one(F.logsigmoid), "logsigmoid"),
    _reference("nn.functional.tanhshrink", _one(F.tanhshrink), "tanhshrink"),
    _reference("sigmoid", _one(torch.sigmoid), "sigmoid", "logistic"),
    _reference("tanh", _one(torch.tanh), "tanh"),
    _reference("nn.functional.softmax", _over_axes(F.softmax), "softmax"),
    _reference("nn.functional.softmin", _over_axes(F.softmin), "softmin"),
    _reference("nn.functional.log_softmax", _over_axes(F.log_softmax), "logsoftmax"),
    _reference(
        "nn.functional.normalize", _over_axes(lambda x, axis: F.normalize(x, dim=axis)), "normalize", "l2normalize"
    ),
    _reference("nn.functional.glu", _over_axes(F.glu), reduces=True),
    _reference(
        "logsumexp",
        lambda seen: [
            *_over_axes(torch.logsumexp)(seen),
            *_over_axes(lambda x, axis: torch.logsumexp(x, axis, keepdim=True))(seen),
        ],
        "logsumexp",
        reduces=True,
    ),
)
