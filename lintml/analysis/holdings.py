"""What modules an object holds, and which of them it holds only in collections of Python."""

from collections.abc import Iterator
from dataclasses import dataclass

from lintml.analysis.invocations import is_module
from lintml.analysis.values import Instance, Items, Layer, Tensor, Value
from lintml.torch_api.stateful import is_stateful


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Modules with parameters in a plain collection: its attribute, a dict's keys, whether it holds nothing else."""

    name: str
    keys: tuple[Value, ...] | None
    only: bool


def held_apart(owner: Instance) -> list[Held]:
    """The plain collections of an object that hold modules which are nowhere among its own."""
    known = {id(each) for each in _registered(owner)}
    found = []
    for name, value in owner.attributes.items():
        if any(id(each) not in known and has_parameters(each) for each in _inside(value)):
            parts = value.values if isinstance(value, Items) else value
            keys = tuple(value.names) if isinstance(value, Items) and value.names is not None else None
            found.append(Held(name, keys, all(is_module(each) for each in parts)))
    return found


def has_parameters(value: Value) -> bool:
    """Whether a module is sure to hold parameters, itself or in a part of it."""
    match value:
        case Layer(items=None):
            return is_stateful(value.path, value.settings)
        case Layer():
            return any(has_parameters(each) for each in _contents(value))
        case Instance():
            own = value.layer is not None and has_parameters(value.layer)
            return own or any(_is_own(each) or has_parameters(each) for each in value.attributes.values())
    return False


def _is_own(value: Value) -> bool:
    """Whether a value is a parameter or a buffer of numbers that an object has itself: it lives where that lives."""
    made = isinstance(value, Tensor) and value.source is None and not (value.named or value.either)
    return made and value.device == "input" and value.dtype == "float" and value.certain


def with_parts(value: Value) -> Iterator[Value]:
    """A module and all in it."""
    if not is_module(value):
        return
    yield value
    if isinstance(value, Instance):
        yield from _registered(value)
    else:
        for each in _contents(value):
            yield from with_parts(each)


def _registered(owner: Instance) -> Iterator[Value]:
    for value in owner.attributes.values():
        yield from with_parts(value)


def _contents(layer: Layer) -> list[Value]:
    return layer.items.values if layer.items is not None else []


def _inside(value: Value) -> Iterator[Value]:
    """The modules in a plain collection, and in collections in it."""
    if not isinstance(value, (Items, tuple)):
        return
    for each in value.values if isinstance(value, Items) else value:
        if is_module(each):
            yield each
        else:
            yield from _inside(each)
