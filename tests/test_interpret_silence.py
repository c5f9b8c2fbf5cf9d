"""Code that runs, seen in libraries, in which a guess that is not certain must not become an alarm."""

import pytest
from test_interpret import clashes, facts, module

RUNS = {
    "a list of features, each for its own layer": module(
        "self.f = nn.Linear(8, 4)\nself.g = nn.Linear(16, 4)", "return self.f(hs[0]) + self.g(hs[1])", "", "hs"),
    "places kept for what another method puts there": module(
        "self.heads = [torch.zeros(1)] * n", "return [F.interpolate(h, x.shape[2:]) for h in self.heads]", "n"),
    "branches for images and for sequences": module(
        "self.image = image\nself.f = nn.Linear(8, 8)",
        "if x.ndim == 2:\n    x = x.unsqueeze(1)\nif self.image:\n    b, c, h, w = x.shape\n    x = x.flatten(2).transpose(1, 2)\nelse:\n    x = x.bmm(x.transpose(1, 2))\nreturn x", "image"),
    "the shape and more taken apart at once": module(
        "self.h = h\nself.f = nn.Linear(8, 8)", "b, i, j, _, h = *x.shape, self.h\nx = self.f(x)\nreturn x.permute(3, 0, 1, 2)", "h"),
    "negatives with an axis more than what they are compared to": module(
        "", "same = (y == negs).all(-1)\ny = y.unsqueeze(0)\nreturn torch.cat([y, negs], dim=0), same", "", "y, negs"),
    "arrays of numpy": "import numpy\ndef score(f, s):\n    k = f.T.dot(s).dot(f)\n    return numpy.linalg.inv(k + numpy.eye(f.shape[1]))\n",
    "a shape spread into new_empty": module(
        "", "a = torch.zeros(3)\ny = x.new_empty(*shape[:2], 6, 4, 4)\nreturn y[:, :, 0, 0, 0]", "", "x, shape=None"),
    "one step of a decoder": module(
        "self.e = nn.Embedding(9, a)\nself.s = nn.Linear(2 * b, 1)\nself.r = nn.GRU(a + b, b, batch_first=True)",
        "e = self.e(token)\nh = hidden[-1].unsqueeze(1).expand(-1, enc.size(1), -1)\n"
        "w = F.softmax(self.s(torch.cat([h, enc], dim=-1)), dim=1)\nctx = (w * enc).sum(1, keepdim=True)\n"
        "return self.r(torch.cat([e, ctx], dim=-1), hidden)", "a, b", "token, hidden, enc"),
    "a sequence that fills itself": (
        "class Twice(nn.Sequential):\n    def __init__(self, a, b):\n        super().__init__()\n"
        "        self.add_module('one', nn.Linear(a, b))\n        self.two = nn.Linear(b, 2 * b)\n"
        + module("self.t = Twice(4, 8)\nself.f = nn.Linear(16, 3)", "return self.f(self.t(x))", "")),
    "buffers that are filled later": module(
        "self.register_buffer('w', torch.empty(0, 0))", "return self.w @ x", ""),
    "what is packed, step by step": module(
        "self.c = nn.Conv2d(1, 8, 3)", "p = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)\nb, t, h, w = x.shape\nreturn self.c(p.data.unsqueeze(1))", "", "x, lengths"),
    "what is shown to fail": (
        "x = torch.randn(3, 4)\ntry:\n    x.view(5, 5)\nexcept RuntimeError as error:\n    print(error)\n"),
    "heads that talk to each other": module(
        "self.mix = nn.Parameter(torch.zeros(h, h))", "a = (q @ k.transpose(-1, -2)).softmax(-1)\na = torch.einsum('b h i j, h g -> b g i j', a, self.mix)\nreturn torch.einsum('b h i j, b h j d -> b h i d', a, v)", "h", "q, k, v"),
}  # fmt: skip


@pytest.mark.parametrize("name", RUNS)
def test_no_clash(name: str) -> None:
    assert clashes(RUNS[name]) == []


@pytest.mark.parametrize(
    ("init", "forward", "inputs"),
    [
        ("self.l = nn.Linear(1, 8)", "p = torch.arange(n, device=device)[:, None].float()\nreturn self.l(p)", "n, device"),
        ("self.drop = nn.Dropout()\nself.mask = None", "self.mask = self.drop(torch.ones(4, 8))\nreturn self.mask.to(x.device) * x", "x"),
        ("self.loss = nn.CTCLoss()", "t = torch.arange(1, 5).unsqueeze(0)\nreturn self.loss(x.log_softmax(-1), t, (9,), (4,))", "x"),
    ],
)  # fmt: skip
def test_no_tensor_is_on_the_wrong_device(init: str, forward: str, inputs: str) -> None:
    assert facts(module(init, forward, "", inputs)).program.mixes == []


def test_a_handler_for_something_else_expects_no_failure() -> None:
    assert clashes("x = torch.randn(3, 4)\ntry:\n    x.view(5, 5)\nexcept KeyboardInterrupt:\n    pass\n")


def test_a_call_of_torch_makes_sure_of_a_tensor() -> None:
    (clash,) = clashes("def f(x):\n    y = F.softmax(x, dim=-1)\n    a, b = y.shape\n    return y.permute(0, 2, 1)\n")
    assert clash.axis == "rank"


def test_a_fault_is_found_in_the_world_that_comes_furthest() -> None:
    """One step of a decoder whose cell was made for the embedding alone; not the ranks are to blame, but the width."""
    code = RUNS["one step of a decoder"].replace("nn.GRU(a + b, b", "nn.GRU(a, b")
    (clash,) = clashes(code)
    assert (clash.operator, str(clash.want), str(clash.got)) == ("torch.nn.GRU", "a", "a + b")


def test_a_single_example_is_no_way_out() -> None:
    init = "self.e = nn.Embedding(9, d)\nlayer = nn.TransformerEncoderLayer(d, 8, batch_first=True)\nself.t = nn.TransformerEncoder(layer, 2)\nself.f = nn.Linear(256, 4)"
    (clash,) = clashes(module(init, "return self.f(self.t(self.e(x)).mean(dim=1))", "d=512"))
    assert str(clash.condition) == "256 == d"


def test_einops_gives_back_what_it_takes() -> None:
    (function,) = facts(
        "from einops import rearrange\ndef f(x):\n    y = rearrange(x, 'i j -> j i')\n    return y.dot(y)\n"
    ).program.entries
    assert not function.primary.output.certain
    assert not function.primary.trace.clashes
