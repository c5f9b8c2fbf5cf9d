"""What is computed of images, rows and rewards: right in several forms, and wrong as people get it wrong."""

import pytest
from mutants import Suite, edited, hold

GRAM = """
def gram_matrix(x):
    n, c, h, w = x.shape
    rows = x.view(n, c, h * w)
    return torch.bmm(rows, rows.transpose(1, 2)) / (c * h * w)
"""

GRAM_SUITE = Suite(
    "Gram matrix (Gatys et al. 2016)",
    right={
        "bmm": GRAM,
        "einsum": edited(GRAM, ("torch.bmm(rows, rows.transpose(1, 2))", 'torch.einsum("bchw,bdhw->bcd", x, x)')),
        "all rows together": edited(GRAM, ("x.view(n, c, h * w)", "x.view(n * c, h * w)"), ("torch.bmm(rows, rows.transpose(1, 2)) / (c * h * w)", "torch.mm(rows, rows.t()).div(n * c * h * w)")),
        "over the places": edited(GRAM, ("(c * h * w)", "(h * w)")),
        "a module, not divided": "class Gram(nn.Module):\n    def forward(self, x):\n        b, c, h, w = x.size()\n        rows = x.reshape(b, c, -1)\n        return rows @ rows.mT\n",
    },
    wrong={
        "over the channels": edited(GRAM, ("(c * h * w)", "c")),
        "of places": edited(GRAM, ("torch.bmm(rows, rows.transpose(1, 2))", "torch.bmm(rows.transpose(1, 2), rows)")),
        "viewed wrongly": edited(GRAM, ("x.view(n, c, h * w)", "x.reshape(n, h * w, c).transpose(1, 2)")),
        "means away": edited(GRAM, ("x.view(n, c, h * w)", "x.view(n, c, h * w) - x.mean((2, 3))[..., None]")),
        "of sizes": edited(GRAM, ("x.view(", "x.abs().view(")),
    },
    certain=False,
)  # fmt: skip

VARIATION = """
def total_variation(x):
    b, c, h, w = x.shape
    return (x[:, :, 1:, :] - x[:, :, :-1, :]).abs().sum() + (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().sum()
"""

VARIATION_SUITE = Suite(
    "total variation (Rudin et al. 1992)",
    right={
        "sums": VARIATION,
        "means": edited(VARIATION, (".sum()", ".mean()")),
        "squares": edited(VARIATION, (".abs()", ".pow(2)")),
        "diff": edited(VARIATION, ("(x[:, :, 1:, :] - x[:, :, :-1, :])", "x.diff(dim=2)"), ("(x[:, :, :, 1:] - x[:, :, :, :-1])", "x.diff(dim=3)")),
        "by image": edited(VARIATION, ("return (x", "return ((x"), (".abs().sum()\n", ".abs().sum()) / b\n")),
    },
    wrong={
        "rows alone": edited(VARIATION, (" + (x[:, :, :, 1:] - x[:, :, :, :-1]).abs().sum()", "")),
        "rows twice": edited(VARIATION, ("(x[:, :, :, 1:] - x[:, :, :, :-1])", "(x[:, :, 1:, :] - x[:, :, :-1, :])")),
        "no sizes": edited(VARIATION, (".abs()", "")),
        "two apart": edited(VARIATION, ("x[:, :, 1:, :] - x[:, :, :-1, :]", "x[:, :, 2:, :] - x[:, :, :-2, :]")),
        "across channels": edited(VARIATION, ("x[:, :, 1:, :] - x[:, :, :-1, :]", "x[:, 1:] - x[:, :-1]")),
    },
    certain=False,
)  # fmt: skip

SHUFFLE = """
def shuffle(x, r=2):
    b, c, h, w = x.shape
    x = x.view(b, c // (r * r), r, r, h, w)
    return x.permute(0, 1, 4, 2, 5, 3).reshape(b, c // (r * r), h * r, w * r)
"""

