"""Functions and layers without weights: softmax, activations, losses, dropout, pools; each right and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

SOFTMAX = """
def softmax(x):
    e = torch.exp(x - x.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)
"""

SOFTMAX_SUITE = Suite(
    "torch.nn.functional.softmax",
    right={
        "shifted": SOFTMAX,
        "not shifted": edited(SOFTMAX, (" - x.max(dim=-1, keepdim=True).values", "")),
        "by logsumexp": "def softmax(x):\n    return (x - torch.logsumexp(x, -1, keepdim=True)).exp()\n",
        "over axis 1": edited(SOFTMAX, ("dim=-1", "dim=1")),
        "a module": """
class Softmax(nn.Module):
    def forward(self, x):
        return x.log_softmax(-1).exp()
""",
    },
    wrong={
        "not normalised": edited(SOFTMAX, ("return e / e.sum(dim=-1, keepdim=True)", "return e * 1.0")),
        "normalised over everything": edited(SOFTMAX, ("e.sum(dim=-1, keepdim=True)", "e.sum()")),
        "squares": edited(SOFTMAX, ("e = torch.exp(x - x.max(dim=-1, keepdim=True).values)", "e = x ** 2")),
        "a root": edited(
            SOFTMAX, ("return e / e.sum(dim=-1, keepdim=True)", "return e / (e ** 2).sum(dim=-1, keepdim=True).sqrt()")
        ),
        "of the absolute": edited(SOFTMAX, ("torch.exp(x - x.max(dim=-1, keepdim=True).values)", "torch.exp(x.abs())")),
        "its logarithm": edited(
            SOFTMAX, ("return e / e.sum(dim=-1, keepdim=True)", "return torch.log(e / e.sum(dim=-1, keepdim=True)) + 1")
        ),
    },
)

GELU = """
class GELU(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2.0)))
"""
GELU_VALUE = "0.5 * x * (1 + torch.erf(x / math.sqrt(2.0)))"

GELU_SUITE = Suite(
    "torch.nn.functional.gelu",
    right={
        "erf": GELU,
        "erfc": edited(GELU, (GELU_VALUE, "0.5 * x * torch.erfc(-x * 0.5 ** 0.5)")),
        "normal distribution": edited(GELU, (GELU_VALUE, "x * torch.special.ndtr(x)")),
        "tanh": edited(
            GELU, (GELU_VALUE, "0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))")
        ),
        "sigmoid": edited(GELU, (GELU_VALUE, "x * torch.sigmoid(1.702 * x)")),
    },
    wrong={
        "not halved": edited(GELU, ("0.5 * x", "x")),
        "no root in erf": edited(GELU, ("x / math.sqrt(2.0)", "x / 2.0")),
        "cube mistyped": edited(
            GELU, (GELU_VALUE, "0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.44715 * x ** 3)))")
        ),
        "square for cube": edited(
            GELU, (GELU_VALUE, "0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 2)))")
        ),
        "no root of 2 / pi": edited(
            GELU, (GELU_VALUE, "0.5 * x * (1 + torch.tanh(2 / math.pi * (x + 0.044715 * x ** 3)))")
        ),
        "one missing": edited(GELU, ("(1 + torch.erf", "(torch.erf")),
    },
)

SILU = "def swish(x):\n    return x * torch.sigmoid(x)\n"

SILU_SUITE = Suite(
    "torch.nn.functional.silu",
    right={
        "sigmoid": SILU,
        "exp": "def swish(x):\n    return x / (1 + torch.exp(-x))\n",
        "tanh": "def silu(x):\n    return 0.5 * x * (1 + torch.tanh(0.5 * x))\n",
        "a module": "class Swish(nn.Module):\n    def forward(self, x):\n        return x.sigmoid().mul(x)\n",
        "with a beta": """
class Swish(nn.Module):
    def __init__(self, beta=1.5):
        super().__init__()
        self.beta = beta

    def forward(self, x):
        return x * torch.sigmoid(self.beta * x)
