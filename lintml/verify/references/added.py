"""References that a user adds: those that the settings name, and those of installed packages."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from lintml.verify.references.declare import (
    ChangeReference,
    ModuleReference,
    NoiseReference,
    OptimizerReference,
    Reference,
    SampleReference,
    ScheduleReference,
)

GROUP = "lintml.references"
_DECLARED = (ModuleReference, NoiseReference, SampleReference, OptimizerReference, ScheduleReference, ChangeReference)
_known: dict[str, Any] = {}


class Unloadable(Exception):
    """A reference that cannot be loaded; the text names it and says why."""


def load(settings: Iterable[tuple[str, str]]) -> None:
    """Take the references of installed packages, then those of ``settings``: pairs of a name and ``PLACE:OBJECT``.

    A place is a module or a file; an object is a function or layer that computes what is right, a declaration, or a
    collection of declarations.
    """
    _known.clear()
    for entry in entry_points(group=GROUP):
        _known[entry.name] = _tried(entry.name, entry.load)
    for name, place in settings:
        _known[name] = _tried(name, partial(_loaded, place))


def callables() -> Mapping[str, Callable[..., Any]]:
    """Those that are plain functions or layers, by name."""
    return {name: value for name, value in _known.items() if callable(value) and not isinstance(value, _DECLARED)}


def declarations() -> tuple[Reference, ...]:
    """Those that say themselves what they recognise."""
    found: list[Reference] = []
    for value in _known.values():
        found += [one for one in (value if isinstance(value, tuple | list) else (value,)) if isinstance(one, _DECLARED)]
    return tuple(found)


def _tried(name: str, load: Callable[[], Any]) -> Any:
    try:
        value = load()
    except Exception as error:
        raise Unloadable(f"the reference {name!r} cannot be loaded: {type(error).__name__}: {error}") from None
    if not callable(value) and not isinstance(value, (*_DECLARED, tuple, list)):
        raise Unloadable(f"the reference {name!r} is neither a function, nor a layer, nor a declaration")
    return value


def _loaded(place: str) -> Any:
    home, _, path = place.rpartition(":")
    if not home:
        raise ValueError(f"{place!r} is not PLACE:OBJECT")
    value: Any = _file(home) if home.endswith(".py") else import_module(home)
    for step in path.split("."):
        value = getattr(value, step)
    return value


def _file(path: str) -> Any:
    spec = spec_from_file_location(f"lintml_reference_{abs(hash(path))}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
