"""The parts that networks repeat: linear maps, perceptrons, gates over channels, patches; each right and wrong."""

import pytest
from mutants import Suite, edited, hold

LINEAR = """
class Dense(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outside, inside))
        self.bias = nn.Parameter(torch.zeros(outside))

    def forward(self, x):
        return x @ self.weight.T + self.bias
"""

LINEAR_SUITE = Suite(
    "torch.nn.functional.linear",
    right={
        "transposed": LINEAR,
        "stored the other way": edited(LINEAR, ("(outside, inside)", "(inside, outside)"), ("self.weight.T", "self.weight")),
        "einsum": edited(LINEAR, ("x @ self.weight.T", 'torch.einsum("...i,oi->...o", x, self.weight)')),
        "no bias": edited(LINEAR, ("        self.bias = nn.Parameter(torch.zeros(outside))\n", ""), (" + self.bias", "")),
        "torch's own function": edited(LINEAR, ("x @ self.weight.T + self.bias", "F.linear(x, self.weight, self.bias)")),
        "products, summed": edited(LINEAR, ("x @ self.weight.T", "(x.unsqueeze(-2) * self.weight).sum(-1)"), ("forward(self, x):", "forward(self, x):\n        assert x.shape[-1] == self.weight.shape[1]")),
    },
    wrong={
        "bias taken away": edited(LINEAR, ("+ self.bias", "- self.bias")),
        "bias times": edited(LINEAR, ("+ self.bias", "* self.bias")),
        "of sizes": edited(LINEAR, ("self.weight.T", "self.weight.abs().T")),
        "halved": edited(LINEAR, ("x @", "0.5 * x @")),
        "features turned round": edited(LINEAR, ("self.weight.T", "self.weight.flip(1).T")),
        "normalised rows": edited(LINEAR, ("self.weight.T", "F.normalize(self.weight, dim=1).T")),
    },
    certain=False,
)  # fmt: skip

LOOKUP = """
class Lookup(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.table = nn.Parameter(torch.randn(words, width))

    def forward(self, x):
        return self.table[x]
"""

LOOKUP_SUITE = Suite(
    "torch.nn.functional.embedding",
    right={
        "indexed": LOOKUP,
        "index_select": edited(LOOKUP, ("self.table[x]", "self.table.index_select(0, x.flatten()).view(*x.shape, -1)")),
        "one-hot": edited(LOOKUP, ("self.table[x]", "F.one_hot(x, len(self.table)).to(self.table.dtype) @ self.table")),
        "torch's own function": edited(LOOKUP, ("self.table[x]", "F.embedding(x, self.table)")),
        "scaled": edited(LOOKUP, ("self.table[x]", "self.table[x] * math.sqrt(self.table.size(1))")),
    },
    wrong={
        "the next row": edited(LOOKUP, ("[x]", "[x - 1]")),
        "from the end": edited(LOOKUP, ("[x]", "[-x - 1]")),
        "not the root": edited(LOOKUP, ("self.table[x]", "self.table[x] * self.table.size(1)")),
        "cut": edited(LOOKUP, ("self.table[x]", "self.table[x].clamp(-1, 1)")),
        "its own mean away": edited(LOOKUP, ("self.table[x]", "self.table[x] - self.table[x].mean(-1, keepdim=True)")),
    },
    certain=False,
)  # fmt: skip

PERCEPTRON = """
class FeedForward(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)

    def forward(self, x):
        return self.narrow(torch.relu(self.widen(x)))
"""
BODY = "self.narrow(torch.relu(self.widen(x)))"

