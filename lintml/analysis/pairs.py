"""Layers that give several results, and places that take the pair for a tensor."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.values import Application, Tensor, Value

_STATES: Final = frozenset(("torch.nn.GRU", "torch.nn.RNN"))


@dataclass(frozen=True, slots=True, eq=False)
class Misuse:
    """What a layer gives, used as what it is not.

    ``node`` is where: an operator that is given the whole pair as a tensor, an attribute or a subscript that a tuple
    does not have; or, with ``state``, targets that take one state apart as if there were several.
    """

    node: ast.AST
    made: Application
    state: bool = False


def pair(value: Value) -> Application | None:
    """The layer's application whose several results a tuple is, or is part of; None for any other value."""
    if not isinstance(value, tuple) or len(value) < 2:
        return None
    parts = [part for each in value for part in (each if isinstance(each, tuple) else (each,))]
    source = parts[0].source if parts and isinstance(parts[0], Tensor) else None
    if source is None or source.layer is None or len(source.outputs) < 2:
        return None
    return source if all(isinstance(part, Tensor) and part.source is source for part in parts) else None


def apart(target: ast.AST, value: Value) -> tuple[list[Misuse], Value]:
    """States of ``output, (h, c) = layer(x)`` where the layer has one, and the value with these left whole."""
    made = pair(value)
    if made is None or made.path not in _STATES or not isinstance(target, (ast.Tuple, ast.List)):
        return [], value
    found: list[Misuse] = []
    parts: list[Value] = list(value)
    for at, (element, part) in enumerate(zip(target.elts, parts, strict=False)):
        if isinstance(element, (ast.Tuple, ast.List)) and _is_one_state(part, element.elts):
            found.append(Misuse(element, made, state=True))
            parts[at] = (part,) * len(element.elts)
    return found, tuple(parts)


def _is_one_state(part: Value, targets: Sequence[ast.expr]) -> bool:
    """Whether a state has another number of layers, which is known, than there are targets."""
    shape = part.shape if isinstance(part, Tensor) else None
    layers = shape.dims[0] if shape is not None and shape.dims and shape.rest is None else None
    starred = any(isinstance(each, ast.Starred) for each in targets)
    return isinstance(layers, int) and layers != len(targets) and not starred
