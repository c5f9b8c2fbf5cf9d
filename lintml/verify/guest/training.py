"""Runs the page's optimizers and schedulers on parameters, gradients and metrics that the judge gives."""

import ast
import inspect
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.guest.build import Subject, realise
from lintml.verify.guest.page import described
from lintml.verify.inputs.spec import Made, Recipe, Value, from_json
from lintml.verify.inputs.starts import starts
from lintml.verify.sandbox import Array


def schedules(subject: Subject) -> bool:
    """Whether a class is built around another optimizer whose settings it changes when stepped."""
    if not hasattr(subject.value, "step"):
        return False
    return any(known.role == "optimizer" for known in subject.settings())


def optimise(
    subject: Subject, payload: dict[str, Any], arrays: dict[str, Array]
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Step the optimizer: ``p.I`` are the parameters, ``g.STEP.I`` their gradients; a missing one stays None."""
    parameters = [nn.Parameter(tensors.from_array(arrays[f"p.{i}"])) for i in range(payload["count"])]
    after: dict[str, Array] = {}
    try:
        optimizer = subject.value(parameters, **payload["settings"])
        for step in range(payload["steps"]):
            for i, parameter in enumerate(parameters):
                gradient = arrays.get(f"g.{step}.{i}")
                parameter.grad = None if gradient is None else tensors.from_array(gradient)
            optimizer.step()
            for i, parameter in enumerate(parameters):
                after[f"a.{step}.{i}"] = tensors.to_array(parameter)
    except Exception as error:
        return {"error": described(error)}, {}
    states = [len(state) for state in optimizer.state.values()] if hasattr(optimizer, "state") else []
    return {"states": max(states, default=0)}, after


def rates(subject: Subject, payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    """Step the scheduler, with each of ``metrics`` if there are; the learning rate before and after each step."""
    parameter = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([parameter], lr=payload["lr"])
    seen: list[float] = []
    try:
        arguments = {name: from_json(spec) for name, spec in payload["arguments"]}
        made = subject.value(
            **{name: optimizer if spec == Made("optimizer") else realise(spec) for name, spec in arguments.items()}
        )
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


def schedule(subject: Subject) -> Recipe:
    """Arguments to make a schedule with: the optimizer, its required settings, and its optional plain numbers."""
    begin = next(starts(subject.settings(), (), {}, None))
    given = dict(begin.arguments)
    for name, parameter in inspect.signature(subject.value).parameters.items():
        if isinstance(parameter.default, int | float) and type(parameter.default) is not bool:
            given.setdefault(name, Value(parameter.default))
    return Recipe(tuple(given.items()))


def wants_metric(subject: Subject) -> bool:
    """Whether ``step`` takes a required argument."""
    tree = subject.method("step")
    if tree is None:
        return False
    required = len(tree.args.args) - len(tree.args.defaults) - 1
    return required > 0 and not isinstance(tree, ast.AsyncFunctionDef)