PERCEPTRON_SUITE = Suite(
    "feed-forward block (Vaswani et al. 2017)",
    right={
        "relu": PERCEPTRON,
        "gelu": edited(PERCEPTRON, ("torch.relu", "F.gelu")),
        "in a Sequential, with dropout": """
class MLP(nn.Module):
    def __init__(self, d_model, d_ff, dropout=0.1):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d_model, d_ff), nn.ReLU(), nn.Dropout(dropout), nn.Linear(d_ff, d_model))

    def forward(self, x):
        return self.net(x)
""",
        "bare weights": """
class MLP(nn.Module):
    def __init__(self, width, inner, out):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(inner, width))
        self.w2 = nn.Parameter(torch.randn(out, inner))

    def forward(self, x):
        return F.linear(F.linear(x, self.w1).clamp(min=0), self.w2)
""",
        "swish by hand": edited(PERCEPTRON, (BODY, "self.narrow(self.widen(x) * torch.sigmoid(self.widen(x)))")),
        "tanh": edited(PERCEPTRON, ("torch.relu", "torch.tanh")),
    },
    wrong={
        "no activation": edited(PERCEPTRON, ("torch.relu(self.widen(x))", "self.widen(x)")),
        "activation last": edited(PERCEPTRON, (BODY, "torch.relu(self.narrow(self.widen(x)))")),
        "activation first": edited(PERCEPTRON, (BODY, "self.narrow(self.widen(torch.relu(x)))")),
        "twice": edited(PERCEPTRON, (BODY, "torch.relu(self.narrow(torch.relu(self.widen(x))))")),
        "of sizes": edited(PERCEPTRON, ("torch.relu", "torch.abs")),
        "leaky": edited(PERCEPTRON, ("torch.relu(", "F.leaky_relu(")),
    },
    certain=False,
)  # fmt: skip

RESIDUAL_SUITE = Suite(
    "feed-forward block with a residual",
    right={
        "added": edited(PERCEPTRON, (BODY, f"x + {BODY}")),
        "added last": edited(PERCEPTRON, (BODY, f"{BODY} + x")),
        "a name for it": edited(PERCEPTRON, (f"        return {BODY}", f"        kept = x\n        x = {BODY}\n        x += kept\n        return x")),
        "gelu and dropout": edited(PERCEPTRON, (BODY, "x + F.dropout(self.narrow(F.gelu(self.widen(x))), 0.1, self.training)")),
        "torch.add": edited(PERCEPTRON, (BODY, f"torch.add(x, {BODY})")),
    },
    wrong={
        "taken away": edited(PERCEPTRON, (BODY, f"x - {BODY}")),
        "activation after": edited(PERCEPTRON, (BODY, f"torch.relu(x + {BODY})")),
        "scaled": edited(PERCEPTRON, (BODY, f"x + 0.5 * {BODY}")),
        "multiplied": edited(PERCEPTRON, (BODY, f"x * {BODY}")),
        "twice the input": edited(PERCEPTRON, (BODY, f"2 * x + {BODY}")),
        "no activation": edited(PERCEPTRON, (BODY, "x + self.narrow(self.widen(x))")),
    },
    certain=False,
)  # fmt: skip

SQUEEZE = """
class Squeeze(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.down = nn.Linear(channels, inner)
        self.up = nn.Linear(inner, channels)

    def forward(self, x):
        b, c, h, w = x.shape
        gate = x.mean(dim=(2, 3))
        gate = torch.sigmoid(self.up(torch.relu(self.down(gate))))
        return x * gate.view(b, c, 1, 1)
"""

SQUEEZE_SUITE = Suite(
    "squeeze and excitation (Hu et al. 2018)",
    right={
        "linear layers": SQUEEZE,
        "by a reduction": edited(SQUEEZE, ("channels, inner):", "channels, reduction=2):"), ("(channels, inner)", "(channels, channels // reduction)"), ("(inner, channels)", "(channels // reduction, channels)")),
        "convolutions": """
class SEBlock(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.fc = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, inner, 1), nn.ReLU(), nn.Conv2d(inner, channels, 1), nn.Sigmoid())

    def forward(self, x):
        return self.fc(x) * x
""",
        "no biases": edited(SQUEEZE, ("(channels, inner)", "(channels, inner, bias=False)"), ("(inner, channels)", "(inner, channels, bias=False)")),
        "silu": edited(SQUEEZE, ("torch.relu(", "F.silu(")),
        "flattened": edited(SQUEEZE, ("x.mean(dim=(2, 3))", "x.flatten(2).sum(-1) / (h * w)"), ("x * gate.view(b, c, 1, 1)", "torch.einsum('bchw,bc->bchw', x, gate)")),
    },
    wrong={
        "of the greatest": edited(SQUEEZE, ("x.mean(dim=(2, 3))", "x.amax(dim=(2, 3))")),
        "of the sum": edited(SQUEEZE, ("x.mean(", "x.sum(")),
        "no gate": edited(SQUEEZE, ("torch.sigmoid(self.up(", "(self.up(")),
        "added": edited(SQUEEZE, ("x * gate", "x + gate")),
        "no activation between": edited(SQUEEZE, ("torch.relu(self.down(gate))", "self.down(gate)")),
        "a softmax": edited(SQUEEZE, ("torch.sigmoid(self.up(torch.relu(self.down(gate))))", "torch.softmax(self.up(torch.relu(self.down(gate))), dim=1)")),
    },
    certain=False,
)  # fmt: skip

