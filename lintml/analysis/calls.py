"""Calls: torch's operators and layers applied to what the page gives them, and what does not fit."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lintml.analysis import library
from lintml.analysis.classes import call_instance, construct, invoke
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.trace import Clash, DeviceMix
from lintml.analysis.values import (
    Application,
    Bound,
    DeviceOf,
    Function,
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
from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Shape
from lintml.shapes.signature import REQUIRED, Signature
from lintml.shapes.world import OnlyIf
from lintml.torch_api import operators
from lintml.torch_api.results import gives_one

_SPELT: Final = {"axis": "dim", "keepdims": "keepdim", "x": "input", "x1": "input", "x2": "other"}
FACTORIES: Final = frozenset(
    f"torch.{name}"
    for name in [
        "randn",
        "rand",
        "zeros",
        "ones",
        "empty",
        "full",
        "arange",
        "linspace",
        "logspace",
        "eye",
        "randint",
        "randperm",
        "tensor",
        "as_tensor",
        "range",
        "hann_window",
        "hamming_window",
    ]
)

NORMALISING: Final = frozenset(
    f"torch.{name}"
    for name in [
        "softmax",
        "log_softmax",
        "nn.functional.softmax",
        "nn.functional.log_softmax",
        "nn.functional.softmin",
        "Tensor.softmax",
        "Tensor.log_softmax",
        "nn.Softmax",
        "nn.LogSoftmax",
        "nn.Softmin",
    ]
)


def call(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    """The value of a call."""
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(run, node, frame)
    function = run.callees[node] = run.eval(node.func, frame)
    arguments, keywords = _arguments(run, node, frame)
    return call_value(run, function, arguments, keywords, node, frame)


def call_value(
    run: Interpreter,
    function: Value,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """The result of calling a value."""
    match function:
        case Path(text=path):
            return _path(run, path, arguments, keywords, node, frame)
        case Function():
            return invoke(run, function, arguments, keywords, node)
        case PageClass():
            return construct(run, function, arguments, keywords, node)
        case Instance():
            return call_instance(run, function, arguments, keywords, node, frame)
        case Layer():
            return apply_layer(run, function, arguments, keywords, node, frame)
        case Bound():
            return _bound(run, function, arguments, keywords, node, frame)
        case Partial():
            merged = {**function.keywords, **keywords}
            return call_value(run, function.function, [*function.arguments, *arguments], merged, node, frame)
    return UNKNOWN


def _super(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    if frame.owner is None or frame.instance is None:
        return UNKNOWN
    # ``super(Base, self)`` looks beyond a base class that is named, not beyond the class it stands in.
    named = run.eval(node.args[0], frame) if node.args else None
    return Super(named if isinstance(named, PageClass) else frame.owner, frame.instance)


def _arguments(run: Interpreter, node: ast.Call, frame: Frame) -> tuple[list[Value], dict[str, Value]]:
    arguments: list[Value] = []
    for each in node.args:
        if not isinstance(each, ast.Starred):
            arguments.append(run.eval(each, frame))
            continue
        spread = run.eval(each.value, frame)
        spread = settled(run, spread)
        found = run.iterate(spread)
        arguments += found[0] if found is not None and found[1] else [Items(found[0] if found else (), exact=False)]
    keywords: dict[str, Value] = {}
    for keyword in node.keywords:
        value = run.eval(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
        elif isinstance(value, Items) and value.names is not None and value.exact:
            keywords.update(
                {name: held for name, held in zip(value.names, value.values, strict=True) if isinstance(name, str)}
            )
        else:
            keywords["**"] = UNKNOWN
    return arguments, keywords


def settled(run: Interpreter, value: Value) -> Value:
    """A shape as a tuple of sizes, its rank decided; anything else as it is."""
    if not isinstance(value, Sizes):
        return value
    shape = run.world.decide(value.shape, run.world.plausible(value.shape, 1))
    return UNKNOWN if shape is None else tuple(UNKNOWN if size is None else size for size in shape.dims)


def _path(
    run: Interpreter, path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call, frame: Frame
) -> Value:
    known = library.call(run, path, arguments, keywords, node, frame)
    if known is not NotImplemented:
        return known
    if path.startswith("torch."):
        made = make_layer(run, path, arguments, keywords, node)
        if made is not UNKNOWN:
            return made
        if path.startswith("torch.Tensor."):
            return method(run, path.rpartition(".")[2], node, arguments, keywords, frame)
        return apply(run, path, node, arguments, keywords, frame)
    return UNKNOWN


def make_layer(
    run: Interpreter, path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call
) -> Value:
    """A layer of torch.nn with its settings; unknown for a path that is none."""
    if path in library.CONTAINERS:
        return Layer(path, {}, node, library.contents(run, path, arguments, keywords))
    signature = operators.layer(path)
    if signature is None:
        return Layer(path, {}, node) if gives_one(path) else UNKNOWN
    bound = _bind(signature.parameters, arguments, keywords)
    if bound is None:
        return UNKNOWN
    return Layer(path, {name: _setting(run, value) for name, value in bound.items()}, node)


def apply_layer(
    run: Interpreter,
    layer: Layer,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.AST,
    frame: Frame,
) -> Value:
    """The result of a layer's forward."""
    if layer.items is not None:
        return _sequence(run, layer, arguments, node, frame)
    signature = operators.layer(layer.path)
    if signature is None:
        return _of_unknown_shape(run, layer, arguments, node, frame)
    forward = signature.forward or {"input": REQUIRED}
    bound = _bind(forward, arguments, keywords)
    if bound is None:
        return UNKNOWN
    names = signature.tensors if signature.inputs and signature.forward else tuple(forward)
    given = [bound.get(name, UNKNOWN) for name in names]
    settings = {
        **layer.settings,
        **{name: _setting(run, value) for name, value in bound.items() if name not in names[:3]},
    }
    return _run(run, layer.path, signature, given, settings, node, frame, layer)


