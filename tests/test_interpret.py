"""The interpreter: shapes through classes, branches and loops, and what it says of code that it cannot follow."""

import pytest

from lintml import documents
from lintml.analysis.facts import Facts
from lintml.analysis.trace import Clash
from lintml.model import Page
from lintml.shapes.call import UNKNOWN

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def facts(code: str) -> Facts:
    document = documents.parse(f"```python\n{HEAD}{code}\n```\n", "page.md")
    assert document.snippets[0].problem is None, document.snippets[0].problem
    return Facts(Page(document, document.snippets))


def clashes(code: str) -> list[Clash]:
    return facts(code).program.clashes


def module(init: str, forward: str, parameters: str = "a, b", inputs: str = "x", methods: str = "") -> str:
    lines = ["class Net(nn.Module):", f"    def __init__(self, {parameters}):", "        super().__init__()"]
    lines += [f"        {line}" for line in init.splitlines()]
    lines += [f"    def forward(self, {inputs}):", *(f"        {line}" for line in forward.splitlines())]
    lines += [f"    {line}" for line in methods.splitlines()]
    return "\n".join(lines) + "\n"


def shape_of(code: str) -> str:
    """The shape of what the last class's forward, or the last assignment's value, comes to."""
    program = facts(code).program
    run = program.entries[-1].primary
    return str(run.world.shape(run.output.shape))