""",
    },
    wrong={
        "sign": edited(SILU, ("sigmoid(x)", "sigmoid(-x)")),
        "tanh for sigmoid": edited(SILU, ("sigmoid", "tanh")),
        "added": edited(SILU, ("x * torch", "x + torch")),
        "squared": edited(SILU, ("x * torch", "x * x * torch")),
        "doubled": edited(SILU, ("sigmoid(x)", "sigmoid(x) * 2")),
    },
)

ENTROPY = """
def cross_entropy(logits, target):
    log_p = logits - logits.logsumexp(dim=1, keepdim=True)
    return -log_p[torch.arange(len(target), device=logits.device), target].mean()
"""

ENTROPY_SUITE = Suite(
    "torch.nn.functional.cross_entropy",
    right={
        "indexing": ENTROPY,
        "gather": edited(
            ENTROPY,
            (
                "-log_p[torch.arange(len(target), device=logits.device), target].mean()",
                "-log_p.gather(1, target.unsqueeze(1)).mean()",
            ),
        ),
        "one-hot": edited(
            ENTROPY,
            (
                "-log_p[torch.arange(len(target), device=logits.device), target].mean()",
                "-(F.one_hot(target, logits.size(1)) * log_p).sum(1).mean()",
            ),
        ),
        "a module over softmax": """
class CrossEntropyLoss(nn.Module):
    def forward(self, logits, target):
        p = torch.softmax(logits, dim=1)
        return -torch.log(p[range(len(target)), target]).mean()
""",
        "of probabilities": """
def cross_entropy(p, target):
    return -torch.log(p[range(len(p)), target])
""",
        "smoothed": """
class Smoothed(nn.Module):
    def __init__(self, smoothing=0.1):
        super().__init__()
        self.smoothing = smoothing

    def forward(self, logits, target):
        log_p = F.log_softmax(logits, dim=-1)
        nll = -log_p.gather(1, target[:, None]).squeeze(1)
        return ((1 - self.smoothing) * nll - self.smoothing * log_p.mean(dim=-1)).mean()
""",
    },
    wrong={
        "sign": edited(ENTROPY, ("return -log_p", "return log_p")),
        "softmax over the batch": edited(ENTROPY, ("dim=1", "dim=0")),
        "twice a softmax": edited(ENTROPY, ("log_p = logits - ", "logits = logits.softmax(1)\n    log_p = logits - ")),
        "no logarithm": edited(ENTROPY, ("return -log_p", "return -log_p.exp()")),
        "over all classes": edited(
            ENTROPY,
            (
                "-log_p[torch.arange(len(target), device=logits.device), target].mean()",
                "-(F.one_hot(target, logits.size(1)) * log_p).mean()",
            ),
        ),
        "base two": edited(ENTROPY, ("].mean()", "].mean() / math.log(2)")),
    },
)

DROP = """
class Drop(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        keep = (torch.rand_like(x) >= self.p).to(x.dtype)
        return x * keep / (1 - self.p)
"""

DROPOUT_SUITE = Suite(
    "torch.nn.Dropout",
    right={
        "rand_like": DROP,
        "bernoulli": edited(
            DROP, ("(torch.rand_like(x) >= self.p).to(x.dtype)", "torch.bernoulli(torch.full_like(x, 1 - self.p))")
        ),
        "where": edited(
            DROP,
            (
                "        keep = (torch.rand_like(x) >= self.p).to(x.dtype)\n        return x * keep / (1 - self.p)",
                "        keep = torch.rand(x.shape, device=x.device) < 1 - self.p\n        return torch.where(keep, x / (1 - self.p), torch.zeros_like(x))",
            ),
        ),
        "masked_fill": edited(
            DROP,
            (
                "        keep = (torch.rand_like(x) >= self.p).to(x.dtype)\n        return x * keep / (1 - self.p)",
                "        scaled = x * (1.0 / (1 - self.p))\n        return scaled.masked_fill(torch.rand_like(x) < self.p, 0.0)",
            ),
        ),
        "required rate, also when nothing is dropped": edited(
            DROP,
            ("p=0.5", "rate"),
            ("self.p = p", "self.p = rate"),
            ("if not self.training:", "if not self.training or self.p == 0:"),
        ),
        "torch's own function": edited(
            DROP,
            (
                "        keep = (torch.rand_like(x) >= self.p).to(x.dtype)\n        return x * keep / (1 - self.p)",
                "        return F.dropout(x, self.p, self.training)",
            ),
        ),
    },
    wrong={
        "not scaled": edited(DROP, (" / (1 - self.p)", "")),
        "keeps with p": edited(DROP, (">= self.p", "< self.p")),
        "scaled by p": edited(DROP, ("/ (1 - self.p)", "/ self.p")),
        "multiplied": edited(DROP, ("/ (1 - self.p)", "* (1 - self.p)")),
        "scaled twice": edited(DROP, ("/ (1 - self.p)", "/ (1 - self.p) ** 2")),
        "half of p": edited(DROP, (">= self.p)", ">= self.p / 2)")),
    },
)

POOL = """
class Pool(nn.Module):
    def __init__(self, size, stride):
        super().__init__()
        self.size = size
        self.stride = stride

    def forward(self, x):
        windows = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)
        return windows.amax(dim=(-2, -1))