HIGHWAY = """
class Highway(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.change = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        return t * torch.relu(self.change(x)) + (1 - t) * x
"""

HIGHWAY_SUITE = Suite(
    "highway layer (Srivastava et al. 2015)",
    right={
        "two shares": HIGHWAY,
        "by the difference": edited(HIGHWAY, ("t * torch.relu(self.change(x)) + (1 - t) * x", "x + t * (torch.relu(self.change(x)) - x)")),
        "lerp": edited(HIGHWAY, ("t * torch.relu(self.change(x)) + (1 - t) * x", "torch.lerp(x, torch.relu(self.change(x)), t)")),
        "tanh": edited(HIGHWAY, ("torch.relu", "torch.tanh")),
        "sigmoid by hand": edited(HIGHWAY, ("torch.sigmoid(self.gate(x))", "1 / (1 + torch.exp(-self.gate(x)))")),
    },
    wrong={
        "shares swapped": edited(HIGHWAY, ("t * torch", "(1 - t) * torch"), ("(1 - t) * x", "t * x")),
        "all of the input": edited(HIGHWAY, ("(1 - t) * x", "x")),
        "gate by tanh": edited(HIGHWAY, ("torch.sigmoid", "torch.tanh")),
        "gate of the change": edited(HIGHWAY, ("self.gate(x)", "self.gate(self.change(x))")),
        "no activation": edited(HIGHWAY, ("torch.relu(self.change(x))", "self.change(x)")),
    },
    certain=False,
)  # fmt: skip

SEPARABLE = """
class Separable(nn.Module):
    def __init__(self, inside, outside, size=3):
        super().__init__()
        self.deep = nn.Conv2d(inside, inside, size, padding=size // 2, groups=inside)
        self.point = nn.Conv2d(inside, outside, 1)

    def forward(self, x):
        return self.point(self.deep(x))
"""

SEPARABLE_SUITE = Suite(
    "depthwise separable convolution (Chollet 2017)",
    right={
        "two layers": SEPARABLE,
        "in a Sequential": """
class Separable(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(inside, inside, 3, stride=2, groups=inside, bias=False), nn.Conv2d(inside, outside, 1))

    def forward(self, x):
        return self.body(x)
""",
        "the point by einsum": edited(SEPARABLE, ("self.point(self.deep(x))", "torch.einsum('bchw,oc->bohw', self.deep(x), self.point.weight[:, :, 0, 0]) + self.point.bias.view(1, -1, 1, 1)")),
        "the depth by channels": edited(SEPARABLE, ("self.point(self.deep(x))", "self.point(torch.cat([F.conv2d(c, w[None], b[None], padding=1) for c, w, b in zip(x.split(1, 1), self.deep.weight, self.deep.bias)], 1))")),
        "dilated": edited(SEPARABLE, ("groups=inside", "groups=inside, dilation=2")),
    },
    wrong={
        "an activation between": edited(SEPARABLE, ("self.point(self.deep(x))", "self.point(torch.relu(self.deep(x)))")),
        "a residual": edited(SEPARABLE, ("self.point(self.deep(x))", "self.point(self.deep(x) + x)")),
        "the point twice": edited(SEPARABLE, ("self.point(self.deep(x))", "self.point(self.deep(x)) * 2")),
        "the depth left out": edited(SEPARABLE, ("self.point(self.deep(x))", "self.point(x + 0 * self.deep(x))")),
        "kernels of sizes": edited(SEPARABLE, ("self.deep(x)", "F.conv2d(x, self.deep.weight.abs(), self.deep.bias, padding=1, groups=x.size(1))")),
    },
    certain=False,
)  # fmt: skip