def _of_unknown_shape(run: Interpreter, layer: Layer, arguments: Sequence[Value], node: ast.AST, frame: Frame) -> Value:
    """The one tensor that a layer gives whose shapes no line states."""
    inputs = tuple(value if isinstance(value, Tensor) else None for value in arguments)
    record = Application(layer.path, node, inputs, layer.settings, (), layer, frame.owner, frame.function)
    made = Tensor(None, source=record)
    record.outputs = (made,)
    run.trace.applications.append(record)
    return made


def _sequence(run: Interpreter, layer: Layer, arguments: Sequence[Value], node: ast.AST, frame: Frame) -> Value:
    items = layer.items
    if items is None or not layer.path.endswith("Sequential") or not arguments:
        return UNKNOWN
    value = arguments[0]
    if not items.exact:
        return UNKNOWN
    for item in items.values:
        value = call_value(run, item, [value], {}, node, frame)  # type: ignore[arg-type]
        if value is UNKNOWN:
            return UNKNOWN
    return value


def apply(
    run: Interpreter, path: str, node: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value], frame: Frame
) -> Value:
    """The result of a function of torch."""
    signature = operators.function(path)
    if signature is None:
        return Tensor(None) if path in FACTORIES else UNKNOWN
    return _function(run, path, signature, node, arguments, keywords, frame)


def method(
    run: Interpreter, name: str, node: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value], frame: Frame
) -> Value:
    """The result of a tensor method; the tensor itself is the first argument."""
    known = library.tensor_method(run, name, arguments, keywords, frame)
    if known is not NotImplemented:
        return known
    signature = operators.method(name)
    if signature is None and name.endswith("_") and not name.startswith("_"):
        signature = operators.method(name[:-1])
    if signature is None:
        return UNKNOWN
    return _function(run, f"torch.Tensor.{name}", signature, node, arguments, keywords, frame)