@pytest.mark.parametrize(
    ("init", "forward", "condition"),
    [
        ("self.f = nn.Linear(a, b)\nself.g = nn.Linear(a, b)", "return self.g(self.f(x))", "a == b"),
        ("self.f = nn.Linear(a, b)", "return self.f(x) + x", "b == a"),
        ("self.f = nn.Sequential(nn.Linear(a, b), nn.ReLU(), nn.Linear(a, b))", "return self.f(x)", "a == b"),
        ("self.fs = nn.ModuleList([nn.Linear(a, b) for _ in range(3)])", "for f in self.fs:\n    x = f(x)\nreturn x", "a == b"),
        ("self.e = nn.Embedding(10, a)\nself.r = nn.LSTM(b, 4)", "return self.r(self.e(x))", "b == a"),
        ("self.c = nn.Conv2d(3, a, 3)\nself.n = nn.BatchNorm2d(b)", "return self.n(self.c(x))", "b == a"),
    ],
)  # fmt: skip
def test_sizes_that_must_be_equal_are_a_condition(init: str, forward: str, condition: str) -> None:
    assert [str(clash.condition) for clash in clashes(module(init, forward))] == [condition]


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        ("self.f = nn.Linear(a, 2 * a)\nself.g = nn.Linear(a, b)", "return self.g(self.f(x))"),
        ("self.f = nn.Linear(8, 16)\nself.g = nn.Linear(8, 4)", "return self.g(self.f(x))"),
        ("self.r = nn.LSTM(a, b, bidirectional=True)\nself.g = nn.Linear(b, 3)", "return self.g(self.r(x)[0])"),
        ("self.c = nn.Conv2d(1, 8, 3)\nself.f = nn.Linear(100, 10)", "return self.f(torch.flatten(self.c(torch.zeros(2, 1, 8, 8)), 1))"),
    ],
)  # fmt: skip
def test_sizes_that_never_agree_clash_for_certain(init: str, forward: str) -> None:
    found = clashes(module(init, forward))
    assert found
    assert all(clash.condition is None for clash in found)


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        ("self.f = nn.Linear(a, b)\nself.p = nn.Identity() if a == b else nn.Linear(a, b)", "return self.f(x) + self.p(x)"),
        ("self.f = nn.Linear(a, b)\nself.same = a == b", "y = self.f(x)\nif self.same:\n    y = y + x\nreturn y"),
        ("assert a == b\nself.f = nn.Linear(a, b)", "return self.f(x) + x"),
        ("if a != b:\n    raise ValueError\nself.f = nn.Linear(a, b)", "return self.f(x) + x"),
        ("self.r = nn.LSTM(a, b, bidirectional=True)\nself.g = nn.Linear(2 * b, 3)", "return self.g(self.r(x)[0])"),
        ("self.q = nn.Linear(a, a)\nself.h = b", "n, t, c = x.shape\nreturn self.q(self.q(x).view(n, t, self.h, c // self.h).transpose(1, 2).reshape(n, t, c))"),
        ("self.f = nn.Linear(a, b)", "return self.f(x) + self.f(x).mean(-1, keepdim=True)"),
        ("self.c = nn.Conv2d(a, a, 3, padding=1)", "return x + self.c(x)"),
        ("self.c = nn.Conv2d(a, b, 3)\nself.d = None", "y = self.c(x)\nif self.d is not None:\n    x = self.d(x)\nreturn unknown(y) + x"),
        ("self.f = unknown(a, b)\nself.g = nn.Linear(b, a)", "return self.g(self.f(x)) + x"),
        ("self.c = nn.Conv2d(3, a, 3, 2, 1)\nself.u = nn.Upsample(scale_factor=2)", "return self.u(self.c(x)) + x[:, :1]"),
        ("self.fs = []\nfor i in range(b):\n    self.fs.append(nn.Linear(a, a * 2))\nself.fs = nn.ModuleList(self.fs)", "return [f(x) for f in self.fs]"),
        ("self.e = nn.Embedding(b, a)", "return self.e(x) @ self.e.weight.t()"),
        ("self.f = nn.LazyLinear(b)\nself.g = nn.Linear(b, a)", "return self.g(self.f(x))"),
        ("self.c = nn.Conv2d(1, a, 3)\nself.d = nn.Conv2d(a, b, 3)", "return torch.flatten(self.d(self.c(x)), 1)"),
        ("self.n = a", "return x[:, -self.n:].reshape(x.size(0), self.n, -1)"),
        ("self.h = a", "s = (*x.shape[:-1], -1, self.h)\nreturn x.view(s).transpose(1, 2)"),
        ("self.h = a", "s = unknown(x)\nreturn x.view(s).permute(0, 2, 1, 3)"),
        ("self.h = a", "return x.view(torch.uint8)[:, 0] + x.view(*unknown(x), 4)[:, 1, 2]"),
        ("self.m = a", "return x * self.m.weight + self.m.bias"),
        ("self.b = b", "theta = x.transpose(1, 2)\nreturn torch.zeros(1, 6, 3).bmm(theta)"),
        ("self.f = nn.Linear(a, b)", "if x.shape[-1] == 8:\n    x = cut(x)\nreturn self.f(x)"),
    ],
)  # fmt: skip
def test_right_code_is_silent(init: str, forward: str) -> None:
    assert clashes(module(init, forward)) == []


def test_what_follows_a_clash_is_not_blamed_for_it() -> None:
    code = module("self.f = nn.Linear(a, b)\nself.n = nn.LayerNorm(b)", "return self.n(x + self.f(x))")
    assert [clash.operator for clash in clashes(code)] == ["torch.add"]


def test_an_input_of_unknown_rank_is_tried_with_every_rank() -> None:
    never = module("self.f = nn.Linear(a, b)", "return torch.bmm(self.f(x).unsqueeze(0).unsqueeze(0), x)")
    assert [clash.axis for clash in clashes(never)] == ["rank"]
    sometimes = module("self.f = nn.Linear(a, b)", "return torch.bmm(self.f(x).unsqueeze(1), y)", inputs="x, y")
    assert clashes(sometimes) == []


def test_a_solution_with_an_axis_of_size_one_is_none() -> None:
    code = module(
        "self.f = nn.Linear(a, 1)",
        "w = torch.softmax(self.f(y), dim=1)\nreturn torch.bmm(w.unsqueeze(1), x.unsqueeze(2))",
        inputs="x, y",
    )
    assert [clash.operator for clash in clashes(code)] == ["torch.bmm"]


