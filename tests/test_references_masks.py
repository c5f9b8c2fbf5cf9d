"""Masks, biases and filters of scores: right in several forms, and wrong as people get them wrong."""

import pytest
from mutants import Suite, edited, hold

CAUSAL = "def look_ahead_mask(size):\n    return torch.tril(torch.ones(size, size)).bool()\n"

CAUSAL_SUITE = Suite(
    "causal mask",
    right={
        "lower triangle": CAUSAL,
        "upper triangle": "def mask(n):\n    return torch.triu(torch.ones(n, n), diagonal=1) == 1\n",
        "to be added": "def mask(size):\n    return torch.full((size, size), float('-inf')).triu(1)\n",
        "by positions, with axes for batch and heads": "def mask(length):\n    at = torch.arange(length)\n    return (at[None, :] <= at[:, None])[None, None]\n",
        "zeros and ones": "def subsequent_mask(size):\n    return 1 - torch.triu(torch.ones(1, size, size), diagonal=1)\n",
        "filled": "def mask(size):\n    hidden = torch.triu(torch.ones(size, size, dtype=torch.bool), 1)\n    return torch.zeros(size, size).masked_fill(hidden, float('-inf'))\n",
    },
    wrong={
        "hides the present": "def mask(n):\n    return torch.triu(torch.ones(n, n)).bool()\n",
        "shows the next": edited(CAUSAL, ("torch.ones(size, size)", "torch.ones(size, size), 1")),
        "transposed": "def mask(n):\n    return torch.tril(torch.ones(n, n), diagonal=-1).bool()\n",
        "one in place of infinity": "def mask(size):\n    return torch.full((size, size), float('-inf')).triu(1) + torch.eye(size)\n",
        "all": edited(CAUSAL, ("torch.tril(torch.ones(size, size))", "torch.ones(size, size)")),
        "positive infinity": "def mask(size):\n    return torch.full((size, size), float('inf')).triu(1)\n",
    },
    certain=False,
)

SLOPES = "def slopes(n_heads):\n    start = 2 ** (-8 / n_heads)\n    return torch.tensor([start ** (i + 1) for i in range(n_heads)])\n"

SLOPES_SUITE = Suite(
    "slopes of linear biases (Press et al. 2022)",
    right={
        "powers": SLOPES,
        "exponents": "def slopes(n_heads):\n    return 2.0 ** (-8.0 * torch.arange(1, n_heads + 1) / n_heads)\n",
        "torch.pow, with axes": "def slopes(heads):\n    x = (2 ** 8) ** (1 / heads)\n    return (1 / x ** torch.arange(1, heads + 1)).view(heads, 1, 1)\n",
        "a loop": "def slopes(heads):\n    out = torch.empty(heads)\n    for h in range(heads):\n        out[h] = 1 / 2 ** (8 * (h + 1) / heads)\n    return out\n",
        "exp": "def slopes(num_heads):\n    return torch.exp(-math.log(2) * 8 / num_heads * torch.arange(1, num_heads + 1))\n",
    },
    wrong={
        "counted from zero": edited(SLOPES, ("(i + 1)", "i")),
        "base e": "def slopes(n_heads):\n    return torch.exp(-8.0 * torch.arange(1, n_heads + 1) / n_heads)\n",
        "growing": edited(SLOPES, ("(-8 / n", "(8 / n")),
        "half as steep": edited(SLOPES, ("(-8 / n", "(-4 / n")),
        "a line": "def slopes(n_heads):\n    return torch.arange(1, n_heads + 1) / n_heads\n",
    },
    certain=False,
)

ALIBI = """
def alibi(n_heads, seq_len):
    slopes = 2.0 ** (-8.0 * torch.arange(1, n_heads + 1) / n_heads)
    at = torch.arange(seq_len)
    return slopes[:, None, None] * (at[None, :] - at[:, None])
"""

