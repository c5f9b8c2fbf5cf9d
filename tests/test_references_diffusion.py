"""Embeddings of time, schedules of noise, mixtures of experts: right in several forms, wrong as people get them wrong."""

import pytest
from mutants import Suite, edited, hold

TIME = """
class Time(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width

    def forward(self, t):
        half = self.width // 2
        rates = torch.exp(-math.log(10000.0) * torch.arange(half, device=t.device) / (half - 1))
        angle = t[:, None] * rates[None, :]
        return torch.cat((angle.sin(), angle.cos()), dim=-1)
"""

TIME_SUITE = Suite(
    "embedding of time steps (Ho et al. 2020)",
    right={
        "a module": TIME,
        "one rate more": edited(TIME, ("(half - 1)", "half")),
        "cosine first": edited(TIME, ("angle.sin(), angle.cos()", "angle.cos(), angle.sin()")),
        "a function": """
def timestep_embedding(timesteps, dim, max_period=10000):
    half = dim // 2
    rates = max_period ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.outer(timesteps.double(), rates)
    return torch.cat([torch.cos(angle), torch.sin(angle)], dim=-1)
""",
        "in turns": edited(TIME, ("torch.cat((angle.sin(), angle.cos()), dim=-1)", "torch.stack((angle.sin(), angle.cos()), dim=-1).flatten(1)")),
        "a base of its own": edited(TIME, ("self, width):", "self, width, base=1000.0):"), ("self.width = width", "self.width, self.base = width, base"), ("10000.0", "self.base")),
    },
    wrong={
        "growing rates": edited(TIME, ("-math.log", "math.log")),
        "half the rates twice": edited(TIME, ("(half - 1)", "self.width")),
        "two sines": edited(TIME, ("angle.cos()", "angle.sin()")),
        "no logarithm": edited(TIME, ("math.log(10000.0)", "10000.0")),
        "rates on a line": edited(TIME, ("torch.exp(-math.log(10000.0) * torch.arange(half, device=t.device) / (half - 1))", "torch.linspace(1, 1e-4, half)")),
        "tangents": edited(TIME, ("angle.cos()", "angle.tan()")),
    },
    certain=False,
)  # fmt: skip

LINE = "def variances(timesteps):\n    return torch.linspace(1e-4, 0.02, timesteps)\n"

LINE_SUITE = Suite(
    "linear variances (Ho et al. 2020)",
    right={
        "linspace": LINE,
        "settings": "def variances(timesteps, start=0.001, end=0.05):\n    return torch.linspace(start, end, timesteps)\n",
        "arange": "def variances(timesteps):\n    return 1e-4 + (0.02 - 1e-4) * torch.arange(timesteps) / (timesteps - 1)\n",
        "as for a thousand": "def variances(timesteps):\n    scale = 1000 / timesteps\n    return torch.linspace(scale * 0.0001, scale * 0.02, timesteps)\n",
        "roots on the line": "def variances(timesteps):\n    return torch.linspace(0.0001 ** 0.5, 0.02 ** 0.5, timesteps) ** 2\n",
    },
    wrong={
        "falling": edited(LINE, ("1e-4, 0.02", "0.02, 1e-4")),
        "what is kept": edited(LINE, ("torch.lin", "1 - torch.lin")),
        "roots not squared": "def variances(timesteps):\n    return torch.linspace(0.0001 ** 0.5, 0.02 ** 0.5, timesteps)\n",
        "logarithms on the line": edited(
            LINE, ("torch.linspace(1e-4, 0.02, timesteps)", "torch.logspace(-4, math.log10(0.02), timesteps)")
        ),
        "the end left out": "def variances(timesteps):\n    return 1e-4 + (0.02 - 1e-4) * torch.arange(timesteps) / timesteps\n",
    },
    certain=False,
)

COSINE = """
def variances(timesteps, s=0.008):
    t = torch.linspace(0, timesteps, timesteps + 1) / timesteps
    kept = torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2
    kept = kept / kept[0]
    return torch.clip(1 - kept[1:] / kept[:-1], 0, 0.999)
"""

COSINE_SUITE = Suite(
    "cosine variances (Nichol and Dhariwal 2021)",
    right={
        "not divided by the first": edited(COSINE, ("    kept = kept / kept[0]\n", "")),
        "divided by the first": COSINE,
        "a loop": """
def variances(timesteps):
    def kept(t):
        return math.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return torch.tensor([min(1 - kept((i + 1) / timesteps) / kept(i / timesteps), 0.999) for i in range(timesteps)])
""",
        "other limits": edited(COSINE, ("0, 0.999", "0.0001, 0.9999")),
        "half angles": edited(COSINE, ("torch.cos((t + s) / (1 + s) * math.pi / 2) ** 2", "(1 + torch.cos((t + s) / (1 + s) * math.pi)) / 2")),
    },
    wrong={
        "not squared": edited(COSINE, (") ** 2", ")")),
        "a whole turn": edited(COSINE, ("math.pi / 2", "math.pi")),
        "no shift below": edited(COSINE, ("(1 + s)", "1")),
        "what is kept": edited(COSINE, ("1 - kept[1:] / kept[:-1]", "kept[1:] / kept[:-1]")),
        "upside down": edited(COSINE, ("kept[1:] / kept[:-1]", "kept[:-1] / kept[1:]")),
        "a sine": edited(COSINE, ("torch.cos(", "torch.sin(")),
    },
    certain=False,
)  # fmt: skip