def test_a_class_called_with_real_sizes_is_run_with_them() -> None:
    net = module("self.f = nn.Linear(a, b)", "return self.f(x.flatten(1))")
    assert clashes(net + "Net(784, 10)(torch.zeros(32, 1, 28, 28))") == []
    (clash,) = clashes(net + "Net(100, 10)(torch.zeros(32, 1, 28, 28))")
    assert (clash.want, clash.got) == (100, 784)


def test_a_condition_that_the_page_always_meets_is_no_finding() -> None:
    block = module("self.f = nn.Linear(a, b)", "return self.f(x) + x")
    assert clashes(block)
    assert clashes(block + "Net(8, 8)(torch.zeros(2, 8))") == []


def test_a_condition_that_the_defaults_meet_is_no_finding() -> None:
    init, forward = "self.c = nn.Conv2d(a, a, k, padding=1)", "return x + self.c(x)"
    assert clashes(module(init, forward, "a, k=3")) == []
    assert clashes(module(init, forward, "a, k=5"))


def test_classes_of_the_page_are_followed_into_each_other() -> None:
    inner = module("self.f = nn.Linear(a, b)", "return self.f(x)").replace("Net", "Inner")
    outer = module("self.i = Inner(a, 2 * a)\nself.g = nn.Linear(a, b)", "return self.g(self.i(x))")
    (clash,) = clashes(inner + outer)
    assert (str(clash.want), str(clash.got), clash.condition) == ("a", "2 * a", None)


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        (module("self.f = nn.Linear(a, b)", "return self.f(x)"), "(*x, b)"),
        (module("self.r = nn.GRU(a, b, batch_first=True)", "y, h = self.r(x)\nreturn h[-1]"), "(x.0, b)"),
        (module("self.c = nn.Conv2d(a, b, 3, stride=2, padding=1)", "return self.c(torch.zeros(4, a, 32, 32))"), "(4, b, 16, 16)"),
        (module("self.w = nn.Parameter(torch.zeros(a, b))", "return x @ self.w"), "(*x, x.-2, b)"),
        (module("self.b = b\nself.f = nn.Linear(a, b)", "n, t, d = x.shape\nreturn self.f(x).view(n, t, 2, self.b // 2)"), "(x.0, x.1, 2, b // 2)"),
        (module("self.a, self.b = a, b", "return torch.stack(torch.meshgrid([torch.arange(self.a), torch.arange(self.b)], indexing='ij')).permute(1, 2, 0)"), "(a, b, 2)"),
        (module("self.a, self.b = a, b", "return torch.stack(torch.meshgrid(torch.arange(self.a), torch.arange(self.b), indexing='ij'))"), "(2, a, b)"),
    ],
)  # fmt: skip
def test_shapes_of_outputs(code: str, shape: str) -> None:
    assert shape_of(code) == shape


def test_a_call_that_may_never_be_made_is_not_held_against_its_sizes() -> None:
    code = "def pairs(x):\n    return x[..., 2:] + x[..., :2]\n\n"
    assert clashes(code + "y = torch.zeros(3, 8)\nif unknown:\n    pairs(y)\n") == []
    assert clashes(code + "pairs(torch.zeros(3, 8))\n")


def test_a_configuration_class_is_taken_with_its_defaults() -> None:
    config = "class Config:\n    narrow: int = 8\n    wide: int = {}\n\n"
    net = module(
        "self.f = nn.Linear(c.narrow, c.wide)\nself.g = nn.Linear(c.narrow, 2)", "return self.g(self.f(x))", "c: Config"
    )
    assert [str(clash.condition) for clash in clashes(config.format(32) + net)] == ["c.narrow == c.wide"]
    assert clashes(config.format(8) + net) == []


