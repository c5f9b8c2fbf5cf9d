"""Attention by small networks: of queries over keys, and of a sequence over itself; each right and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

SCORED = """
class Scorer(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.w = nn.Linear(width, inner, bias=False)
        self.u = nn.Linear(width, inner, bias=False)
        self.v = nn.Linear(inner, 1, bias=False)

    def forward(self, query, keys):
        scores = self.v(torch.tanh(self.w(query).unsqueeze(1) + self.u(keys))).squeeze(-1)
        weights = torch.softmax(scores, dim=-1)
        return torch.bmm(weights.unsqueeze(1), keys).squeeze(1), weights
"""

ADDITIVE_SUITE = Suite(
    "additive attention (Bahdanau et al. 2015)",
    right={
        "three layers": SCORED,
        "a bare vector": edited(
            SCORED,
            ("nn.Linear(inner, 1, bias=False)", "nn.Parameter(torch.rand(inner))"),
            ("self.v(torch.tanh(", "(torch.tanh("),
            (").squeeze(-1)", " @ self.v)"),
        ),
        "weights over a column": edited(
            SCORED,
            (").squeeze(-1)", ")"),
            ("dim=-1", "dim=1"),
            ("self.w(query).unsqueeze(1)", "self.w(query[:, None, :])"),
            ("torch.bmm(weights.unsqueeze(1), keys).squeeze(1)", "(weights * keys).sum(dim=1)"),
        ),
        "with biases, by einsum": edited(
            SCORED,
            ("inner, bias=False", "inner"),
            ("torch.bmm(weights.unsqueeze(1), keys).squeeze(1)", 'torch.einsum("bt,btd->bd", weights, keys)'),
        ),
        "query and keys put together": """
class Attention(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.attn = nn.Linear(hidden_size * 2, hidden_size)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, hidden, encoder_outputs):
        hidden = hidden.unsqueeze(1).repeat(1, encoder_outputs.size(1), 1)
        energy = torch.tanh(self.attn(torch.cat((hidden, encoder_outputs), dim=2)))
        return F.softmax(self.v(energy).squeeze(2), dim=1)
""",
        "softmax by hand, an axis kept": edited(
            SCORED,
            ("torch.softmax(scores, dim=-1)", "torch.exp(scores - scores.logsumexp(-1, keepdim=True))"),
            ("keys).squeeze(1)", "keys)"),
        ),
    },
    wrong={
        "sigmoid for tanh": edited(SCORED, ("torch.tanh", "torch.sigmoid")),
        "softmax over the batch": edited(SCORED, ("dim=-1)\n", "dim=0)\n")),
        "not normalised": edited(SCORED, ("torch.softmax(scores, dim=-1)", "torch.exp(scores)")),
        "multiplied": edited(SCORED, (".unsqueeze(1) + self", ".unsqueeze(1) * self")),
        "tanh outside": edited(
            SCORED,
            (
                "self.v(torch.tanh(self.w(query).unsqueeze(1) + self.u(keys)))",
                "torch.tanh(self.v(self.w(query).unsqueeze(1) + self.u(keys)))",
            ),
        ),
        "keys left out": edited(SCORED, ("+ self.u(keys)", "+ 0 * self.u(keys)")),
        "a mean of the query": edited(SCORED, ("(1), keys)", "(1), keys + query.unsqueeze(1))")),
    },
    certain=False,
)

POOLED = """
class Pool(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.inner = nn.Linear(width, inner)
        self.score = nn.Linear(inner, 1, bias=False)

    def forward(self, x):
        weights = torch.softmax(self.score(torch.tanh(self.inner(x))), dim=1)
        return (weights * x).sum(dim=1)
"""

POOLED_SUITE = Suite(
    "attention pooling (Yang et al. 2016)",
    right={
        "two layers": POOLED,
        "by bmm, with the weights": edited(
            POOLED,
            ("(weights * x).sum(dim=1)", "torch.bmm(weights.transpose(1, 2), x).squeeze(1), weights.squeeze(-1)"),
        ),
        "a context vector": edited(
            POOLED,
            ("nn.Linear(inner, 1, bias=False)", "nn.Parameter(torch.randn(inner))"),
            ("self.score(torch.tanh(self.inner(x)))", "(torch.tanh(self.inner(x)) @ self.score).unsqueeze(-1)"),
        ),
        "one layer": """
class Pool(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x):
        weights = F.softmax(self.score(x).squeeze(-1), dim=-1)
        return torch.einsum("bt,btd->bd", weights, x)
""",
        "in a Sequential": """
class Pool(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(width, inner), nn.Tanh(), nn.Linear(inner, 1))

    def forward(self, x):
        scores = self.net(x)
        scores = scores - scores.amax(1, keepdim=True)
        weights = scores.exp() / scores.exp().sum(1, keepdim=True)
        return (x * weights).sum(1)
""",
    },
    wrong={
        "softmax over features": edited(POOLED, ("dim=1)\n        return", "dim=-1)\n        return")),
        "softmax over the batch": edited(POOLED, ("dim=1)\n        return", "dim=0)\n        return")),
        "mean of the weighted": edited(POOLED, (".sum(dim=1)", ".mean(dim=1)")),
        "relu for tanh": edited(POOLED, ("torch.tanh", "torch.relu")),
        "weights not applied": edited(POOLED, ("(weights * x)", "(weights + x)")),
        "halved scores": edited(POOLED, ("self.score(torch", "0.5 * self.score(torch")),
    },
    certain=False,
)

SUITES = [ADDITIVE_SUITE, POOLED_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
