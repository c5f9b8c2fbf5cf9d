"""Convolutions, pools, norms over groups, gates and cells written out; and classes around one layer of torch."""

from collections.abc import Mapping

import pytest
from mutants import Suite, edited, hold


def taps(rank: int) -> str:
    """A convolution of ``rank`` spatial axes as a sum over the places of its kernel."""
    places = ", ".join("ijk"[:rank])
    sizes = "\n".join(f"        {n} = x.size({at + 2}) - self.k + 1" for at, n in enumerate("abc"[:rank]))
    window = ", ".join(f"{i} : {i} + {n}" for i, n in zip("ijk"[:rank], "abc"[:rank], strict=True))
    loops = f"product(range(self.k), repeat={rank})"
    shape = ", ".join(["outside", "inside", *["k"] * rank])
    ones = ", 1" * rank
    size = 3 if rank < 3 else 2
    return f"""
from itertools import product


class Taps(nn.Module):
    def __init__(self, inside, outside, k={size}):
        super().__init__()
        self.k = k
        self.weight = nn.Parameter(torch.rand({shape}))
        self.bias = nn.Parameter(torch.rand(outside))

    def forward(self, x):
{sizes}
        total = 0
        for {places}{"," if rank == 1 else ""} in {loops}:
            window = x[:, :, {window}]
            total = total + torch.einsum("ni...,oi->no...", window, self.weight[:, :, {places}])
        return total + self.bias.view(1, -1{ones})
"""


def convolution(rank: int) -> Suite:
    text = taps(rank)
    name = f"conv{rank}d"
    return Suite(
        f"torch.nn.functional.{name}",
        {
            "taps": text,
            "no bias": edited(
                text,
                ("        self.bias = nn.Parameter(torch.rand(outside))\n", ""),
                (f" + self.bias.view(1, -1{', 1' * rank})", ""),
            ),
            "torch's own function": text[: text.index("        a = ")]
            + f"        return F.{name}(x, self.weight, self.bias)\n",
            "stride of two": text[: text.index("        a = ")]
            + f"        return F.{name}(x, self.weight, self.bias, stride=2)\n",
            "padded": text[: text.index("        a = ")]
            + f"        x = F.pad(x, (1, 1) * {rank})\n        return F.{name}(x, self.weight, self.bias)\n",
            "bias first": edited(
                text,
                ("total = 0", f"total = self.bias.view(1, -1{', 1' * rank})"),
                (f"total + self.bias.view(1, -1{', 1' * rank})", "total"),
            ),
        },
        {
            "kernel flipped": edited(text, ("self.weight[:, :,", "self.weight.flip(2)[:, :,")),
            "bias taken away": edited(text, ("total + self.bias", "total - self.bias")),
            "last tap left out": edited(text, ("range(self.k)", "range(self.k - 1)")),
            "kernel of sizes": edited(text, ("self.weight[:, :,", "self.weight.abs()[:, :,")),
            "mean of the taps": edited(text, ("total + self.bias", "total / self.k + self.bias")),
        },
        certain=False,
    )


def pool(reference: str, text: str, own: str, wrong: Mapping[str, tuple[str, str]]) -> Suite:
    """A suite for a pool of ``size`` and ``stride``: a formula over the windows ``w``."""
    head = "class Pool(nn.Module):\n    def __init__(self, size=3, stride=2):\n        super().__init__()\n        self.size, self.stride = size, stride\n\n    def forward(self, x):\n"
    body = f"        {text}\n"
    return Suite(
        reference,
        {
            "windows": head + body,
            "required settings": edited(head, ("size=3, stride=2", "size, stride")) + body,
            "of a copy": head + "        x = x.clone()\n" + body,
            "by the sum of parts": head + body.replace("return ", "half = ") + "        return half / 2 + half / 2\n",
            "torch's own function": head + f"        return {own}\n",
        },
        {note: head + edited(body, edit) for note, edit in wrong.items()},
        certain=False,
    )