PATCHES = """
class Patches(nn.Module):
    def __init__(self, channels, width, size=4):
        super().__init__()
        self.project = nn.Conv2d(channels, width, size, stride=size)

    def forward(self, x):
        return self.project(x).flatten(2).transpose(1, 2)
"""

PATCHES_SUITE = Suite(
    "patch embedding (Dosovitskiy et al. 2021)",
    right={
        "a convolution": PATCHES,
        "permuted": edited(PATCHES, ("self.project(x).flatten(2).transpose(1, 2)", "self.project(x).permute(0, 2, 3, 1).flatten(1, 2)")),
        "F.unfold": edited(PATCHES, ("self.project(x).flatten(2).transpose(1, 2)", "F.linear(F.unfold(x, 4, stride=4).transpose(1, 2), self.project.weight.flatten(1), self.project.bias)")),
        "cut, then a linear layer": """
class Patches(nn.Module):
    def __init__(self, channels, width, size=4):
        super().__init__()
        self.size = size
        self.project = nn.Linear(channels * size * size, width)

    def forward(self, x):
        p = self.size
        cut = x.unfold(2, p, p).unfold(3, p, p)
        return self.project(cut.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2))
""",
        "channels last in each patch": """
class Patches(nn.Module):
    def __init__(self, channels, width, size=4):
        super().__init__()
        self.size = size
        self.project = nn.Linear(size * size * channels, width)

    def forward(self, x):
        p = self.size
        cut = x.unfold(2, p, p).unfold(3, p, p)
        return self.project(cut.permute(0, 2, 3, 4, 5, 1).flatten(3).flatten(1, 2))
""",
    },
    wrong={
        "viewed, not transposed": edited(PATCHES, (".flatten(2).transpose(1, 2)", ".flatten(2).reshape(len(x), -1, self.project.out_channels)")),
        "column by column": edited(PATCHES, (".flatten(2)", ".transpose(2, 3).flatten(2)")),
        "overlapping by one": edited(PATCHES, ("stride=size", "stride=size - 1")),
        "an activation": edited(PATCHES, ("self.project(x)", "torch.relu(self.project(x))")),
        "the last patch first": edited(PATCHES, (".flatten(2)", ".flatten(2).flip(-1)")),
    },
    certain=False,
)  # fmt: skip

PRELU = """
class Leaky(nn.Module):
    def __init__(self, init=0.25):
        super().__init__()
        self.slope = nn.Parameter(torch.tensor([init]))

    def forward(self, x):
        return torch.where(x > 0, x, self.slope * x)
"""

PRELU_SUITE = Suite(
    "torch.nn.functional.prelu",
    right={
        "where": PRELU,
        "two parts": edited(PRELU, ("torch.where(x > 0, x, self.slope * x)", "torch.relu(x) + self.slope * x.clamp(max=0)")),
        "taken away": edited(PRELU, ("torch.where(x > 0, x, self.slope * x)", "torch.relu(x) - self.slope * torch.relu(-x)")),
        "torch's own function": edited(PRELU, ("torch.where(x > 0, x, self.slope * x)", "F.prelu(x, self.slope)")),
        "for each feature": edited(PRELU, ("self, init=0.25", "self, width"), ("torch.tensor([init])", "torch.full((width,), 0.25)"), ("forward(self, x):", "forward(self, x):\n        assert x.shape[-1] == len(self.slope)")),
    },
    wrong={
        "sides swapped": edited(PRELU, ("x > 0", "x < 0")),
        "the slope alone": edited(PRELU, ("self.slope * x)", "self.slope + 0 * x)")),
        "divided": edited(PRELU, ("self.slope * x", "x / self.slope")),
        "on both sides": edited(PRELU, ("torch.where(x > 0, x, self.slope * x)", "torch.where(x > 0, self.slope * x, self.slope * x)")),
        "curved": edited(PRELU, ("self.slope * x)", "self.slope * torch.expm1(x))")),
        "turned up": edited(PRELU, ("self.slope * x)", "-self.slope * x)")),
    },
    certain=False,
)  # fmt: skip

