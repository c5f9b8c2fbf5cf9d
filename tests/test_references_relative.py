"""How far apart two tokens stand: right in several forms, and wrong as people get it wrong."""

import pytest
from mutants import Suite, edited, hold

BUCKETS = """
def bucket(relative_position, bidirectional=True, num_buckets=32, max_distance=128):
    found = 0
    if bidirectional:
        num_buckets //= 2
        found += (relative_position > 0).to(torch.long) * num_buckets
        relative_position = torch.abs(relative_position)
    else:
        relative_position = -torch.min(relative_position, torch.zeros_like(relative_position))
    max_exact = num_buckets // 2
    is_small = relative_position < max_exact
    large = max_exact + (
        torch.log(relative_position.float() / max_exact) / math.log(max_distance / max_exact) * (num_buckets - max_exact)
    ).to(torch.long)
    large = torch.min(large, torch.full_like(large, num_buckets - 1))
    return found + torch.where(is_small, relative_position, large)
"""
OF_DISTANCES = Suite(
    "buckets of distances (Raffel et al. 2020)",
    right={
        "both ways": BUCKETS,
        "what comes before": edited(BUCKETS, ("bidirectional=True", "bidirectional=False")),
        "other sizes": edited(BUCKETS, ("num_buckets=32, max_distance=128", "num_buckets=16, max_distance=64")),
        "clamped": edited(BUCKETS, ("torch.min(large, torch.full_like(large, num_buckets - 1))", "large.clamp(max=num_buckets - 1)")),
        "no flag": """
def bucket(n, buckets=32, farthest=128):
    n = (-n).clamp(min=0)
    half = buckets // 2
    log = torch.log(n.clamp(min=1).float() / half) / math.log(farthest / half)
    return torch.where(n < half, n, (half + (log * (buckets - half)).long()).clamp(max=buckets - 1))
""",
    },
    wrong={
        "the other direction": edited(BUCKETS, ("relative_position > 0", "relative_position < 0")),
        "not clamped": edited(BUCKETS, ("torch.min(large, torch.full_like(large, num_buckets - 1))", "large")),
        "not halved": edited(BUCKETS, ("        num_buckets //= 2\n", "")),
        "the logarithm of all": edited(BUCKETS, ("max_distance / max_exact", "max_distance")),
        "small ones shared too": edited(BUCKETS, ("torch.where(is_small, relative_position, large)", "large.clamp(min=0)")),
        "more of them exact": edited(BUCKETS, ("is_small = relative_position < max_exact", "is_small = relative_position < 2 * max_exact")),
    },
    certain=False,
)  # fmt: skip

WINDOW = """
class WindowAttention(nn.Module):
    def __init__(self, dim, heads, window=3):
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        at = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        apart = (at[:, :, None] - at[:, None, :]).permute(1, 2, 0) + window - 1
        self.register_buffer("index", apart[..., 0] * (2 * window - 1) + apart[..., 1])
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        b, n, c = x.shape
        q, k, v = self.qkv(x).reshape(b, n, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q * self.scale @ k.transpose(-2, -1)
        bias = self.table[self.index.view(-1)].view(n, n, -1).permute(2, 0, 1)
        scores = (scores + bias.unsqueeze(0)).softmax(dim=-1)
        return self.proj((scores @ v).transpose(1, 2).reshape(b, n, c))
"""
WINDOWS = Suite(
    "attention in windows (Liu et al. 2021)",
    right={
        "a table and an index": WINDOW,
        "columns first": edited(WINDOW, ("apart[..., 0] * (2 * window - 1) + apart[..., 1]", "apart[..., 1] * (2 * window - 1) + apart[..., 0]")),
        "torch's attention": edited(WINDOW, ("        scores = (scores + bias.unsqueeze(0)).softmax(dim=-1)\n", ""), ("(scores @ v)", "F.scaled_dot_product_attention(q, k, v, attn_mask=bias)")),
        "counted from the key": edited(WINDOW, ("at[:, :, None] - at[:, None, :]", "at[:, None, :] - at[:, :, None]")),
        "a square table": edited(WINDOW, ("torch.zeros((2 * window - 1) ** 2, heads)", "torch.zeros(2 * window - 1, 2 * window - 1, heads)"), ("self.table[self.index.view(-1)]", "self.table.flatten(0, 1)[self.index.view(-1)]")),
    },
    wrong={
        "not shifted to zero": edited(WINDOW, ("permute(1, 2, 0) + window - 1", "permute(1, 2, 0)")),
        "a row is as wide as the window": edited(WINDOW, ("apart[..., 0] * (2 * window - 1)", "apart[..., 0] * window")),
        "added, not times": edited(WINDOW, ("apart[..., 0] * (2 * window - 1) + apart[..., 1]", "apart[..., 0] + apart[..., 1]")),
        "after the softmax": edited(WINDOW, ("(scores + bias.unsqueeze(0)).softmax(dim=-1)", "scores.softmax(dim=-1) + bias.unsqueeze(0)")),
        "no scale": edited(WINDOW, ("q * self.scale", "q")),
        "the wrong axis": edited(WINDOW, ("softmax(dim=-1)", "softmax(dim=-2)")),
        "heads mixed": edited(WINDOW, (".transpose(1, 2).reshape(b, n, c)", ".reshape(b, n, c)")),
    },
    certain=False,
)  # fmt: skip


@pytest.mark.parametrize("suite", [OF_DISTANCES, WINDOWS], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite: Suite):
    print(hold(suite))
