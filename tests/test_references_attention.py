"""Attention with one and with several heads: written in every way, and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

SINGLE = """
class Reader(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ask = nn.Linear(width, width)
        self.answer = nn.Linear(width, width)
        self.tell = nn.Linear(width, width)

    def forward(self, x):
        q = self.ask(x)
        k = self.answer(x)
        v = self.tell(x)
        scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.size(-1))
        weights = torch.softmax(scores, dim=2)
        return torch.bmm(weights, v)
"""
CORE = SINGLE[SINGLE.index("        scores = ") :]

SINGLE_HEAD = Suite(
    "torch.nn.functional.scaled_dot_product_attention",
    right={
        "bmm": SINGLE,
        "matmul, query scaled": edited(
            SINGLE,
            (CORE, "        q = q * q.shape[-1] ** -0.5\n        return (q @ k.mT).softmax(-1) @ v\n"),
        ),
        "einsum": edited(
            SINGLE,
            (
                CORE,
                """        scores = torch.einsum("bid,bjd->bij", q, k) * (k.size(-1) ** -0.5)
        return torch.einsum("bij,bjd->bid", F.softmax(scores, dim=-1), v)
""",
            ),
        ),
        "softmax by hand": edited(
            SINGLE,
            (
                "torch.softmax(scores, dim=2)",
                "torch.exp(scores - scores.max(dim=-1, keepdim=True).values)\n"
                "        weights = weights / weights.sum(dim=-1, keepdim=True)",
            ),
        ),
        "torch's own function": edited(SINGLE, (CORE, "        return F.scaled_dot_product_attention(q, k, v)\n")),
        "one projection for all three": """