BLOCK = """
class Block(nn.Module):
    def __init__(self, inside, outside, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.conv2 = nn.Conv2d(outside, outside, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.shortcut = nn.Sequential()
        if stride != 1 or inside != outside:
            self.shortcut = nn.Sequential(nn.Conv2d(inside, outside, 1, stride=stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x):
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return torch.relu(out + self.shortcut(x))
"""

BLOCK_SUITE = Suite(
    "residual block (He et al. 2016)",
    right={
        "projected": BLOCK,
        "half as large": edited(BLOCK, ("stride=1)", "stride=2)")),
        "the shortcut first": edited(BLOCK, ("        out = torch.relu", "        kept = self.shortcut(x)\n        out = torch.relu"), ("out + self.shortcut(x)", "kept + out")),
        "of one width": """
class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels),
        )
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.body(x) + x)
""",
        "a bottleneck": """
class Bottleneck(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, inner, 1, bias=False), nn.BatchNorm2d(inner)
        self.conv2, self.bn2 = nn.Conv2d(inner, inner, 3, padding=1, bias=False), nn.BatchNorm2d(inner)
        self.conv3, self.bn3 = nn.Conv2d(inner, channels, 1, bias=False), nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x
        return F.relu(out)
""",
    },
    wrong={
        "no activation at the end": edited(BLOCK, ("return torch.relu(out + self.shortcut(x))", "return out + self.shortcut(x)")),
        "an activation before the sum": edited(BLOCK, ("out = self.bn2(self.conv2(out))", "out = torch.relu(self.bn2(self.conv2(out)))")),
        "no activation between": edited(BLOCK, ("torch.relu(self.bn1(self.conv1(x)))", "self.bn1(self.conv1(x))")),
        "multiplied": edited(BLOCK, ("out + self", "out * self")),
        "one norm for both": edited(BLOCK, ("self.bn2(self.conv2(out))", "self.bn1(self.conv2(out))")),
        "activation before the norm": edited(BLOCK, ("torch.relu(self.bn1(self.conv1(x)))", "self.bn1(torch.relu(self.conv1(x)))")),
    },
    certain=False,
)  # fmt: skip

LEARNT = """
class Positions(nn.Module):
    def __init__(self, width, longest=50):
        super().__init__()
        self.table = nn.Parameter(torch.randn(1, longest, width))

    def forward(self, x):
        return x + self.table[:, : x.size(1)]
"""

LEARNT_SUITE = Suite(
    "learnt positions (Gehring et al. 2017)",
    right={
        "a parameter": LEARNT,
        "an embedding": edited(LEARNT, ("nn.Parameter(torch.randn(1, longest, width))", "nn.Embedding(longest, width)"), ("self.table[:, : x.size(1)]", "self.table(torch.arange(x.size(1), device=x.device))")),
        "time first": edited(LEARNT, ("(1, longest, width)", "(longest, 1, width)"), ("self.table[:, : x.size(1)]", "self.table[: x.size(0)]")),
        "with dropout": edited(LEARNT, ("x + self.table[:, : x.size(1)]", "F.dropout(x + self.table[:, : x.size(1)], 0.1, self.training)")),
        "rows for each of the batch": edited(LEARNT, ("self.table[:, : x.size(1)]", "self.table[0][torch.arange(x.size(1)).expand(x.size(0), -1)]")),
    },
    wrong={
        "a position late": edited(LEARNT, ("[:, : x.size(1)]", "[:, 1 : x.size(1) + 1]")),
        "backwards": edited(LEARNT, ("[:, : x.size(1)]", "[:, : x.size(1)].flip(1)")),
        "the first for all": edited(LEARNT, ("[:, : x.size(1)]", "[:, :1]")),
        "multiplied": edited(LEARNT, ("x + self", "x * self")),
        "by the sample": edited(LEARNT, ("self.table[:, : x.size(1)]", "self.table[0, : x.size(0), None].flip(0)")),
        "added twice": edited(LEARNT, ("x + self", "x + 2 * self")),
    },
    certain=False,
)  # fmt: skip

PLACED = """
class Embedding(nn.Module):
    def __init__(self, words, width, longest=60):
        super().__init__()
        self.tokens = nn.Embedding(words, width)
        self.places = nn.Embedding(longest, width)

    def forward(self, x):
        return self.tokens(x) + self.places(torch.arange(x.size(1), device=x.device))
"""

