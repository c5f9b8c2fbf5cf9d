"""References by name: what a page or its settings say that a class or function is the same as."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from lintml.verify.references import every
from lintml.verify.references.added import callables
from lintml.verify.references.declare import Case, Evidence, ModuleReference, Reference, Seen, Weights, weight_maps

# Parts of torch that only compute: a stranger's document may name what stands there, and nothing else.
_HOMES = ("torch.nn.functional", "torch.nn", "torch.special", "torch.linalg", "torch.fft", "torch")


def named(name: str) -> list[Reference]:
    """The references that go by ``name``, as a layer or as a function; none where nobody knows it.

    What has no declaration here is compared as it is: called with the inputs, the settings of the same names, and the
    weights, a layer made from the same constructor arguments.
    """
    found = [reference for reference in every() if _key(reference.name) == _key(name)]
    plain = callables().get(name) or _of_torch(name)
    # In evaluation mode dropout is nothing at all, which says nothing of what it does in training.
    if plain is None or "dropout" in name.lower():
        return found
    return [*found, _plain(name, plain)]


def _key(name: str) -> str:
    """What ``torch.nn.MSELoss`` and ``torch.nn.functional.mse_loss`` share; of other names, all but their source."""
    if not name.startswith("torch."):
        return name.split(" (")[0].lower()
    word = name.rpartition(".")[-1].replace("_", "").lower()
    return "torch " + (re.sub(r"(?:[123]d)?(?:loss)?$", "", word) if "norm" in word or "loss" in word else word)


def _of_torch(name: str) -> Callable[..., Any] | None:
    home, _, last = name.rpartition(".")
    if home not in _HOMES or last.startswith("_") or not last.isidentifier():
        return None
    place: Any = torch
    for step in home.split(".")[1:]:
        place = getattr(place, step)
    value = getattr(place, last, None)
    # Of torch itself only what a tensor also has as a method: an operator, not a switch or a way to a file.
    known = callable(value) and (home != "torch" or hasattr(torch.Tensor, last))
    return value if known and (home != "torch.nn" or _is_layer(value)) else None


def _is_layer(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, nn.Module)


def _plain(name: str, value: Callable[..., Any]) -> ModuleReference:
    if isinstance(value, type) and issubclass(value, nn.Module):
        return ModuleReference(name, _anything, partial(_layers, value), modes=(False,))
    return ModuleReference(name, _anything, partial(_functions, value))


def _anything(seen: Seen) -> Evidence:
    return Evidence.POSSIBLE


def _functions(function: Callable[..., Any], seen: Seen) -> Iterator[Case]:
    """A function called with the inputs, then with whatever of settings and weights it has parameters for."""
    wanted = _parameters(function)
    taken = set(wanted[: len(seen.recipes[0].inputs)])
    settings = {**seen.settings, **seen.argument}
    given = {name: settings[name] for name in wanted if name in settings and name not in taken}
    owners = {name.rsplit(".", 1)[-1]: name for name in seen.parameters}
    weights = {name: owners[name] for name in wanted if name in owners and name not in taken}
    yield Case(partial(_call, function, given, weights))
    if given:
        yield Case(partial(_call, function, {}, weights), "with its own settings")


def _parameters(function: Callable[..., Any]) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def _call(
    function: Callable[..., Any],
    settings: Mapping[str, Any],
    owners: Mapping[str, str],
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    held = {name: weights[owner] for name, owner in owners.items()}
    return _tensors(function(*inputs, **settings, **held))


def _layers(layer: type[nn.Module], seen: Seen) -> Iterator[Case]:
    """A layer made from the constructor arguments by name, else in their order, with the weights that fit."""
    wanted = _parameters(layer)
    by_name = {name: value for name, value in seen.argument.items() if name in wanted}
    kept = {name: value for name, value in seen.settings.items() if name in wanted}
    ways: list[tuple[Sequence[Any], Mapping[str, Any]]] = [
        ((), {**kept, **by_name}),
        (list(seen.argument.values()), {}),
    ]
    for order, settings in ways:
        try:
            with torch.device("meta"):
                sizes = layer(*order, **settings).named_parameters()
        except (RuntimeError, TypeError, ValueError):
            continue
        wide = {name: tuple(parameter.shape) for name, parameter in sizes}
        for mapped in weight_maps(seen, wide, {}):
            made = layer(*order, **settings).to(torch.float64).eval()
            yield Case(partial(_apply, made, mapped))


def _apply(layer: nn.Module, mapped: Mapping[str, str], weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    with torch.no_grad():
        return _tensors(functional_call(layer, {own: weights[name] for own, name in mapped.items()}, tuple(inputs)))


def _tensors(value: Any) -> list[torch.Tensor]:
    match value:
        case torch.Tensor():
            return [value]
        case tuple() | list():
            return [leaf for item in value for leaf in _tensors(item)]
    return []