def _function(
    run: Interpreter,
    path: str,
    signature: Signature,
    node: ast.AST,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    frame: Frame,
) -> Value:
    bound = _bind(signature.parameters, arguments, keywords)
    if bound is None:
        return UNKNOWN
    if signature.operator and not signature.inputs:
        tensors = {
            n: v for n, v in bound.items() if isinstance(v, Tensor) or (v is UNKNOWN and n.lstrip("*") in _OPERANDS)
        }
        given: list[Value] = []
        for name, value in bound.items():
            if name == "operands":
                spread = value[0].values if len(value) == 1 and isinstance(value[0], Items) else value
                given += list(spread)
            elif name in tensors or (name in _OPERANDS and _is_number(value)):
                given.append(value)
        names = (*tensors, "operands")
    else:
        names = signature.tensors if signature.inputs else ()
        given = [bound[name.lstrip("*")] for name in names]
    settings = {name: _setting(run, value) for name, value in bound.items() if name not in names}
    return _run(run, path, signature, given, settings, node, frame, None)


_OPERANDS: Final = frozenset(
    "input other self mat2 tensor tensor1 tensor2 condition end value weight exponent target".split()
)


def _run(
    run: Interpreter,
    path: str,
    signature: Signature,
    given: Sequence[Value],
    settings: dict[str, Any],
    node: ast.AST,
    frame: Frame,
    layer: Layer | None,
) -> Value:
    inputs = tuple(_tensors(given))
    record = Application(path, node, inputs, settings, (), layer, frame.owner, frame.function, operands=tuple(given))
    shapes = [_shapes(value, signature.operands) for value in given]
    call_ = Call(path, shapes, settings, run.world)
    outputs = signature.apply(call_)
    device = "input" if layer is not None else _device(path, settings, given)
    factory = node if path in FACTORIES and isinstance(node, ast.Call) else None
    floating = next((tensor.dtype for tensor in inputs if tensor is not None), "")
    made = []
    for output in outputs:
        dtype = output.dtype or floating
        tensor = Tensor(output.shape, dtype, device, factory, record)
        if factory is None and device == "cpu":
            tensor.factory = next((each.factory for each in inputs if each is not None and each.factory), None)
        made.append(tensor)
    record.outputs = tuple(made)
    run.trace.applications.append(record)
    _note_clashes(run, call_, record, shapes, frame)
    if run.standalone:
        _note_mix(run, record, layer is not None, frame)
    return made[0] if len(made) == 1 else _packed(path, made)


def _packed(path: str, made: list[Tensor]) -> Value:
    """Several results as Python sees them: an LSTM's state is a pair of its own."""
    if path == "torch.nn.LSTM" and len(made) == 3:
        return (made[0], (made[1], made[2]))
    return tuple(made)


def _tensors(given: Sequence[Value]) -> list[Tensor | None]:
    found: list[Tensor | None] = []
    for value in given:
        if isinstance(value, (Items, tuple)):
            parts = value.values if isinstance(value, Items) else value
            found += [part if isinstance(part, Tensor) else None for part in parts]
        else:
            found.append(value if isinstance(value, Tensor) else None)
    return found


def _shapes(value: Value, operand: bool) -> Any:
    """The shape of a tensor, of each in a list, () for a number; None for what is not tracked.

    A parameter of the constructor counts as a number only as an operand: as an input it may be anything.
    """
    match value:
        case Tensor():
            return value.shape
        case Items(exact=True) | tuple():
            parts = value.values if isinstance(value, Items) else value
            return [part.shape if isinstance(part, Tensor) else None for part in parts]
        case Dim():
            return (
                Shape()
                if operand and not any("." in found.name or "[" in found.name for found in symbols(value))
                else None
            )
    return Shape() if _is_number(value) else None