PLACED_SUITE = Suite(
    "token and position embedding (Radford et al. 2018)",
    right={
        "two tables": PLACED,
        "a parameter": edited(PLACED, ("nn.Embedding(longest, width)", "nn.Parameter(torch.randn(1, longest, width))"), ("self.places(torch.arange(x.size(1), device=x.device))", "self.places[:, : x.size(1)]")),
        "an axis for the batch": edited(PLACED, ("torch.arange(x.size(1), device=x.device)", "torch.arange(x.size(1)).unsqueeze(0).expand_as(x)")),
        "scaled, with dropout": edited(PLACED, ("self.tokens(x) + self.places(torch.arange(x.size(1), device=x.device))", "F.dropout(self.tokens(x) * math.sqrt(self.tokens.embedding_dim) + self.places(torch.arange(x.size(1))), 0.1, self.training)")),
        "positions first": edited(PLACED, ("        return self.tokens(x) + self.places(torch.arange(x.size(1), device=x.device))", "        b, t = x.shape\n        return self.places.weight[:t] + self.tokens.weight[x]")),
    },
    wrong={
        "a position late": edited(PLACED, ("torch.arange(x.size(1), device=x.device)", "torch.arange(1, x.size(1) + 1)")),
        "positions of tokens": edited(PLACED, ("torch.arange(x.size(1), device=x.device)", "x")),
        "of the batch": edited(PLACED, ("torch.arange(x.size(1), device=x.device)", "torch.arange(x.size(0))[:, None]")),
        "multiplied": edited(PLACED, ("(x) + self", "(x) * self")),
        "scaled by the width": edited(PLACED, ("self.tokens(x) +", "self.tokens(x) * self.tokens.embedding_dim +")),
        "a mean": edited(PLACED, ("return self.tokens(x) + self.places(torch.arange(x.size(1), device=x.device))", "return (self.tokens(x) + self.places(torch.arange(x.size(1)))) / 2")),
    },
    certain=False,
)  # fmt: skip

DEPTH = """
class DropPath(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        keep = 1 - self.p
        mask = torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) < keep
        return x * mask / keep
"""

DEPTH_SUITE = Suite(
    "stochastic depth (Huang et al. 2016)",
    right={
        "rand": DEPTH,
        "floor": edited(DEPTH, ("mask = torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) < keep", "mask = torch.floor(keep + torch.rand((x.shape[0],) + (1,) * (x.dim() - 1), dtype=x.dtype))")),
        "bernoulli": edited(DEPTH, ("mask = torch.rand(x.shape[0], *[1] * (x.dim() - 1), device=x.device) < keep", "mask = x.new_empty((x.shape[0],) + (1,) * (x.ndim - 1)).bernoulli_(keep)")),
        "divided first": edited(DEPTH, ("x * mask / keep", "x.div(keep) * mask")),
        "where": edited(DEPTH, ("x * mask / keep", "torch.where(mask, x / keep, torch.zeros_like(x))")),
    },
    wrong={
        "values, not samples": edited(DEPTH, ("x.shape[0], *[1] * (x.dim() - 1)", "x.shape")),
        "not scaled": edited(DEPTH, (" / keep", "")),
        "keeps with p": edited(DEPTH, ("< keep", "< self.p")),
        "in evaluation too": edited(DEPTH, ("not self.training or self.p == 0", "self.p == 0")),
        "scaled by p": edited(DEPTH, ("/ keep", "/ self.p")),
        "one draw for all": edited(DEPTH, ("x.shape[0], *[1]", "1, *[1]")),
    },
    certain=False,
)  # fmt: skip

SUITES = [
    LINEAR_SUITE,
    LOOKUP_SUITE,
    PERCEPTRON_SUITE,
    RESIDUAL_SUITE,
    SQUEEZE_SUITE,
    HIGHWAY_SUITE,
    SEPARABLE_SUITE,
    PATCHES_SUITE,
    PRELU_SUITE,
    BLOCK_SUITE,
    LEARNT_SUITE,
    PLACED_SUITE,
    DEPTH_SUITE,
]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
