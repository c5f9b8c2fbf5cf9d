"""Laws hold for modules that keep them, and say what was seen of modules that do not."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from lintml.verify.inputs.spec import Recipe, Spec, Tensor
from lintml.verify.laws import LAWS, Law, Scene, applicable, axis_roles, check
from lintml.verify.references.graph import Graph

ROWS = Tensor((3, 5, 22))


def law(name: str, make: Callable[[], nn.Module], *inputs: Spec) -> Law:
    """One law tried on a module."""
    recipe = Recipe((), tuple((f"x{i}", spec) for i, spec in enumerate(inputs or (ROWS,))))
    torch.manual_seed(0)
    (found,) = check(make, [recipe], 0, [name])
    return found


def computes(function: Callable[..., torch.Tensor]) -> Callable[[], nn.Module]:
    """A maker of modules without parameters that compute ``function``."""

    class Computes(nn.Module):
        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            return function(*inputs)

    return Computes


class Head(nn.Module):
    """A linear layer with a second one that may not be used, and a gain that may be no parameter."""

    def __init__(self, used: bool = True, kept: bool = True) -> None:
        super().__init__()
        self.one = nn.Linear(22, 22)
        self.two = nn.Linear(22, 22)
        self.used = used
        gain = torch.randn(22)
        if kept:
            self.register_buffer("gain", gain)
        else:
            self.gain = gain

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.one(x) * self.gain
        return self.two(y) if self.used else y


def random_head() -> nn.Module:
    """Another gain each time, as one that was not saved would be."""
    head = Head(kept=False)
    head.gain = torch.randn(22, generator=torch.Generator().manual_seed(next(SEEDS)))
    return head


SEEDS = iter(range(1000))

KEPT = [
    ("deterministic in eval mode", nn.Dropout, (ROWS,)),
    ("inputs are not changed", computes(lambda x: x + 1), (ROWS,)),
    ("gradient reaches every parameter", Head, (ROWS,)),
    ("gradient reaches every parameter", lambda: nn.Sequential(nn.Linear(22, 22), nn.Softmax(-1)), (ROWS,)),
    ("state_dict holds the state", Head, (ROWS,)),
    ("every input matters", computes(lambda x, y: x * y), (ROWS, ROWS)),
    ("one device", computes(lambda x: x * torch.rand_like(x)), (ROWS,)),
    ("one device", computes(lambda x: x * torch.rand(x.shape, device=x.device)), (ROWS,)),
    ("one device", computes(lambda x: x * torch.tensor(2.0)), (ROWS,)),
    ("one device", computes(lambda x: x * torch.ones(22).to(x.device)), (ROWS,)),
    ("one device", computes(lambda x: x[torch.arange(2)]), (ROWS,)),
    ("one device", computes(lambda x: x.mT @ x), (ROWS,)),
    ("one device", Head, (ROWS,)),
    ("rows sum to one", lambda: nn.Softmax(-1), (ROWS,)),
    ("rows sum to one", lambda: nn.LogSoftmax(-1), (ROWS,)),
    ("examples are independent", lambda: nn.Linear(22, 22), (ROWS,)),
    ("examples are independent", lambda: nn.LSTM(22, 26), (ROWS,)),
    ("logits are not clipped", lambda: nn.Linear(22, 22), (ROWS,)),
    ("no position sees the future", lambda: nn.LSTM(22, 26, batch_first=True), (ROWS,)),
]

BROKEN = [
    ("deterministic in eval mode", computes(torch.rand_like), (ROWS,), "different values"),
    ("inputs are not changed", computes(lambda x: x.mul_(2)), (ROWS,), "x0"),
    ("gradient reaches every parameter", lambda: Head(used=False), (ROWS,), "two.weight"),
    ("state_dict holds the state", random_head, (ROWS,), "state_dict"),
    ("every input matters", computes(lambda x, y: 2 * x), (ROWS, ROWS), "x1"),
    ("one device", computes(lambda x: x * torch.rand(x.shape)), (ROWS,), "mul"),
    ("one device", computes(lambda x: torch.cat((x, torch.zeros(3, 5, 1)), 2)), (ROWS,), "cat"),
    ("one device", lambda: Head(kept=False), (ROWS,), "mul"),
    ("rows sum to one", lambda: nn.Softmax(1), (ROWS,), "3 x 5 x 22"),
    ("rows sum to one", lambda: nn.LogSoftmax(0), (ROWS,), "3 x 5 x 22"),
    ("examples are independent", computes(lambda x: x.flatten(0, 1).softmax(0).view_as(x)), (ROWS,), "every example"),
    ("logits are not clipped", lambda: nn.Sequential(nn.Linear(22, 22), nn.ReLU()), (ROWS,), "never below 0"),
    ("no position sees the future", computes(lambda x: x + x.mean(1, keepdim=True)), (ROWS,), "later positions"),
]


@pytest.mark.parametrize(("name", "make", "inputs"), KEPT)
def test_a_law_that_is_kept(name, make, inputs):
    assert law(name, make, *inputs) == Law(name, True)


@pytest.mark.parametrize(("name", "make", "inputs", "seen"), BROKEN)
def test_a_law_that_is_broken(name, make, inputs, seen):
    found = law(name, make, *inputs)
    assert not found.held
    assert seen in found.seen


def test_a_softmax_that_fits_one_of_its_ranks_is_right():
    recipes = [Recipe((), (("x", Tensor((3, 22))),)), Recipe((), (("x", ROWS),))]
    assert [found.held for found in check(lambda: nn.Softmax(1), recipes, 0, ["rows sum to one"])] == [True]


def test_what_cannot_be_tried_is_left_out():
    broken = computes(lambda x: x.view(7, 7))
    assert check(broken, [Recipe((), (("x", ROWS),))], 0, sorted(LAWS - {"one device"})) == []


@pytest.mark.parametrize(
    ("make", "roles"),
    [
        (lambda: nn.Linear(22, 22), ["independent", "independent"]),
        (lambda: nn.LSTM(22, 26, batch_first=True), ["independent", "causal"]),
        (lambda: nn.LSTM(22, 26), ["causal", "independent"]),
        (computes(lambda x: x.softmax(0)), ["mixing", "independent"]),
        (computes(lambda x: x.sum(1)), ["independent", "gone"]),
    ],
)
def test_the_role_of_each_axis(make, roles):
    recipe = Recipe((), (("x", ROWS),))
    assert list(axis_roles(Scene(make, [recipe], 0), recipe, 0, ROWS)) == roles


def test_a_softmax_law_applies_only_where_there_is_one():
    empty = Graph((), {}, ())
    assert "rows sum to one" not in applicable(empty, empty)
    assert set(applicable(empty, empty)) < LAWS


class Doubled(torch.autograd.Function):
    """Twice the input, with a gradient as if it were the input."""

    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, grad):
        return grad


def test_a_gradient_that_is_not_the_derivative_is_told_with_both():
    found = law("gradient is the derivative", computes(lambda x: Doubled.apply(x).sin()))
    assert not found.held
    assert "gradient says" in found.seen
    assert law("gradient is the derivative", computes(lambda x: (2 * x).sin().relu())).held


class Mixing(nn.Module):
    """Attention whose heads are cut out by a view, right or across the steps."""

    def __init__(self, right: bool) -> None:
        super().__init__()
        self.right = right
        self.q, self.k, self.v = nn.Linear(22, 22), nn.Linear(22, 22), nn.Linear(22, 22)

    def cut(self, y: torch.Tensor) -> torch.Tensor:
        b, t, _ = y.shape
        return y.view(b, t, 2, 11).transpose(1, 2) if self.right else y.view(b, 2, t, 11)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.cut(self.q(x)), self.cut(self.k(x)), self.cut(self.v(x))
        mixed = torch.softmax(q @ k.mT / 11**0.5, dim=-1) @ v
        return (mixed.transpose(1, 2) if self.right else mixed).reshape(x.shape)


@pytest.mark.parametrize("right", [True, False])
def test_attention_without_positions_follows_the_order_of_its_steps(right: bool):
    assert law("order of steps follows", lambda: Mixing(right)).held is right