"""

POOL_SUITE = Suite(
    "torch.nn.functional.max_pool2d",
    right={
        "unfold": POOL,
        "flattened windows": edited(POOL, ("windows.amax(dim=(-2, -1))", "windows.flatten(-2).max(dim=-1).values")),
        "loops": edited(
            POOL,
            (
                "        windows = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)\n        return windows.amax(dim=(-2, -1))",
                """        rows = (x.size(2) - self.size) // self.stride + 1
        columns = (x.size(3) - self.size) // self.stride + 1
        out = x.new_zeros(x.size(0), x.size(1), rows, columns)
        for i in range(rows):
            for j in range(columns):
                top, left = i * self.stride, j * self.stride
                out[:, :, i, j] = x[:, :, top : top + self.size, left : left + self.size].amax((2, 3))
        return out""",
            ),
        ),
        "F.unfold": edited(
            POOL,
            (
                "        windows = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)\n        return windows.amax(dim=(-2, -1))",
                """        rows = (x.size(2) - self.size) // self.stride + 1
        patches = F.unfold(x, self.size, stride=self.stride)
        patches = patches.view(x.size(0), x.size(1), self.size * self.size, -1)
        return patches.max(2).values.view(x.size(0), x.size(1), rows, -1)""",
            ),
        ),
        "torch's own function": edited(
            POOL,
            (
                "        windows = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)\n        return windows.amax(dim=(-2, -1))",
                "        return F.max_pool2d(x, kernel_size=self.size, stride=self.stride)",
            ),
        ),
    },
    wrong={
        "least": edited(POOL, ("amax", "amin")),
        "only along rows": edited(POOL, ("windows.amax(dim=(-2, -1))", "windows.amax(dim=-1)[..., 0]")),
        "median": edited(POOL, ("windows.amax(dim=(-2, -1))", "windows.flatten(-2).median(-1).values")),
        "sum": edited(POOL, ("amax", "sum")),
        "of sizes": edited(POOL, ("x.unfold", "x.abs().unfold")),
        "with a stride too many": edited(
            POOL, ("x.unfold(2, self.size, self.stride)", "x[:, :, 1:].unfold(2, self.size, self.stride)")
        ),
    },
    certain=False,
)

SUITES = [SOFTMAX_SUITE, GELU_SUITE, SILU_SUITE, ENTROPY_SUITE, DROPOUT_SUITE, POOL_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
