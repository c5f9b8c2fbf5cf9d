"""The functions and layers of einops, applied to what the page gives them."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lintml.analysis.applying import applied
from lintml.analysis.binding import setting
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.values import Items, Layer, Tensor, Value, listed
from lintml.shapes import packing
from lintml.shapes.call import UNKNOWN
from lintml.shapes.signature import Signature

_BY_PATTERN: Final = {
    "rearrange": ("pattern",),
    "reduce": ("pattern", "reduction"),
    "repeat": ("pattern",),
    "einmix": ("pattern", "weight_shape", "bias_shape"),
}
_LAYERS: Final = frozenset(f"einops.layers.torch.{name}" for name in ("Rearrange", "Reduce", "EinMix"))


def call(
    run: Interpreter,
    path: str,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """The result of a call of something of einops: a tensor, or a layer."""
    home, _, name = path.rpartition(".")
    if path in _LAYERS:
        return Layer(path, _settings(run, name.lower(), arguments, keywords), node)
    if home != "einops" or "**" in keywords:
        return UNKNOWN
    if name == "einsum":
        *tensors, pattern = [*arguments, *([keywords["pattern"]] if "pattern" in keywords else [])] or [UNKNOWN]
        signature = Signature(path, {}, (), (), operator="patterns.einsum")
        return applied(run, path, signature, tensors, {"pattern": pattern}, node, frame, None)
    if name in ("pack", "unpack"):
        return _packing(run, path, arguments, keywords, node, frame)
    if name not in _BY_PATTERN:
        return UNKNOWN
    tensor, rest = (keywords["tensor"], arguments) if "tensor" in keywords else (arguments[:1], arguments[1:])
    given = tensor if isinstance(tensor, list) else [tensor]
    named = {key: value for key, value in keywords.items() if key != "tensor"}
    return applied(run, path, _by_pattern(path), given, _settings(run, name, rest, named), node, frame, None)


def _packing(
    run: Interpreter,
    path: str,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """What pack gives, a tensor and the sizes of what is in it; what unpack gives, a list of tensors."""
    name = path.rpartition(".")[2]
    given = dict(
        zip(
            ("tensors", "pattern") if name == "pack" else ("tensor", "packed_shapes", "pattern"),
            arguments,
            strict=False,
        )
    )
    given.update(keywords)
    pattern, signature = given.get("pattern", UNKNOWN), Signature(path, {}, (), (), operator=f"patterns.{name}")
    if name == "pack":
        tensors = listed(given.get("tensors")) or given.get("tensors")
        made = applied(run, path, signature, [tensors], {"pattern": pattern}, node, frame, None)
        if not (isinstance(tensors, Items) and tensors.exact):
            return (made, UNKNOWN)
        shapes = [
            run.world.shape(each.shape) if isinstance(each, Tensor) and each.shape is not None else None
            for each in tensors.values
        ]
        own = [packing.own_axes(shape, pattern) for shape in shapes]
        return (made, Items([UNKNOWN if axes is None else axes for axes in own], level=run.level))
    parts = setting(run, given.get("packed_shapes"))
    if not isinstance(parts, tuple):
        return UNKNOWN
    made = applied(run, path, signature, [given.get("tensor")], {"pattern": pattern, "parts": parts}, node, frame, None)
    return Items(made if isinstance(made, tuple) else [made], level=run.level)


def apply_layer(run: Interpreter, layer: Layer, arguments: Sequence[Value], node: ast.AST, frame: Frame) -> Value:
    """The result of a layer of einops."""
    return applied(run, layer.path, _by_pattern(layer.path), arguments[:1], dict(layer.settings), node, frame, layer)


def is_layer(path: str) -> bool:
    """Whether a path is a layer of einops whose shapes are followed."""
    return path in _LAYERS


def _by_pattern(path: str) -> Signature:
    return Signature(path, {}, (), (), operator="patterns.by_pattern")


def _settings(run: Interpreter, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> dict[str, Any]:
    """The pattern, and the lengths that names are given; unknown altogether where keywords are spread into the call."""
    words = _BY_PATTERN[name]
    settings: dict[str, Any] = dict(zip(words, arguments, strict=False))
    settings.update({word: keywords[word] for word in words if word in keywords})
    settings["pattern"] = UNKNOWN if "**" in keywords else settings.get("pattern", UNKNOWN)
    settings["lengths"] = {word: setting(run, value) for word, value in keywords.items() if word not in words}
    return settings
