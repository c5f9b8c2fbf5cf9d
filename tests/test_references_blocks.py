"""Blocks of large models: decoder layers, shared heads, rotations, gates and low-rank updates, right and wrong."""

import pytest
from mutants import Suite, edited, hold

DECODER = """
class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.own = nn.MultiheadAttention(width, heads, batch_first=True)
        self.cross = nn.MultiheadAttention(width, heads, batch_first=True)
        self.first, self.second, self.third = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)

    def forward(self, x, memory):
        x = self.first(x + self.own(x, x, x)[0])
        x = self.second(x + self.cross(x, memory, memory)[0])
        return self.third(x + self.narrow(torch.relu(self.widen(x))))
"""
DECODE = DECODER[DECODER.index("        x = self.first(") :]
BY_HAND = """
class Heads(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k, self.v = nn.Linear(width, width), nn.Linear(width, width)
        self.q, self.o = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x, memory):
        def cut(y):
            return y.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        k, v, q = cut(self.k(memory)), cut(self.v(memory)), cut(self.q(x))
        w = (q @ k.mT / math.sqrt(q.size(-1))).softmax(-1)
        return self.o((w @ v).transpose(1, 2).flatten(2))


class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.own, self.cross = Heads(width, heads), Heads(width, heads)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.mix = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))

    def forward(self, x, memory):
        x = self.norms[0](x + self.own(x, x))
        x = self.norms[1](x + self.cross(x, memory))
        return self.norms[2](x + self.mix(x))
"""

DECODER_SUITE = Suite(
    "torch.nn.TransformerDecoderLayer",
    right={
        "norms last": DECODER,
        "norms first": edited(
            DECODER,
            (
                DECODE,
                """        y = self.first(x)
        x = x + self.own(y, y, y, need_weights=False)[0]
        x = x + self.cross(self.second(x), memory, memory)[0]
        return x + self.narrow(torch.relu(self.widen(self.third(x))))
""",
            ),
        ),
        "causal": edited(
            DECODER,
            (
                "self.own(x, x, x)[0]",
                "self.own(x, x, x, attn_mask=torch.ones(x.size(1), x.size(1), device=x.device).triu(1).bool())[0]",
            ),
        ),
        "attention by hand, gelu": BY_HAND,
        "with dropout": edited(
            DECODER, ("x + self.narrow(", "x + F.dropout(self.narrow("), ("(x))))", "(x))), 0.1, self.training))")
        ),
    },
    wrong={
        "memory asks": edited(DECODER, ("self.cross(x, memory, memory)", "self.cross(memory, x, x)")),
        "no cross attention": edited(DECODER, ("self.cross(x, memory, memory)", "self.cross(x, x, x)")),
        "no residual around it": edited(DECODER, ("x + self.cross(", "self.cross(")),
        "memory normalised as well": edited(DECODER, ("memory, memory)", "self.second(memory), memory)")),
        "a norm too few": edited(DECODER, ("self.third(x + ", "(x + ")),
        "no activation": edited(DECODER, ("torch.relu(self.widen(x))", "self.widen(x)")),
        "first attention over memory": edited(DECODER, ("self.own(x, x, x)", "self.own(x, memory, memory)")),
    },
    certain=False,
)

QUERIES = """
class Shared(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.q = nn.Linear(width, width)
        self.k = nn.Linear(width, width // heads)
        self.v = nn.Linear(width, width // heads)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        b, t, d = x.shape
        q = self.q(x).view(b, t, self.heads, self.size).transpose(1, 2)
        k, v = self.k(x).unsqueeze(1), self.v(x).unsqueeze(1)
        w = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(self.size), dim=-1)
        return self.out((w @ v).transpose(1, 2).reshape(b, t, d))
"""

