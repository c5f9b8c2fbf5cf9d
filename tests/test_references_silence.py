"""Precision of the references: what is not one of them, however near it looks, is said to match none and to fail none."""

import pytest
from verdicts import verdict

SETTINGS = """
class Settings(nn.Module):
    def __init__(self, rate=RATE, count=COUNT):
        super().__init__()
        self.rate, self.count = rate, count

    def forward(self, x):
        return VALUE
"""


@pytest.mark.parametrize(
    "value", ["x", "x.clone()", "x * 2.5", "x * 0.5", "x + 1", "-x", "x ** 2", "x.flatten(1)", "x.sum(0)"]
)
@pytest.mark.parametrize(("rate", "count"), [("0.0", "1"), ("1.0", "7"), ("0.99", "2")])
def test_simple_arithmetic_is_no_reference_at_any_setting(value, rate, count):
    found = verdict(SETTINGS.replace("VALUE", value).replace("RATE", rate).replace("COUNT", count))
    assert (found.outcome, found.tier, found.reference) == ("passed", "runs", None)


@pytest.mark.parametrize(
    "text",
    [
        "def gate(a, b):\n    return a * b\n",
        "def gap(a, b, rate=0.0, trace=0.5):\n    return a - b\n",
        "def total(a, b):\n    return (a + b).sum()\n",
        "def mixed(a, b, share=0.5):\n    return share * a + (1 - share) * b\n",
        "class Scale(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.gain = nn.Parameter(torch.ones(width))\n\n    def forward(self, x):\n        return x * self.gain\n",
        "class Shift(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.shift = nn.Parameter(torch.ones(width))\n\n    def forward(self, x):\n        return x + self.shift\n",
        "def numbers(n):\n    return torch.arange(n)\n",
        "def matrix(n, m):\n    return torch.ones(n, m)\n",
        "def halves(x):\n    return x[..., ::2]\n",
    ],
)
def test_plain_operations_are_no_reference(text):
    found = verdict(text)
    assert (found.outcome, found.tier, found.reference) == ("passed", "runs", None)


@pytest.mark.parametrize(
    "text",
    [
        # A gate that comes first is another convention, not a mistake.
        "class GLU(nn.Module):\n    def forward(self, x):\n        gate, value = x.chunk(2, dim=-1)\n        return torch.sigmoid(gate) * value\n",
        "def causal_mask(size):\n    return torch.triu(torch.full((size, size), -1e9), diagonal=1)\n",
        "def causal_mask(size, past):\n    return torch.ones(size, size + past).tril(past).bool()\n",
        "class PoissonNLLLoss(nn.Module):\n    def forward(self, rate, count):\n        return (rate - count * torch.log(rate.abs() + 1e-8)).mean()\n",
        "class Norm(nn.Module):\n    def __init__(self, width, size=11, eps=1e-6):\n        super().__init__()\n        self.weight = nn.Parameter(torch.ones(width))\n        self.size, self.eps = size, eps\n\n    def forward(self, x):\n        parts = x.unflatten(-1, (-1, self.size))\n        parts = parts * torch.rsqrt(parts.pow(2).mean(-1, keepdim=True) + self.eps)\n        return parts.flatten(-2) * self.weight\n",
        "class ReLU20(nn.Module):\n    def forward(self, x):\n        return x.clamp(0, 20)\n",
        "class Muon(optim.Optimizer):\n    def __init__(self, params, lr=0.02, momentum=0.9):\n        super().__init__(params, dict(lr=lr, momentum=momentum))\n\n    @torch.no_grad()\n    def step(self):\n        for group in self.param_groups:\n            for p in group['params']:\n                u, s, v = torch.linalg.svd(p.grad, full_matrices=False)\n                p.sub_(u @ v, alpha=group['lr'])\n",
    ],
)
def test_other_conventions_are_not_said_to_fail(text):
    assert verdict(text).outcome == "passed"


@pytest.mark.parametrize(
    "text",
    [
        # It says that the argument that was made up is none of its own.
        'class Link(nn.Module):\n    def __init__(self, kind):\n        super().__init__()\n        if kind != "add":\n            raise NotImplementedError(f"{kind} is not implemented")\n\n    def forward(self, x):\n        return x + 1\n',
        "class Norm(nn.GroupNorm):\n    def __init__(self, **settings):\n        super().__init__(**settings)\n",
        # Attention over the places of images takes no rows and no sequences.
        "class Attention(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))\n\n    def forward(self, x):\n        b, c, h, w = x.shape\n        x = x.flatten(2).mT\n        scores = self.q(x) @ self.k(x).mT\n        return scores.softmax(-1) @ self.v(x)\n",
        "def attend(module, query):\n    return query * module.head_dim ** -0.5\n",
    ],
)
def test_what_lacks_its_own_kind_of_arguments_is_not_said_to_fail(text):
    assert verdict(text).outcome != "failed"
