"""Runs what the page does to a model in place: clips its gradients, keeps an average of its weights."""

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.guest.build import Subject
from lintml.verify.guest.page import described
from lintml.verify.sandbox import Array

_MODELS = ("model", "layer", "params")
_NUMBERS = ("float", "probability", "size", "unknown", "count")


def change(
    subject: Subject, payload: dict[str, Any], arrays: dict[str, Array]
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Give a model new weights ``w.ROUND.I`` and gradients ``g.I``, call the subject, and again, for each round.

    ``value`` is what its one setting takes, ``average`` which of two models holds the average; ``c.ROUND.I`` are the
    gradients, or the weights of the average, after each call.
    """
    try:
        after = _gradients if payload["changes"] == "gradients" else _average
        found = after(subject, payload, arrays)
    except Exception as error:
        return {"error": described(error)}, {}
    back = {
        f"c.{at}.{i}": tensors.to_array(one.detach()) for at, group in enumerate(found) for i, one in enumerate(group)
    }
    return {"default": _default(subject)}, back


def _gradients(subject: Subject, payload: dict[str, Any], arrays: dict[str, Array]) -> list[list[torch.Tensor]]:
    model = _model(arrays)
    for i, parameter in enumerate(model.parameters()):
        parameter.grad = tensors.from_array(arrays[f"g.{i}"])
    subject.value(**_arguments(subject, [model], payload["value"]))
    return [[parameter.grad for parameter in model.parameters() if parameter.grad is not None]]


def _average(subject: Subject, payload: dict[str, Any], arrays: dict[str, Array]) -> list[list[torch.Tensor]]:
    model, other = _model(arrays), _model(arrays)
    if subject.kind == "function":
        kept = other if payload["average"] == "first" else model
        live = model if payload["average"] == "first" else other
        given = _arguments(subject, [other, model], payload["value"])
        calls = [lambda: subject.value(**given)]
        held = [list(kept.parameters())]
    else:
        live = model
        made, update = _updating(subject, model, payload["value"], arrays)
        calls, held = [update], []
    found = []
    for at in range(1, payload["rounds"]):
        _load(live, arrays, at)
        calls[0]()
        groups = held or list(_groups(made, live))
        if len(groups) < 1:
            raise ValueError("no average is kept")
        found.append([one.detach().clone() for one in groups[0]])
    return found


def _updating(
    subject: Subject, model: nn.Module, value: float | None, arrays: dict[str, Array]
) -> tuple[Any, Callable[[], Any]]:
    """The object made over ``model``, and the method of it that moves what it keeps and leaves the model alone."""
    given = _arguments(subject, [model], value)
    for name, method in vars(subject.value).items():
        if not inspect.isfunction(method) or (name.startswith("_") and name != "__call__"):
            continue
        needed = [p for p in list(inspect.signature(method).parameters.values())[1:] if p.default is p.empty]
        if len(needed) > 1 or any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in needed):
            continue
        _load(model, arrays, 0)
        made = subject.value(**given)
        before = [[one.detach().clone() for one in group] for group in _groups(made, model)]
        _load(model, arrays, 1)
        live = [parameter.detach().clone() for parameter in model.parameters()]
        try:
            getattr(made, name)(*[model] * len(needed))
        except Exception:
            continue
        groups = list(_groups(made, model))
        moved = any(not _same(one, two) for one, two in zip(before, groups, strict=False))
        if before and len(groups) == len(before) and moved and _same(live, list(model.parameters())):
            _load(model, arrays, 0)
            made = subject.value(**given)
            return made, partial(getattr(made, name), *[model] * len(needed))
    raise ValueError("no method moves what it keeps")


def _groups(made: Any, model: nn.Module) -> Iterator[list[torch.Tensor]]:
    """What an object keeps that has the shapes of the model's weights."""
    wanted = [parameter.shape for parameter in model.parameters()]
    own = vars(made)
    places = [*own.values(), *own.get("_modules", {}).values(), own.get("_buffers", {})]
    for place in places:
        match place:
            case nn.Module() if place is not model:
                kept = list(place.parameters())
            case dict():
                kept = [one for one in place.values() if isinstance(one, torch.Tensor)]
            case list() | tuple():
                kept = [one for one in place if isinstance(one, torch.Tensor)]
            case _:
                continue
        alike = [one.shape for one in kept] == wanted
        if alike and not any(one is two for one, two in zip(kept, model.parameters(), strict=True)):
            yield kept


def _arguments(subject: Subject, models: list[nn.Module], value: float | None) -> dict[str, Any]:
    """The models in order, and the value for the first number."""
    waiting = list(models)
    given: dict[str, Any] = {}
    for name, role, default in _wanted(subject):
        if role in _MODELS and waiting:
            model = waiting.pop(0)
            given[name] = list(model.parameters()) if role == "params" else model
        elif value is not None and value not in given.values() and _takes_number(role, default):
            given[name] = value
    if waiting:
        raise ValueError(f"it takes {len(models) - len(waiting)} models, not {len(models)}")
    return given


def _wanted(subject: Subject) -> list[tuple[str, str, Any]]:
    function = subject.kind == "function"
    called = subject.value if function else subject.value.__init__
    parameters = list(inspect.signature(called).parameters.items())[0 if function else 1 :]
    roles = {known.name: known.role for known in (subject.inputs() if function else subject.settings())}
    return [(name, roles.get(name, "unknown"), p.default) for name, p in parameters]


def _takes_number(role: str, default: Any) -> bool:
    return role in _NUMBERS and (default is inspect.Parameter.empty or type(default) in (int, float))


def _default(subject: Subject) -> float | None:
    """The default of the first number."""
    numbers = [default for _, role, default in _wanted(subject) if role in _NUMBERS and type(default) in (int, float)]
    return float(numbers[0]) if numbers else None


def _model(arrays: dict[str, Array]) -> nn.Module:
    model = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2)).to(torch.float64)
    _load(model, arrays, 0)
    return model


def _load(model: nn.Module, arrays: dict[str, Array], at: int) -> None:
    with torch.no_grad():
        for i, parameter in enumerate(model.parameters()):
            parameter.copy_(tensors.from_array(arrays[f"w.{at}.{i}"]))


def _same(one: list[torch.Tensor], two: list[torch.Tensor]) -> bool:
    return len(one) == len(two) and all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