MULTI_QUERY = Suite(
    "grouped-query attention (Ainslie et al. 2023)",
    right={
        "one head of keys": QUERIES,
        "einsum": edited(
            QUERIES,
            ("k, v = self.k(x).unsqueeze(1), self.v(x).unsqueeze(1)", "k, v = self.k(x), self.v(x)"),
            ("q @ k.transpose(-2, -1) /", "torch.einsum('bhqe,bke->bhqk', q, k) /"),
            ("(w @ v).transpose(1, 2)", "torch.einsum('bhqk,bke->bqhe', w, v)"),
        ),
        "expanded": edited(
            QUERIES,
            (
                "self.k(x).unsqueeze(1), self.v(x).unsqueeze(1)",
                "(p(x).unsqueeze(1).expand(b, self.heads, t, self.size) for p in (self.k, self.v))",
            ),
        ),
        "causal": edited(
            QUERIES,
            (
                "        w = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(self.size), dim=-1)",
                "        hidden = torch.ones(t, t, device=x.device).triu(1).bool()\n"
                "        scores = (q @ k.transpose(-2, -1) / math.sqrt(self.size)).masked_fill(hidden, float('-inf'))\n"
                "        w = torch.softmax(scores, dim=-1)",
            ),
        ),
        "without biases": edited(
            QUERIES,
            ("nn.Linear(width, width)\n        self.k", "nn.Linear(width, width, bias=False)\n        self.k"),
            ("width // heads)\n        self.out", "width // heads, bias=False)\n        self.out"),
        ),
        "torch's own function": edited(
            QUERIES,
            (
                "        w = torch.softmax(q @ k.transpose(-2, -1) / math.sqrt(self.size), dim=-1)\n",
                "        k, v = (y.repeat_interleave(self.heads, 1) for y in (k, v))\n",
            ),
            ("(w @ v)", "F.scaled_dot_product_attention(q, k, v)"),
        ),
    },
    wrong={
        "not scaled": edited(QUERIES, (" / math.sqrt(self.size)", "")),
        "scaled by the width": edited(QUERIES, ("math.sqrt(self.size)", "math.sqrt(d)")),
        "softmax over heads": edited(QUERIES, ("dim=-1)", "dim=1)")),
        "keys taken as values": edited(QUERIES, ("w @ v", "w @ (k + 0 * v)")),
        "heads not put back": edited(QUERIES, ("(w @ v).transpose(1, 2)", "(w @ v)")),
        "heads viewed, not transposed": edited(
            QUERIES, ("view(b, t, self.heads, self.size).transpose(1, 2)", "view(b, self.heads, t, self.size)")
        ),
    },
    certain=False,
)

ROTATE = """
class Rotary(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.register_buffer("rates", 10000 ** (-torch.arange(0, width, 2).double() / width))

    def forward(self, x):
        angle = torch.arange(x.size(-2), device=x.device).double()[:, None] * self.rates
        one, two = x[..., 0::2], x[..., 1::2]
        turned = (one * angle.cos() - two * angle.sin(), one * angle.sin() + two * angle.cos())
        return torch.stack(turned, dim=-1).flatten(-2).to(x.dtype)
"""

ROTARY_SUITE = Suite(
    "rotary position embedding (Su et al. 2021)",
    right={
        "neighbours": ROTATE,
        "halves": edited(
            ROTATE,
            ("x[..., 0::2], x[..., 1::2]", "x.chunk(2, dim=-1)"),
            ("torch.stack(turned, dim=-1).flatten(-2)", "torch.cat(turned, dim=-1)"),
        ),
        "half turned": """
class Rotary(nn.Module):
    def __init__(self, width, base=10000):
        super().__init__()
        self.register_buffer("rates", 1.0 / base ** (torch.arange(0, width, 2).double() / width))

    def forward(self, x):
        angle = torch.einsum("t,r->tr", torch.arange(x.size(-2)).double().to(x.device), self.rates)
        angle = torch.cat((angle, angle), dim=-1)
        one, two = x.chunk(2, dim=-1)
        return (x * angle.cos() + torch.cat((-two, one), dim=-1) * angle.sin()).to(x.dtype)
""",
        "complex": """
def rotate(x):
    rates = 10000 ** (-torch.arange(0, x.size(-1), 2).double() / x.size(-1))
    angle = torch.outer(torch.arange(x.size(-2)).double(), rates)
    pairs = torch.view_as_complex(x.double().reshape(*x.shape[:-1], -1, 2).contiguous())
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(-2).to(x.dtype)
""",
        "another base": edited(ROTATE, ("self, width)", "self, width, base=500000.0)"), ("10000 **", "base **")),
    },
    wrong={
        "turned the other way": edited(
            ROTATE, ("- two * angle.sin()", "+ two * angle.sin()"), (", one * angle.sin() +", ", -one * angle.sin() +")
        ),
        "halves cut, neighbours put": edited(ROTATE, ("x[..., 0::2], x[..., 1::2]", "x.chunk(2, dim=-1)")),
        "one sign for both": edited(ROTATE, ("- two * angle.sin()", "+ two * angle.sin()")),
        "every second rate": edited(ROTATE, ("-torch.arange(0, width, 2)", "-torch.arange(0, width // 2)")),
        "counts from one": edited(
            ROTATE, ("torch.arange(x.size(-2), device=x.device)", "torch.arange(1, x.size(-2) + 1)")
        ),
        "scaled by the position": edited(
            ROTATE, (".flatten(-2)", ".flatten(-2) * (1 + torch.arange(x.size(-2))[:, None])")
        ),
    },
    certain=False,
)

