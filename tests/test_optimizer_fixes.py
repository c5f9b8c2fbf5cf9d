"""The fixes of one optimizer compose: a hand-written descent with six faults becomes torch's own."""

import itertools
from typing import Any

import pytest

from lintml import documents, pipeline
from lintml.config import Settings
from lintml.model import Fixed

torch = pytest.importorskip("torch")

WRONG = """\
import torch
from torch.optim import Optimizer


class Downhill(Optimizer):
    def __init__(self, params, lr=0.05, momentum=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    def step(self, closure=None):
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                slope = p.grad.data
                if group["weight_decay"]:
                    slope = slope + group["weight_decay"] * p.data
                if group["momentum"]:
                    memory = self.state[p]
                    if "velocity" in memory:
                        memory["velocity"] = {update}
                    else:
                        memory["velocity"] = slope.clone()
                    slope = memory["velocity"]
                p.data.sub_(group["lr"] * slope)
"""
UPDATES = [
    'memory["velocity"] * group["momentum"] - group["dampening"] * slope',
    'memory["velocity"].mul(group["momentum"]).sub(slope, alpha=group["dampening"])',
    'group["dampening"] * slope + group["momentum"] * memory["velocity"]',
    '(1 - group["dampening"]) * slope - group["momentum"] * memory["velocity"]',
    'torch.zeros_like(p) + group["momentum"] * memory["velocity"] - group["dampening"] * slope',
]
SETTINGS = [
    {"lr": rate, "momentum": momentum, "dampening": dampening, "weight_decay": decay}
    for rate, momentum, dampening, decay in itertools.product((0.05, 0.1), (0.0, 0.9), (0.0, 0.3), (0.0, 0.02))
]


def fixed(update: str) -> Fixed:
    code = WRONG.replace("{update}", update)
    return pipeline.fix(documents.parse(f"# Descent\n\n```python\n{code}```\n", "page.md"), Settings(), unsafe=True)


def made(code: str) -> Any:
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace["Downhill"]


def descend(make: Any, settings: dict[str, float], with_closure: bool) -> tuple[list[Any], list[float]]:
    """Five steps on two parameters, a third of which the loss does not depend."""
    generator = torch.Generator().manual_seed(7)
    weights = [torch.randn(3, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    optimizer = make(weights, **settings)
    losses = []

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (weights[0].square() * weights[1].cos()).sum()
        loss.backward()
        return loss

    for _ in range(5):
        if with_closure:
            losses.append(optimizer.step(closure).item())
        else:
            closure()
            optimizer.step()
    return [weight.detach() for weight in weights], losses


@pytest.mark.parametrize("update", UPDATES)
def test_what_is_left_after_all_fixes_is_the_reference(update: str) -> None:
    document = fixed(update)
    assert not document.refused
    assert [f"{each.code} {each.message}" for each in document.left.diagnostics] == []
    ours = made(document.after.snippets[0].text)
    for settings, with_closure in itertools.product(SETTINGS, (False, True)):
        got, losses = descend(ours, settings, with_closure)
        want, expected = descend(torch.optim.SGD, settings, with_closure)
        assert all(torch.allclose(a, b, rtol=1e-12, atol=0) for a, b in zip(got, want, strict=True)), settings
        assert losses == pytest.approx(expected)


def test_the_class_without_fixes_is_not_the_reference() -> None:
    wrong = made(WRONG.replace("{update}", UPDATES[0]))
    with pytest.raises(KeyError, match="weight_decay"):
        descend(wrong, {}, False)


def test_every_fault_is_said_and_fixed_once() -> None:
    document = fixed(UPDATES[0])
    codes = [each.code for each in document.applied]
    assert sorted(set(codes)) == ["GRD003", "OPT004", "OPT005", "OPT006", "OPT007"]
    assert codes.count("OPT004") == 2
    assert codes.count("GRD003") == 3
    assert [codes.count(code) for code in ("OPT005", "OPT006", "OPT007")] == [1, 1, 1]


def test_safe_fixes_leave_the_update_rule_alone() -> None:
    code = WRONG.replace("{update}", UPDATES[0])
    document = pipeline.fix(documents.parse(f"```python\n{code}```\n", "page.md"), Settings(), unsafe=False)
    assert UPDATES[0] in document.after.text
    assert [each.code for each in document.left.diagnostics] == ["OPT007"]
