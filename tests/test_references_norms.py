"""Layer, root-mean-square and batch normalisation: written in every way, and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

LAYER = """
class Normaliser(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(width))
        self.shift = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, unbiased=False)
        return self.gain * (x - mean) / torch.sqrt(var + self.eps) + self.shift
"""
BODY = LAYER[LAYER.index("        mean = ") :]

LAYER_NORM = Suite(
    "torch.nn.functional.layer_norm",
    right={
        "var and sqrt": LAYER,
        "mean of squares": edited(
            LAYER,
            (
                BODY,
                """        centred = x - x.mean(dim=-1, keepdim=True)
        power = centred.pow(2).mean(dim=-1, keepdim=True)
        return centred * torch.rsqrt(power + self.eps) * self.gain + self.shift
""",
            ),
        ),
        "second moment": edited(
            LAYER,
            (
                BODY,
                """        n = x.shape[-1]
        mean = x.sum(-1, keepdim=True) / n
        var = (x * x).sum(-1, keepdim=True) / n - mean ** 2
        return torch.addcmul(self.shift, self.gain, (x - mean) / (var + self.eps) ** 0.5)
""",
            ),
        ),
        "var_mean, weights named beta and gamma": edited(
            LAYER,
            (
                BODY,
                """        var, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=0)
        normal = (x - mean).div((var + self.eps).sqrt())
        return normal.mul(self.gain).add(self.shift)
""",
            ),
            ("self.gain", "self.gamma"),
            ("self.shift", "self.beta"),
        ),
        "torch's own function": edited(
            LAYER, (BODY, "        return F.layer_norm(x, (x.shape[-1],), self.gain, self.shift, self.eps)\n")
        ),
        "without a shift": edited(
            LAYER, ("        self.shift = nn.Parameter(torch.zeros(width))\n", ""), (" + self.shift", "")
        ),
        "shift declared before gain": """
class LN(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(features))
        self.a = nn.Parameter(torch.ones(features))

    def forward(self, x):
        u = x.mean(-1, keepdim=True)
        s = (x - u).pow(2).mean(-1, keepdim=True)
        return self.a * ((x - u) / torch.sqrt(s + 1e-12)) + self.b
