"""What a subscript is worth: of tensors, shapes, lists and dicts."""

import ast
from typing import TYPE_CHECKING

from lintml.analysis.choices import joined
from lintml.analysis.pairs import Misuse, pair
from lintml.analysis.values import (
    Application,
    Instance,
    Items,
    Layer,
    Path,
    Sizes,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import Dim, symbol
from lintml.shapes.indexing import Indices, Mask, index
from lintml.shapes.shape import Shape

if TYPE_CHECKING:
    from lintml.analysis.interpret import Frame, Interpreter


def subscript(run: "Interpreter", node: ast.Subscript, owner: Value, frame: "Frame") -> Value:
    """The value of ``owner[...]``."""
    match owner:
        case Tensor():
            return _tensor(run, node, owner, frame)
        case Sizes():
            return _sizes(run, node, owner, frame)
        case tuple() if isinstance(node.slice, ast.Tuple) and (made := pair(owner)) is not None:
            run.trace.misuses.append(Misuse(node, made))
            return subscript(run, node, owner[0], frame)
        case tuple() | str():
            return _sequence(run, node, owner, frame)
        case Items():
            return _items(run, node, owner, frame)
        case Layer(items=Items() as items):
            return _items(run, node, items, frame)
        case Instance(layer=Layer(items=Items() as items)):
            return _items(run, node, items, frame)
        case Dim():
            key = run.eval(node.slice, frame)
            if isinstance(key, (str, int)) and str(owner).replace(".", "").isidentifier():
                return symbol(f"{owner}[{key!r}]")
        case Path():
            return owner
    run.eval(node.slice, frame)
    return UNKNOWN


def _items(run: "Interpreter", node: ast.Subscript, items: Items, frame: "Frame") -> Value:
    if isinstance(node.slice, ast.Slice):
        bounds = _bounds(run, node.slice, frame)
        if items.exact and bounds is not None and items.names is None:
            return Items(items.values[slice(*bounds)], level=run.level)
        return Items(items.values, exact=False, level=run.level)
    key = run.eval(node.slice, frame)
    if items.names is not None:
        if isinstance(key, (str, int)):
            return items.values[items.names.index(key)] if key in items.names else UNKNOWN
        return joined(items.values) if items.exact else UNKNOWN
    if isinstance(key, int) and items.exact and -len(items.values) <= key < len(items.values):
        return items.values[key]
    if not items.exact and len(items.values) == 1:
        return items.values[0]
    return UNKNOWN


def _sequence(run: "Interpreter", node: ast.Subscript, owner: "tuple[Value, ...] | str", frame: "Frame") -> Value:
    if isinstance(node.slice, ast.Slice):
        bounds = _bounds(run, node.slice, frame)
        return owner[slice(*bounds)] if bounds is not None else UNKNOWN
    key = run.eval(node.slice, frame)
    return owner[key] if isinstance(key, int) and -len(owner) <= key < len(owner) else UNKNOWN


def _bounds(run: "Interpreter", node: ast.Slice, frame: "Frame") -> tuple[Value, Value, Value] | None:
    found = tuple(run.eval(each, frame) if each else None for each in (node.lower, node.upper, node.step))
    return found if all(each is None or isinstance(each, int) for each in found) else None  # type: ignore[return-value]


def _sizes(run: "Interpreter", node: ast.Subscript, owner: Sizes, frame: "Frame") -> Value:
    shape = run.world.shape(owner.shape)
    if isinstance(node.slice, ast.Slice):
        bounds = _bounds(run, node.slice, frame)
        if bounds is None:
            return UNKNOWN
        start, stop, step = bounds
        if shape.rest is not None and step is None and start is None and isinstance(stop, int) and stop < 0:
            seen = run.world.expose(shape, -stop)
            return Sizes(Shape(seen.dims[:stop], seen.rest)) if seen else UNKNOWN
        if shape.rest is not None and isinstance(start, int) and start < 0:
            seen = run.world.expose(shape, -start)
            return Sizes(Shape(seen.dims[slice(*bounds)])) if seen and (stop is None or stop < 0) else UNKNOWN
        if shape.rest is not None:
            decided = run.world.decide(shape, run.world.plausible(shape, max(start or 0, stop or 0, 2)))
            if decided is None:
                return UNKNOWN
            shape = decided
        return Sizes(Shape(shape.dims[slice(*bounds)]))
    key = run.eval(node.slice, frame)
    if not isinstance(key, int):
        return UNKNOWN
    return _one(run, shape, key)


def _one(run: "Interpreter", shape: Shape, key: int) -> Value:
    if key < 0:
        seen = run.world.expose(shape, -key)
    else:
        seen = run.world.decide(shape, run.world.plausible(shape, key + 1))
    if seen is None or not -len(seen.dims) <= key < len(seen.dims):
        return UNKNOWN
    size = seen.dims[key]
    return UNKNOWN if size is None else size


def one_size(run: "Interpreter", shape: Shape, key: Value) -> Value:
    """The value of ``x.size(key)``."""
    return _one(run, shape, key) if isinstance(key, int) else UNKNOWN


def _tensor(run: "Interpreter", node: ast.Subscript, owner: Tensor, frame: "Frame") -> Value:
    from lintml.analysis.applying import note_clashes

    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    items = [_item(run, part, frame) for part in parts]
    if owner.shape is None:
        return Tensor(None, owner.dtype, owner.device, certain=owner.certain)
    call = Call("torch.Tensor.__getitem__", [owner.shape], {}, run.world)
    left = index(call, owner.shape, [_spelt(item) for item in items])
    made = Tensor(left, owner.dtype, owner.device, owner.factory, sure=owner.sure, certain=owner.certain)
    application = Application(
        call.name, node, (owner,), {"items": tuple(items)}, (made,), None, frame.owner, frame.function
    )
    made.source = application
    run.trace.applications.append(application)
    # Whether a loop ever gets as far as an index beyond the end is not known.
    call.mismatches = [each for each in call.mismatches if each.axis != "index"]
    if owner.sure:
        note_clashes(run, call, application, [owner.shape], frame)
    return made


def _item(run: "Interpreter", part: ast.expr, frame: "Frame") -> Value:
    if isinstance(part, ast.Slice):
        return slice(*(run.eval(each, frame) if each else None for each in (part.lower, part.upper, part.step)))
    return run.eval(part, frame)


def _spelt(item: Value) -> Value:
    """An item of a subscript as the mathematics of shapes knows it."""
    match item:
        case Tensor(dtype="bool"):
            return Mask(item.shape)
        case Tensor(dtype="index"):
            return Indices(item.shape)
        case Items(exact=True, values=values) if values and all(is_size(value) for value in values):
            return Indices(Shape((len(values),)))
        case None | slice():
            return item
    return item if is_size(item) or item is Ellipsis else UNKNOWN
