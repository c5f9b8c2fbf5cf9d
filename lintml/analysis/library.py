"""What Python's own functions, torch's containers and nn.Module's methods do to abstract values."""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from lintml.analysis.values import (
    NUMBER,
    DeviceOf,
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
    Super,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim, greatest, least

if TYPE_CHECKING:
    from lintml.analysis.interpret import Frame, Interpreter

CONTAINERS: Final = frozenset(
    {"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict", "torch.nn.ParameterList"}
)


def call(
    run: "Interpreter",
    path: str,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: "Frame",
) -> Value:
    """The result of a function that is none of torch's operators; NotImplemented for one that is not known here."""
    handler = _FUNCTIONS.get(path)
    if handler is not None:
        return handler(run, arguments, keywords)
    if path.startswith("torch.nn.init."):
        return arguments[0] if arguments else UNKNOWN
    if path.startswith("builtins."):
        return UNKNOWN
    if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter", "torch.nn.Buffer"):
        from lintml.analysis.classes import parameter_tensor

        return parameter_tensor(arguments[0] if arguments else UNKNOWN)
    return NotImplemented


def contents(run: "Interpreter", path: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Items:
    """What a container is made with."""
    if path == "torch.nn.Sequential":
        only = arguments[0] if len(arguments) == 1 else None
        if isinstance(only, Items) and only.names is not None:
            return Items(only.values, exact=only.exact, level=run.level, names=list(only.names))
        spread = any(isinstance(each, Items) for each in arguments)
        return Items([] if spread else arguments, exact=not spread, level=run.level)
    given = arguments[0] if arguments else keywords.get("modules")
    if isinstance(given, Items):
        names = list(given.names) if given.names is not None else ([] if path.endswith("Dict") else None)
        return Items(given.values, exact=given.exact, level=run.level, names=names)
    empty: list[Value] | None = [] if path.endswith("Dict") else None
    return Items((), exact=not arguments, level=run.level, names=empty)


def module_method(
    run: "Interpreter",
    owner: Instance | Super,
    name: str,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
) -> Value:
    """A method that a class of the page has from nn.Module or from a layer that it derives from."""
    from lintml.analysis.classes import initialise, parameter_tensor

    made = owner.instance if isinstance(owner, Super) else owner
    match name:
        case "__init__" if isinstance(owner, Super):
            initialise(run, made, arguments, keywords, node)
            return None
        case "register_buffer" | "register_parameter" if arguments and isinstance(arguments[0], str):
            value = arguments[1] if len(arguments) > 1 else keywords.get("tensor", keywords.get("param", UNKNOWN))
            made.attributes[arguments[0]] = None if value is None else parameter_tensor(value)
            return None
        case "add_module" | "register_module" if len(arguments) == 2 and isinstance(arguments[0], str):
            made.attributes[arguments[0]] = arguments[1]
            return None
        case "to" | "cuda" | "cpu" | "train" | "eval" | "apply" | "requires_grad_" | "float" | "half" | "double":
            return made
        case "forward" if made.layer is not None:
            from lintml.analysis.calls import apply_layer
            from lintml.analysis.interpret import Frame

            return apply_layer(run, made.layer, arguments, keywords, node, Frame({}, made.cls.snippet, owner=made.cls))
    return UNKNOWN


def container_method(
    run: "Interpreter", layer: Layer, items: Items, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    """A method of nn.Sequential, nn.ModuleList or nn.ModuleDict."""
    if name == "add_module" and len(arguments) == 2:
        list_method(run, items, "append", arguments[1:], {})
        return None
    if name in ("append", "extend", "insert", "update", "items", "keys", "values", "pop"):
        return list_method(run, items, name, arguments, keywords)
    return layer if name in ("to", "cuda", "cpu", "train", "eval", "apply", "float", "half") else UNKNOWN


def list_method(
    run: "Interpreter", items: Items, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    """A method of a list or dict."""
    if name in ("append", "extend", "insert", "pop", "update", "remove", "clear") and (
        run.level > items.level or name in ("insert", "remove", "clear")
    ):
        items.exact = False
        if name == "append" and arguments:
            items.values.append(arguments[0])
        return UNKNOWN
    match name:
        case "append" if len(arguments) == 1:
            items.values.append(arguments[0])
            if items.names is not None:
                items.names.append(len(items.names))
            return None
        case "extend" | "update" if len(arguments) == 1:
            found = run.iterate(arguments[0])
            other = arguments[0]
            if isinstance(other, Items) and other.names is not None and items.names is not None:
                items.names += other.names
                items.values += other.values
            elif found is not None:
                items.values += found[0]
            items.exact = items.exact and found is not None and found[1]
            return None
        case "items" if items.names is not None:
            pairs = [(name, value) for name, value in zip(items.names, items.values, strict=False)]
            return Items(pairs, exact=items.exact, level=run.level)
        case "keys" if items.names is not None:
            return Items(items.names, exact=items.exact, level=run.level)
        case "values":
            return Items(items.values, exact=items.exact, level=run.level)
        case "get" if arguments and items.names is not None and items.exact:
            default = arguments[1] if len(arguments) > 1 else None
            return items.values[items.names.index(arguments[0])] if arguments[0] in items.names else default
        case "pop":
            items.exact = False
        case "copy":
            names = list(items.names) if items.names is not None else None
            return Items(items.values, exact=items.exact, level=run.level, names=names)
    return UNKNOWN


def tensor_method(
    run: "Interpreter", name: str, arguments: Sequence[Value], keywords: Mapping[str, Value], frame: "Frame"
) -> Value:
    """A tensor method that has to do with sizes or places; NotImplemented for the others."""
    from lintml.analysis.indexing import one_size
    from lintml.analysis.objects import rank

    owner = arguments[0] if arguments else UNKNOWN
    if not isinstance(owner, Tensor):
        return UNKNOWN
    rest = arguments[1:]
    match name:
        case "size":
            key = rest[0] if rest else keywords.get("dim")
            if owner.shape is None:
                return UNKNOWN
            return Sizes(owner.shape) if key is None else one_size(run, owner.shape, key)
        case "dim" | "ndimension":
            return rank(run, owner)
        case "to" | "type_as" | "cuda" | "cpu" | "type":
            dtype = "" if name in ("type", "type_as") else owner.dtype
            return Tensor(owner.shape, dtype, _moved(name, rest, keywords), source=owner.source)
        case "item":
            return NUMBER
        case "tolist" | "numpy" | "numel" | "backward" | "data_ptr" | "stride" | "is_contiguous" | "element_size":
            return UNKNOWN
        case "new_zeros" | "new_ones" | "new_empty" | "new_full" | "new_tensor":
            from lintml.shapes import verbs
            from lintml.shapes.call import Call

            sizes = rest[0] if rest and name != "new_tensor" else UNKNOWN
            if name != "new_full" and len(rest) > 1:
                sizes = tuple(rest)
            from lintml.analysis.calls import _setting

            shape = verbs.sizes(Call(f"torch.Tensor.{name}", [], {}, run.world), _setting(run, sizes))
            return Tensor(shape, owner.dtype, owner.device)
        case "requires_grad_" | "detach_" | "contiguous" | "retain_grad" | "pin_memory":
            return owner
    return NotImplemented


def _moved(name: str, rest: Sequence[Value], keywords: Mapping[str, Value]) -> str:
    target = rest[0] if rest else keywords.get("device")
    match target:
        case DeviceOf(device=device):
            return device
        case Tensor(device=device):
            return device
    return ""


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
    found = run.iterate(arguments[0]) if arguments else None
    start = arguments[1] if len(arguments) > 1 else keywords.get("start", 0)
    if found is None or not isinstance(start, int):
        return UNKNOWN
    pairs = [(start + at if found[1] else UNKNOWN, value) for at, value in enumerate(found[0])]
    return Items(pairs, exact=found[1], level=run.level)


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
    from lintml.analysis.calls import settled

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
    from lintml.analysis.calls import settled

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
        if is_size(value) and function in (math.ceil, math.floor):
            return value
        if function is math.sqrt and isinstance(value, (Ratio, Dim)):
            return Power(value.size if isinstance(value, Ratio) else value, 0.5)
        return NUMBER if isinstance(value, Number) or is_size(value) else UNKNOWN

    return handler


def _isinstance(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    if len(arguments) != 2:
        return UNKNOWN
    value, kind = arguments
    if isinstance(value, Layer) and isinstance(kind, Path) and kind.text.startswith("torch.nn."):
        return True if kind.text in (value.path, "torch.nn.Module") else UNKNOWN
    if isinstance(value, Instance) and isinstance(kind, PageClass):
        return True if value.cls is kind else UNKNOWN
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


def _partial(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return Partial(arguments[0], tuple(arguments[1:]), dict(keywords)) if arguments else UNKNOWN


def _same(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    return arguments[0] if arguments else UNKNOWN


_FUNCTIONS: Final[dict[str, Callable[..., Value]]] = {
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
    "functools.partial": _partial,
    "math.prod": _product,
    "math.ceil": _rounded(math.ceil),
    "math.floor": _rounded(math.floor),
    "math.sqrt": _rounded(math.sqrt),
    "numpy.sqrt": _rounded(math.sqrt),
    "math.log2": _rounded(math.log2),
    "math.log": _rounded(math.log),
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
