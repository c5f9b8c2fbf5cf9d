"""The tables as tables: every name is torch's, every parameter stands where torch has it, nothing is declared twice."""

import inspect
from collections import Counter
from typing import Any

import pytest
import torch

from lintml.shapes.notation import REQUIRED, entries, names
from lintml.shapes.signature import Signature, read
from lintml.torch_api import functional, functions, layers, methods, numerics, operators

TABLES = (layers.LINES, functions.LINES, functional.LINES, numerics.LINES, methods.LINES)
# Without a rule of their own: containers, the bases of recurrent layers, and a loss that is too new to be settled.
NO_RULE = {
    "Container",
    "LinearCrossEntropyLoss",
    "LinearCrossEntropyOptions",
    "Module",
    "ModuleDict",
    "ModuleList",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "RNNCellBase",
    "Sequential",
}


def test_nothing_is_declared_twice() -> None:
    declared = Counter(name for table in TABLES for line in entries(table) for name in names(line))
    assert [name for name, times in declared.items() if times > 1] == []


def test_every_layer_with_a_rule_has_a_line() -> None:
    known = {name.rpartition(".")[2] for name in operators.lines("layers")}
    assert set(torch.nn.modules.__all__) - known == NO_RULE


def test_there_are_as_many_as_were_promised() -> None:
    function_names = operators.lines("functions")
    fallback = {name for name in dir(torch.Tensor) if f"torch.{name}" in function_names}
    own = {name.partition(".")[2] for name in operators.lines("methods")}
    assert len(function_names) >= 500
    assert len(own | fallback) >= 300


@pytest.mark.parametrize("kind", ["layers", "functions", "methods"])
def test_every_line_is_read_and_every_operator_found(kind: Any) -> None:
    for name, line in operators.lines(kind).items():
        signature = read(line)
        assert signature.operator or signature.outputs, name
        if signature.operator:
            assert callable(signature._run), name


@pytest.mark.parametrize("kind", ["layers", "functions", "methods"])
def test_every_name_is_torchs(kind: Any) -> None:
    assert [name for name in operators.lines(kind) if _resolved(name) is None] == []


def test_layers_have_torchs_parameters() -> None:
    wrong = []
    for name, line in operators.lines("layers").items():
        layer: Any = _resolved(name)
        signature = read(line)
        wrong += _differences(name, layer.__init__, signature.parameters)
        wrong += _differences(f"{name}.forward", layer.forward, signature.forward, named=len(signature.forward) > 1)
    assert wrong == []


def test_functions_have_torchs_parameters() -> None:
    wrong = []
    for name, line in operators.lines("functions").items():
        if name.startswith("torch.nn.functional.") or name.count(".") == 1:
            wrong += _differences(name, _resolved(name), read(line).parameters)
    assert wrong == []


def _differences(name: str, function: Any, ours: Any, *, named: bool = True) -> list[str]:
    """How the first parameters of a Python function differ from ours; torch may have more behind them."""
    try:
        theirs = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []  # written in C
    theirs = [each for each in theirs if each.name != "self"]
    if any(each.kind is each.VAR_POSITIONAL for each in theirs):
        return []  # overloads behind one Python function
    found = []
    for (mine, default), their in zip(ours.items(), theirs, strict=False):
        if named and mine.lstrip("*") != their.name:
            found.append(f"{name}: {mine}, not {their.name}")
        elif (default is REQUIRED) != (their.default is their.empty):
            found.append(f"{name}: {mine} is required in one of the two")
        elif isinstance(their.default, (int, str, type(None))) and default is not REQUIRED and default != their.default:
            found.append(f"{name}: {mine}={default!r}, not {their.default!r}")
    if len(ours) > len(theirs):
        found.append(f"{name}: no parameter {list(ours)[len(theirs)]}")
    return found


def _resolved(name: str) -> Any:
    found: Any = torch
    for part in name.split(".")[name.startswith("torch.") :]:
        found = getattr(found, part, None)
    return found


def test_methods_fall_back_on_functions() -> None:
    assert operators.method("bmm") is operators.function("torch.bmm")
    assert operators.method("view") is not None
    assert operators.method("nonsense") is None
    assert operators.layer("torch.nn.Conv2D") is None


def test_a_signature_says_which_inputs_it_has() -> None:
    assert _tensors(operators.function("torch.gather")) == ("input", "index")
    assert _tensors(operators.layer("torch.nn.Linear")) == ("input",)
    assert _tensors(operators.layer("torch.nn.Bilinear")) == ("input1", "input2")
    assert _tensors(operators.function("torch.cat")) == ("tensors",)
    assert _tensors(operators.function("torch.zeros")) == ()
    assert _tensors(operators.method("split")) == ("tensor",)


def _tensors(signature: Signature | None) -> tuple[str, ...]:
    assert signature is not None
    return signature.tensors
