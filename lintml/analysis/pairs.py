"""Layers and operators that give several results, and places that take the pair for a tensor."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.values import Application, Tensor, Value

# Operators that give values and the indices where they stand.
_CHOOSING: Final = frozenset("max min sort topk median mode kthvalue cummax cummin".split())
_FIELDS: Final = frozenset(("values", "indices"))
_OF_TUPLES: Final = frozenset(("count", "index"))
_STATES: Final = frozenset(("torch.nn.GRU", "torch.nn.RNN"))


@dataclass(frozen=True, slots=True, eq=False)
class Misuse:
    """What a layer or an operator gives, used as what it is not.

    ``node`` is where: an operator that is given the whole pair as a tensor, an attribute or a subscript that a tuple
    does not have; or, with ``state``, targets that take one state apart as if there were several.
    """

    node: ast.AST
    made: Application
    state: bool = False


def pair(value: Value) -> Application | None:
    """The application whose several results a tuple is, or is part of; None for any other value."""
    if not isinstance(value, tuple) or len(value) < 2:
        return None
    parts = [part for each in value for part in (each if isinstance(each, tuple) else (each,))]
    source = parts[0].source if parts and isinstance(parts[0], Tensor) else None
    if source is None or len(source.outputs) < 2 or not (source.layer is not None or _is_choice(source)):
        return None
    return source if all(isinstance(part, Tensor) and part.source is source for part in parts) else None


def is_field(made: Application, name: str) -> bool:
    """Whether the results have names of their own, as those of an operator do, or this is what any tuple has."""
    return name in _OF_TUPLES or (made.layer is None and name in _FIELDS)


def _is_choice(made: Application) -> bool:
    """Whether an operator gives what it chose and where that was: the methods of arrays only where torch is meant."""
    head, _, name = made.path.rpartition(".")
    if head not in ("torch", "torch.Tensor") or name not in _CHOOSING or made.replaceable:
        return False
    first = made.inputs[0] if made.inputs else None
    return head == "torch" or (first is not None and first.certain)


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
