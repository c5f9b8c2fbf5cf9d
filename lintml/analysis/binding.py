"""Arguments bound to the parameters of torch's operators, and values as the settings that shape lines read."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from lintml.analysis.interpret import Interpreter
from lintml.analysis.values import (
    DeviceOf,
    Items,
    Layer,
    Path,
    Power,
    Sizes,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim
from lintml.shapes.signature import REQUIRED

# What is a setting as it is.
_SETTINGS: Final = frozenset([DeviceOf, Path, type(None), str, bool, int, float, Layer, Power, Dim])
_SPELT: Final = {"axis": "dim", "keepdims": "keepdim", "x": "input", "x1": "input", "x2": "other"}


def settled(run: Interpreter, value: Value) -> Value:
    """A shape as a tuple of sizes, its rank decided; anything else as it is."""
    if not isinstance(value, Sizes):
        return value
    shape = run.world.decide(value.shape, run.world.plausible(value.shape, 1))
    return UNKNOWN if shape is None else tuple(UNKNOWN if size is None else size for size in shape.dims)


def bind(
    parameters: Mapping[str, Any], arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> dict[str, Value] | None:
    """Arguments by parameter name; None where they cannot be told apart or do not fit."""
    if any(isinstance(each, Items) and not each.exact and each.names is None and not each.values for each in arguments):
        return None
    bound: dict[str, Value] = {}
    taken, given = 0, len(arguments)
    for name, default in parameters.items():
        if name[0] == "*":
            rest = arguments[taken:]
            bound[name[1:]] = UNKNOWN if _open_ended(rest) else tuple(rest)
            taken = given
        elif taken < given:
            bound[name] = arguments[taken]
            taken += 1
        else:
            bound[name] = UNKNOWN if default is REQUIRED else default
    for name, value in keywords.items():
        spelt = name if name in parameters else _SPELT.get(name, name)
        if spelt in bound:
            bound[spelt] = value
        elif f"*{name}" in parameters:
            bound[name] = value
        elif name == "**":
            bound = {n: (UNKNOWN if v is parameters.get(n) else v) for n, v in bound.items()}
            bound["**"] = UNKNOWN
    return None if taken < given else bound


def _open_ended(given: Sequence[Value]) -> bool:
    """Whether what is given where sizes are expected may be more or other than it seems: a sequence, or a dtype."""
    if any(isinstance(each, Items) and not each.exact for each in given):
        return True
    return len(given) == 1 and not (is_size(given[0]) or isinstance(given[0], (Tensor, Sizes, Items, tuple)))


def setting(run: Interpreter, value: Value) -> Any:
    """A value as a setting: sizes, constants and tuples of them; anything else is unknown."""
    if value.__class__ in _SETTINGS:
        return value
    match value:
        case Sizes():
            return settled(run, value)
        case Items(exact=True, names=None):
            return tuple(setting(run, part) for part in value.values)
        case tuple():
            return tuple(setting(run, part) for part in value)
    return UNKNOWN
