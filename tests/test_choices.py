"""What stays known where a caller chooses, where branches come together, and where nobody knows how often a loop runs."""

import pytest
import torch
from test_interpret import HEAD, clashes, module, shape_of

CASES = {
    "an activation given as a default": (
        "self.act = act()\nself.f = nn.Linear(a, b)", "return self.f(self.act(x))", "a, b, act=nn.GELU", "(*x, b)"),
    "a function given as a default": (
        "self.act = act\nself.f = nn.Linear(a, b)", "return self.act(self.f(x))", "a, b, act=F.relu", "(*x, b)"),
    "a default filled in": (
        "if norm is None:\n    norm = nn.BatchNorm2d\nself.c = nn.Conv2d(a, b, 1)\nself.n = norm(b)",
        "return self.n(self.c(x))", "a, b, norm=None", "(x.0, b, x.2, x.3)"),
    "a dict of layers": (
        "self.fs = nn.ModuleDict({n: nn.Linear(a, k) for n, k in {'u': 3, 'v': b}.items()})",
        "return {n: f(x) for n, f in self.fs.items()}['v']", "a, b", "(*x, b)"),
    "sizes gone through one by one": (
        "self.c = nn.Conv2d(a, a, 1)", "y = self.c(x)\nn = 1\nfor k in y.shape[1:-1]:\n    n *= k\nreturn y.view(-1, n, y.shape[-1])",
        "a, b", "(x.0, a * x.2, x.3)"),
    "a default filled in by or": (
        "norm = norm or nn.LayerNorm\nself.f = nn.Linear(a, b)\nself.n = norm(b)",
        "return self.n(self.f(x))", "a, b, norm=None", "(*x, b)"),
    "one of two activations": (
        "self.act = nn.ReLU() if kind else nn.GELU()\nself.f = nn.Linear(a, b)",
        "return self.act(self.f(x))", "a, b, kind=None", "(*x, b)"),
    "one of a table": (
        "self.act = {'relu': nn.ReLU(), 'tanh': nn.Tanh()}[kind]\nself.f = nn.Linear(a, b)",
        "return self.act(self.f(x))", "a, b, kind='relu'", "(*x, b)"),
    "a layer or nothing": (
        "self.n = nn.LayerNorm(b) if norm else nn.Identity()\nself.f = nn.Linear(a, b)",
        "return self.n(self.f(x))", "a, b, norm=None", "(*x, b)"),
    "layers added in a loop": (
        "layers = [nn.Linear(a, b), nn.ReLU()]\nfor _ in range(n):\n    layers += [nn.Linear(b, b), nn.ReLU()]\n"
        "layers.append(nn.Linear(b, 3))\nself.f = nn.Sequential(*layers)", "return self.f(x)", "a, b, n=2", "(*x, 3)"),
    "layers added in a loop from another width": (
        "layers = []\nfor _ in range(n):\n    layers.append(nn.Linear(a, b))\n    layers.append(nn.ReLU())\n    a = b\n"
        "self.f = nn.Sequential(*layers, nn.Linear(b, 3))", "return self.f(x)", "a, b, n=2", "(*x, 3)"),
    "a layer that only some passes add": (
        "layers = []\nfor i in range(n):\n    layers.append(nn.Linear(a, a))\n    if i < n - 1:\n        layers.append(nn.Dropout())\n"
        "self.f = nn.Sequential(*layers)", "return self.f(x)", "a, b, n=2", "(*x, a)"),
    "widths given as a default": (
        "self.f = nn.Sequential(nn.Linear(a, widths[0]), nn.ReLU(), nn.Linear(widths[0], widths[-1]))",
        "return self.f(x)", "a, b, widths=(7, 3)", "(*x, widths[1])"),
    "widths filled in": (
        "if widths is None:\n    widths = [7, 3]\nlayers = []\nfor width in widths:\n    layers.append(nn.Linear(a, width))\n    a = width\n"
        "self.f = nn.Sequential(*layers)", "return self.f(x)", "a, b, widths=None", "(*x, 3)"),
    "as many blocks as wanted": (
        "self.f = nn.Sequential(*[nn.Linear(a, a) for _ in range(n)])", "return self.f(x)", "a, b, n=2", "(*x, a)"),
    "as many layers as wanted, by hand": (
        "self.fs = nn.ModuleList([nn.Linear(a, a) for _ in range(n)])",
        "for f in self.fs:\n    x = x + f(x)\nreturn x", "a, b, n=2", "(*x, a)"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shapes_that_every_choice_agrees_on(name: str) -> None:
    init, forward, parameters, shape = CASES[name]
    code = module(init, forward, parameters)
    assert shape_of(code) == shape
    assert clashes(code) == []


@pytest.mark.parametrize("name", CASES)
def test_torch_gives_such_shapes(name: str) -> None:
    init, forward, parameters, shape = CASES[name]
    space: dict[str, type[torch.nn.Module]] = {}
    exec(HEAD + module(init, forward, parameters), space)
    x = torch.zeros(2, 5, 7, 9) if "x.2" in shape else torch.zeros(2, 5)
    sizes = {f"x.{at}": size for at, size in enumerate(x.shape)} | {"b": 11, "a": 5, "stride": 2}
    words = shape.strip("()").replace("*x", "x.0") if "*x" in shape else shape[1:-1]
    for word in sorted(sizes, key=len, reverse=True):
        words = words.replace(word, str(sizes[word])) if word not in ("a", "b") else words
    expected = eval(f"({words},)", {}, {"a": 5, "b": 11, "widths": (7, 3)})
    assert tuple(space["Net"](5, 11)(x).shape) == expected


@pytest.mark.parametrize(
    ("init", "forward", "parameters"),
    [
        ("self.down = down\nself.c = nn.Conv2d(a, b, 1)", "y = self.c(x)\nif self.down is not None:\n    x = self.down(x)\nreturn x + y", "a, b, down=None"),
        ("self.f = f(8)\nself.g = nn.Linear(4, 2)", "return self.g(self.f(x))", "f=nn.Identity"),
        ("self.c = nn.Conv2d(a, b, 1)\nself.i = nn.BatchNorm2d(a) if a == b else None", "y = self.c(x)\nif self.i is not None:\n    y = y + self.i(x)\nreturn y", "a, b"),
        ("self.c = nn.Linear(a, b)\nself.i = None\nif a == b:\n    self.i = nn.LayerNorm(a)", "y = self.c(x)\nreturn y if self.i is None else y + self.i(x)", "a, b"),
        ("self.c = nn.Conv2d(a, b, 3, s, 1)\nif s != 1 or a != b:\n    self.i = nn.Conv2d(a, b, 1, s)\nelse:\n    self.i = nn.Identity()", "return self.c(x) + self.i(x)", "a, b, s=1"),
        ("self.n = 64 // a\nself.f = nn.Linear(a, 64)", "return self.f(x) + x.repeat_interleave(self.n, dim=-1)", "a"),
        ("self.f = nn.Linear(8, 4) if wide else nn.Linear(2, 4)", "return self.f(x)", "wide=True"),
        ("layers = []\nfor i in range(n):\n    if i % 2:\n        layers.append(nn.Linear(8, 4))\n    else:\n        layers.append(nn.Linear(4, 8))\nself.f = nn.Sequential(*layers)", "return self.f(x)", "n"),
        ("self.c = nn.Conv2d(3, 8, 3)\nself.n = norm(9)", "return self.n(self.c(x))", "norm=nn.BatchNorm2d"),
    ],
)  # fmt: skip
def test_a_choice_that_does_not_fit_is_not_held_against_the_page(init: str, forward: str, parameters: str) -> None:
    assert clashes(module(init, forward, parameters)) == []


def test_what_follows_a_choice_is_held_against_the_page() -> None:
    (clash,) = clashes(module("self.act = act()\nself.f = nn.Linear(8, 4)\nself.g = nn.Linear(8, 2)", "return self.g(self.act(self.f(x)))", "act=nn.ReLU"))  # fmt: skip
    assert (clash.want, clash.got) == (8, 4)


def test_what_only_one_option_gives_is_unknown() -> None:
    init = "self.c = nn.Conv2d(a, b, 3, stride, 1)\nself.s = nn.Sequential()\nif stride != 1 or a != b:\n    self.s = nn.Sequential(nn.Conv2d(a, b, 1, stride), nn.BatchNorm2d(b))"
    code = module(init, "return F.relu(self.c(x) + self.s(x))", "a, b, stride=1")
    assert shape_of(code) == "(x.0, b, ?, ?)"
    assert clashes(code) == []


def test_settings_may_hold_settings() -> None:
    settings = "class Inner:\n    n: int = 8\n\nclass Outer:\n    m: int\n    inner: Inner = make(Inner)\n\n"
    code = settings + module("self.f = nn.Linear(c.inner.n, c.m)", "return self.f(x)", "c: Outer")
    assert shape_of(code) == "(*x, c.m)"
    (clash,) = clashes(code.replace("return self.f(x)", "return self.f(self.f(x))"))
    assert str(clash.condition) == "c.inner.n == c.m"
