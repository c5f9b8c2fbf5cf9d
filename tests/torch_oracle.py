"""The tables against torch itself: one real call, and what the line of its operator says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lintml.shapes.call import UNKNOWN, Call, Mismatch
from lintml.shapes.dim import Dim, Quotient, Size, Symbol, atoms, substitute, symbol, symbols
from lintml.shapes.polynomial import meant_exact
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.signature import Signature
from lintml.shapes.world import OnlyIf, World, scripts

Lift = Callable[[Sequence[int]], Shape]


@dataclass
class Said:
    """What the line says: the shapes that come out, and what does not fit."""

    outputs: list[Shape | None]
    mismatches: list[Mismatch]
    world: World


def plain(sizes: Sequence[int]) -> Shape:
    """A shape of integers."""
    return Shape(sizes)


class Symbols:
    """Shapes of symbols, each with the integer it stands for: one for each axis (``free``), or one for each size."""

    def __init__(self, *, free: bool) -> None:
        self.free = free
        self.values: dict[Symbol, int] = {}

    def __call__(self, sizes: Sequence[int]) -> Shape:
        return Shape(self.size(size) for size in sizes)

    def size(self, size: int) -> Size:
        """A symbol in a size's place; sizes below 2 stay what they are."""
        if size < 2:
            return size
        made = symbol(f"n{len(self.values)}" if self.free else f"s{size}", free=self.free)
        self.values[symbols(made)[0]] = size
        return made

    def value(self, size: Size) -> Size:
        """The integer that a size stands for."""
        return substitute(size, self.values)


def unranked(sizes: Sequence[int]) -> Shape:
    """A shape that nothing is known of."""
    return Shape((), Rest())


def say(
    signature: Signature,
    path: str,
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    lift: Lift = plain,
    *,
    settings: Mapping[str, Any] | None = None,
    script: Sequence[int] = (),
) -> Said:
    """Bind a real call as the interpreter does, with ``settings`` those of the layer that is called, and apply the line."""
    layer = settings is not None
    parameters = (signature.forward or {"input": None}) if layer else signature.parameters
    bound = _bound(parameters, arguments, keywords)
    names = _tensor_names(signature, bound, layer)
    lifted: dict[int, Shape] = {}
    given = [_given(bound.get(name.lstrip("*")), lift, lifted) for name in names]
    others = {name: _setting(value) for name, value in bound.items() if name not in names[:3] or not layer}
    world = World(script)
    call = Call(path, given, {**(settings or {}), **others}, world)
    outputs = signature.apply(call)
    return Said([output.shape for output in outputs], call.mismatches, world)


def explore(make: Callable[[Sequence[int]], Said], limit: int = 300) -> Said | None:
    """The first guess of ranks that fits, None if none of the first ``limit`` does."""
    waiting: list[tuple[int, ...]] = [()]
    for _ in range(limit):
        if not waiting:
            return None
        said = make(waiting.pop(0))
        if not said.mismatches:
            return said
        waiting += scripts(said.world)
    return None


def shapes_of(result: Any) -> list[torch.Size]:
    """The shapes of all tensors of a result, in order."""
    if isinstance(result, torch.Tensor):
        return [result.shape]
    if isinstance(result, torch.nn.utils.rnn.PackedSequence):
        return []
    if isinstance(result, (tuple, list)):
        return [shape for part in result for shape in shapes_of(part)]
    return []


def disagreement(path: str, said: Said, truth: Sequence[torch.Size], values: Symbols | None = None) -> str:
    """What is wrong with what was said of a call that runs, empty if nothing is."""
    value = values.value if values is not None else lambda size: size
    for found in said.mismatches:
        match found.answer:
            case OnlyIf(left=left, right=right) if value(left) == value(right):
                continue
        return f"clash {found.axis}: want {found.want}, got {found.got} ({found.answer}) in {found.shape}"
    if len(said.outputs) == 1 and said.outputs[0] is None:
        return ""
    if len(said.outputs) != len(truth) and values is not None and "chunk" in path:
        return ""  # of a size that is not known as many chunks are taken to come as were asked for
    if len(said.outputs) != len(truth):
        return f"{len(said.outputs)} results, not {len(truth)}"
    for shape, real in zip(said.outputs, truth, strict=True):
        if shape is None:
            continue
        seen = said.world.shape(shape)
        if seen.rest is None and len(seen.dims) != len(real):
            return f"rank {len(seen.dims)}, not {tuple(real)}"
        for size, true in zip(reversed(seen.dims), reversed(real), strict=False):
            meant = any(isinstance(atom, Quotient) and meant_exact(atom) for atom in atoms(size or 0))
            size = value(size) if size is not None else None
            if isinstance(size, int) and size != true and not meant:
                return f"{seen} is not {tuple(real)}"
            if isinstance(size, Dim) and values is not None and not any(found.free for found in symbols(size)):
                return f"{size} has no value"
    return ""


def known(said: Said, truth: Sequence[torch.Size]) -> bool:
    """Whether every size of every result was said."""
    shapes = [said.world.shape(shape) if shape is not None else None for shape in said.outputs]
    return len(shapes) == len(truth) and all(
        shape is not None and shape.rest is None and all(isinstance(size, int) for size in shape.dims)
        for shape in shapes
    )


def _bound(parameters: Mapping[str, Any], arguments: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    rest = list(arguments)
    for name, default in parameters.items():
        if name.startswith("*"):
            bound[name[1:]] = tuple(rest)
            rest = []
        else:
            bound[name] = rest.pop(0) if rest else default
    if rest:
        raise TypeError(f"{len(rest)} arguments too many")
    for name, value in keywords.items():
        spelt = {"axis": "dim", "keepdims": "keepdim"}.get(name, name) if name not in parameters else name
        if spelt in bound:
            bound[spelt] = value
    return bound


def _tensor_names(signature: Signature, bound: Mapping[str, Any], layer: bool) -> tuple[str, ...]:
    if signature.inputs:
        return signature.tensors
    if layer:
        return tuple(signature.forward or {"input": None})
    if not signature.operator:
        return ()
    numbers = {"input", "other", "end", "value", "weight", "exponent", "self"}
    return tuple(
        name
        for name, value in bound.items()
        if isinstance(value, torch.Tensor)
        or (name in numbers and isinstance(value, (int, float, complex)))
        or _is_tensors(value)
    )


def _is_tensors(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and bool(value) and all(isinstance(part, torch.Tensor) for part in value)


def _given(value: Any, lift: Lift, lifted: dict[int, Shape]) -> Any:
    match value:
        case torch.Tensor():
            if id(value) not in lifted:
                lifted[id(value)] = lift(value.shape)
            return lifted[id(value)]
        case Shape():
            return value
        case bool() | int() | float() | complex():
            return Shape()
        case tuple() | list():
            parts = value[0] if len(value) == 1 and isinstance(value[0], (tuple, list)) else value
            return [_given(part, lift, lifted) for part in parts]
    return None


def _setting(value: Any) -> Any:
    match value:
        case torch.Tensor() | torch.dtype() | torch.device() | torch.layout() | torch.memory_format():
            return UNKNOWN
        case tuple() | list():
            return tuple(_setting(part) for part in value)
        case None | str() | bool() | int() | float() | complex() | Dim():
            return value
    return UNKNOWN if not hasattr(value, "settings") else value
