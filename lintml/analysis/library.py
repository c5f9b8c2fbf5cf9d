"""What torch's containers, nn.Module's methods and some tensor methods do to abstract values."""

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lintml.analysis.builtin import FUNCTIONS
from lintml.analysis.choices import keeps_shape
from lintml.analysis.values import (
    NUMBER,
    DeviceOf,
    Instance,
    Items,
    Layer,
    Made,
    Sizes,
    Super,
    Tensor,
    Value,
)
from lintml.shapes.call import UNKNOWN

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
    handler = FUNCTIONS.get(path)
    if handler is not None:
        return handler(run, arguments, keywords)
    if path.startswith("torch.nn.init."):
        return arguments[0] if arguments else UNKNOWN
    if path == "builtins.map" and len(arguments) > 1:
        return _mapped(run, arguments[0], arguments[1:], node, frame)
    if path.startswith("builtins."):
        return UNKNOWN
    if path in ("torch.nn.Parameter", "torch.nn.parameter.Parameter", "torch.nn.Buffer"):
        from lintml.analysis.classes import parameter_tensor

        return parameter_tensor(arguments[0] if arguments else UNKNOWN)
    return NotImplemented


def _mapped(run: "Interpreter", function: Value, sequences: Sequence[Value], node: ast.Call, frame: "Frame") -> Value:
    """What a function gives for the elements of sequences, one of each at a time."""
    from lintml.analysis.calls import call_value

    found = [run.iterate(each) for each in sequences]
    known = [each for each in found if each is not None]
    if len(known) < len(found):
        return UNKNOWN
    rows = zip(*(values for values, _ in known), strict=False)
    made = [call_value(run, function, list(row), {}, node, frame) for row in rows]
    return Items(made, exact=all(exact for _, exact in known), level=run.level)


def contents(run: "Interpreter", path: str, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Items:
    """What a container is made with."""
    if path == "torch.nn.Sequential":
        only = arguments[0] if len(arguments) == 1 else None
        if isinstance(only, Items) and only.names is not None:
            return Items(only.values, exact=only.exact, level=run.level, names=list(only.names))
        return _flat(run, arguments)
    given = arguments[0] if arguments else keywords.get("modules")
    if isinstance(given, Items):
        made = given.alike(given.values, run.level)
        made.names = list(given.names) if given.names is not None else ([] if path.endswith("Dict") else None)
        return made
    empty: list[Value] | None = [] if path.endswith("Dict") else None
    return Items((), exact=not arguments, level=run.level, names=empty)


def _flat(run: "Interpreter", arguments: Sequence[Value]) -> Items:
    """Positional arguments in their order, those of ``*layers`` among them."""
    made = Items((), level=run.level)
    for each in arguments:
        if isinstance(each, Items):
            _take(made, each, made.sampled)
        else:
            made.values.append(each)
    return made


def _take(items: Items, other: Items, in_order: bool) -> None:
    """Add another list's values at the end."""
    items.again |= {len(items.values) + at for at in other.again}
    items.values += other.values
    items.exact = items.exact and other.exact
    items.sampled = in_order and other.sampled


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
        case "add_module" | "register_module" if len(arguments) == 2:
            # A name that is put together in a loop is another each time.
            run.keep(made, arguments[0] if isinstance(arguments[0], str) else f"{len(made.attributes)}", arguments[1])
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
        if run.rehearsing:
            return UNKNOWN
        added = _added(run, name, arguments)
        in_order = items.sampled and added is not None and items.names is None and _looped(run, items, added.values)
        if added is not None:
            before = len(items.values)
            _take(items, added, in_order)
            if run.repeating:
                items.again |= set(range(before, len(items.values)))
        items.sampled = in_order
        return UNKNOWN
    match name:
        case "append" if len(arguments) == 1:
            items.values.append(arguments[0])
            if items.names is not None:
                items.names.append(len(items.names))
            return None
        case "extend" | "update" if len(arguments) == 1:
            other = arguments[0]
            if name == "extend" and items.names is None and isinstance(other, Items) and other.names is None:
                _take(items, other, items.sampled)
                return None
            found = run.iterate(other)
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


def _added(run: "Interpreter", name: str, arguments: Sequence[Value]) -> Items | None:
    """What ``append`` or ``extend`` adds; None where that is not known."""
    if name == "append" and len(arguments) == 1:
        return Items(arguments)
    if name == "extend" and len(arguments) == 1 and isinstance(arguments[0], Items) and arguments[0].names is None:
        return arguments[0]
    return None


def _looped(run: "Interpreter", items: Items, added: Sequence[Value]) -> bool:
    """Whether values are added in every pass of a loop, or make no difference to the shapes on the way."""
    return all(run.loops[items.level :]) or all(keeps_shape(each) for each in added)


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
        case "type" if not rest and not keywords:
            return UNKNOWN
        case "to" | "type_as" | "cuda" | "cpu" | "type":
            dtype = owner.dtype if name in ("cuda", "cpu") or _only_moves(name, rest, keywords) else ""
            return Tensor(owner.shape, dtype, _moved(name, rest, keywords), source=owner.source, certain=owner.certain)
        case "item":
            return NUMBER
        case "tolist" | "numpy" | "numel" | "backward" | "data_ptr" | "stride" | "is_contiguous" | "element_size":
            return UNKNOWN
        case "new_zeros" | "new_ones" | "new_empty" | "new_full" | "new_tensor":
            from lintml.shapes import verbs
            from lintml.shapes.call import Call

            sizes = rest[0] if rest and name != "new_tensor" else UNKNOWN
            if name != "new_full" and len(rest) > 1:
                sizes = UNKNOWN if any(isinstance(each, Items) for each in rest) else tuple(rest)
            from lintml.analysis.binding import setting

            shape = verbs.sizes(Call(f"torch.Tensor.{name}", [], {}, run.world), setting(run, sizes))
            return Tensor(shape, owner.dtype, owner.device, certain=owner.certain)
        case "requires_grad_" | "detach_" | "retain_grad" | "pin_memory":
            return owner
    return NotImplemented


def _only_moves(name: str, rest: Sequence[Value], keywords: Mapping[str, Value]) -> bool:
    """Whether ``to`` is told of a device and of nothing else: a tensor gives its dtype as well, and so may anything."""
    target = rest[0] if rest else keywords.get("device")
    given = {*keywords} - {"device", "non_blocking", "copy"}
    return name == "to" and not given and len(rest) < 2 and isinstance(target, (DeviceOf, Made, str))


def _moved(name: str, rest: Sequence[Value], keywords: Mapping[str, Value]) -> str:
    target = rest[0] if rest else keywords.get("device")
    match target:
        case DeviceOf(device=device):
            return device
        case Tensor(device=device):
            return device
    return ""
