"""Tensors made of numbers: their shape stands in the arguments, and so does their dtype."""

from typing import Any, Final

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, Output, is_size
from lintml.shapes.shape import Axis, Shape

_CONSTRUCTORS: Final = {"LongTensor": "index", "IntTensor": "index", "ByteTensor": "index", "BoolTensor": "bool"}


def arange(call: Call) -> tuple[Output, ...]:
    """torch.arange: integers of integer bounds, else floats."""
    bounds = [call.settings.get(name) for name in ("start", "end", "step")]
    return (Output(verbs.counted(call, *bounds), _dtype(call, *[each for each in bounds if each is not None])),)


def full(call: Call) -> tuple[Output, ...]:
    """torch.full: the dtype of the value that fills it."""
    return (Output(verbs.sizes(call, call.settings.get("size")), _dtype(call, call.settings.get("fill_value"))),)


def randint(call: Call) -> tuple[Output, ...]:
    """torch.randint(high, size) and torch.randint(low, high, size)."""
    size, high = call.settings.get("size"), call.settings.get("high")
    if not isinstance(size, (tuple, list)):
        size = high if isinstance(high, (tuple, list)) else None
    return (Output(verbs.sizes(call, size), "index" if call.settings.get("dtype") is None else ""),)


def normal(call: Call) -> tuple[Output, ...]:
    """torch.normal: of numbers the size asked for, of tensors their broadcast shape."""
    size = call.settings.get("size")
    if size is not None:
        return (Output(verbs.sizes(call, size), "float"),)
    mean, deviation = call.settings.get("mean"), call.settings.get("std")
    if call.tensors and UNKNOWN not in (mean, deviation):
        return (Output(verbs.broadcast_all(call, *call.tensors), "float"),)
    return (Output(None, "float"),)


def tensor(call: Call) -> tuple[Output, ...]:
    """torch.tensor: the nesting of the numbers."""
    data = call.settings.get("data")
    found = _nesting(data)
    leaf = data
    while isinstance(leaf, (tuple, list)) and leaf:
        leaf = leaf[0]
    return (Output(Shape(found) if found is not None else None, _dtype(call, leaf)),)


def constructor(call: Call) -> tuple[Output, ...]:
    """torch.FloatTensor and its kin: of sizes, a tensor that is not filled; of one list, its numbers."""
    data, dtype = call.settings.get("data"), _CONSTRUCTORS.get(call.name.rpartition(".")[2], "float")
    if isinstance(data, (tuple, list)) and len(data) == 1 and isinstance(data[0], (tuple, list)):
        found = _nesting(data[0])
        return (Output(Shape(found) if found is not None else None, dtype),)
    return (Output(verbs.sizes(call, data), dtype),)


def _nesting(data: Any) -> list[Axis] | None:
    if isinstance(data, (tuple, list)):
        inner = [_nesting(each) for each in data]
        first = inner[0] if inner else []
        return [len(data), *first] if first is not None and all(each == first for each in inner) else None
    return [] if isinstance(data, (bool, int, float, complex)) or is_size(data) else None


def _dtype(call: Call, *values: Any) -> str:
    if call.settings.get("dtype") is not None:
        return ""
    if all(isinstance(value, bool) for value in values):
        return "bool"
    if all(is_size(value) for value in values):
        return "index"
    return "float" if all(is_size(value) or isinstance(value, (bool, float)) for value in values) else ""