SHUFFLE_SUITE = Suite(
    "torch.nn.functional.pixel_shuffle",
    right={
        "permuted": SHUFFLE,
        "torch's own function": "def shuffle(x, r=2):\n    return F.pixel_shuffle(x, r)\n",
        "assigned": """
def shuffle(x, r=2):
    b, c, h, w = x.shape
    out = x.new_empty(b, c // (r * r), h * r, w * r)
    for i in range(r):
        for j in range(r):
            out[:, :, i::r, j::r] = x[:, i * r + j :: r * r]
    return out
""",
        "a module": """
class Shuffle(nn.Module):
    def __init__(self, factor=2):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        b, c, h, w = x.shape
        x = x.reshape(b, -1, self.factor, self.factor, h, w)
        return torch.einsum("bcijhw->bchiwj", x).reshape(b, -1, h * self.factor, w * self.factor)
""",
        "by three": edited(SHUFFLE, ("r=2", "r=3")),
    },
    wrong={
        "rows and columns swapped": edited(SHUFFLE, ("0, 1, 4, 2, 5, 3", "0, 1, 4, 3, 5, 2")),
        "not permuted": edited(SHUFFLE, (".permute(0, 1, 4, 2, 5, 3)", "")),
        "channels last": edited(SHUFFLE, ("x.view(b, c // (r * r), r, r, h, w)", "x.view(b, r, r, c // (r * r), h, w).permute(0, 3, 1, 2, 4, 5)")),
        "blocks, not places": edited(SHUFFLE, ("0, 1, 4, 2, 5, 3", "0, 1, 2, 4, 3, 5")),
        "repeated": "def shuffle(x, r=2):\n    b, c, h, w = x.shape\n    return x[:, : c // (r * r)].repeat_interleave(r, 2).repeat_interleave(r, 3)\n",
    },
    certain=False,
)  # fmt: skip

WINDOWS = """
def window_partition(x, window_size):
    b, h, w, c = x.shape
    x = x.view(b, h // window_size, window_size, w // window_size, window_size, c)
    return x.permute(0, 1, 3, 2, 4, 5).contiguous().view(-1, window_size, window_size, c)
"""

WINDOWS_SUITE = Suite(
    "windows of an image (Liu et al. 2021)",
    right={
        "permuted": WINDOWS,
        "transposed": edited(WINDOWS, ("permute(0, 1, 3, 2, 4, 5)", "transpose(2, 3)")),
        "einsum": edited(WINDOWS, ("x.permute(0, 1, 3, 2, 4, 5).contiguous().view(", "torch.einsum('bhiwjc->bhwijc', x).reshape(")),
        "unfold": "def windows(x, window_size=4):\n    n, h, w, c = x.shape\n    x = x.unfold(1, window_size, window_size).unfold(2, window_size, window_size)\n    return x.permute(0, 1, 2, 4, 5, 3).reshape(-1, window_size, window_size, c)\n",
        "one by one": """
def windows(x, window_size):
    b, h, w, c = x.shape
    s = window_size
    assert h % s == 0 and w % s == 0
    cut = [x[n, i : i + s, j : j + s] for n in range(b) for i in range(0, h, s) for j in range(0, w, s)]
    return torch.stack(cut)
""",
    },
    wrong={
        "not permuted": edited(WINDOWS, ("x.permute(0, 1, 3, 2, 4, 5).contiguous().view(", "x.reshape(")),
        "column by column": edited(WINDOWS, ("0, 1, 3, 2, 4, 5", "0, 3, 1, 2, 4, 5")),
        "turned": edited(WINDOWS, ("0, 1, 3, 2, 4, 5", "0, 1, 3, 4, 2, 5")),
        "every other": edited(WINDOWS, ("x.view(b, h // window_size, window_size, w // window_size, window_size, c)", "x.view(b, window_size, h // window_size, window_size, w // window_size, c).permute(0, 2, 1, 4, 3, 5)")),
        "the sample last": edited(WINDOWS, ("0, 1, 3, 2, 4, 5", "1, 3, 0, 2, 4, 5")),
    },
    certain=False,
)  # fmt: skip

DISTANCES = "def distances(a, b):\n    return (a[:, None, :] - b[None, :, :]).pow(2).sum(-1).sqrt()\n"

DISTANCES_SUITE = Suite(
    "torch.cdist",
    right={
        "differences": DISTANCES,
        "torch's own": "def distances(a, b):\n    return torch.cdist(a, b)\n",
        "squared": edited(DISTANCES, (".sqrt()", "")),
        "by products": "def distances(a, b):\n    return (a ** 2).sum(-1, keepdim=True) + (b ** 2).sum(-1).unsqueeze(-2) - 2 * a @ b.transpose(-2, -1)\n",
        "norms": "def distances(a, b):\n    return torch.norm(a.unsqueeze(-2) - b.unsqueeze(-3), dim=-1)\n",
    },
    wrong={
        "products added": "def distances(a, b):\n    return (a ** 2).sum(-1, keepdim=True) + (b ** 2).sum(-1).unsqueeze(-2) + 2 * a @ b.transpose(-2, -1)\n",
        "products once": "def distances(a, b):\n    return (a ** 2).sum(-1, keepdim=True) + (b ** 2).sum(-1).unsqueeze(-2) - a @ b.transpose(-2, -1)\n",
        "sizes": edited(DISTANCES, (".pow(2).sum(-1).sqrt()", ".abs().sum(-1)")),
        "mean": edited(DISTANCES, (".sum(-1)", ".mean(-1)")),
        "rows swapped": "def distances(a, b):\n    return torch.cdist(b.flip(-1), a)\n",
    },
    certain=False,
)