def _note_clashes(run: Interpreter, call_: Call, record: Application, shapes: Sequence[Any], frame: Frame) -> None:
    flat: list[Shape | None] = []
    for shape in shapes:
        flat += shape if isinstance(shape, list) else [shape]
    seen = tuple(run.world.shape(shape) if isinstance(shape, Shape) else None for shape in flat)
    for found in call_.mismatches:
        run.trace.clashes.append(
            Clash(
                record.path,
                found.axis,
                found.want,
                found.got,
                found.answer if isinstance(found.answer, OnlyIf) else None,
                record.node,
                record.layer.node if record.layer is not None else None,
                record,
                seen,
                found.position,
                found.index,
                frame.owner,
                frame.function,
                tuple(run.callers),
            )
        )


def _note_mix(run: Interpreter, record: Application, at_home: bool, frame: Frame) -> None:
    """A factory's tensor with axes of its own meets a tensor or layer that lives where the module lives."""
    follows = at_home or any(tensor is not None and tensor.device == "input" for tensor in record.inputs)
    if not follows:
        return
    for tensor in record.inputs:
        if tensor is None or tensor.device != "cpu" or tensor.factory is None or tensor.shape is None:
            continue
        if tensor.shape.dims or tensor.shape.rest is not None:
            run.trace.mixes.append(DeviceMix(tensor.factory, record.node, frame.owner, frame.function, record.path))


def _device(path: str, settings: Mapping[str, Any], given: Sequence[Value]) -> str:
    if path in FACTORIES:
        where = settings.get("device")
        if where is None and "**" not in settings:
            return "cpu"
        return where.device if isinstance(where, DeviceOf) else ""
    found = {each.device if isinstance(each, Tensor) else "" for each in given if not _is_number(each)}
    if "input" in found:
        return "input"
    return "cpu" if found == {"cpu"} else ""


def _is_number(value: Value) -> bool:
    return is_size(value) or isinstance(value, (bool, float, complex, Number, Ratio))


def _setting(run: Interpreter, value: Value) -> Any:
    """A value as a setting: sizes, constants and tuples of them; anything else is unknown."""
    match value:
        case Sizes():
            return settled(run, value)
        case Items(exact=True, names=None):
            return tuple(_setting(run, part) for part in value.values)
        case tuple():
            return tuple(_setting(run, part) for part in value)
        case DeviceOf() | None | str() | bool() | int() | float() | Layer() | Power():
            return value
    return value if is_size(value) else UNKNOWN


def _bind(
    parameters: Mapping[str, Any], arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> dict[str, Value] | None:
    """Arguments by parameter name; None where they cannot be told apart or do not fit."""
    if any(isinstance(each, Items) and not each.exact and each.names is None and not each.values for each in arguments):
        return None
    bound: dict[str, Value] = {}
    rest = list(arguments)
    for name, default in parameters.items():
        if name.startswith("*"):
            bound[name[1:]] = UNKNOWN if len(rest) == 1 and _open_ended(rest[0]) else tuple(rest)
            rest = []
        elif rest:
            bound[name] = rest.pop(0)
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
    return None if rest else bound


def _open_ended(lone: Value) -> bool:
    """Whether a lone argument where sizes are expected may be a whole sequence of them, or a dtype."""
    match lone:
        case Tensor() | Sizes() | tuple() | Items(exact=True):
            return False
    return not is_size(lone)


def _bound(
    run: Interpreter,
    function: Bound,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    owner, name = function.owner, function.name
    match owner:
        case Tensor():
            return method(run, name, node, [owner, *arguments], keywords, frame)
        case Instance() | Super():
            return library.module_method(run, owner, name, arguments, keywords, node)
        case Layer(items=Items() as items):
            return library.container_method(run, owner, items, name, arguments, keywords)
        case Layer() if name in ("to", "cuda", "cpu", "train", "eval", "requires_grad_", "apply", "float", "half"):
            return owner
        case Layer() if name == "forward":
            return apply_layer(run, owner, arguments, keywords, node, frame)
        case Items():
            return library.list_method(run, owner, name, arguments, keywords)
        case Sizes() if name == "numel":
            return UNKNOWN
    return UNKNOWN