ALIBI_SUITE = Suite(
    "linear biases of attention (Press et al. 2022)",
    right={
        "differences": ALIBI,
        "of both sides": edited(ALIBI, ("(at[None, :] - at[:, None])", "-(at[None, :] - at[:, None]).abs()")),
        "the column alone": edited(ALIBI, ("(at[None, :] - at[:, None])", "at[None, None, :].expand(1, seq_len, seq_len)")),
        "masked": edited(ALIBI, ("return slopes", "bias = slopes"), ("at[:, None])\n", "at[:, None])\n    return bias + torch.full((seq_len, seq_len), float('-inf')).triu(1)\n")),
        "an axis for the batch": edited(ALIBI, ("return slopes[:, None, None]", "return slopes.view(1, n_heads, 1, 1)")),
        "loops": """
def alibi(n_heads, seq_len):
    bias = torch.zeros(n_heads, seq_len, seq_len)
    for h in range(n_heads):
        for i in range(seq_len):
            bias[h, i] = 2 ** (-8 * (h + 1) / n_heads) * (torch.arange(seq_len) - i)
    return bias
""",
    },
    wrong={
        "the far preferred": edited(ALIBI, ("(at[None, :] - at[:, None])", "(at[:, None] - at[None, :])")),
        "slopes from zero": edited(ALIBI, ("torch.arange(1, n_heads + 1)", "torch.arange(n_heads)")),
        "distances squared": edited(ALIBI, ("(at[None, :] - at[:, None])", "-(at[None, :] - at[:, None]) ** 2")),
        "growing slopes": edited(ALIBI, ("-8.0", "8.0")),
        "the same for all heads": edited(ALIBI, ("slopes[:, None, None]", "slopes.mean() * torch.ones(n_heads, 1, 1)")),
    },
    certain=False,
)  # fmt: skip

TOP_K = """
def top_k_logits(logits, k):
    least = torch.topk(logits, k, dim=-1).values[..., -1, None]
    return torch.where(logits < least, torch.full_like(logits, float("-inf")), logits)
"""

TOP_K_SUITE = Suite(
    "top-k filter",
    right={
        "where": TOP_K,
        "masked_fill": edited(TOP_K, ('torch.where(logits < least, torch.full_like(logits, float("-inf")), logits)', 'logits.masked_fill(logits < least, -float("inf"))')),
        "scattered": """
def top_k(logits, k):
    values, places = logits.topk(k, dim=-1)
    return torch.full_like(logits, float("-inf")).scatter(-1, places, values)
""",
        "assigned": """
def top_k(logits, top_k=2):
    out = logits.clone()
    out[out < torch.topk(out, top_k)[0][..., -1, None]] = -float("Inf")
    return out
""",
        "sorted, as probabilities": """
def top_k(logits, k):
    least = logits.sort(dim=-1, descending=True).values[..., k - 1 : k]
    return F.softmax(logits.masked_fill(logits < least, float("-inf")), dim=-1)
""",
    },
    wrong={
        "the least": edited(TOP_K, ("dim=-1)", "dim=-1, largest=False)"), ("logits < least", "logits > least")),
        "one too few": edited(TOP_K, ("logits < least", "logits <= least")),
        "over the batch": edited(TOP_K, ("dim=-1).values[..., -1, None]", "dim=0).values[-1:]")),
        "zero for infinity": edited(TOP_K, ('float("-inf")', "0.0")),
        "of sizes": edited(TOP_K, ("torch.topk(logits,", "torch.topk(logits.abs(),")),
        "the greatest alone": edited(TOP_K, ("[..., -1, None]", "[..., 0, None]")),
    },
    certain=False,
)  # fmt: skip

NUCLEUS = """
def top_p_logits(logits, top_p=0.7):
    ordered, places = torch.sort(logits, descending=True, dim=-1)
    total = torch.cumsum(F.softmax(ordered, dim=-1), dim=-1)
    remove = total > top_p
    remove[..., 1:] = remove[..., :-1].clone()
    remove[..., 0] = False
    return logits.masked_fill(remove.scatter(-1, places, remove), float("-inf"))
"""

