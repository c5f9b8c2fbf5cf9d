"""What a module keeps from one call to the next: caches that agree with the whole, statistics that follow."""

import pytest
from verdicts import verdict

CACHED = """
class Cached(nn.Module):
    def __init__(self, width, heads=2, longest=64):
        super().__init__()
        self.heads = heads
        self.mixed = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.place = nn.Embedding(longest, width)

    def forward(self, x, cache=None):
        b, t, c = x.shape
        past = 0 if cache is None else cache[0].shape[2]
        x = x + self.place(torch.arange(past, past + t))
        q, k, v = (y.view(b, t, self.heads, c // self.heads).transpose(1, 2) for y in self.mixed(x).chunk(3, -1))
        if cache is not None:
            k = torch.cat((cache[0], k), 2)
            v = torch.cat((cache[1], v), 2)
        scores = q @ k.mT / math.sqrt(c // self.heads)
        seen = torch.ones(t, past + t, dtype=torch.bool).tril(past)
        scores = scores.masked_fill(~seen, float("-inf"))
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, c)), (k, v)
"""
LAW = "step by step as at once"


def test_a_cache_that_agrees_with_the_whole():
    assert LAW in verdict(CACHED).laws


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("torch.arange(past, past + t)", "torch.arange(t)"),
        ("torch.cat((cache[1], v), 2)", "torch.cat((v, cache[1]), 2)"),
        ("torch.cat((cache[1], v), 2)", "torch.cat((cache[0], v), 2)"),
        ("0 if cache is None else cache[0].shape[2]", "0 if cache is None else cache[0].shape[2] + 1"),
    ],
    ids=["each step stands first", "values turned round", "keys for values", "one place too far"],
)
def test_a_cache_that_does_not(old, new):
    assert old in CACHED
    text = CACHED.replace(old, new)
    if "+ 1" in new:
        text = text.replace(
            "torch.ones(t, past + t, dtype=torch.bool).tril(past)",
            "torch.ones(t, k.shape[2]).bool().tril(k.shape[2] - t)",
        )
    found = verdict(text)
    assert LAW not in found.laws
    assert "step by step it gives other values than at once" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        # A mask is no cache, though it may be left out and comes before what is given back.
        "class Masked(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.one = nn.Linear(width, width)\n\n    def forward(self, x, mask=None):\n        scores = x @ self.one(x).mT\n        scores = scores if mask is None else scores + mask\n        return scores.softmax(-1) @ x, scores\n",
        # What sees later steps is not meant to go step by step.
        CACHED.replace('scores = scores.masked_fill(~seen, float("-inf"))', "pass"),
        "class Core(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.core = nn.GRU(width, width, batch_first=True)\n\n    def forward(self, x, state=None):\n        return self.core(x, state)\n",
    ],
    ids=["a mask", "sees what is later", "a state that does not grow"],
)
def test_what_keeps_no_steps_is_not_held_to_that(text):
    found = verdict(text)
    assert found.outcome == "passed"
    assert LAW not in found.laws
    assert "step by step" not in found.reason


NORM = """
class Norm(nn.Module):
    def __init__(self, width, share=0.1):
        super().__init__()
        self.gain, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("var", torch.ones(width))
        self.share = share

    def forward(self, x):
        if self.training:
            mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            with torch.no_grad():
                self.mean.mul_(1 - self.share).add_(mean, alpha=self.share)
                self.var.mul_(1 - self.share).add_(var, alpha=self.share)
        else:
            mean, var = self.mean, self.var
        x = (x - mean[:, None, None]) / torch.sqrt(var[:, None, None] + 1e-5)
        return self.gain[:, None, None] * x + self.shift[:, None, None]
"""
STATISTICS = "running statistics follow"


@pytest.mark.parametrize(
    "text",
    [
        NORM,
        NORM.replace("share=0.1", "share=0.9"),
        NORM.replace("add_(var, alpha", "add_(x.var((0, 2, 3)), alpha"),
    ],
    ids=["a tenth", "nine tenths", "unbiased, as torch keeps it"],
)
def test_running_statistics_that_follow(text):
    assert STATISTICS in verdict(text).laws


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("mul_(1 - self.share).add_(mean", "mul_(0.9).add_(10 * mean", "does not normalise by what it has seen"),
        ("self.var.mul_(1 - self.share).add_(var,", "self.var.mul_(1 - self.share).add_(var.sqrt(),", "does not normalise"),
        ("mean, var = self.mean, self.var", "mean, var = self.mean, self.var * 0 + 1", "does not normalise"),
        ("self.mean.mul_", "self.mean.clone().mul_", "does not normalise"),
        ("if self.training:\n            mean, var", "if self.training:\n            keep = self.share\n            self.share = 0.0\n            mean, var", "stay as they began"),
    ],
)  # fmt: skip
def test_running_statistics_that_do_not(old, new, seen):
    assert old in NORM
    found = verdict(NORM.replace(old, new))
    assert STATISTICS not in found.laws
    assert seen in found.reason


def test_what_normalises_nothing_is_not_held_to_that():
    kept = "class Count(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n        self.register_buffer('a', torch.zeros(width))\n        self.register_buffer('b', torch.zeros(width))\n        self.one = nn.Parameter(torch.ones(width))\n\n    def forward(self, x):\n        if self.training:\n            self.a += x.mean() * 0.1\n        return x * self.one + self.a\n"
    found = verdict(kept)
    assert STATISTICS not in found.laws
    assert "statistics" not in found.reason