THREE = "n, c, depth, height, width = x.shape\n        w = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride).unfold(4, self.size, self.stride)\n        return "
TWO = "w = x.unfold(2, self.size, self.stride).unfold(3, self.size, self.stride)\n        return "
ONE = "w = x.unfold(-1, self.size, self.stride)\n        return "
POOLS = [
    pool("torch.nn.functional.avg_pool2d", TWO + "w.mean((-2, -1))", "F.avg_pool2d(x, self.size, self.stride)", {
        "sum": ("w.mean(", "w.sum("),
        "maximum of rows": ("w.mean((-2, -1))", "w.amax(-1).mean(-1)"),
        "one too few": ("w.mean((-2, -1))", "w.sum((-2, -1)) / (self.size ** 2 - 1)"),
        "of sizes": ("x.unfold", "x.abs().unfold"),
        "of squares": ("w.mean(", "(w ** 2).mean("),
    }),
    pool("torch.nn.functional.avg_pool3d", THREE + "w.mean((-3, -2, -1))", "F.avg_pool3d(x, self.size, self.stride)", {
        "sum": ("w.mean(", "w.sum("),
        "of one axis": ("w.mean((-3, -2, -1))", "w.mean((-2, -1))[..., 0]"),
        "by two axes": ("w.mean((-3, -2, -1))", "w.sum((-3, -2, -1)) / self.size ** 2"),
        "of sizes": ("x.unfold", "x.abs().unfold"),
        "root of squares": ("w.mean((-3, -2, -1))", "(w ** 2).mean((-3, -2, -1)).sqrt()"),
    }),
    pool("torch.nn.functional.max_pool3d", THREE + "w.amax((-3, -2, -1))", "F.max_pool3d(x, self.size, self.stride)", {
        "least": ("w.amax(", "w.amin("),
        "of one axis": ("w.amax((-3, -2, -1))", "w.amax((-2, -1))[..., 0]"),
        "above zero": ("w.amax((-3, -2, -1))", "w.amax((-3, -2, -1)).clamp(min=0)"),
        "of sizes": ("x.unfold", "x.abs().unfold"),
        "greatest mean": ("w.amax((-3, -2, -1))", "w.mean((-2, -1)).amax(-1)"),
    }),
    pool("torch.nn.functional.avg_pool1d", ONE + "w.mean(-1)", "F.avg_pool1d(x, self.size, self.stride)", {
        "sum": ("w.mean(", "w.sum("),
        "median": ("w.mean(-1)", "w.median(-1).values"),
        "one too few": ("w.mean(-1)", "w.sum(-1) / (self.size - 1)"),
        "of sizes": ("x.unfold", "x.abs().unfold"),
        "of squares": ("w.mean(", "(w ** 2).mean("),
    }),
    pool("torch.nn.functional.max_pool1d", ONE + "w.amax(-1)", "F.max_pool1d(x, self.size, self.stride)", {
        "least": ("w.amax(", "w.amin("),
        "first": ("w.amax(-1)", "w[..., 0]"),
        "of sizes": ("x.unfold", "x.abs().unfold"),
        "above zero": ("w.amax(-1)", "w.amax(-1).clamp(min=0)"),
        "size of the greatest": ("w.amax(-1)", "w.abs().amax(-1)"),
    }),
]  # fmt: skip

GLOBAL = "class Pool(nn.Module):\n    def forward(self, x):\n        return x.mean((2, 3))\n"
AVERAGES = Suite(
    "global average pooling (Lin et al. 2014)",
    {
        "mean": GLOBAL,
        "kept axes": edited(GLOBAL, ("(2, 3)", "(2, 3), keepdim=True")),
        "flattened": edited(GLOBAL, ("x.mean((2, 3))", "x.flatten(2).sum(2) / (x.size(2) * x.size(3))")),
        "axis by axis": edited(GLOBAL, ("x.mean((2, 3))", "x.mean(3).mean(2)")),
        "a view": edited(GLOBAL, ("x.mean((2, 3))", "x.view(x.size(0), x.size(1), -1).mean(-1)")),
    },
    {
        "sum": edited(GLOBAL, ("x.mean(", "x.sum(")),
        "of sizes": edited(GLOBAL, ("x.mean(", "x.abs().mean(")),
        "root": edited(GLOBAL, ("x.mean((2, 3))", "x.pow(2).mean((2, 3)).sqrt()")),
        "by one axis": edited(GLOBAL, ("x.mean((2, 3))", "x.sum((2, 3)) / x.size(2)")),
        "of the corner": edited(GLOBAL, ("x.mean(", "x[:, :, :2, :2].mean(")),
    },
    certain=False,
)
GREATEST = Suite(
    "global max pooling",
    {
        "amax": edited(GLOBAL, ("x.mean(", "x.amax(")),
        "kept axes": edited(GLOBAL, ("x.mean((2, 3))", "x.amax((2, 3), keepdim=True)")),
        "flattened": edited(GLOBAL, ("x.mean((2, 3))", "x.flatten(2).max(2).values")),
        "axis by axis": edited(GLOBAL, ("x.mean((2, 3))", "x.max(3)[0].max(2)[0]")),
        "sorted": edited(GLOBAL, ("x.mean((2, 3))", "x.flatten(2).sort(-1).values[..., -1]")),
    },
    {
        "least": edited(GLOBAL, ("x.mean(", "x.amin(")),
        "size of the greatest": edited(GLOBAL, ("x.mean(", "x.abs().amax(")),
        "second": edited(GLOBAL, ("x.mean((2, 3))", "x.flatten(2).sort(-1).values[..., -2]")),
        "halved": edited(GLOBAL, ("x.mean((2, 3))", "x.amax((2, 3)) / 2")),
        "of the means": edited(GLOBAL, ("x.mean((2, 3))", "x.mean(3).amax(2)")),
    },
    certain=False,
)

