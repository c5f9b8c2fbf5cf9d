"""What models are trained towards beside labels: pairs, teachers, preferences, rewards; right and wrong."""

import pytest
from mutants import Suite, edited, hold
from test_references_formulas import loss

CLIP = """
class Contrast(nn.Module):
    def __init__(self, temperature=0.2):
        super().__init__()
        self.temperature = temperature

    def forward(self, images, texts):
        images = F.normalize(images, dim=-1)
        texts = F.normalize(texts, dim=-1)
        scores = images @ texts.T / self.temperature
        own = torch.arange(len(scores))
        return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
"""

CONTRAST = Suite(
    "InfoNCE (van den Oord et al. 2018)",
    right={
        "both ways": CLIP,
        "one way": edited(CLIP, ("(F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2", "F.cross_entropy(scores, own)")),
        "a learnt scale": edited(CLIP, ("self.temperature = temperature", "self.scale = nn.Parameter(torch.tensor(2.6))"), ("/ self.temperature", "* self.scale.exp()")),
        "norms by hand": edited(CLIP, ("F.normalize(images, dim=-1)", "images / images.norm(dim=-1, keepdim=True)"), ("F.normalize(texts, dim=-1)", "texts / texts.norm(dim=-1, keepdim=True)")),
        "a function": """
def contrast(a, b, temperature=0.5):
    scores = F.cosine_similarity(a.unsqueeze(1), b.unsqueeze(0), dim=-1) / temperature
    return -(scores.diagonal() - torch.logsumexp(scores, dim=1)).mean()
""",
        "products as they are": edited(CLIP, ("F.normalize(images, dim=-1)", "images"), ("F.normalize(texts, dim=-1)", "texts"), ("(F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2", "-scores.log_softmax(-1).diagonal().mean()")),
    },
    wrong={
        "the same way twice": edited(CLIP, ("scores.T, own", "scores * 0.9, own")),
        "not halved": edited(CLIP, (") / 2", ")")),
        "times the temperature squared": edited(CLIP, ("/ self.temperature", "* self.temperature ** 2")),
        "one side normalised": edited(CLIP, ("texts = F.normalize(texts, dim=-1)", "texts = texts * 1.0")),
        "normalised over the batch": edited(CLIP, ("images, dim=-1", "images, dim=0"), ("texts, dim=-1", "texts, dim=0")),
        "against the next": edited(CLIP, ("torch.arange(len(scores))", "torch.arange(len(scores)).roll(1)")),
    },
    certain=False,
)  # fmt: skip