""",
    },
    wrong={
        "unbiased variance": edited(LAYER, (", unbiased=False", "")),
        "eps outside the root": edited(LAYER, ("torch.sqrt(var + self.eps)", "(torch.sqrt(var) + self.eps)")),
        "unbiased std, eps outside": edited(
            LAYER,
            ("x.var(-1, keepdim=True, unbiased=False)", "x.std(-1, keepdim=True)"),
            ("torch.sqrt(var + self.eps)", "(var + self.eps)"),
        ),
        "no root": edited(LAYER, ("torch.sqrt(var + self.eps)", "(var + self.eps)")),
        "mean not taken away": edited(LAYER, ("(x - mean) /", "(x - mean + mean) /")),
        "shift scaled too": edited(
            LAYER,
            (
                "self.gain * (x - mean) / torch.sqrt(var + self.eps) + self.shift",
                "self.gain * ((x - mean) / torch.sqrt(var + self.eps) + self.shift)",
            ),
        ),
        "sign of the shift": edited(LAYER, ("+ self.shift", "- self.shift")),
        "eps squared": edited(LAYER, ("var + self.eps)", "var + self.eps ** 2)")),
    },
)

RMS = """
class RootMeanSquare(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight
"""
RMS_RETURN = "x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight"

RMS_NORM = Suite(
    "torch.nn.functional.rms_norm",
    right={
        "rsqrt": RMS,
        "sqrt": edited(RMS, (RMS_RETURN, "self.weight * (x / torch.sqrt((x * x).mean(-1, keepdim=True) + self.eps))")),
        "sum over n": edited(
            RMS, (RMS_RETURN, "self.weight * x / ((x ** 2).sum(-1, keepdim=True) / x.size(-1) + self.eps).sqrt()")
        ),
        "in float32": edited(
            RMS,
            (
                RMS_RETURN,
                "(x.float() * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)).type_as(x) * self.weight",
            ),
        ),
        "what the gain is more than one": edited(
            RMS, ("torch.ones", "torch.zeros"), ("* self.weight", "* (1 + self.weight)")
        ),
        "einsum of squares": edited(
            RMS, (RMS_RETURN, "x * (x.square().mean(dim=-1, keepdim=True) + self.eps) ** -0.5 * self.weight")
        ),
    },
    wrong={
        "no root": edited(
            RMS,
            (
                "torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)",
                "torch.sqrt(1 / (x.pow(2).mean(-1, keepdim=True) + self.eps)).pow(2)",
            ),
        ),
        "eps outside the root": edited(
            RMS, (RMS_RETURN, "x / (x.pow(2).mean(-1, keepdim=True).sqrt() + self.eps) * self.weight")
        ),
        "sum, not mean": edited(RMS, (".mean(-1, keepdim=True)", ".mean(-1, keepdim=True) * x.size(-1)")),
        "fourth power": edited(RMS, ("x.pow(2)", "x.pow(4)")),
        "gain of zero": edited(RMS, ("torch.ones", "torch.zeros"), ("* self.weight", "* (2 + self.weight)")),
        "gain plus one": edited(RMS, ("* self.weight", "* (1 + self.weight)")),
    },
)

BATCH = """
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.gamma = nn.Parameter(torch.ones(num_features))
        self.beta = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("mean", torch.zeros(num_features))
        self.register_buffer("var", torch.ones(num_features))

    def forward(self, x):
        if self.training:
            mean = x.mean(dim=0)
            var = x.var(dim=0, unbiased=False)
            with torch.no_grad():
                self.mean += self.momentum * (mean - self.mean)
                self.var += self.momentum * (var - self.var)
        else:
            mean, var = self.mean, self.var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
"""

BATCH_NORM = Suite(
    "torch.nn.functional.batch_norm",
    right={
        "rows": BATCH,
        "rows by hand": edited(BATCH, ("x.var(dim=0, unbiased=False)", "((x - mean) ** 2).mean(dim=0)")),
        "rows, rsqrt": edited(
            BATCH, ("(x - mean) / torch.sqrt(var + self.eps)", "((x - mean) * torch.rsqrt(var + self.eps))")
        ),
        "images": edited(
            BATCH,
            ("torch.ones(num_features))\n        self.beta", "torch.ones(1, num_features, 1, 1))\n        self.beta"),
            ("nn.Parameter(torch.zeros(num_features))", "nn.Parameter(torch.zeros(1, num_features, 1, 1))"),
            ('"mean", torch.zeros(num_features)', '"mean", torch.zeros(1, num_features, 1, 1)'),
            ('"var", torch.ones(num_features)', '"var", torch.ones(1, num_features, 1, 1)'),
            ("x.mean(dim=0)", "x.mean(dim=(0, 2, 3), keepdim=True)"),
            ("x.var(dim=0, unbiased=False)", "x.var(dim=(0, 2, 3), unbiased=False, keepdim=True)"),
        ),
        "torch's own function": edited(
            BATCH,
            (
                BATCH[BATCH.index("        if self.training") :],
                "        return F.batch_norm(x, self.mean, self.var, self.gamma, self.beta, self.training, self.momentum, self.eps)\n",
            ),
        ),
    },
    wrong={
        "unbiased variance": edited(BATCH, (", unbiased=False", "")),
        "over the features": edited(
            BATCH,
            ("x.mean(dim=0)", "x.mean(dim=1, keepdim=True)"),
            ("x.var(dim=0, unbiased=False)", "x.var(dim=1, unbiased=False, keepdim=True)"),
        ),
        "eps outside the root": edited(BATCH, ("torch.sqrt(var + self.eps)", "(torch.sqrt(var) + self.eps)")),
        "no root": edited(BATCH, ("torch.sqrt(var + self.eps)", "(var + self.eps)")),
        "shift scaled too": edited(
            BATCH,
            (
                "self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta",
                "self.gamma * ((x - mean) / torch.sqrt(var + self.eps) + self.beta)",
            ),
        ),
        "running statistics in training": edited(
            BATCH, ("            mean = x.mean(dim=0)\n", "            mean = self.mean + 0 * x.mean(dim=0)\n")
        ),
    },
    certain=False,
)


@pytest.mark.parametrize("suite", [LAYER_NORM, RMS_NORM, BATCH_NORM], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