EXPERTS = """
class Experts(nn.Module):
    def __init__(self, width, inner, num_experts, top_k=2):
        super().__init__()
        self.top_k = top_k
        self.gate = nn.Linear(width, num_experts, bias=False)
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width)) for _ in range(num_experts)]
        )

    def forward(self, x):
        scores, chosen = torch.topk(self.gate(x), self.top_k, dim=-1)
        shares = torch.softmax(scores, dim=-1)
        out = torch.zeros_like(x)
        for k in range(self.top_k):
            for e, expert in enumerate(self.experts):
                mask = chosen[..., k] == e
                out[mask] += shares[..., k][mask].unsqueeze(-1) * expert(x[mask])
        return out
"""
LOOP = EXPERTS[EXPERTS.index("        out = torch.zeros") :]

EXPERTS_SUITE = Suite(
    "mixture of experts (Shazeer et al. 2017)",
    right={
        "masks": EXPERTS,
        "all experts, then weights": edited(EXPERTS, (LOOP, """        weights = torch.zeros_like(self.gate(x)).scatter(-1, chosen, shares)
        every = torch.stack([expert(x) for expert in self.experts], dim=-2)
        return (weights.unsqueeze(-1) * every).sum(dim=-2)
""")),
        "hidden scores": edited(EXPERTS, ("scores, chosen = torch.topk(self.gate(x), self.top_k, dim=-1)\n        shares = torch.softmax(scores, dim=-1)", "scores = self.gate(x)\n        least = scores.topk(self.top_k, -1).values[..., -1:]\n        shares = scores.masked_fill(scores < least, float('-inf')).softmax(-1)"), (LOOP, "        return sum(shares[..., e, None] * expert(x) for e, expert in enumerate(self.experts))\n")),
        "shares of all": edited(EXPERTS, ("torch.topk(self.gate(x), self.top_k, dim=-1)", "torch.topk(self.gate(x).softmax(-1), self.top_k, dim=-1)"), ("torch.softmax(scores, dim=-1)", "scores")),
        "divided by their sum": edited(EXPERTS, ("torch.topk(self.gate(x), self.top_k, dim=-1)", "torch.topk(self.gate(x).softmax(-1), self.top_k, dim=-1)"), ("torch.softmax(scores, dim=-1)", "scores / scores.sum(-1, keepdim=True)")),
        "gated experts": """
class Expert(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.w1 = nn.Linear(width, inner, bias=False)
        self.w2 = nn.Linear(inner, width, bias=False)
        self.w3 = nn.Linear(width, inner, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Mixture(nn.Module):
    def __init__(self, width, inner, num_experts, k=2):
        super().__init__()
        self.k = k
        self.experts = nn.ModuleList([Expert(width, inner) for _ in range(num_experts)])
        self.router = nn.Linear(width, num_experts, bias=False)

    def forward(self, x):
        rows = x.view(-1, x.size(-1))
        scores, chosen = self.router(rows).topk(self.k, dim=-1)
        shares = scores.softmax(-1)
        out = torch.zeros_like(rows)
        for e, expert in enumerate(self.experts):
            row, place = torch.where(chosen == e)
            out.index_add_(0, row, shares[row, place, None] * expert(rows[row]))
        return out.view_as(x)
""",
    },
    wrong={
        "shares not normalised": edited(EXPERTS, ("torch.softmax(scores, dim=-1)", "scores")),
        "the least chosen": edited(EXPERTS, ("self.top_k, dim=-1)", "self.top_k, dim=-1, largest=False)")),
        "the last expert alone": edited(EXPERTS, ("out[mask] +=", "out[mask] =")),
        "equal shares": edited(EXPERTS, ("torch.softmax(scores, dim=-1)", "torch.ones_like(scores) / self.top_k")),
        "softmax over the tokens": edited(EXPERTS, ("torch.softmax(scores, dim=-1)", "torch.softmax(scores, dim=1)")),
        "the first share for all": edited(EXPERTS, ("shares[..., k]", "shares[..., 0]")),
        "shares on the input": edited(EXPERTS, ("shares[..., k][mask].unsqueeze(-1) * expert(x[mask])", "expert(shares[..., k][mask].unsqueeze(-1) * x[mask])")),
    },
    certain=False,
)  # fmt: skip

SUITES = [TIME_SUITE, LINE_SUITE, COSINE_SUITE, EXPERTS_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