LORA = """
class LoRA(nn.Module):
    def __init__(self, inside, outside, rank=2, alpha=3.0):
        super().__init__()
        self.base = nn.Linear(inside, outside)
        self.down = nn.Parameter(torch.randn(rank, inside))
        self.up = nn.Parameter(torch.zeros(outside, rank))
        self.scale = alpha / rank

    def forward(self, x):
        return self.base(x) + self.scale * (x @ self.down.T @ self.up.T)
"""

LORA_SUITE = Suite(
    "LoRA (Hu et al. 2021)",
    right={
        "two products": LORA,
        "merged": edited(
            LORA,
            (
                "self.base(x) + self.scale * (x @ self.down.T @ self.up.T)",
                "F.linear(x, self.base.weight + self.scale * self.up @ self.down, self.base.bias)",
            ),
        ),
        "two layers": edited(
            LORA,
            ("nn.Parameter(torch.randn(rank, inside))", "nn.Linear(inside, rank, bias=False)"),
            ("nn.Parameter(torch.zeros(outside, rank))", "nn.Linear(rank, outside, bias=False)"),
            ("(x @ self.down.T @ self.up.T)", "self.up(self.down(x))"),
        ),
        "stored the other way": edited(
            LORA,
            ("torch.randn(rank, inside)", "torch.randn(inside, rank)"),
            ("torch.zeros(outside, rank)", "torch.zeros(rank, outside)"),
            ("x @ self.down.T @ self.up.T", "x @ self.down @ self.up"),
        ),
        "with dropout": edited(LORA, ("(x @ self.down.T", "(F.dropout(x, 0.1, self.training) @ self.down.T")),
        "frozen, scaled at the call": edited(
            LORA,
            ("self.scale = alpha / rank", "self.alpha, self.rank = alpha, rank\n        self.base.weight.requires_grad_(False)"),
            ("self.scale *", "self.alpha / self.rank *"),
        ),
    },
    wrong={
        "base left out": edited(LORA, ("self.base(x) + self.scale", "0 * self.base(x) + self.scale")),
        "scaled twice": edited(LORA, ("self.scale *", "self.scale * self.scale *")),
        "subtracts": edited(LORA, ("self.base(x) +", "self.base(x) -")),
        "base scaled as well": edited(LORA, ("self.base(x) + self.scale * (x @ self.down.T @ self.up.T)", "self.scale * (self.base(x) + x @ self.down.T @ self.up.T)")),
        "of the base's result": edited(LORA, ("alpha=3.0", "alpha=3.0, square=True"), ("self.base(x) +", "torch.relu(self.base(x)) +")),
        "an activation between": edited(LORA, ("(x @ self.down.T @", "(torch.relu(x @ self.down.T) @")),
    },
    certain=False,
)  # fmt: skip

SUITES = [DECODER_SUITE, MULTI_QUERY, ROTARY_SUITE, LORA_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
