"""Results of calls taken apart into more or fewer targets than they have values, or taken whole for one value."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lintml.analysis.values import Bound, Function, Instance, Items, Layer, Path, Tensor, Value
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim

# Operators that leave the leading axis of their first input where it is.
_IN_PLACE: Final = frozenset(
    f"torch.{name}"
    for name in (
        "add sub mul div relu tanh sigmoid softmax log_softmax nn.functional.relu nn.functional.gelu "
        "nn.functional.silu nn.functional.dropout nn.functional.softmax nn.functional.log_softmax "
        "nn.functional.leaky_relu nn.functional.tanh nn.functional.normalize Tensor.relu Tensor.tanh Tensor.sigmoid "
        "Tensor.softmax Tensor.log_softmax Tensor.contiguous Tensor.float Tensor.clone Tensor.detach"
    ).split()
)


@dataclass(frozen=True, slots=True, eq=False)
class Unpacking:
    """A call's result taken apart into ``want`` targets where it has ``got`` values, None for one tensor.

    A tensor can be taken apart along its leading axis; it is only here where that axis is the one of the data that a
    layer or the caller gave, so that the number of targets has nothing to do with it. Where the target is an attribute,
    it is asked of all the values as if they were one.
    """

    target: ast.Tuple | ast.List | ast.Attribute
    call: ast.Call
    want: int
    got: int | None
    callee: Layer | Instance | Function | Bound | Path

    def instead(self, given: Value) -> Value:
        """What goes on into the targets: a tensor that is not to be taken apart is what the first one stands for."""
        return (given, *[UNKNOWN] * (self.want - 1)) if self.got is None else UNKNOWN

    @property
    def made_by(self) -> ast.AST | None:
        """What says how many values there are: the call that made the layer, or the definition of the page's own."""
        match self.callee:
            case Layer(node=node) | Function(node=node):
                return node
            case Instance(cls=cls):
                return cls.node
        return None


def unpacking(target: ast.AST, value: ast.AST, given: Value, callees: Mapping[ast.Call, Value]) -> Unpacking | None:
    """What is wrong with ``target = value``, whose value is ``given``; None where nothing is, or is known."""
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(value, ast.Call):
        return None
    want = len(target.elts)
    callee = callees.get(value)
    if any(isinstance(each, ast.Starred) for each in target.elts):
        return None
    if isinstance(callee, (Bound, Path)):
        count = _pieces(given)
        return Unpacking(target, value, want, count, callee) if count not in (None, want) else None
    if not isinstance(callee, (Layer, Instance, Function)):
        return None
    match given:
        case tuple() if len(given) != want:
            return Unpacking(target, value, want, len(given), callee)
        case Tensor() if _is_whole(given, want):
            return Unpacking(target, value, want, None, callee)
    return None


def taken_for_one(node: ast.Attribute, given: Value, callees: Mapping[ast.Call, Value]) -> Unpacking | None:
    """What is wrong with ``f(x).relu()`` where the function of the page gives several values; None where nothing is."""
    callee = callees.get(node.value) if isinstance(node.value, ast.Call) else None
    if not isinstance(callee, (Function, Instance)) or not isinstance(given, tuple) or len(given) < 2:
        return None
    if node.attr in ("count", "index") or node.attr.startswith("_") or not isinstance(node.value, ast.Call):
        return None
    return Unpacking(node, node.value, 1, len(given), callee)


def _pieces(given: Value) -> int | None:
    """Into how many a tensor is cut, where the code says so; where it is one size that tells, that may be a guess."""
    parts = given.values if isinstance(given, Items) and given.exact else given if isinstance(given, tuple) else ()
    source = parts[0].source if parts and isinstance(parts[0], Tensor) else None
    if source is None or source.path.rpartition(".")[2] not in ("chunk", "split") or source.replaceable:
        return None
    asked = source.settings.get(
        "chunks", source.settings.get("split_size_or_sections", source.settings.get("split_size"))
    )
    if isinstance(asked, (tuple, list)):
        return len(asked)
    return len(parts) if asked == len(parts) or isinstance(asked, Dim) else None


def _is_whole(tensor: Tensor, want: int) -> bool:
    """Whether a tensor is one result, not several along a leading axis of that size."""
    shape = tensor.shape
    if shape is not None and shape.rest is None and shape.dims and isinstance(shape.dims[0], int):
        return shape.dims[0] != want
    seen: Tensor | None = tensor
    while seen is not None:
        source = seen.source
        if source is None:
            return bool(seen.named)
        if source.layer is not None:
            return source.layer.settings.get("return_indices", False) is False
        if source.path not in _IN_PLACE:
            return False
        seen = next((given for given in source.inputs if given is not None), None)
    return False
