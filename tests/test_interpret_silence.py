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


def test_a_call_of_torch_makes_sure_of_a_tensor() -> None:
    (clash,) = clashes("def f(x):\n    y = F.softmax(x, dim=-1)\n    a, b = y.shape\n    return y.permute(0, 2, 1)\n")
    assert clash.axis == "rank"
