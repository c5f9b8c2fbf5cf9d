"""Runs the page's optimizers and schedulers on parameters, gradients and metrics that the judge gives."""

import ast
import inspect
from functools import partial
from typing import Any

import torch
from torch import nn

from lintml.verify import compiler, tensors
from lintml.verify.guest.build import Subject
from lintml.verify.guest.page import described
from lintml.verify.guest.workshop import Descent, Planned, Workshop
from lintml.verify.inputs.sizes import SETTINGS
from lintml.verify.inputs.spec import Group, Made, Recipe, Spec, Value, from_json
from lintml.verify.inputs.starts import starts
from lintml.verify.sandbox import Array


def optimises(subject: Subject) -> bool:
    """Whether a class without torch's base is an optimizer: it takes parameters and steps."""
    settings = subject.settings()
    return hasattr(subject.value, "step") and bool(settings) and settings[0].role == "params"


def schedules(subject: Subject) -> bool:
    """Whether a class is built around another optimizer whose settings it changes when stepped."""
    if not hasattr(subject.value, "step"):
        return False
    return any(known.role in ("optimizer", "schedules") for known in subject.settings())


def optimise(
    subject: Subject, payload: dict[str, Any], arrays: dict[str, Array]
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Step the optimizer: ``p.I`` are the parameters, ``g.STEP.I`` their gradients; a missing one stays None.

    With ``sparse``, gradients have only the rows that are not zero. With ``closure``, each step is given one that works
    the gradients out by a backward pass and gives a loss, which the step must give back.
    """
    parameters = [nn.Parameter(tensors.from_array(arrays[f"p.{i}"])) for i in range(payload["count"])]
    after: dict[str, Array] = {}
    required = _required(subject)
    guessed = bool(required.keys() - payload["settings"].keys())
    try:
        optimizer = subject.value(parameters, **{**required, **payload["settings"]})
        asks = compiler.needs_closure(optimizer)
        for step in range(payload["steps"]):
            drawn = [arrays.get(f"g.{step}.{i}") for i in range(len(parameters))]
            gradients = [tensors.from_array(one) if one is not None else None for one in drawn]
            if payload["sparse"]:
                gradients = [tensors.rows(one) if one is not None else None for one in gradients]
            # Counts and rates that it keeps as tensors are as fine as the parameters.
            with tensors.default(torch.float64):
                _one_step(optimizer, parameters, gradients, asks, payload["closure"])
            for i, parameter in enumerate(parameters):
                after[f"a.{step}.{i}"] = tensors.to_array(parameter)
    except Exception as error:
        return {"error": described(error), "guessed": guessed}, {}
    return {"guessed": guessed}, after


def _one_step(
    optimizer: Any,
    parameters: list[nn.Parameter],
    gradients: list[torch.Tensor | None],
    asks: bool,
    closure: bool,
) -> None:
    if closure or asks:
        loss = optimizer.step(partial(_backward, parameters, gradients))
        if loss is None and closure:
            raise TypeError("step does not return the loss of its closure")
        return
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    optimizer.step()


def _required(subject: Subject) -> dict[str, Any]:
    """Values of the settings after the parameters that have no default."""
    begin = next(starts(subject.settings()[1:], (), {}, {}))
    workshop = Workshop({})
    return {name: workshop.make(spec) for name, spec in begin.arguments}


def _backward(parameters: list[nn.Parameter], gradients: list[torch.Tensor | None]) -> torch.Tensor:
    """A loss that is linear in the parameters, so that its gradients are the ones wanted."""
    for parameter in parameters:
        parameter.grad = None
    pairs = [(p, g) for p, g in zip(parameters, gradients, strict=True) if g is not None]
    loss = torch.stack([(parameter * gradient.to_dense()).sum() for parameter, gradient in pairs]).sum()
    loss.backward()
    for parameter, gradient in pairs:
        if gradient.is_sparse:
            parameter.grad = gradient
    return loss


def rates(subject: Subject, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Step the scheduler, with each of ``metrics`` if there are; the learning rate before and after each step."""
    parameter = nn.Parameter(torch.zeros(2))
    optimizer = Descent([parameter], lr=payload["lr"])
    seen: list[float] = []
    try:
        arguments = {name: from_json(spec) for name, spec in payload["arguments"]}
        workshop = Workshop({})
        given = {name: _given(spec, optimizer, workshop) for name, spec in arguments.items()}
        made = subject.value(**given)
        seen.append(float(optimizer.param_groups[0]["lr"]))
        for step in range(payload["steps"]):
            parameter.grad = torch.ones(2)
            optimizer.step()
            metrics = payload.get("metrics")
            made.step(metrics[step]) if metrics is not None else made.step()
            seen.append(float(optimizer.param_groups[0]["lr"]))
    except Exception as error:
        return {"error": described(error)}, {}
    return {"rates": [rate.hex() for rate in seen]}, {}


def _given(spec: Spec, optimizer: Descent, workshop: Workshop) -> Any:
    match spec:
        case Made("optimizer"):
            return optimizer
        case Made("schedules", choice):
            return Planned(choice)(optimizer)
    return workshop.make(spec)


def schedule(subject: Subject) -> Recipe:
    """Arguments to make a schedule with: the optimizer, its required settings, and its optional plain numbers."""
    begin = next(starts(subject.settings(), (), {}, {}))
    # What a schedule calls says what the rate is multiplied with.
    given = {name: Made("falling", 3) if spec == _CALLED else spec for name, spec in begin.arguments}
    # Counts apart from each other, the first the least: a warm-up is shorter than the whole.
    counts = [name for name, spec in given.items() if isinstance(spec, Value) and type(spec.value) is int]
    given |= {name: Value(2 + 20 * at) for at, name in enumerate(counts)}
    if Made("schedules") in given.values():
        # As many milestones as there are changes between two schedules.
        given |= {name: Group((Value(5),), "list") for name, spec in given.items() if isinstance(spec, Group)}
    for name, parameter in inspect.signature(subject.value).parameters.items():
        if isinstance(parameter.default, int | float) and type(parameter.default) is not bool:
            given.setdefault(name, Value(parameter.default))
        elif isinstance(parameter.default, list | tuple) and all(type(one) is int for one in parameter.default):
            given.setdefault(name, Group(tuple(map(Value, parameter.default)), "list"))
    return Recipe(tuple(given.items()))


_CALLED = Made("layer", SETTINGS[0])


def wants_metric(subject: Subject) -> bool:
    """Whether ``step`` takes a required argument."""
    tree = subject.method("step")
    if tree is None:
        return False
    required = len(tree.args.args) - len(tree.args.defaults) - 1
    return required > 0 and not isinstance(tree, ast.AsyncFunctionDef)