COSINES = """
def similarities(a, b):
    a = a / a.norm(dim=-1, keepdim=True)
    b = b / b.norm(dim=-1, keepdim=True)
    return a @ b.transpose(-2, -1)
"""

COSINES_SUITE = Suite(
    "cosine similarity of all pairs",
    right={
        "norms": COSINES,
        "normalize": "def similarities(a, b):\n    return F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).mT\n",
        "cosine_similarity": "def similarities(a, b):\n    return F.cosine_similarity(a.unsqueeze(-2), b.unsqueeze(-3), dim=-1)\n",
        "divided after": "def similarities(a, b):\n    return a @ b.mT / (a.norm(dim=-1)[..., None] * b.norm(dim=-1)[..., None, :])\n",
        "einsum": edited(COSINES, ("a @ b.transpose(-2, -1)", 'torch.einsum("...nd,...md->...nm", a, b)')),
    },
    wrong={
        "one side alone": edited(COSINES, ("    b = b / b.norm(dim=-1, keepdim=True)\n", "")),
        "squared norms": edited(COSINES, ("b.norm(dim=-1, keepdim=True)", "b.pow(2).sum(-1, keepdim=True)")),
        "over the rows": edited(COSINES, ("a.norm(dim=-1", "a.norm(dim=-2")),
        "sums for norms": edited(COSINES, ("a.norm(dim=-1, keepdim=True)", "a.abs().sum(-1, keepdim=True)")),
        "no direction": edited(COSINES, ("return a @ b.transpose(-2, -1)", "return (a @ b.transpose(-2, -1)).abs()")),
    },
    certain=False,
)

MEAN = """
def mean_pooling(hidden, mask):
    kept = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1e-9)
"""

MEAN_SUITE = Suite(
    "mean of what a mask keeps (Reimers and Gurevych 2019)",
    right={
        "a column": MEAN,
        "expanded": edited(MEAN, ("mask.unsqueeze(-1).to(hidden.dtype)", "mask.unsqueeze(-1).expand(hidden.size()).to(hidden.dtype)")),
        "einsum": edited(MEAN, ("mask.unsqueeze(-1).to(hidden.dtype)", "mask.to(hidden.dtype)"), ("(hidden * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1e-9)", 'torch.einsum("bt,btd->bd", kept, hidden) / kept.sum(1)[:, None]')),
        "a module": "class Mean(nn.Module):\n    def forward(self, hidden, mask):\n        weights = mask.to(hidden.dtype) / mask.sum(1, keepdim=True)\n        return torch.bmm(weights.unsqueeze(1), hidden).squeeze(1)\n",
        "filled": edited(MEAN, ("(hidden * kept)", "hidden.masked_fill(kept == 0, 0.0)")),
    },
    wrong={
        "over all": edited(MEAN, ("(hidden * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1e-9)", "(hidden * kept).mean(dim=1)")),
        "the hidden ones": edited(MEAN, ("mask.unsqueeze(-1).to(hidden.dtype)", "1 - mask.unsqueeze(-1).to(hidden.dtype)")),
        "the sum": edited(MEAN, (" / kept.sum(dim=1).clamp(min=1e-9)", "")),
        "all of them summed": edited(MEAN, ("(hidden * kept).sum", "hidden.sum")),
        "over the count of all": edited(MEAN, ("kept.sum(dim=1).clamp(min=1e-9)", "kept.sum()")),
    },
    certain=False,
)  # fmt: skip

RETURNS = """
def returns(rewards, gamma=0.9):
    out, later = [], 0
    for r in reversed(rewards.unbind(0)):
        later = r + gamma * later
        out.insert(0, later)
    return torch.stack(out)
"""

