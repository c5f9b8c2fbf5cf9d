"""What a module gives on a device is held against what it gives on the CPU in float64, as far as rounding allows."""

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

import torch
from verdicts import HEADER

from lintml.verify.guest.handler import Guest
from lintml.verify.inputs.spec import Recipe
from lintml.verify.judge.devices import differs
from lintml.verify.judge.probe import Given, Outputs, Probe
from lintml.verify.sandbox import Array


class Here:
    """A session without a sandbox, for code of the test's own: the guest answers in this process."""

    def __init__(self, text: str) -> None:
        self._guest = Guest()
        self.ask("define", {"blocks": [[0, HEADER], [1, dedent(text)]]})

    def ask(self, operation: str, payload: dict[str, Any], arrays: Mapping[str, Array] | None = None) -> Any:
        return self._guest(operation, {"seed": 0, **payload}, dict(arrays or {}))


def compared(text: str) -> str:
    """How the class ``Net`` of a text differs on the device, which here is the CPU once more."""
    probe = Probe(Here(text), 1, "Net", "module")  # type: ignore[arg-type]
    recipes = probe.find(None)
    assert isinstance(recipes, list)
    seen = probe.see(recipes)
    assert seen is not None
    return differs(probe, seen, recipes[0], "cpu", 0)


NET = """
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.one = nn.Linear(width, width)

    def forward(self, x):
        return torch.softmax(self.one(x), dim=-1)
"""


def test_rounding_is_no_difference():
    assert compared(NET) == ""


def test_random_modules_are_not_compared():
    assert compared(NET.replace("self.one(x)", "self.one(x) + torch.rand_like(x)")) == ""


class Off(Probe):
    """A probe whose device ``elsewhere`` is one per cent off."""

    def run_in(self, dtype: torch.dtype, device: str, recipe: Recipe, given: Given, train: bool) -> Outputs:
        right = super().run_in(dtype, "cpu", recipe, given, train)
        times = 1.01 if device == "elsewhere" else 1.0
        return Outputs([tensor * times for tensor in right.tensors], right.dtype, right.error)


def test_a_difference_is_told():
    probe = Off(Here(NET), 1, "Net", "module")  # type: ignore[arg-type]
    recipes = probe.find(None)
    assert isinstance(recipes, list)
    seen = probe.see(recipes)
    assert seen is not None
    assert differs(probe, seen, recipes[0], "elsewhere", 0).startswith("on elsewhere in float32 it is off by 1.0e-02")
