"""The known right answers, one file per family; a file lists its own in REFERENCES."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TypeVar

from lintml.verify.references import added
from lintml.verify.references.declare import Reference

_Kind = TypeVar("_Kind", bound=Reference)


def every() -> tuple[Reference, ...]:
    """All references: our own in the order of their files' names, then those that the user adds."""
    return (*_own(), *added.declarations())


@cache
def _own() -> tuple[Reference, ...]:
    found: list[Reference] = []
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda entry: entry.name):
        found.extend(getattr(import_module(f"{__name__}.{entry.name}"), "REFERENCES", ()))
    return tuple(found)


def of(kind: type[_Kind]) -> tuple[_Kind, ...]:
    """The references of one kind."""
    return tuple(reference for reference in every() if isinstance(reference, kind))