def test_endless_code_ends() -> None:
    code = "def f(x):\n    return f(x) + f(x) + f(x)\n\ndef g(x):\n    while True:\n        x = x + 1\n"
    assert clashes(code + "for i in range(10 ** 9):\n    f(torch.zeros(2))\n") == []


EINOPS = (
    "from einops import einsum, pack, rearrange, reduce, repeat, unpack\n"
    "from einops.layers.torch import EinMix, Rearrange\n"
)


@pytest.mark.parametrize(
    ("init", "forward", "shape"),
    [
        ("self.b = b", "return rearrange(x, 'n t (h d) -> n h t d', h=self.b)", "(x.0, b, x.1, d.1)"),
        ("self.f = nn.Linear(a, 3 * a)\nself.b = b", "q, k, v = map(lambda t: rearrange(t, 'n t (h d) -> n h t d', d=self.b), self.f(x).chunk(3, dim=-1))\nreturn einsum(q, k, 'n h i d, n h j d -> n h i j')", "(x.0, a // b, x.1, x.1)"),
        ("self.f = nn.Sequential(Rearrange('n c (h p) (w q) -> n (h w) (p q c)', p=4, q=4), nn.Linear(48, a))", "return self.f(torch.zeros(2, 3, 8, 8))", "(2, 4, a)"),
        ("self.c = nn.Parameter(torch.zeros(1, 1, a))", "return repeat(self.c, '1 1 d -> n 1 d', n=x.shape[0])", "(x.0, 1, a)"),
        ("self.f = nn.Conv2d(3, a, 1)", "return reduce(self.f(x), 'n c h w -> n c', 'mean')", "(x.0, a)"),
        ("self.f = nn.Linear(a, b)", "y = self.f(x)\ne = (y - y.max(dim=-1, keepdim=True).values).exp()\nreturn e / e.sum(-1, keepdim=True)", "(*x, b)"),
        ("self.f = EinMix('n t (h c) -> n t (h o)', weight_shape='h c o', h=b, c=a, o=3)", "return self.f(x)", "(x.0, x.1, 3 * b)"),
        ("self.c = nn.Parameter(torch.zeros(a))\nself.f = EinMix('n t c -> n t o', weight_shape='c o', c=b, o=a)", "y, _ = pack([self.c.expand(x.shape[0], -1), self.f(x)], 'n * d')\nreturn y", "(x.0, x.1 + 1, a)"),
        ("self.f = nn.Conv2d(3, a, 1)", "y, p = pack([self.f(x)], 'n c *')\n(y,) = unpack(y.mean(1, keepdim=True), p, 'n c *')\nreturn y", "(x.0, 1, x.2, x.3)"),
        ("self.f = nn.Linear(a, b)", "y, z = unpack(self.f(x), [(4,), (-1, 2)], 'n *')\nreturn y", "(x.0, 4)"),
        ("self.f = nn.Linear(a, b)", "return list(map(self.f, [x, x]))[1]", "(*x, b)"),
        ("self.b = b", "(y,) = torch.zeros(4, self.b).chunk(1)\nreturn y", "(4, b)"),
        ("self.b = b", "return torch.zeros(4, 6).chunk(1)[0][0]", "(6,)"),
    ],
)  # fmt: skip
def test_shapes_by_patterns_and_by_the_elements_of_lists(init: str, forward: str, shape: str) -> None:
    code = EINOPS + module(init, forward)
    assert clashes(code) == []
    assert shape_of(code) == shape


def test_a_pattern_that_does_not_fit() -> None:
    init = "self.f = nn.Linear(a, b)"
    (clash,) = clashes(
        EINOPS + module(init, "return rearrange(self.f(x), 'n t d -> n d t') + rearrange(x, 'n d -> d n')")
    )
    assert (clash.operator, clash.axis, clash.want, clash.got) == ("einops.rearrange", "rank", 2, 3)
    mixed = "self.f = EinMix('n c -> n o', weight_shape='c o', c=a, o=7)\nself.g = nn.Linear(b, a)"
    (clash,) = clashes(EINOPS + module(mixed, "return self.g(self.f(x))"))
    assert (clash.operator, str(clash.want), clash.got) == ("torch.nn.Linear", "b", 7)
    mine = "def rearrange(x, pattern):\n    return x\n"
    assert clashes(mine + module(init, "return rearrange(torch.zeros(2, 3), 'a b c -> c b a')")) == []