OBJECTIVES = [
    loss(
        "NT-Xent (Chen et al. 2020)",
        "a, b",
        "z = F.normalize(torch.cat((a, b)), dim=-1)\ns = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), -1e9)\neach = F.cross_entropy(s, torch.arange(len(z)).roll(len(a)))",
        {
            "itself counts": (".masked_fill(torch.eye(len(z), dtype=torch.bool), -1e9)", ""),
            "not normalised": ("F.normalize(torch.cat((a, b)), dim=-1)", "torch.cat((a, b))"),
            "times the temperature": ("/ temperature", "* temperature"),
            "against the next": (".roll(len(a))", ".roll(1)"),
            "itself is meant": (".roll(len(a))", ""),
            "normalised over the batch": ("dim=-1)\n", "dim=0)\n"),
        },
        "temperature=0.3",
    ),
    loss(
        "distillation (Hinton et al. 2015)",
        "student, teacher",
        "q = F.log_softmax(student / temperature, dim=-1)\np = F.softmax(teacher / temperature, dim=-1)\neach = (p * (p.log() - q)).sum(-1).mean() * temperature ** 2",
        {
            "not times the square": (" * temperature ** 2", ""),
            "times the temperature": ("temperature ** 2", "temperature"),
            "only the student softened": ("teacher / temperature", "teacher"),
            "only the teacher softened": ("student / temperature", "student"),
            "the mean of all": (".sum(-1).mean()", ".mean()"),
            "no logarithm": ("p.log() - q", "p - q"),
            "cross-entropy": ("(p.log() - q)", "(-q)"),
        },
        "temperature=3.0",
        "F.kl_div(F.log_softmax(student / temperature, 1), F.softmax(teacher / temperature, 1), reduction='batchmean') * temperature ** 2",
    ),
    loss(
        "distillation with labels (Hinton et al. 2015)",
        "student, teacher, labels",
        "q = F.log_softmax(student / T, dim=1)\np = F.softmax(teacher / T, dim=1)\nsoft = (p * (p.log() - q)).sum(1).mean() * T * T\neach = alpha * soft + (1 - alpha) * F.cross_entropy(student, labels)",
        {
            "not times the square": (" * T * T", ""),
            "labels of the softened": ("F.cross_entropy(student, labels)", "F.cross_entropy(student / T, labels)"),
            "labels for the teacher": ("F.cross_entropy(student, labels)", "F.cross_entropy(teacher, labels)"),
            "both whole": ("(1 - alpha) * F", "F"),
            "the mean of all": (".sum(1).mean()", ".mean()"),
            "teacher not softened": ("teacher / T", "teacher"),
        },
        "T=2.5, alpha=0.3",
    ),
    loss(
        "divergence from a standard normal (Kingma and Welling 2014)",
        "mu, logvar",
        "each = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(-1)",
        {
            "sign": ("-0.5", "0.5"),
            "not halved": ("-0.5", "-1.0"),
            "standard deviation for the logarithm": ("logvar.exp()", "(0.5 * logvar).exp()"),
            "one missing": ("(1 + logvar", "(logvar"),
            "mean not squared": ("mu.pow(2)", "mu.abs()"),
            "no exponent": ("- logvar.exp()", "- logvar"),
        },
    ),
    loss(
        "evidence lower bound (Kingma and Welling 2014)",
        "output, x, mu, logvar",
        "kl = -0.5 * torch.sum(1 + logvar - mu ** 2 - logvar.exp())\neach = ((output - x) ** 2).sum() + beta * kl",
        {
            "divergence taken away": ("+ beta * kl", "- beta * kl"),
            "sign": ("kl = -0.5", "kl = 0.5"),
            "mean beside sum": ("** 2).sum()", "** 2).mean()"),
            "weight on the error": ("+ beta * kl", "* beta + kl"),
            "not squared": ("(output - x) ** 2", "(output - x).abs()"),
            "standard deviation for the logarithm": ("logvar.exp()", "(0.5 * logvar).exp()"),
        },
        "beta=0.5",
    ),
    loss(
        "direct preference optimisation (Rafailov et al. 2023)",
        "chosen, rejected, chosen_ref, rejected_ref",
        "gain = (chosen - rejected) - (chosen_ref - rejected_ref)\neach = -F.logsigmoid(beta * gain)",
        {
            "sign": ("-F.logsigmoid", "F.logsigmoid"),
            "reference added": (") - (", ") + ("),
            "reference left out": (" - (chosen_ref - rejected_ref)", " + 0 * (chosen_ref - rejected_ref)"),
            "not times beta": ("beta * gain", "gain"),
            "no logarithm": ("-F.logsigmoid(beta * gain)", "-torch.sigmoid(beta * gain)"),
            "the rejected preferred": ("beta * gain", "-beta * gain"),
        },
        "beta=0.1",
    ),
    loss(
        "clipped surrogate objective (Schulman et al. 2017)",
        "log_p, old_log_p, advantage",
        "ratio = torch.exp(log_p - old_log_p)\neach = -torch.min(ratio * advantage, torch.clamp(ratio, 1 - clip, 1 + clip) * advantage)",
        {
            "maximum": ("torch.min(", "torch.max("),
            "sign": ("-torch.min", "torch.min"),
            "not clipped": ("torch.clamp(ratio, 1 - clip, 1 + clip)", "ratio"),
            "always clipped": ("torch.min(ratio * advantage, ", "(0 * ratio + "),
            "ratio of logarithms": ("torch.exp(log_p - old_log_p)", "log_p / old_log_p"),
            "clipped on one side": ("1 - clip, 1", "0.0, 1"),
        },
        "clip=0.2",
    ),
    loss(
        "clipped surrogate objective of a ratio (Schulman et al. 2017)",
        "ratio, advantage",
        "each = -torch.minimum(ratio * advantage, ratio.clamp(1 - eps, 1 + eps) * advantage)",
        {
            "maximum": ("torch.minimum(", "torch.maximum("),
            "sign": ("-torch.min", "torch.min"),
            "not clipped": ("ratio.clamp(1 - eps, 1 + eps)", "ratio"),
            "clipped on one side": ("1 - eps, 1", "0.0, 1"),
            "the objective clipped": ("ratio.clamp(1 - eps, 1 + eps) * advantage", "(ratio * advantage).clamp(1 - eps, 1 + eps)"),
        },
        "eps=0.2",
    ),
    loss(
        "pairwise ranking (Bradley and Terry 1952)",
        "chosen, rejected",
        "each = torch.log(1 + torch.exp(-(chosen - rejected)))",
        {
            "the other preferred and doubled": ("-(chosen - rejected)", "2 * (chosen - rejected)"),
            "no logarithm": ("torch.log(1 + torch.exp(-(chosen - rejected)))", "torch.sigmoid(rejected - chosen)"),
            "sum": ("chosen - rejected", "chosen + rejected"),
            "ratio": ("-(chosen - rejected)", "-(chosen / (1 + rejected ** 2))"),
            "a hinge": ("torch.log(1 + torch.exp(-(chosen - rejected)))", "F.relu(1 - chosen + rejected)"),
        },
        own="-F.logsigmoid(chosen - rejected).mean()",
    ),
    loss(
        "Jaccard loss",
        "x, y",
        "both = (x * y).sum()\neach = 1 - (both + smooth) / (x.sum() + y.sum() - both + smooth)",
        {
            "doubled": ("1 - (both", "1 - (2 * both"),
            "one missing": ("1 - (both", "0 - (both"),
            "overlap left in": (" - both + smooth", " + both + smooth"),
            "smoothed below alone": ("(both + smooth)", "both"),
            "a greatest for the union": ("x.sum() + y.sum() - both", "torch.max(x, y).sum()"),
        },
        "smooth=0.5",
    ),
    loss(
        "Tversky loss (Salehi et al. 2017)",
        "x, y",
        "hit = (x * y).sum()\nfalse = ((1 - y) * x).sum()\nmissed = (y * (1 - x)).sum()\neach = 1 - (hit + 1.0) / (hit + alpha * false + beta * missed + 1.0)",
        {
            "weights swapped by a third": ("alpha * false", "(alpha + 0.1) * false"),
            "missed left out": (" + beta * missed", ""),
            "hits doubled": ("1 - (hit", "1 - (2 * hit"),
            "one missing": ("1 - (hit", "0 - (hit"),
            "all that is claimed": ("((1 - y) * x).sum()", "x.sum()"),
        },
        "alpha=0.3, beta=0.7",
    ),
    loss(
        "log-cosh loss",
        "x, y",
        "each = torch.log(torch.cosh(x - y))",
        {
            "a sine": ("cosh", "cos"),
            "of the sum": ("x - y", "x + y"),
            "no logarithm": ("torch.log(torch.cosh(x - y))", "torch.cosh(x - y) - 1"),
            "halved": ("torch.log", "0.5 * torch.log"),
            "hyperbolic tangent": ("torch.log(torch.cosh(x - y))", "torch.tanh(x - y) ** 2"),
        },
    ),
    loss(
        "torch.nn.functional.gaussian_nll_loss",
        "mean, target, variance",
        "each = 0.5 * (torch.log(variance) + (target - mean) ** 2 / variance)",
        {
            "no logarithm": ("torch.log(variance)", "variance"),
            "deviation for the variance": ("** 2 / variance", "** 2 / variance.sqrt()"),
            "not halved": ("0.5 * ", ""),
            "not squared": ("** 2 / variance", "/ variance"),
            "logarithm taken away": ("torch.log(variance) +", "-torch.log(variance) +"),
        },
        own="F.gaussian_nll_loss(mean, target, variance)",
    ),
    loss(
        "hinge loss",
        "score, target",
        "each = torch.clamp(1 - target * score, min=0)",
        {
            "not cut": ("torch.clamp(1 - target * score, min=0)", "(1 - target * score)"),
            "rewards the margin": ("1 - target", "1 + 2 * target"),
            "no margin": ("1 - target * score", "-target * score"),
            "squared": ("min=0)", "min=0) ** 2"),
            "of sizes": ("target * score", "(target * score).abs()"),
        },
    ),
    loss(
        "torch.nn.functional.poisson_nll_loss",
        "log_rate, count",
        "each = torch.exp(log_rate) - count * log_rate",
        {
            "sign": ("- count", "+ count"),
            "no exponent": ("torch.exp(log_rate)", "log_rate"),
            "of the rate": ("count * log_rate", "count * log_rate.abs().log()"),
            "count left out": (" - count * log_rate", " - log_rate"),
            "squared": ("- count * log_rate", "- (count - log_rate) ** 2"),
        },
        own="F.poisson_nll_loss(log_rate, count)",
    ),
]  # fmt: skip