NUCLEUS_SUITE = Suite(
    "nucleus filter (Holtzman et al. 2020)",
    right={
        "shifted": NUCLEUS,
        "taken away": """
def nucleus(logits, p=0.6):
    ordered, places = logits.sort(dim=-1, descending=True)
    chances = ordered.softmax(-1)
    ordered = ordered.masked_fill(chances.cumsum(-1) - chances > p, float("-inf"))
    return torch.empty_like(logits).scatter(-1, places, ordered)
""",
        "by a required share": edited(NUCLEUS, ("top_p=0.7", "top_p")),
        "as probabilities": edited(NUCLEUS, ('remove), float("-inf"))', 'remove), float("-inf")).softmax(-1)')),
        "from the least up": """
def nucleus(logits, top_p=0.8):
    ordered, places = torch.sort(logits, dim=-1)
    remove = ordered.softmax(-1).cumsum(-1) <= 1 - top_p
    return logits.masked_fill(remove.scatter(-1, places, remove), float("-inf"))
""",
    },
    wrong={
        "the last of them dropped": edited(NUCLEUS, ("    remove[..., 1:] = remove[..., :-1].clone()\n    remove[..., 0] = False\n", "")),
        "not put back in order": edited(NUCLEUS, ("remove.scatter(-1, places, remove)", "remove")),
        "the sum of logits": edited(NUCLEUS, ("F.softmax(ordered, dim=-1)", "ordered")),
        "ascending": edited(NUCLEUS, ("descending=True", "descending=False")),
        "the others kept": edited(NUCLEUS, ("total > top_p", "total < top_p")),
        "zero for infinity": edited(NUCLEUS, ('float("-inf")', "0.0")),
    },
    certain=False,
)  # fmt: skip

WARM = "def probabilities(logits, temperature=0.7):\n    return torch.softmax(logits / temperature, dim=-1)\n"

WARM_SUITE = Suite(
    "softmax with a temperature",
    right={
        "divided": WARM,
        "required": edited(WARM, ("temperature=0.7", "temperature")),
        "by hand": "def probabilities(logits, temperature=0.5):\n    e = torch.exp((logits - logits.max(-1, keepdim=True).values) / temperature)\n    return e / e.sum(-1, keepdim=True)\n",
        "a power": "def probabilities(logits, temperature=2.0):\n    p = logits.softmax(-1) ** (1 / temperature)\n    return p / p.sum(-1, keepdim=True)\n",
        "a module": """
class Warm(nn.Module):
    def __init__(self, temperature=1.5):
        super().__init__()
        self.temperature = temperature

    def forward(self, x):
        return (x / self.temperature).log_softmax(-1).exp()
""",
    },
    wrong={
        "multiplied": edited(WARM, ("/ temperature", "* temperature")),
        "after the softmax": edited(WARM, ("torch.softmax(logits / temperature, dim=-1)", "torch.softmax(logits, dim=-1) / temperature")),
        "over the batch": edited(WARM, ("dim=-1", "dim=0")),
        "squared": edited(WARM, ("/ temperature", "/ temperature ** 2")),
        "a power, not normalised": "def probabilities(logits, temperature=2.0):\n    return logits.softmax(-1) ** (1 / temperature)\n",
    },
    certain=False,
)  # fmt: skip

TABLE = """
def positional_encoding(seq_len, d_model):
    at = torch.arange(seq_len).unsqueeze(1)
    rates = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
    table = torch.zeros(seq_len, d_model)
    table[:, 0::2] = torch.sin(at * rates)
    table[:, 1::2] = torch.cos(at * rates)
    return table
"""

TABLE_SUITE = Suite(
    "table of sinusoids (Vaswani et al. 2017)",
    right={
        "in turns": TABLE,
        "an axis for the batch": edited(TABLE, ("return table", "return table.unsqueeze(0)")),
        "loops": """
def positional_encoding(length, width):
    table = torch.zeros(length, width)
    for pos in range(length):
        for i in range(width):
            angle = pos / 10000 ** (2 * (i // 2) / width)
            table[pos, i] = math.sin(angle) if i % 2 == 0 else math.cos(angle)
    return table
""",
        "stacked": edited(TABLE, ("    return table", "    return torch.stack((torch.sin(at * rates), torch.cos(at * rates)), dim=-1).view(seq_len, d_model)")),
        "the width first": edited(TABLE, ("(seq_len, d_model):", "(d_model, seq_len):")),
        "sines, then cosines": edited(TABLE, ("    return table", "    return torch.cat((torch.sin(at * rates), torch.cos(at * rates)), dim=-1)")),
    },
    wrong={
        "rates twice as far apart": edited(TABLE, ("/ d_model))", "/ d_model * 2))")),
        "every second rate": edited(TABLE, ("torch.arange(0, d_model, 2)", "torch.arange(0, d_model // 2)")),
        "two sines": edited(TABLE, ("torch.cos", "torch.sin")),
        "another base": edited(TABLE, ("10000.0", "1000.0")),
        "counted from one": edited(TABLE, ("torch.arange(seq_len)", "torch.arange(1, seq_len + 1)")),
        "growing rates": edited(TABLE, ("-math.log", "math.log")),
    },
    certain=False,
)  # fmt: skip