def test_a_factory_is_reported_where_it_meets_the_input() -> None:
    mixes = facts(module("self.f = nn.Linear(a, b)", "return self.f(x) + torch.rand(x.shape[0], 1)")).program.mixes
    assert len(mixes) == 1


@pytest.mark.parametrize(
    "forward",
    [
        "return x + torch.rand(x.shape[0], 1).to(x.device)",
        "return x + torch.rand(x.shape[0], 1, device=x.device)",
        "return x + torch.rand_like(x)",
        "return x + torch.rand(x.shape[0], 1).type_as(x)",
        "return x + torch.tensor(3.0)",
        "return x[torch.arange(3)]",
        "return x + x.new_zeros(1)",
        "return torch.rand(3, 4)",
        "x.copy_(torch.tensor([1.0, 2.0]))\nreturn x",
    ],
)
def test_a_factory_that_is_moved_or_meets_nothing_is_fine(forward: str) -> None:
    assert facts(module("pass", forward)).program.mixes == []


def test_a_default_sequence_is_as_long_as_it_is_and_of_any_sizes() -> None:
    init = "self.fs = nn.ModuleList([nn.Linear(c[i], c[i + 1]) for i in range(len(c) - 1)])\nself.g = nn.Linear({}, 2)"
    forward = "for f in self.fs:\n    x = f(x)\nreturn self.g(x)"
    assert clashes(module(init.format("c[-1]"), forward, "c=(4, 8, 16)")) == []
    assert [str(c.condition) for c in clashes(module(init.format("c[0]"), forward, "c=(4, 8, 16)"))] == ["c[0] == c[2]"]
    assert clashes(module(init.format("c[0]"), forward, "c=[4, 8, 4]")) == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(*shape):\n    return torch.linalg.svd(torch.randn(*shape))\n",
        "def f(x, **options):\n    return torch.zeros(options['n']).transpose(0, options.get('dim', 1))\n",
        module("self.fs = nn.ModuleList([nn.Linear(i, j) for i, j in sizes])\nself.g = nn.Linear(8, 2)", "for f in self.fs:\n    x = f(x)\nreturn self.g(x)", "*sizes"),
        "def f(*args):\n    x, y = args\n    return x @ y\n\nf(torch.zeros(2, 3), torch.zeros(3, 2))\n",
    ],
)  # fmt: skip
def test_what_is_given_beyond_the_parameters_may_be_anything(code: str) -> None:
    assert clashes(code) == []


def test_a_sequence_runs_what_it_is_filled_with() -> None:
    own = "class Two(nn.Sequential):\n    def __init__(self):\n        super().__init__()\n        self.add_module('one', nn.Linear(4, 8))\n        self.two = nn.Linear(8, 6)\n"
    assert shape_of(own + module("self.t = Two()", "return self.t(x)", "")) == "(*x, 6)"
    looped = own.replace(
        "self.two = nn.Linear(8, 6)", "for i in range(n):\n            self.add_module(f'l{i}', nn.Linear(8, 8))"
    ).replace("(self)", "(self, n)")
    (entry,) = [
        each
        for each in facts(looped + module("self.t = Two(n)", "return self.t(x)", "n")).program.entries
        if each.name == "Net"
    ]
    assert entry.primary.output is UNKNOWN


def test_every_part_of_a_formatted_text_is_looked_at() -> None:
    (clash,) = clashes('print(f"{unknown()}: {nn.Linear(3, 4)(torch.zeros(2, 5))}")\n')
    assert (clash.want, clash.got) == (3, 5)