GROUPS = """
class Norm(nn.Module):
    def __init__(self, groups, channels, eps=1e-5):
        super().__init__()
        self.groups, self.eps = groups, eps
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        n, c, h, w = x.shape
        y = x.view(n, self.groups, -1)
        y = (y - y.mean(-1, keepdim=True)) / torch.sqrt(y.var(-1, keepdim=True, unbiased=False) + self.eps)
        return y.view(n, c, h, w) * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)
"""
INSTANCE = edited(GROUPS, ("self, groups, channels", "self, channels"), ("self.groups, self.eps = groups, eps", "self.eps = eps"), ("self.groups, -1)", "c, -1)"))  # fmt: skip


def spread(reference: str, text: str, own: str) -> Suite:
    """A suite for a normalisation of images that is written as GROUPS is."""
    start = text[: text.index("        n, c, h, w")]
    end = " * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)"
    return Suite(
        reference,
        {
            "view": text,
            "squares": edited(text, ("y.var(-1, keepdim=True, unbiased=False)", "((y - y.mean(-1, keepdim=True)) ** 2).mean(-1, keepdim=True)")),
            "rsqrt": edited(text, (") / torch.sqrt(", ") * torch.rsqrt(")),
            "weights of shape (1, c, 1, 1)": edited(text, ("torch.ones(channels)", "torch.ones(1, channels, 1, 1)"), ("torch.zeros(channels)", "torch.zeros(1, channels, 1, 1)"), (end, " * self.gamma + self.beta")),
            "torch's own function": start + f"        return {own}\n",
        },
        {
            "unbiased": edited(text, ("unbiased=False", "unbiased=True")),
            "eps outside": edited(text, ("torch.sqrt(y.var(-1, keepdim=True, unbiased=False) + self.eps)", "(y.var(-1, keepdim=True, unbiased=False).sqrt() + self.eps)")),
            "no root": edited(text, ("torch.sqrt(y", "(y")),
            "mean not taken away": edited(text, ("(y - y.mean(-1, keepdim=True)) /", "y /")),
            "shift scaled too": edited(text, (" * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)", ".add(self.beta.view(1, -1, 1, 1)) * self.gamma.view(1, -1, 1, 1)")),
        },
        certain=False,
    )  # fmt: skip


NORMS = [
    spread("torch.nn.functional.group_norm", GROUPS, "F.group_norm(x, self.groups, self.gamma, self.beta, self.eps)"),
    spread("torch.nn.functional.instance_norm", INSTANCE, "F.instance_norm(x, weight=self.gamma, bias=self.beta, eps=self.eps)"),
]  # fmt: skip

GATE = """
class Gate(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down(ACT(self.gate(x)) * self.up(x))
"""


def gate(reference: str, act: str, by_hand: str) -> Suite:
    text = edited(GATE, ("ACT", act))
    fused = edited(text, ("nn.Linear(width, inner, bias=False)\n        self.up = nn.Linear(width, inner, bias=False)", "nn.Linear(width, 2 * inner, bias=False)"), (f"{act}(self.gate(x)) * self.up(x)", "g * u"), ("        return", f"        g, u = self.gate(x).chunk(2, -1)\n        g = {act}(g)\n        return"))  # fmt: skip
    return Suite(
        reference,
        {
            "three layers": text,
            "fused": fused,
            "up first": edited(text, (f"{act}(self.gate(x)) * self.up(x)", f"self.up(x) * {act}(self.gate(x))")),
            "by hand": edited(text, (f"{act}(self.gate(x))", by_hand), ("        return", "        g = self.gate(x)\n        return")),
            "products": edited(text, ("self.down(", "F.linear("), ("self.up(x))", "self.up(x), self.down.weight)")),
        },
        {
            "added": edited(text, (") * self.up", ") + self.up")),
            "both": edited(text, ("* self.up(x)", f"* {act}(self.up(x))")),
            "no activation": edited(text, (f"{act}(self.gate(x))", "self.gate(x)")),
            "tanh": edited(text, (f"{act}(", "torch.tanh(")),
            "after the product": edited(text, (f"{act}(self.gate(x)) * self.up(x)", f"{act}(self.gate(x) * self.up(x))")),
            "twice": edited(text, (f"{act}(self.gate(x))", f"{act}({act}(self.gate(x)))")),
        },
        certain=False,
    )  # fmt: skip


