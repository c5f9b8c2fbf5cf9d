"""Normalisations over an axis of one element, whatever the inputs are."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintml.analysis.applying import NORMALISING
from lintml.analysis.explore import Entry, over_one_element
from lintml.analysis.flow import DROPOUTS, operator, upstream
from lintml.analysis.trace import Trace
from lintml.analysis.values import Application

if TYPE_CHECKING:
    from lintml.analysis.program import Program

# Where layers put their features, counted from the front or, for those on the last axis, from the end.
_FEATURES = {"Linear": ("out_features", -1), "Conv1d": ("out_channels", 1), "Conv2d": ("out_channels", 1)}


@dataclass(frozen=True, slots=True, eq=False)
class Singleton:
    """A softmax, or one of its kin, over an axis that holds one element."""

    application: Application


def singletons(program: "Program") -> list[Singleton]:
    """Those that classes and functions have for every rank of the inputs, and those that a layer of one unit feeds."""
    found: dict[ast.AST, Singleton] = {}
    for entry in program.entries:
        for application in _everywhere(entry):
            found.setdefault(application.node, Singleton(application))
    for application in program.top.applications:
        if application.path in NORMALISING and over_one_element(application) and _has_one_unit(application):
            found.setdefault(application.node, Singleton(application))
    return list(found.values())


def _everywhere(entry: Entry) -> Iterator[Application]:
    """The normalisations that go over one element in every run that comes to them, whatever clashes after."""
    if not entry.complete:
        return
    for each in entry.primary.trace.applications:
        if each.path in NORMALISING and all(_alone(run.trace, each.node) for run in entry.runs):
            yield each


def _alone(trace: Trace, node: ast.AST) -> bool:
    """Whether a normalisation goes over one element wherever a run applies it."""
    return all(over_one_element(each) for each in trace.applications if each.node is node)


def _has_one_unit(application: Application) -> bool:
    """Whether the one element is the one unit of a layer, and not an example or a position that happens to be alone."""
    dim, shape = application.settings.get("dim"), application.shape()
    if not application.inputs or shape is None or not isinstance(dim, int):
        return False
    ends, _ = upstream(application.inputs[0], lambda each: operator(each) in DROPOUTS)
    for source in [end.source for end in ends if end.source is not None]:
        setting, axis = _FEATURES.get(operator(source), ("", 0))
        if source.settings.get(setting) == 1 and setting and dim % len(shape.dims) == axis % len(shape.dims):
            return True
    return False
