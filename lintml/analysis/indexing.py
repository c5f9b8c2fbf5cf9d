"""What a subscript is worth: of tensors, shapes, lists and dicts."""

import ast
from typing import TYPE_CHECKING

from lintml.analysis.trace import Clash
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
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim, bounds, symbol
from lintml.shapes.shape import Axis, Shape

if TYPE_CHECKING:
    from lintml.analysis.interpret import Frame, Interpreter


def subscript(run: "Interpreter", node: ast.Subscript, owner: Value, frame: "Frame") -> Value:
    """The value of ``owner[...]``."""
    match owner:
        case Tensor():
            return _tensor(run, node, owner, frame)
        case Sizes():
            return _sizes(run, node, owner, frame)
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
        return items.values[items.names.index(key)] if isinstance(key, (str, int)) and key in items.names else UNKNOWN
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
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    items = [_index(run, part, frame) for part in parts]
    if owner.shape is None:
        return Tensor(None, owner.dtype, owner.device)
    shape = indexed(run, owner.shape, items)
    seen = run.world.shape(owner.shape)
    wanted = sum(isinstance(item, slice) or is_size(item) for item in items)
    made = Tensor(shape, owner.dtype, owner.device, owner.factory)
    application = Application(
        "torch.Tensor.__getitem__", node, (owner,), {"items": tuple(items)}, (made,), None, frame.owner, frame.function
    )
    made.source = application
    run.trace.applications.append(application)
    if seen.rest is None and wanted > len(seen.dims):
        run.trace.clashes.append(
            Clash(
                application.path, "rank", wanted, len(seen.dims), None, node, None, application, (seen,), 0, None,
                frame.owner, frame.function, tuple(run.callers),
            )
        )  # fmt: skip
    return made


def _index(run: "Interpreter", part: ast.expr, frame: "Frame") -> Value:
    if isinstance(part, ast.Slice):
        return slice(*(run.eval(each, frame) if each else None for each in (part.lower, part.upper, part.step)))
    return run.eval(part, frame)


def indexed(run: "Interpreter", given: Shape, items: list[Value]) -> Shape | None:
    """The shape of a tensor's subscript; None where an index is not understood."""
    world = run.world
    taking = [item for item in items if item is not None and item is not Ellipsis]
    if any(item is UNKNOWN or isinstance(item, (Tensor, Items, tuple, bool)) for item in items):
        return _fancy(run, given, items)
    if not all(isinstance(item, slice) or is_size(item) for item in taking):
        return None
    if Ellipsis in [item for item in items if item is Ellipsis]:
        at = next(index for index, item in enumerate(items) if item is Ellipsis)
        behind = [item for item in items[at + 1 :] if item is not None]
        ahead = [item for item in items[:at] if item is not None]
        seen = (
            world.expose(given, len(behind)) if not ahead else world.decide(given, world.plausible(given, len(taking)))
        )
        if seen is None or len(seen.dims) < len(taking):
            return None
        cut = len(seen.dims) - len(behind)
        middle = list(seen.dims[len(ahead) : cut])
        front = _take(list(seen.dims[: len(ahead)]), items[:at])
        return Shape([*front, *middle, *_take(list(seen.dims[cut:]), items[at + 1 :])], seen.rest)
    seen = world.shape(given)
    if seen.rest is not None:
        decided = world.decide(seen, world.plausible(seen, max(len(taking), 1)))
        if decided is None:
            return None
        seen = decided
    if len(taking) > len(seen.dims):
        return None
    used = len(taking)
    return Shape([*_take(list(seen.dims[:used]), items), *seen.dims[used:]])


def _take(dims: list[Axis], items: list[Value]) -> list[Axis]:
    kept: list[Axis] = []
    for item in items:
        if item is None:
            kept.append(1)
            continue
        size = dims.pop(0)
        if isinstance(item, slice):
            kept.append(_sliced(size, item))
    return kept + dims


def _sliced(size: Axis, part: slice) -> Axis:
    if part.start in (None, 0) and part.stop is None and part.step in (None, 1):
        return size
    plain = all(each is None or isinstance(each, int) for each in (part.start, part.stop, part.step))
    if isinstance(size, int):
        return len(range(*part.indices(size))) if plain and part.step != 0 else None
    start, stop = part.start or 0, part.stop
    if size is None or part.step not in (None, 1) or not is_size(start):
        return None
    if stop is None:
        low, high = bounds(start)
        if low >= 0:
            return size - start
        # The last so many: as many as the axis has, if it has fewer, which nobody means.
        return -start if high < 0 and not isinstance(start, int) else None
    if start != 0 or not is_size(stop):
        return None
    low, high = bounds(stop)
    if high < 0:
        return size + stop  # type: ignore[no-any-return]
    # An end beyond the axis cuts nothing: ``pe[:, :n]`` is as long as ``pe`` at most. Only parameters are trusted.
    return stop if low >= 0 and not isinstance(stop, int) else None


def _fancy(run: "Interpreter", given: Shape, items: list[Value]) -> Shape | None:
    seen = run.world.shape(given)
    if len(items) == 1 and isinstance(items[0], Tensor):
        (index,) = items
        if index.dtype == "index" and index.shape is not None and seen.rest is None and seen.dims:
            inner = run.world.shape(index.shape)
            if inner.rest is None:
                return Shape((*inner.dims, *seen.dims[1:]))
    return None