RETURNS_SUITE = Suite(
    "discounted returns",
    right={
        "backwards": RETURNS,
        "by number": """
def returns(rewards, gamma=0.95):
    out = torch.zeros_like(rewards)
    later = 0.0
    for t in range(rewards.size(0) - 1, -1, -1):
        later = rewards[t] + gamma * later
        out[t] = later
    return out
""",
        "sums": """
def returns(rewards, gamma=0.8):
    n = rewards.shape[0]
    return torch.stack([sum(gamma ** (k - t) * rewards[k] for k in range(t, n)) for t in range(n)])
""",
        "a matrix": """
def returns(rewards, gamma=0.7):
    at = torch.arange(rewards.shape[0])
    powers = torch.triu(gamma ** (at[None, :] - at[:, None]).clamp(min=0).to(rewards.dtype))
    return torch.einsum("tk,k...->t...", powers, rewards)
""",
        "a module": """
class Returns(nn.Module):
    def __init__(self, gamma=0.9):
        super().__init__()
        self.gamma = gamma

    def forward(self, rewards):
        out = [rewards[-1]]
        for r in rewards.flip(0)[1:]:
            out.append(r + self.gamma * out[-1])
        return torch.stack(out).flip(0)
""",
    },
    wrong={
        "forwards": edited(RETURNS, ("reversed(rewards.unbind(0))", "rewards.unbind(0)"), ("out.insert(0, later)", "out.append(later)")),
        "in the wrong order": edited(RETURNS, ("out.insert(0, later)", "out.append(later)")),
        "the reward discounted": edited(RETURNS, ("r + gamma * later", "gamma * r + later")),
        "not discounted": edited(RETURNS, ("gamma * later", "later")),
        "both discounted": edited(RETURNS, ("r + gamma * later", "gamma * (r + later)")),
    },
    certain=False,
)  # fmt: skip

ADVANTAGES = """
def advantages(rewards, values, gamma=0.9, lam=0.8):
    out, later = [], 0
    ahead = torch.cat((values[1:], torch.zeros_like(values[:1])))
    for r, v, following in reversed(list(zip(rewards, values, ahead))):
        delta = r + gamma * following - v
        later = delta + gamma * lam * later
        out.insert(0, later)
    return torch.stack(out)
"""

ADVANTAGES_SUITE = Suite(
    "generalised advantage estimation (Schulman et al. 2016)",
    right={
        "backwards": ADVANTAGES,
        "with the returns": edited(ADVANTAGES, ("    return torch.stack(out)", "    found = torch.stack(out)\n    return found, found + values")),
        "by number": """
def gae(rewards, values, gamma=0.95, lam=0.9):
    out = torch.zeros_like(rewards)
    later = 0.0
    for t in range(len(rewards) - 1, -1, -1):
        following = values[t + 1] if t + 1 < len(rewards) else 0.0
        later = rewards[t] + gamma * following - values[t] + gamma * lam * later
        out[t] = later
    return out
""",
        "sums of differences": """
def gae(rewards, values, gamma=0.9, lam=0.7):
    following = torch.zeros_like(values)
    following[:-1] = values[1:]
    delta = rewards + gamma * following - values
    n = len(delta)
    return torch.stack([sum((gamma * lam) ** (k - t) * delta[k] for k in range(t, n)) for t in range(n)])
""",
        "a module": """
class Advantage(nn.Module):
    def __init__(self, gamma=0.9, lam=0.6):
        super().__init__()
        self.gamma, self.lam = gamma, lam

    def forward(self, rewards, values):
        out, later, following = [], 0.0, 0.0
        for r, v in zip(rewards.flip(0), values.flip(0)):
            later = r + self.gamma * following - v + self.gamma * self.lam * later
            following = v
            out.append(later)
        return torch.stack(out).flip(0)
""",
    },
    wrong={
        "not traced": edited(ADVANTAGES, ("gamma * lam * later", "gamma * later")),
        "traced alone": edited(ADVANTAGES, ("gamma * lam * later", "lam * later")),
        "the next value not discounted": edited(ADVANTAGES, ("gamma * following", "following")),
        "its own value added": edited(ADVANTAGES, ("following - v", "following + v")),
        "the value before": edited(ADVANTAGES, ("torch.cat((values[1:], torch.zeros_like(values[:1])))", "torch.cat((torch.zeros_like(values[:1]), values[:-1]))")),
        "in the wrong order": edited(ADVANTAGES, ("out.insert(0, later)", "out.append(later)")),
    },
    certain=False,
)  # fmt: skip

SUITES = [
    GRAM_SUITE,
    VARIATION_SUITE,
    SHUFFLE_SUITE,
    WINDOWS_SUITE,
    DISTANCES_SUITE,
    COSINES_SUITE,
    MEAN_SUITE,
    RETURNS_SUITE,
    ADVANTAGES_SUITE,
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