class Fused(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        weights = torch.softmax(torch.matmul(q, k.transpose(-2, -1)) / k.shape[-1] ** 0.5, dim=-1)
        return torch.matmul(weights, v)
""",
        "bare weights": """
class Bare(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.wq = nn.Parameter(torch.rand(inside, outside))
        self.wk = nn.Parameter(torch.rand(inside, outside))
        self.wv = nn.Parameter(torch.rand(inside, outside))

    def forward(self, x):
        keys, queries, values = x @ self.wk, x @ self.wq, x @ self.wv
        scores = queries @ keys.transpose(-1, -2)
        return torch.softmax(scores / keys.shape[-1] ** 0.5, dim=-1) @ values
""",
        "with the weights": edited(SINGLE, ("return torch.bmm(weights, v)", "return torch.bmm(weights, v), weights")),
        "causal": edited(
            SINGLE,
            (
                "        weights =",
                "        later = torch.ones_like(scores[0]).triu(1).bool()\n"
                "        scores = scores.masked_fill(later, float('-inf'))\n        weights =",
            ),
        ),
    },
    wrong={
        "not scaled": edited(SINGLE, (" / math.sqrt(q.size(-1))", "")),
        "scaled by the width": edited(SINGLE, ("math.sqrt(q.size(-1))", "q.size(-1)")),
        "scaled the wrong way": edited(SINGLE, ("/ math.sqrt", "* math.sqrt")),
        "scaled by the steps": edited(SINGLE, ("math.sqrt(q.size(-1))", "math.sqrt(q.size(1))")),
        "softmax over queries": edited(SINGLE, ("dim=2", "dim=1")),
        "softmax over the batch": edited(SINGLE, ("dim=2", "dim=0")),
        "weights applied to the keys": edited(SINGLE, ("torch.bmm(weights, v)", "torch.bmm(weights, k) + 0 * v")),
        "weights transposed": edited(SINGLE, ("torch.bmm(weights, v)", "torch.bmm(weights.transpose(1, 2), v)")),
    },
    certain=False,
)

MULTI = """
class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.size = width // heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, query, key, value):
        b, t, d = query.shape
        q = self.q(query).view(b, t, self.heads, self.size).transpose(1, 2)
        k = self.k(key).view(b, -1, self.heads, self.size).transpose(1, 2)
        v = self.v(value).view(b, -1, self.heads, self.size).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(self.size)
        mixed = torch.softmax(scores, dim=-1) @ v
        return self.out(mixed.transpose(1, 2).reshape(b, t, d))
"""
HEADS = MULTI[MULTI.index("        q = self.q(") :]

MULTI_HEAD = Suite(
    "torch.nn.MultiheadAttention",
    right={
        "view and transpose": MULTI,
        "heads in the batch": edited(
            MULTI,
            (
                HEADS,
                """        def split(x):
            x = x.reshape(x.size(0), x.size(1), self.heads, self.size).permute(0, 2, 1, 3)
            return x.reshape(-1, x.size(2), self.size)

        q, k, v = split(self.q(query)), split(self.k(key)), split(self.v(value))
        weights = torch.bmm(q, k.transpose(1, 2)).div(self.size ** 0.5).softmax(dim=-1)
        mixed = torch.bmm(weights, v).reshape(b, self.heads, t, self.size)
        return self.out(mixed.permute(0, 2, 1, 3).reshape(b, t, d))
""",
            ),
        ),
        "einsum": edited(
            MULTI,
            (
                HEADS,
                """        q = self.q(query).reshape(b, t, self.heads, self.size)
        k = self.k(key).reshape(b, -1, self.heads, self.size)
        v = self.v(value).reshape(b, -1, self.heads, self.size)
        weights = torch.einsum("bqhd,bkhd->bhqk", q, k).mul(self.size ** -0.5).softmax(-1)
        return self.out(torch.einsum("bhqk,bkhd->bqhd", weights, v).reshape(b, t, d))
""",
            ),
        ),
        "torch's function inside": edited(
            MULTI, ("torch.softmax(scores, dim=-1) @ v", "F.scaled_dot_product_attention(q, k, v) + 0 * scores.sum()")
        ),
        "self-attention, fused projection": """
class Block(nn.Module):
    def __init__(self, d_model, n_head):
        super().__init__()
        self.n_head = n_head
        self.qkv = nn.Linear(d_model, 3 * d_model)
        self.proj = nn.Linear(d_model, d_model)

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = self.qkv(x).split(c, dim=2)
        q, k, v = (y.view(b, t, self.n_head, c // self.n_head).transpose(1, 2) for y in (q, k, v))
        w = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        return self.proj((w.softmax(-1) @ v).transpose(1, 2).contiguous().view(b, t, c))
""",
        "causal, with dropout and the weights": edited(
            MULTI,
            (
                "        mixed = torch.softmax(scores, dim=-1) @ v\n",
                """        later = torch.triu(torch.ones(t, t, dtype=torch.bool, device=query.device), diagonal=1)
        scores = scores.masked_fill(later, float("-inf"))
        weights = F.dropout(torch.softmax(scores, dim=-1), 0.1, self.training)
        mixed = weights @ v
""",
            ),
            (
                "return self.out(mixed.transpose(1, 2).reshape(b, t, d))",
                "return self.out(mixed.transpose(1, 2).reshape(b, t, d)), weights",
            ),
        ),
    },
    wrong={
        "not scaled": edited(MULTI, (" / math.sqrt(self.size)", "")),
        "scaled by the whole width": edited(MULTI, ("math.sqrt(self.size)", "math.sqrt(d)")),
        "heads viewed, not transposed": edited(
            MULTI, ("view(b, t, self.heads, self.size).transpose(1, 2)", "view(b, self.heads, t, self.size)")
        ),
        "output not transposed back": edited(
            MULTI, ("mixed.transpose(1, 2).reshape(b, t, d)", "mixed.reshape(b, t, d)")
        ),
        "softmax over queries": edited(MULTI, ("dim=-1)", "dim=-2)")),
        "softmax over heads": edited(MULTI, ("dim=-1)", "dim=1)")),
        "keys used as values": edited(MULTI, ("self.v(value)", "self.v(key)")),
        "heads that are copies": """
class Copies(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width)
        self.v = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def forward(self, query, key, value):
        q = self.q(query).unsqueeze(1).repeat(1, self.heads, 1)
        k = self.k(key).unsqueeze(1).repeat(1, self.heads, 1)
        v = self.v(value).unsqueeze(1).repeat(1, self.heads, 1)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)), dim=2)
        return self.out(torch.bmm(weights, v).squeeze(1))
""",
    },
)


@pytest.mark.parametrize("suite", [SINGLE_HEAD, MULTI_HEAD], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
