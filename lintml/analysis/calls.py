"""Calls: torch's operators and layers applied to what the page gives them, and what does not fit."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from lintml.analysis import library, loading, patterns
from lintml.analysis.applying import applied
from lintml.analysis.binding import bind, setting, settled
from lintml.analysis.choices import Assumed, Either, assumed, joined, keeps_shape
from lintml.analysis.classes import call_instance, construct, invoke
from lintml.analysis.functions import apply, method
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.invocations import Invocation
from lintml.analysis.values import (
    Application,
    Bound,
    Function,
    Instance,
    Items,
    Layer,
    Made,
    PageClass,
    Partial,
    Path,
    Sizes,
    Super,
    Tensor,
    Value,
    listed,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.signature import REQUIRED
from lintml.torch_api import operators
from lintml.torch_api.names import is_class
from lintml.torch_api.results import gives_one

# What is remembered by the call that made it: objects that are no tensors, and what may be anything.
OPAQUE: Final = frozenset({"torch.load", "torch.device", "torch.amp.GradScaler", "torch.cuda.amp.GradScaler"})
# The namespaces of torch whose objects are known by their class alone.
_MADE: Final = ("torch.optim.", "torch.utils.data.")


def call(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    """The value of a call."""
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(run, node, frame)
    function = run.callees[node] = run.eval(node.func, frame)
    arguments, keywords = _arguments(run, node, frame)
    run.trace.invocations.append(Invocation(node, function, tuple(arguments), keywords))
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
        case Assumed():
            return _assumed(run, function, arguments, keywords, node, frame)
        case Either():
            return _either(run, function, arguments, keywords, node, frame)
        case Partial():
            merged = {**function.keywords, **keywords}
            return call_value(run, function.function, [*function.arguments, *arguments], merged, node, frame)
    return UNKNOWN


def _assumed(
    run: Interpreter,
    function: Assumed,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """What is likely to come of what a caller may have replaced; one that keeps shapes asks nothing of its input."""
    first = arguments[0] if arguments else None
    if isinstance(first, Tensor) and keeps_shape(function):
        record = Application("torch.nn.Identity", node, (first,), {}, (), None, frame.owner, frame.function)
        record.replaceable = True
        made = Tensor(first.shape, first.dtype, first.device, source=record, certain=True)
        record.outputs = (made,)
        run.trace.applications.append(record)
        return made
    run.silent += 1
    value = call_value(run, function.value, arguments, keywords, node, frame)
    run.silent -= 1
    return assumed(value)


def _either(
    run: Interpreter,
    function: Either,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """What all options agree on; that one of them refuses its input is not held against the page."""
    world = run.world
    known, lone_after = world.snapshot(), world.lone_after
    found, unbatched = [], []
    run.silent += 1
    run.loops.append(False)
    world.tentative += 1
    for option, guard in zip(function.options, function.guards, strict=True):
        if option is not None:
            run.assume(guard)
            value = call_value(run, option, arguments, keywords, node, frame)
            if isinstance(value, Tensor) and value.shape is not None:
                value.shape = world.shape(value.shape)
            found.append(value)
            unbatched.append(world.lone)
            world.restore(known)
            world.lone_after = lone_after
    world.tentative -= 1
    run.loops.pop()
    run.silent -= 1
    if all(unbatched):
        world.take_as_lone()
    return joined(found)


def _super(run: Interpreter, node: ast.Call, frame: Frame) -> Value:
    if frame.owner is None or frame.instance is None:
        return UNKNOWN
    # ``super(Base, self)`` looks beyond a base class that is named, not beyond the class it stands in.
    named = run.eval(node.args[0], frame) if node.args else None
    return Super(named if isinstance(named, PageClass) else frame.owner, frame.instance)


def _arguments(run: Interpreter, node: ast.Call, frame: Frame) -> tuple[list[Value], dict[str, Value]]:
    arguments: list[Value] = []
    for each in node.args:
        if each.__class__ is not ast.Starred:
            arguments.append(run.eval(each, frame))
            continue
        spread = run.eval(each.value, frame)
        spread = settled(run, spread)
        found = run.iterate(spread)
        if found is not None and found[1]:
            arguments += found[0]
        else:
            arguments.append(_spread(spread, found[0] if found is not None else ()))
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


def _spread(value: Value, known: Sequence[Value]) -> Items:
    """What ``*value`` gives where it is not known how many there are."""
    held = listed(value)
    return held if held is not None and held.names is None else Items(known, exact=False)


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
        if path.startswith("torch.utils.data."):
            stream = loading.made(run, path, arguments, keywords, node)
            if stream is not NotImplemented:
                return stream
        if path in OPAQUE or (path.startswith(_MADE) and is_class(path)):
            return Made(path, node)
        return apply(run, path, node, arguments, keywords, frame)
    if path.startswith("einops."):
        return patterns.call(run, path, arguments, keywords, node, frame)
    return UNKNOWN


def make_layer(
    run: Interpreter, path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call
) -> Value:
    """A layer of torch.nn with its settings; unknown for a path that is none."""
    if path in library.CONTAINERS:
        made = Layer(path, {}, node, library.contents(run, path, arguments, keywords))
        run.trace.containers.append(made)
        return made
    signature = operators.layer(path)
    if signature is None:
        return Layer(path, {}, node) if gives_one(path) else UNKNOWN
    bound = bind(signature.parameters, arguments, keywords)
    if bound is None:
        return UNKNOWN
    settings = {name: setting(run, value) for name, value in bound.items()}
    return Layer(path, settings, node, makers=tuple(run.callers))


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
    if patterns.is_layer(layer.path):
        return patterns.apply_layer(run, layer, arguments, node, frame)
    signature = operators.layer(layer.path)
    if signature is None:
        return _of_unknown_shape(run, layer, arguments, node, frame)
    forward = signature.forward or {"input": REQUIRED}
    bound = bind(forward, arguments, keywords)
    if bound is None:
        return UNKNOWN
    names = signature.tensors if signature.inputs and signature.forward else tuple(forward)
    given = [bound.get(name, UNKNOWN) for name in names]
    if not signature.operator and not run.trace.clashes:
        given[0] = _some_tensor(run, given[0])
    settings = {
        **layer.settings,
        **{name: setting(run, value) for name, value in bound.items() if name not in names[:3]},
    }
    return applied(run, layer.path, signature, given, settings, node, frame, layer)


def _some_tensor(run: Interpreter, value: Value) -> Value:
    """What a layer is given: where nothing is known of it, a tensor of the axes that the layer asks for.

    Not behind a clash, which what follows is not to be blamed for.
    """
    if value is UNKNOWN:
        return Tensor(run.world.unseen())
    if isinstance(value, Tensor) and value.shape is None:
        return value.shaped(run.world.unseen())
    return value


def _of_unknown_shape(run: Interpreter, layer: Layer, arguments: Sequence[Value], node: ast.AST, frame: Frame) -> Value:
    """The one tensor that a layer gives whose shapes no line states."""
    inputs = tuple(value if isinstance(value, Tensor) else None for value in arguments)
    record = Application(layer.path, node, inputs, layer.settings, (), layer, frame.owner, frame.function)
    record.replaceable = bool(run.silent)
    made = Tensor(None, source=record, certain=True)
    record.outputs = (made,)
    run.trace.applications.append(record)
    return made


def _sequence(run: Interpreter, layer: Layer, arguments: Sequence[Value], node: ast.AST, frame: Frame) -> Value:
    items = layer.items
    if items is None or not layer.path.endswith("Sequential") or not arguments:
        return UNKNOWN
    if items.exact:
        return _through(run, items.values, arguments[0], node, frame)
    if not items.sampled:
        return UNKNOWN
    alike = items.alike_until
    run.silent += 1
    before = run.trace.unheard
    value = _through(run, items.values[:alike], arguments[0], node, frame)
    value = joined(_through(run, rest[alike:], value, node, frame) for rest in (items.once(), items.values))
    run.silent -= 1
    if run.trace.unheard > before:
        run.world.strain()
    return value


def _through(run: Interpreter, layers: Sequence[Value], value: Value, node: ast.AST, frame: Frame) -> Value:
    for layer in layers:
        value = call_value(run, layer, [value], {}, node, frame)  # type: ignore[arg-type]
    return value


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