TURN = """
def apply_rotary(q, k, cos, sin):
    def across(x):
        one, two = x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :]
        return torch.cat((-two, one), dim=-1)

    return q * cos + across(q) * sin, k * cos + across(k) * sin
"""

TURN_SUITE = Suite(
    "rotation by given angles (Su et al. 2021)",
    right={
        "halves": TURN,
        "of one": edited(TURN, ("(q, k, cos", "(q, cos"), (", k * cos + across(k) * sin", "")),
        "narrowed": "def turn(x, cos, sin):\n    half = x.size(-1) // 2\n    one, two = x.narrow(-1, 0, half), x.narrow(-1, half, x.size(-1) - half)\n    return cos * x + sin * torch.cat([two.neg(), one], -1)\n",
        "neighbours": """
def apply_rotary(x, cos, sin):
    across = torch.stack((-x[..., 1::2], x[..., 0::2]), dim=-1).flatten(-2)
    return x * cos + across * sin
""",
        "assigned": """
def apply_rotary(x, cos, sin):
    across = torch.empty_like(x)
    across[..., 0::2] = -x[..., 1::2]
    across[..., 1::2] = x[..., 0::2]
    return x * cos + across * sin
""",
    },
    wrong={
        "no sign": edited(TURN, ("(-two, one)", "(two, one)")),
        "the other sign": edited(TURN, ("(-two, one)", "(two, -one)")),
        "not swapped": edited(TURN, ("(-two, one)", "(-one, two)")),
        "sine and cosine swapped": edited(TURN, ("q * cos + across(q) * sin", "q * sin + across(q) * cos")),
        "key by the query": edited(TURN, ("k * cos + across(k)", "k * cos + across(q)")),
        "taken away": edited(TURN, ("q * cos +", "q * cos -")),
    },
    certain=False,
)  # fmt: skip

ONE_HOT = "def one_hot(y, num_classes):\n    return torch.eye(num_classes)[y]\n"

ONE_HOT_SUITE = Suite(
    "torch.nn.functional.one_hot",
    right={
        "rows of a unit matrix": ONE_HOT,
        "scatter": "def one_hot(y, num_classes):\n    return torch.zeros(*y.shape, num_classes).scatter_(-1, y.unsqueeze(-1), 1.0)\n",
        "compared": "def one_hot(y, num_classes):\n    return (y.unsqueeze(-1) == torch.arange(num_classes)).float()\n",
        "torch's own": "def one_hot(y, n_classes):\n    return F.one_hot(y, n_classes).float()\n",
        "assigned": "def one_hot(labels, num_classes=6):\n    out = torch.zeros(len(labels), num_classes)\n    out[torch.arange(len(labels)), labels] = 1\n    return out\n",
    },
    wrong={
        "counted from one": edited(ONE_HOT, ("[y]", "[y - 1]")),
        "from the end": edited(ONE_HOT, ("[y]", "[-y - 1]")),
        "all but one": edited(ONE_HOT, ("torch.eye(num_classes)[y]", "1 - torch.eye(num_classes)[y]")),
        "all up to it": edited(ONE_HOT, ("torch.eye(num_classes)", "torch.ones(num_classes, num_classes).tril()")),
        "its number": edited(ONE_HOT, ("torch.eye(num_classes)[y]", "torch.eye(num_classes)[y] * (y[..., None] + 1)")),
        "smoothed": edited(
            ONE_HOT, ("torch.eye(num_classes)[y]", "torch.eye(num_classes)[y] * 0.9 + 0.1 / num_classes")
        ),
    },
    certain=False,
)

SUITES = [
    CAUSAL_SUITE,
    SLOPES_SUITE,
    ALIBI_SUITE,
    TOP_K_SUITE,
    NUCLEUS_SUITE,
    WARM_SUITE,
    TABLE_SUITE,
    TURN_SUITE,
    ONE_HOT_SUITE,
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
