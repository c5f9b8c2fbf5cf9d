"""A module that is put back is as it was made, whatever was done to it; what cannot be put back is not kept."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from lintml.verify.guest.snapshot import taken


class Stateful(nn.Module):
    """Keeps all that a module may keep."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.Dropout(0.5))
        self.rows = nn.LSTM(4, 3, batch_first=True)
        self.attends = nn.MultiheadAttention(4, 2)
        self.register_buffer("table", torch.arange(4.0))
        self.register_buffer("passing", None)
        self.loose = torch.ones(3)
        self.seen: list[Any] = [1, [2, 3]]
        self.counts = {"calls": 0, "names": {"a"}}
        self.activation = torch.relu

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen[1].append(x.shape)
        self.counts["calls"] += 1
        found: torch.Tensor = self.activation(self.inner(x)) * self.loose.sum() + self.table.sum()
        return found


def made() -> Stateful:
    torch.manual_seed(1)
    return Stateful()


def called(module: Stateful) -> None:
    module(torch.randn(3, 4, dtype=module.table.dtype)).sum().backward()


def stepped(module: Stateful) -> None:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(2)


def written_behind_its_back(module: Stateful) -> None:
    module.inner[0].weight.data.fill_(7)
    module.table.data = torch.zeros(9)
    module.loose.zero_()


def rearranged(module: Stateful) -> None:
    module.inner[0] = nn.Linear(4, 6, dtype=module.table.dtype)
    module.passing = torch.ones(2)
    module.extra = nn.Linear(1, 1)
    del module.attends
    module.counts["names"].add("b")
    module.counts["more"] = 1
    module.seen.clear()
    module.seen.extend([0, []])


def frozen(module: Stateful) -> None:
    module.eval().requires_grad_(False).requires_grad_(True).inner[0].requires_grad_(False)
    module.inner[0].weight.mark = "mine"  # type: ignore[assignment]


def hooked(module: Stateful) -> None:
    module.register_forward_hook(lambda *_: torch.zeros(1, requires_grad=True))


DEEDS: list[Callable[[Stateful], Any]] = [
    called, stepped, written_behind_its_back, rearranged, frozen, hooked, nn.Module.double, nn.Module.half,
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(DEEDS), min_size=1, max_size=4))
def test_a_module_is_put_back_as_it_was_made(deeds: list[Callable[[Stateful], Any]]) -> None:
    module = made()
    snapshot = taken(module)
    assert snapshot is not None
    for deed in deeds:
        try:
            deed(module)
        except (RuntimeError, AttributeError, TypeError):
            continue  # not possible after another deed
    again = snapshot.again()
    assert again is module
    same(module, made())


def same(one: Stateful, two: Stateful) -> None:
    names = [name for name, _ in one.named_modules()]
    assert names == [name for name, _ in two.named_modules()]
    for name in names:
        ours, theirs = one.get_submodule(name), two.get_submodule(name)
        assert vars(ours).keys() == vars(theirs).keys()
        assert ours.training == theirs.training
        assert not ours._forward_hooks
    tensors = dict([*one.named_parameters(), *one.named_buffers(), ("loose", one.loose)])
    for name, tensor in [*two.named_parameters(), *two.named_buffers(), ("loose", two.loose)]:
        mine = tensors.pop(name)
        assert mine.dtype == tensor.dtype
        assert torch.equal(mine, tensor)
        assert mine.requires_grad == tensor.requires_grad
        assert mine.grad is None
        assert not vars(mine)
    assert not tensors
    assert one.passing is None
    assert (one.seen, one.counts) == (two.seen, two.counts)
    x = torch.randn(3, 4)
    for module in (one, two):
        torch.manual_seed(2)
        module.result = module(x)
    assert torch.equal(one.result, two.result)


def generates(module: nn.Module) -> None:
    module.source = torch.Generator()  # type: ignore[assignment]


def closes(module: nn.Module) -> None:
    calls = [0]
    module.activation = lambda x: calls.append(0) or x  # type: ignore[assignment]


def shares(module: nn.Module) -> None:
    table = torch.zeros(4, 4)
    module.register_buffer("whole", table)
    module.register_buffer("first", table[0])


def spreads(module: nn.Module) -> None:
    module.register_buffer("wide", torch.zeros(1, 3).expand(5, 3))


def binds(module: nn.Module) -> None:
    module.activation = functools.partial(torch.add, 1)  # type: ignore[assignment]


def computes(module: nn.Module) -> None:
    module.scaled = nn.Parameter(torch.ones(2)) * 2  # type: ignore[assignment]


def watches(module: nn.Module) -> None:
    module.get_parameter("weight").register_hook(lambda gradient: gradient * 2)


@pytest.mark.parametrize("deed", [generates, closes, shares, spreads, binds, computes, watches])
def test_what_could_change_out_of_sight_is_not_kept(deed: Callable[[nn.Module], None]) -> None:
    module = nn.Linear(2, 2)
    assert taken(module) is not None
    deed(module)
    assert taken(module) is None


def test_what_is_no_module_and_what_is_not_yet_sized_is_not_kept() -> None:
    assert taken(print) is None
    assert taken(nn.LazyLinear(3)) is None


def test_a_module_whose_tensors_were_put_to_lasting_use_is_not_put_back() -> None:
    computing, watched = nn.BatchNorm1d(2), nn.Linear(2, 2)
    first, second = taken(computing), taken(watched)
    assert first is not None
    assert second is not None
    computing.running_mean.add_(computing.weight)
    watched.weight.register_hook(lambda gradient: gradient * 2)
    assert first.again() is None
    assert second.again() is None
