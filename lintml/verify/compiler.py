"""Keeps torch from loading its compiler, which takes more than a second and is never used here."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch.optim import Optimizer

_WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")


def keep_away() -> None:
    """Mark the methods of Optimizer that would load the compiler only to be hidden from it as hidden already."""
    for name in _WRAPPED:
        method = getattr(getattr(Optimizer, name, None), "__wrapped__", None)
        if method is not None:
            # The mark that torch._disable_dynamo looks for; where another version has another one, it is only slower.
            method.__dynamo_disable = method


@cache
def _bare(step: Callable[..., Any]) -> Callable[..., Any]:
    bare: Callable[..., Any] = inspect.unwrap(step)
    return bare


def step(optimizer: Optimizer, *closure: Callable[[], Any]) -> Any:
    """One step of an optimizer of torch, without the wrapping that loads the compiler."""
    return step_of(type(optimizer), optimizer, *closure)


def step_of(kind: type[Optimizer], optimizer: Optimizer, *closure: Callable[[], Any]) -> Any:
    """One step as ``kind``, a class that ``optimizer`` is of, takes it."""
    with torch.no_grad():
        return _bare(kind.step)(optimizer, *closure)


def needs_closure(optimizer: Any) -> bool:
    """Whether a step cannot be taken without a closure."""
    parameters = inspect.signature(optimizer.step).parameters.values()
    return any(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
