"""What Python's own functions, and a few of the standard library's, give for abstract values."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lintml.analysis.loading import Stream
from lintml.analysis.rates import Rate, rounded
from lintml.analysis.values import (
    NUMBER,
    Instance,
    Items,
    Layer,
    Number,
    PageClass,
    Partial,
    Path,
    Power,
    Ratio,
    Sizes,
    Tensor,
    Value,
    is_size,
    listed,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim, greatest, least

if TYPE_CHECKING:
    from lintml.analysis.interpret import Interpreter


def _range(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if all(isinstance(each, int) for each in arguments) and 1 <= len(arguments) <= 3:
        try:
            return range(*arguments)
        except ValueError:
            return UNKNOWN
    return UNKNOWN


def _len(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    match arguments[0] if arguments else UNKNOWN:
        case tuple() | str() | range() as plain:
            return len(plain)
        case Items(exact=True) as items:
            return len(items.values)
        case Layer(items=Items(exact=True) as items):
            return len(items.values)
        case Sizes(shape=shape):
            seen = run.world.shape(shape)
            return len(seen.dims) if seen.rest is None else UNKNOWN
        case Tensor(shape=shape) if shape is not None:
            from lintml.analysis.indexing import one_size

            return one_size(run, shape, 0)
    return UNKNOWN


def _enumerate(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if arguments and isinstance(arguments[0], Stream):
        return replace(arguments[0], path="builtins.enumerate", gives=(UNKNOWN, arguments[0].gives))
    found = run.iterate(arguments[0]) if arguments else None
    start = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
    if found is None or not isinstance(start, int):
        return UNKNOWN
    pairs = [(start + at if found[1] else UNKNOWN, value) for at, value in enumerate(found[0])]
    return _like(run, arguments[0], pairs, found[1])


def _like(run: "Interpreter", source: Value, values: list[Value], exact: bool) -> Items:
    """As many values as a list or container gives, as certain as those."""
    held = listed(source)
    return held.alike(values, run.level) if held is not None else Items(values, exact=exact, level=run.level)


def _zip(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    found = [run.iterate(each) for each in arguments]
    if not found or any(each is None for each in found):
        return UNKNOWN
    known = [each for each in found if each is not None]
    exact = all(each[1] for each in known)
    return Items([tuple(row) for row in zip(*(each[0] for each in known), strict=False)], exact=exact, level=run.level)


def _reversed(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    found = run.iterate(arguments[0]) if arguments else None
    return Items(found[0][::-1], exact=found[1], level=run.level) if found else UNKNOWN


def _list(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if not arguments:
        return Items((), level=run.level)
    found = run.iterate(arguments[0])
    return Items(found[0], exact=found[1], level=run.level) if found else Items((), exact=False, level=run.level)


def _tuple(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    from lintml.analysis.binding import settled

    if not arguments:
        return ()
    found = run.iterate(settled(run, arguments[0]))
    return tuple(found[0]) if found and found[1] else UNKNOWN


def _dict(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if arguments:
        found = run.iterate(arguments[0])
        pairs = found[0] if found and found[1] else None
        if pairs is not None and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
            return Items([pair[1] for pair in pairs], level=run.level, names=[pair[0] for pair in pairs])
        return UNKNOWN
    return Items(list(keywords.values()), exact="**" not in keywords, level=run.level, names=list(keywords))


def _int(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    value = arguments[0] if arguments else UNKNOWN
    if is_size(value):
        return value
    if isinstance(value, (float, bool)) and math.isfinite(value):
        return int(value)
    if isinstance(value, Rate):
        return rounded("int", value)
    return value.size if isinstance(value, Ratio) else UNKNOWN


def _extreme(pick: Callable[[Any], Any]) -> Callable[..., Value]:
    def handler(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
        values = list(arguments)
        if len(values) == 1:
            found = run.iterate(values[0])
            values = found[0] if found and found[1] else [UNKNOWN]
        return pick(values) if values and all(is_size(value) for value in values) else UNKNOWN

    return handler


def _sum(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    found = run.iterate(arguments[0]) if arguments else None
    if found is None or not found[1] or not all(is_size(value) for value in found[0]):
        return UNKNOWN
    total: Any = 0
    for value in found[0]:
        total = total + value
    return total


def _product(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    from lintml.analysis.binding import settled

    found = run.iterate(settled(run, arguments[0])) if arguments else None
    if found is None or not found[1] or not all(is_size(value) for value in found[0]):
        return UNKNOWN
    total: Any = 1
    for value in found[0]:
        total = total * value
    return total


def _rounded(function: Callable[[float], float]) -> Callable[..., Value]:
    def handler(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
        value = arguments[0] if arguments else UNKNOWN
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                return function(value)
            except (ValueError, OverflowError):
                return UNKNOWN
        if function in _TO_SIZES:
            if is_size(value):
                return value
            if isinstance(value, (Rate, Ratio)):
                return rounded(_TO_SIZES[function], value) if isinstance(value, Rate) else value.size
        if function is math.sqrt and isinstance(value, (Ratio, Dim)):
            return Power(value.size if isinstance(value, Ratio) else value, 0.5)
        return NUMBER if isinstance(value, Number) or is_size(value) else UNKNOWN

    return handler


# Functions that give whole numbers, as a page spells them.
_TO_SIZES: Final[dict[Callable[..., Any], str]] = {round: "round", math.ceil: "math.ceil", math.floor: "math.floor"}


def _isinstance(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if len(arguments) != 2:
        return UNKNOWN
    value, kind = arguments
    if isinstance(value, Layer) and isinstance(kind, Path) and kind.text.startswith("torch.nn."):
        return True if kind.text in (value.path, "torch.nn.Module") else UNKNOWN
    if isinstance(value, Instance) and isinstance(kind, PageClass):
        return True if value.cls is kind else UNKNOWN
    if isinstance(value, tuple) and isinstance(kind, Path) and kind.text in ("torch.Tensor", "builtins.tuple"):
        return kind.text == "builtins.tuple"
    plain = {"builtins.int": int, "builtins.str": str, "builtins.float": float}
    if isinstance(kind, Path) and kind.text in plain and isinstance(value, (int, str, float)):
        return isinstance(value, plain[kind.text])
    return UNKNOWN


def _getattr(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if len(arguments) >= 2 and isinstance(arguments[0], Instance) and isinstance(arguments[1], str):
        return arguments[0].attributes.get(arguments[1], UNKNOWN)
    return UNKNOWN


def _setattr(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if len(arguments) == 3 and isinstance(arguments[0], Instance) and isinstance(arguments[1], str):
        arguments[0].attributes[arguments[1]] = arguments[2] if run.level == 0 else UNKNOWN
    return None


def _next(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return arguments[0].gives if arguments and isinstance(arguments[0], Stream) else UNKNOWN


def _iter(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return replace(arguments[0], path="builtins.iter") if arguments and isinstance(arguments[0], Stream) else UNKNOWN


def _shown(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    """What tqdm gives: the same, and an object with methods of its own."""
    return replace(arguments[0], path="tqdm.tqdm") if arguments and isinstance(arguments[0], Stream) else UNKNOWN


def _partial(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return Partial(arguments[0], tuple(arguments[1:]), dict(keywords)) if arguments else UNKNOWN


def _same(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return arguments[0] if arguments else UNKNOWN


FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
    "builtins.range": _range,
    "builtins.len": _len,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.reversed": _reversed,
    "builtins.list": _list,
    "builtins.tuple": _tuple,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "builtins.int": _int,
    "builtins.min": _extreme(least),
    "builtins.max": _extreme(greatest),
    "builtins.sum": _sum,
    "builtins.isinstance": _isinstance,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "builtins.iter": _iter,
    "builtins.next": _next,
    "functools.partial": _partial,
    "math.prod": _product,
    "builtins.round": _rounded(round),
    "math.ceil": _rounded(math.ceil),
    "math.floor": _rounded(math.floor),
    "math.sqrt": _rounded(math.sqrt),
    "numpy.sqrt": _rounded(math.sqrt),
    "math.log2": _rounded(math.log2),
    "math.log": _rounded(math.log),
    "tqdm.tqdm": _shown,
    "tqdm.auto.tqdm": _shown,
    "tqdm.notebook.tqdm": _shown,
    "copy.deepcopy": _same,
    "copy.copy": _same,
    "torch.Size": _tuple,
    "torch.compile": _same,
    "torch.jit.script": _same,
    "torch.nn.DataParallel": _same,
    "torch.nn.utils.weight_norm": _same,
    "torch.nn.utils.spectral_norm": _same,
    "torch.nn.utils.parametrizations.weight_norm": _same,
    "torch.nn.utils.parametrizations.spectral_norm": _same,
}
