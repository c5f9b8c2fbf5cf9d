"""Containers that nobody calls, and values that nobody knows: their layers are held against each other all the same."""

import pytest
from test_interpret import clashes, facts, module

BAD = "nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(5, 2))"


@pytest.mark.parametrize(
    "code",
    [
        f"model = {BAD}\n",
        f"def make():\n    return {BAD}\n",
        f"model = nn.Sequential(nn.Flatten(), {BAD})\n",
        f"class Holder(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = {BAD}\n",
        f"class Holder(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = {BAD}\n\n"
        "    def encode(self, x):\n        return self.net(x)\n",
        module(f"self.net = {BAD}", "return self.net(look(x)[0])"),
        module(f"self.nets = nn.ModuleDict()\nfor n in names:\n    self.nets[n] = {BAD}", "return look(x)", "names"),
        module("self.f, self.g = nn.Linear(4, 6), nn.Linear(5, 2)", "return self.g(self.f(look(x)))"),
        module("self.net = nn.Sequential(Look(), nn.Linear(4, 6), nn.Linear(5, 2))", "return self.net(x)"),
        module(f"self.net = {BAD}", "return self.net(torch.cat([self.one(x), y], -1))", inputs="x, y"),
    ],
)
def test_two_layers_that_do_not_fit(code: str) -> None:
    (clash,) = clashes(code)
    assert (clash.operator, clash.want, clash.got, clash.condition) == ("torch.nn.Linear", 5, 6, None)


@pytest.mark.parametrize(
    "code",
    [
        "model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))\n",
        f"model = {BAD}\nx = [layer(torch.randn(2, 4)) for layer in things(model)]\nfor layer in model:\n    look(layer)\n",
        f"model = {BAD}\nhead = model[0]\n",
        f"model = {BAD}\nlayers = list(model.children())\n",
        f"model = nn.Sequential(*{BAD}[:2], *more)\n",
        "model = nn.ModuleList([nn.Linear(4, 6), nn.Linear(5, 2)])\n",
        "model = nn.Sequential(nn.Linear(4, 6), Look(), nn.Linear(5, 2))\n",
        "model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(400, 2))\n",
        "model = nn.Sequential(nn.LazyLinear(6), nn.ReLU(), nn.LazyLinear(2))\n",
        module("self.f, self.g = nn.Linear(4, 6), nn.Linear(5, 2)", "return self.f(look(x)), self.g(look(x))"),
        module(
            "self.f, self.g = nn.Linear(4, 6), nn.Linear(5, 2)", "hs = look(x)\nreturn self.f(hs[0]), self.g(hs[1])"
        ),
    ],
)
def test_layers_that_fit_or_need_not_follow_each_other(code: str) -> None:
    assert clashes(code) == []


def test_what_a_recurrent_layer_gives_is_no_tensor_for_the_next_layer() -> None:
    (misuse,) = facts("model = nn.Sequential(nn.LSTM(4, 6), nn.Linear(6, 2))\n").program.misuses
    assert misuse.node.args[0].value == 6


def test_a_container_is_told_once() -> None:
    made = (
        f"def make():\n    return {BAD}\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    )
    assert (
        len(clashes(f"{made}        self.net = make()\n        self.other = nn.Sequential(make(), nn.Tanh())\n")) == 1
    )


@pytest.mark.parametrize(
    ("forward", "wrong"),
    [
        (
            "h, y = x.new_zeros(x.size(1), 6), []\nfor step in x:\n    h = self.cell(step, h)\n    y.append(self.out(h))\nreturn y",
            True,
        ),
        ("b, *rest = x.shape\nreturn self.out(self.wide(x.reshape(b, -1)))", True),
        ("first, *others = [self.wide(x), x]\nreturn self.out(first)", True),
        ("first, *others = [self.wide(x), x]\nreturn others[0] + x", False),
    ],
)
def test_values_that_are_taken_apart_stay_known(forward: str, wrong: bool) -> None:
    init = "self.cell, self.wide, self.out = nn.GRUCell(4, 6), nn.Linear(4, 6), nn.Linear(5, 2)"
    assert [(clash.want, clash.got) for clash in clashes(module(init, forward, inputs="x"))] == [(5, 6)] * wrong


def test_a_layer_that_only_one_way_makes_is_held_to_its_own_way() -> None:
    init = "layers = []\nif a > 1:\n    layers += [nn.Linear(a, 2 * a), {}]\nlayers.append(nn.Linear(b, 3))\nself.net = nn.Sequential(*layers)"
    (clash,) = clashes(module(init.format("nn.LayerNorm(2 * a + 1)"), "return self.net(x)"))
    assert str(clash.want) == "2 * a + 1"
    assert clashes(module(init.format("nn.LayerNorm(2 * a)"), "return self.net(x)")) == []
