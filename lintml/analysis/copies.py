"""Objects of the page's classes that are made again with the same arguments: copied, not made anew.

A constructor that is given the same values where a run stands as it stood, and that learns nothing of the world, does
the same again. It is enough then to copy the object as it was when it was first made, before anybody changed it, and
to tell the trace the same events.
"""

import ast
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lintml.analysis.choices import Assumed, Either
from lintml.analysis.values import (
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
    Tensor,
    Value,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim

if TYPE_CHECKING:
    from lintml.analysis.interpret import Interpreter

# An object that took fewer steps is made anew for little more than copies of it cost, most of which nobody asks for.
WORTH: Final = 100
_PLAIN: Final = frozenset([int, bool, float, str, type(None), Dim, Path, DeviceOf])
_EVENTS: Final = (
    "applications clashes mixes constructions misfits unpackings invocations misuses stores containers".split()
)


class _Changeable(Exception):
    """A value may be changed, or by another than itself: it cannot stand for the same a second time."""


@dataclass(slots=True, eq=False)
class Remembered:
    """An object as its constructor left it, with what the run saw on the way and the steps it took."""

    instance: Instance
    node: ast.Call
    callers: tuple[ast.Call, ...]
    events: dict[str, list[Any]]
    steps: int

    def again(self, run: "Interpreter", node: ast.Call) -> Instance:
        """The object as another call makes it."""
        for name, seen in self.events.items():
            getattr(run.trace, name).extend(seen)
        run.advance(self.steps)
        return _Copying((*self.callers, self.node), (*run.callers, node)).instance(self.instance)


class Making:
    """The making of an object: where the run stood before, and what came of it."""

    def __init__(self, run: "Interpreter") -> None:
        self._run = run
        self._steps = run.steps
        self._known = _learnt(run), run.world.coined
        self._seen = [len(getattr(run.trace, name)) for name in _EVENTS]

    def done(self, instance: Instance, node: ast.Call) -> Remembered | None:
        """What there is to remember; None where it is not worth it, or where another object may come out different."""
        run, steps = self._run, self._run.steps - self._steps
        if steps < WORTH or self._known != (_learnt(run), run.world.coined):
            return None
        callers = tuple(run.callers)
        try:
            kept = _Copying((*callers, node), (*callers, node)).instance(instance)
        except _Changeable:
            return None
        events = {
            name: seen for name, at in zip(_EVENTS, self._seen, strict=True) if (seen := getattr(run.trace, name)[at:])
        }
        return Remembered(kept, node, callers, events, steps)


def occasion(
    run: "Interpreter", cls: PageClass, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Hashable | None:
    """All that the making of an object depends on; None where that cannot be told."""
    if not run.standalone:
        return None
    try:
        given = _key(cls), _key(tuple(arguments)), *[(name, _key(each)) for name, each in keywords.items()]
    except _Changeable:
        return None
    # How deep it stands decides how far a run goes on, and what is held against the page.
    return given, tuple(run.active), run.level, bool(run.callers), bool(run.silent), _learnt(run)


def _learnt(run: "Interpreter") -> Hashable:
    world = run.world
    return tuple(world.bindings.items()), len(world.rests), len(world.taken), world.degenerate


def _key(value: Value) -> Hashable:
    """What a value is the same by as long as nobody can change it."""
    match value:
        case _ if value.__class__ in _PLAIN:
            return value.__class__, value
        case tuple():
            return tuple([_key(each) for each in value])
        case PageClass(closure=()) | Function(closure=(), bound=None) | Number():
            return value
        case Assumed():
            return Assumed, _key(value.value)
        case Either():
            return Either, tuple([_key(each) for each in value.options]), value.guards
        case Partial(function=function, arguments=arguments, keywords=keywords):
            named = tuple([(name, _key(each)) for name, each in keywords.items()])
            return Partial, _key(function), _key(arguments), named
    if value is UNKNOWN:
        return value
    raise _Changeable


class _Copying:
    """One copy of an object and of all that it holds; what it holds twice, the copy holds twice."""

    def __init__(self, before: tuple[ast.Call, ...], now: tuple[ast.Call, ...]) -> None:
        self._before = before
        self._now = now
        self._done: dict[int, Value] = {}

    def instance(self, value: Instance) -> Instance:
        found = self._done[id(value)] = Instance(value.cls, node=self._call(value.node))
        found.attributes = {name: self._copy(each) for name, each in value.attributes.items()}
        found.layer = self._layer(value.layer) if value.layer is not None else None
        return found

    def _copy(self, value: Value) -> Value:
        kind = value.__class__
        if kind in _PLAIN or value is UNKNOWN:
            return value
        if kind is tuple:
            return tuple([self._copy(each) for each in value])
        copy = _COPIES.get(kind)
        if copy is None:
            _key(value)
            return value
        known = self._done.get(id(value))
        if known is None:
            known = self._done[id(value)] = copy(self, value)
        return known

    def _layer(self, value: Layer) -> Layer:
        items = self._items(value.items) if value.items is not None else None
        makers, here = value.makers, len(self._before)
        if makers[:here] == self._before:
            makers = self._now + makers[here:]
        return Layer(value.path, value.settings, self._call(value.node), items, value.snippet, makers)

    def _call(self, node: Any) -> Any:
        """The call that makes the object is another one; those within its constructor are not."""
        return self._now[-1] if node is self._before[-1] else node

    def _items(self, value: Items) -> Items:
        found = value.alike([self._copy(each) for each in value.values], value.level)
        found.names = list(value.names) if value.names is not None else None
        return found

    def _tensor(self, value: Tensor) -> Tensor:
        return value.shaped(value.shape)

    def _assumed(self, value: Assumed) -> Assumed:
        return Assumed(self._copy(value.value))

    def _either(self, value: Either) -> Either:
        return Either(tuple([self._copy(each) for each in value.options]), value.guards)

    def _bound(self, value: Bound) -> Bound:
        return Bound(self._copy(value.owner), value.name)

    def _function(self, value: Function) -> Function:
        if value.closure:
            raise _Changeable
        return value.of(self._copy(value.bound) if value.bound is not None else None)


_COPIES: Final[dict[type, Callable[[_Copying, Any], Value]]] = {
    Instance: _Copying.instance,
    Layer: _Copying._layer,
    Items: _Copying._items,
    Tensor: _Copying._tensor,
    Assumed: _Copying._assumed,
    Either: _Copying._either,
    Bound: _Copying._bound,
    Function: _Copying._function,
}
