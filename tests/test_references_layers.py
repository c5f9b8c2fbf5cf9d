"""Layers with weights: recurrent, convolutional, gated, positional, wrapped; each right and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

LSTM = """
class LSTM(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.w = nn.Linear(inputs, 4 * hidden)
        self.u = nn.Linear(hidden, 4 * hidden)

    def forward(self, x):
        h = x.new_zeros(x.size(0), self.hidden)
        c = x.new_zeros(x.size(0), self.hidden)
        outputs = []
        for t in range(x.size(1)):
            i, f, g, o = (self.w(x[:, t]) + self.u(h)).chunk(4, dim=-1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            outputs.append(h)
        return torch.stack(outputs, dim=1), (h, c)
"""
LSTM_STEP = LSTM[LSTM.index("            i, f, g, o") : LSTM.index("            outputs.append")]

LSTM_SUITE = Suite(
    "torch.nn.LSTM",
    right={
        "two linear layers": LSTM,
        "gates in another order": edited(LSTM, ("i, f, g, o =", "f, i, o, g =")),
        "bare weights": """
class Recurrent(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.W = nn.Parameter(torch.randn(inputs, hidden * 4))
        self.U = nn.Parameter(torch.randn(hidden, hidden * 4))
        self.b = nn.Parameter(torch.zeros(hidden * 4))
        self.hidden = hidden

    def forward(self, x):
        h = c = torch.zeros(x.size(0), self.hidden, dtype=x.dtype, device=x.device)
        seen = []
        for t in range(x.size(1)):
            gates = x[:, t] @ self.W + h @ self.U + self.b
            n = self.hidden
            i, f = gates[:, :n].sigmoid(), gates[:, n : 2 * n].sigmoid()
            g, o = gates[:, 2 * n : 3 * n].tanh(), gates[:, 3 * n :].sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            seen.append(h)
        return torch.stack(seen, 1), (h, c)
""",
        "a cell, one layer for each gate": """
class Cell(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.forget = nn.Linear(inputs + hidden, hidden)
        self.admit = nn.Linear(inputs + hidden, hidden)
        self.give = nn.Linear(inputs + hidden, hidden)
        self.new = nn.Linear(inputs + hidden, hidden)

    def forward(self, x, state):
        h, c = state
        both = torch.cat((x, h), dim=1)
        c = torch.sigmoid(self.forget(both)) * c + torch.sigmoid(self.admit(both)) * torch.tanh(self.new(both))
        return torch.sigmoid(self.give(both)) * torch.tanh(c), c
""",
        "torch's cell in a loop": """
class Looped(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.cell = nn.LSTMCell(inputs, hidden)

    def forward(self, x):
        state = (x.new_zeros(x.size(0), self.hidden), x.new_zeros(x.size(0), self.hidden))
        outputs = []
        for row in x.unbind(1):
            state = self.cell(row, state)
            outputs.append(state[0])
        return torch.stack(outputs, 1), state
""",
    },
    wrong={
        "forget and input gate tied": edited(
            LSTM, ("torch.sigmoid(i) * torch.tanh(g)", "(1 - torch.sigmoid(f)) * torch.tanh(g)")
        ),
        "sigmoid for tanh": edited(LSTM, ("* torch.tanh(g)", "* torch.sigmoid(g)")),
        "cell not squashed": edited(LSTM, ("torch.sigmoid(o) * torch.tanh(c)", "torch.sigmoid(o) * c")),
        "state not used": edited(LSTM, ("self.u(h)", "self.u(0 * h)")),
        "gates added": edited(LSTM, ("torch.sigmoid(f) * c +", "torch.sigmoid(f) + c +")),
        "output gate by tanh": edited(LSTM, ("torch.sigmoid(o) * torch.tanh(c)", "torch.tanh(o) * torch.tanh(c)")),
    },
)

GRU = """
class GRU(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.w = nn.Linear(inputs, 3 * hidden)
        self.u = nn.Linear(hidden, 3 * hidden)

    def forward(self, x, h):
        a, b, c = self.w(x).chunk(3, dim=-1)
        p, q, s = self.u(h).chunk(3, dim=-1)
        r = torch.sigmoid(a + p)
        z = torch.sigmoid(b + q)
        n = torch.tanh(c + r * s)
        return (1 - z) * n + z * h
"""

GRU_SUITE = Suite(
    "torch.nn.GRU",
    right={
        "a cell": GRU,
        "the update gate the other way round": edited(GRU, ("(1 - z) * n + z * h", "z * n + (1 - z) * h")),
        "lerp": edited(GRU, ("(1 - z) * n + z * h", "torch.lerp(n, h, z)")),
        "gates in another order": edited(GRU, ("a, b, c =", "b, a, c ="), ("p, q, s =", "q, p, s =")),
        "over a sequence": """
class Unit(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.cell = nn.GRUCell(inputs, hidden)
        self.hidden = hidden

    def forward(self, x):
        h = x.new_zeros(x.size(0), self.hidden)
        outputs = []
        for t in range(x.size(1)):
            h = self.cell(x[:, t], h)
            outputs.append(h)
        return torch.stack(outputs, dim=1), h
""",
    },
    wrong={
        "reset applied to the input": edited(GRU, ("torch.tanh(c + r * s)", "torch.tanh(r * c + s)")),
        "no reset": edited(GRU, ("r * s", "s")),
        "sigmoid for tanh": edited(GRU, ("torch.tanh", "torch.sigmoid")),
        "gates not squashed": edited(GRU, ("z = torch.sigmoid(b + q)", "z = b + q")),
        "old state lost": edited(GRU, ("+ z * h", "+ z * n")),
    },
)

CONVOLUTION = """
class Convolution(nn.Module):
    def __init__(self, inside, outside, size=3):
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.randn(outside, inside, size, size))
        self.bias = nn.Parameter(torch.zeros(outside))

    def forward(self, x):
        patches = F.unfold(x, self.size)
        out = self.weight.flatten(1) @ patches + self.bias[:, None]
        return out.view(x.size(0), -1, x.size(2) - self.size + 1, x.size(3) - self.size + 1)
"""
CONVOLVE = CONVOLUTION[CONVOLUTION.index("        patches = ") :]

CONVOLUTION_SUITE = Suite(
    "torch.nn.functional.conv2d",
    right={
        "unfold": CONVOLUTION,
        "einsum over windows": edited(
            CONVOLUTION,
            (
                CONVOLVE,
                """        windows = x.unfold(2, self.size, 1).unfold(3, self.size, 1)
        return torch.einsum("bchwij,ocij->bohw", windows, self.weight) + self.bias.view(1, -1, 1, 1)
""",
            ),
        ),
        "shifts": edited(
            CONVOLUTION,
            (
                CONVOLVE,
                """        h, w = x.size(2) - self.size + 1, x.size(3) - self.size + 1
        out = self.bias.view(1, -1, 1, 1)
        for i in range(self.size):
            for j in range(self.size):
                out = out + torch.einsum("bchw,oc->bohw", x[:, :, i : i + h, j : j + w], self.weight[:, :, i, j])
        return out
""",
            ),
        ),
        "padded": edited(
            CONVOLUTION,
            (
                CONVOLVE,
                """        x = F.pad(x, (1, 1, 1, 1))
        windows = x.unfold(2, self.size, 1).unfold(3, self.size, 1)
        return torch.einsum("bchwij,ocij->bohw", windows, self.weight) + self.bias[None, :, None, None]
""",
            ),
        ),
        "torch's own function": edited(CONVOLUTION, (CONVOLVE, "        return F.conv2d(x, self.weight, self.bias)\n")),
    },
    wrong={
        "kernel turned": edited(CONVOLUTION, ("self.weight.flatten(1)", "self.weight.flip(2, 3).flatten(1)")),
        "kernel transposed": edited(CONVOLUTION, ("self.weight.flatten(1)", "self.weight.transpose(2, 3).flatten(1)")),
        "bias taken away": edited(CONVOLUTION, ("+ self.bias", "- self.bias")),
        "image transposed": edited(CONVOLUTION, ("F.unfold(x, self.size)", "F.unfold(x.flip(-1), self.size)")),
        "averaged": edited(CONVOLUTION, ("@ patches +", "@ patches / self.size ** 2 +")),
        "channels mixed up": edited(CONVOLUTION, ("F.unfold(x, self.size)", "F.unfold(x.flip(1), self.size)")),
    },
    certain=False,
)

GATED = """
class Gated(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate = nn.Linear(width, inner, bias=False)
        self.up = nn.Linear(width, inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down(F.silu(self.gate(x)) * self.up(x))
"""

GATED_SUITE = Suite(
    "SwiGLU (Shazeer 2020)",
    right={
        "silu": GATED,
        "sigmoid": edited(
            GATED, ("F.silu(self.gate(x)) * self.up(x)", "self.gate(x) * torch.sigmoid(self.gate(x)) * self.up(x)")
        ),
        "the other projection gates": edited(
            GATED, ("F.silu(self.gate(x)) * self.up(x)", "self.gate(x) * F.silu(self.up(x))")
        ),
        "one projection for both": """
class Swish(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.both = nn.Linear(width, 2 * inner, bias=False)
        self.out = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        gate, up = self.both(x).chunk(2, dim=-1)
        return self.out(F.silu(gate) * up)
""",
        "bare weights": """
class Bare(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(inner, width))
        self.w2 = nn.Parameter(torch.randn(width, inner))
        self.w3 = nn.Parameter(torch.randn(inner, width))

    def forward(self, x):
        return F.linear(F.silu(F.linear(x, self.w1)) * F.linear(x, self.w3), self.w2)
""",
    },
    wrong={
        "relu": edited(GATED, ("F.silu", "F.relu")),
        "tanh": edited(GATED, ("F.silu", "torch.tanh")),
        "added": edited(GATED, ("* self.up", "+ self.up")),
        "silu of the product": edited(
            GATED, ("F.silu(self.gate(x)) * self.up(x)", "F.silu(self.gate(x) * self.up(x))")
        ),
        "both gated": edited(GATED, ("self.up(x)", "F.silu(self.up(x))")),
    },
    certain=False,
)

POSITIONS = """
class PositionalEncoding(nn.Module):
    def __init__(self, width, longest=500):
        super().__init__()
        at = torch.arange(longest).unsqueeze(1)
        rate = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
        table = torch.zeros(longest, width)
        table[:, 0::2] = torch.sin(at * rate)
        table[:, 1::2] = torch.cos(at * rate)
        self.register_buffer("table", table.unsqueeze(0))

    def forward(self, x):
        return x + self.table[:, : x.size(1)]
"""

POSITIONS_SUITE = Suite(
    "sinusoidal positional encoding (Vaswani et al. 2017)",
    right={
        "exp of logarithms": POSITIONS,
        "a power": edited(
            POSITIONS,
            (
                "torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))",
                "1.0 / 10000 ** (torch.arange(0, width, 2) / width)",
            ),
        ),
        "time first": edited(
            POSITIONS,
            ("table.unsqueeze(0)", "table.unsqueeze(1)"),
            ("self.table[:, : x.size(1)]", "self.table[: x.size(0)]"),
        ),
        "stacked": edited(
            POSITIONS,
            (
                "        table = torch.zeros(longest, width)\n        table[:, 0::2] = torch.sin(at * rate)\n        table[:, 1::2] = torch.cos(at * rate)\n",
                "        table = torch.stack((torch.sin(at * rate), torch.cos(at * rate)), dim=-1).flatten(1)\n",
            ),
        ),
        "loops": edited(
            POSITIONS,
            (
                "        table[:, 0::2] = torch.sin(at * rate)\n        table[:, 1::2] = torch.cos(at * rate)\n",
                """        for pos in range(longest):
            for i in range(0, width, 2):
                table[pos, i] = math.sin(pos / 10000 ** (i / width))
                table[pos, i + 1] = math.cos(pos / 10000 ** (i / width))
""",
            ),
        ),
        "with scaled embeddings and dropout": edited(
            POSITIONS,
            (
                "x + self.table[:, : x.size(1)]",
                "F.dropout(x * math.sqrt(x.size(-1)) + self.table[:, : x.size(1)], 0.1, self.training)",
            ),
        ),
    },
    wrong={
        "rates twice as far apart": edited(
            POSITIONS, ("(-math.log(10000.0) / width)", "(-math.log(10000.0) / width * 2)")
        ),
        "every second rate": edited(POSITIONS, ("torch.arange(0, width, 2) *", "torch.arange(0, width // 2) *")),
        "sine and cosine swapped": edited(POSITIONS, ("0::2", "1::2_"), ("1::2]", "0::2]"), ("1::2_", "1::2")),
        "two sines": edited(POSITIONS, ("torch.cos", "torch.sin")),
        "another base": edited(POSITIONS, ("10000.0", "1000.0")),
        "off by one": edited(POSITIONS, ("torch.arange(longest)", "torch.arange(1, longest + 1)")),
    },
)

ENCODER = """
class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.first = nn.LayerNorm(width)
        self.second = nn.LayerNorm(width)
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)

    def forward(self, x):
        x = self.first(x + self.attention(x, x, x)[0])
        return self.second(x + self.narrow(torch.relu(self.widen(x))))
"""
ENCODE = ENCODER[ENCODER.index("        x = self.first(") :]

ENCODER_SUITE = Suite(
    "torch.nn.TransformerEncoderLayer",
    right={
        "norms last": ENCODER,
        "norms first": edited(
            ENCODER,
            (
                ENCODE,
                """        y = self.first(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.narrow(torch.relu(self.widen(self.second(x))))
""",
            ),
        ),
        "gelu": edited(ENCODER, ("torch.relu", "F.gelu")),
        "with dropout": edited(
            ENCODER, ("x + self.attention(x, x, x)[0]", "x + F.dropout(self.attention(x, x, x)[0], 0.1, self.training)")
        ),
        "in a Sequential": edited(
            ENCODER,
            (
                "        self.widen = nn.Linear(width, inner)\n        self.narrow = nn.Linear(inner, width)\n",
                "        self.mix = nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, width))\n",
            ),
            ("self.narrow(torch.relu(self.widen(x)))", "self.mix(x)"),
        ),
        "attention by hand": """
class Written(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.q, self.k = nn.Linear(width, width), nn.Linear(width, width)
        self.v, self.o = nn.Linear(width, width), nn.Linear(width, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.widen, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)

    def attend(self, x):
        q, k, v = (p(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in (self.q, self.k, self.v))
        w = (q @ k.mT / math.sqrt(q.size(-1))).softmax(-1)
        return self.o((w @ v).transpose(1, 2).flatten(2))

    def forward(self, x):
        x = self.first(x + self.attend(x))
        return self.second(x + self.narrow(F.relu(self.widen(x))))
""",
    },
    wrong={
        "no first residual": edited(ENCODER, ("x + self.attention(x, x, x)[0]", "self.attention(x, x, x)[0]")),
        "no second residual": edited(ENCODER, ("x + self.narrow(", "self.narrow(")),
        "one norm for both": edited(ENCODER, ("self.second(x +", "self.first(x +")),
        "norm of the branch": edited(
            ENCODER, ("self.first(x + self.attention(x, x, x)[0])", "x + self.first(self.attention(x, x, x)[0])")
        ),
        "no activation": edited(ENCODER, ("torch.relu(self.widen(x))", "self.widen(x)")),
        "residual of the input": edited(
            ENCODER,
            ("        x = self.first(x", "        y = x\n        x = self.first(x"),
            ("self.second(x +", "self.second(y +"),
        ),
        "another activation": edited(ENCODER, ("torch.relu", "torch.tanh")),
    },
    certain=False,
)

WRAPPED = """
class Tagger(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.core = nn.LSTM(width, hidden, batch_first=True)

    def forward(self, x):
        output, (h, c) = self.core(x)
        return output
"""

WRAPPED_SUITE = Suite(
    "torch.nn.LSTM",
    right={
        "its output": WRAPPED,
        "its last state": edited(WRAPPED, ("return output", "return h[-1]")),
        "its last step": edited(WRAPPED, ("return output", "return output[:, -1]")),
        "all of it": edited(WRAPPED, ("return output", "return output, (h, c)")),
        "both directions": edited(
            WRAPPED,
            ("batch_first=True", "batch_first=True, bidirectional=True"),
            ("return output", "return torch.cat((h[-2], h[-1]), dim=1)"),
        ),
        "two layers, time first": edited(WRAPPED, ("batch_first=True", "num_layers=2")),
    },
    wrong={
        "squashed": edited(WRAPPED, ("return output", "return torch.relu(output)")),
        "reversed": edited(WRAPPED, ("self.core(x)", "self.core(x.flip(1))")),
        "first step": edited(WRAPPED, ("return output", "return output[:, 0]")),
        "averaged": edited(WRAPPED, ("return output", "return output.mean(1)")),
        "twice": edited(WRAPPED, ("return output", "return 2 * output")),
    },
    certain=False,
)

SUITES = [LSTM_SUITE, GRU_SUITE, CONVOLUTION_SUITE, GATED_SUITE, POSITIONS_SUITE, ENCODER_SUITE, WRAPPED_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