TOKENS = """
def lm_loss(logits, tokens):
    b, t, v = logits.shape
    return F.cross_entropy(logits[:, :-1].reshape(-1, v), tokens[:, 1:].reshape(-1))
"""

NEXT_TOKEN = Suite(
    "next-token cross-entropy",
    right={
        "shifted": TOKENS,
        "targets given": """
def lm_loss(logits, targets):
    return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))
""",
        "classes second": edited(TOKENS, ("logits[:, :-1].reshape(-1, v), tokens[:, 1:].reshape(-1)", "logits[:, :-1].transpose(1, 2), tokens[:, 1:]")),
        "gathered": edited(TOKENS, ("F.cross_entropy(logits[:, :-1].reshape(-1, v), tokens[:, 1:].reshape(-1))", "-logits[:, :-1].log_softmax(-1).gather(-1, tokens[:, 1:, None]).mean()")),
        "a module": """
class NextToken(nn.Module):
    def forward(self, logits, labels):
        shifted = logits[..., :-1, :].contiguous()
        labels = labels[..., 1:].contiguous()
        return nn.CrossEntropyLoss()(shifted.view(-1, shifted.size(-1)), labels.view(-1))
""",
    },
    wrong={
        "shifted the wrong way": edited(TOKENS, ("[:, :-1]", "[:, 1:]_"), ("tokens[:, 1:]", "tokens[:, :-1]"), ("[:, 1:]_", "[:, 1:]")),
        "two ahead": edited(TOKENS, ("[:, :-1]", "[:, :-2]"), ("[:, 1:]", "[:, 2:]")),
        "a sum": edited(TOKENS, (".reshape(-1))", ".reshape(-1), reduction='sum')")),
        "a softmax too many": edited(TOKENS, ("logits[:, :-1]", "logits.softmax(-1)[:, :-1]")),
        "the last dropped, not the first": edited(TOKENS, ("tokens[:, 1:]", "tokens[:, :-1]_"), ("logits[:, :-1]", "logits[:, :-1].flip(1)"), ("_.", ".")),
    },
    certain=False,
)  # fmt: skip

SUITES = [CONTRAST, *OBJECTIVES, NEXT_TOKEN]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