GATES = [
    gate("GEGLU (Shazeer 2020)", "F.gelu", "(0.5 * g * (1 + torch.erf(g / 2 ** 0.5)))"),
    gate("GLU (Dauphin et al. 2017)", "torch.sigmoid", "(1 / (1 + torch.exp(-g)))"),
]

WRAPPED = [
    ("Linear", "width, inner", "x"),
    ("ConvTranspose1d", "width, inner, 3", "x"),
    ("ConvTranspose2d", "width, inner, 3", "x"),
    ("ConvTranspose3d", "width, inner, 2", "x"),
    # What functions of the same name do not stand for: dilated, padded, to a size, over two axes.
    ("Conv1d", "width, inner, 3, dilation=2", "x"),
    ("Conv2d", "width, inner, 3, dilation=2", "x"),
    ("Conv3d", "width, inner, 2, dilation=2", "x"),
    ("MaxPool1d", "3, 2, 1", "x"),
    ("MaxPool2d", "3, 2, 1", "x"),
    ("MaxPool3d", "3, 2, 1", "x"),
    ("AvgPool1d", "3, 2, 1", "x"),
    ("AvgPool2d", "3, 2, 1", "x"),
    ("AvgPool3d", "3, 2, 1", "x"),
    ("AdaptiveAvgPool1d", "4", "x"),
    ("AdaptiveAvgPool2d", "4", "x"),
    ("AdaptiveMaxPool1d", "4", "x"),
    ("AdaptiveMaxPool2d", "4", "x"),
    ("LayerNorm", "(inner, width)", "x"),
    ("Bilinear", "width, inner, 4", "x, y"),
    ("Embedding", "width, inner", "x"),
    ("GroupNorm", "2, width", "x"),
    ("GRU", "width, inner", "x"),
    ("LSTM", "width, inner", "x"),
    ("RNN", "width, inner", "x"),
    ("LSTMCell", "width, inner", "x"),
    ("GRUCell", "width, inner", "x"),
    ("RNNCell", "width, inner", "x"),
    ("MultiheadAttention", "width, 2", "x, y, z"),
]


def wrapper(layer: str, arguments: str, inputs: str) -> Suite:
    """A suite for a class around one layer; what it does to the result by mistake shows."""
    of_tuple = layer in ("GRU", "LSTM", "RNN", "MultiheadAttention")
    first = "[0]" if of_tuple or layer == "LSTMCell" else ""
    text = f"""
class Around(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.core = nn.{layer}({arguments})

    def forward(self, {inputs}):
        y_ = self.core({inputs}){first}
        return y_
"""
    result = {
        "negated": "-y_",
        "doubled": "y_ * 2",
        "one more": "y_ + 1",
        "cut": "y_.clamp(-0.1, 0.1)",
        "sizes": "y_.abs() + 0.5 * y_",
    }
    return Suite(
        f"torch.nn.{layer}",
        {
            "kept": text,
            "returned at once": edited(text, ("        y_ =", "        return"), ("        return y_\n", "")),
            "made apart": edited(text, ("self.core = nn.", "core = nn."), (f"({arguments})\n", f"({arguments})\n        self.core = core\n")),
            "in a dictionary": edited(text, (f"self.core = nn.{layer}({arguments})", f"self.parts = nn.ModuleDict({{'core': nn.{layer}({arguments})}})"), ("self.core(", "self.parts['core'](")),
            "in a method": edited(text, ("        return y_\n", "        return self.give(y_)\n\n    def give(self, y_):\n        return y_\n")),
        },
        {note: edited(text, ("return y_", f"return {wrong}")) for note, wrong in result.items()},
        certain=False,
    )  # fmt: skip


SUITES = [
    *(convolution(rank) for rank in (1, 2, 3)),
    *POOLS,
    AVERAGES,
    GREATEST,
    *NORMS,
    *GATES,
    *(wrapper(*row) for row in WRAPPED),
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
