"""Activations and losses by their formulas: as functions and as modules, right in five forms and wrong in five ways."""

from collections.abc import Mapping
from textwrap import indent

import pytest
from mutants import Suite, edited, hold

WRONG = {
    "of the opposite": "f(-x)",
    "doubled": "2 * f(x)",
    "of the double": "f(2 * x)",
    "squared": "f(x) ** 2",
    "one more": "f(x) + 1",
    "without a sign": "f(x).abs() + 0.1 * f(x)",
}


def activation(reference: str, formula: str, other: str, own: str = "", same: str = "") -> Suite:
    """A suite for a function of ``x``: two formulas in all forms, and what may be done to it by mistake; ``same`` changes nothing."""
    name = reference.rpartition(".")[2]
    function = f"def {name}(x):\n    return {formula}\n"
    module = "class Curve(nn.Module):\n    def forward(self, x):\n        return FORMULA\n"
    inner = f"def f(x):\n    return {formula}\n\n\ndef mine(x):\n    return "
    return Suite(
        f"torch.{reference}",
        {
            "a function": function,
            "a module": module.replace("FORMULA", formula),
            "otherwise": f"def mine(x):\n    return {other}\n",
            "otherwise, a module": module.replace("FORMULA", other),
            "torch's own": f"def mine(y):\n    return {own or f'torch.{reference}(y)'}\n",
        },
        {note: inner + wrong for note, wrong in WRONG.items() if note != same},
        certain=False,
    )


EXP = "torch.exp(x - x.amax(-1, keepdim=True))"
ACTIVATIONS = [
    activation("nn.functional.relu", "x.clamp(min=0)", "torch.where(x > 0, x, torch.zeros_like(x))"),
    activation("nn.functional.relu6", "x.clamp(0, 6)", "torch.minimum(F.relu(x), torch.full_like(x, 6.0))"),
    activation("nn.functional.mish", "x * torch.tanh(torch.log(1 + torch.exp(x)))", "x * torch.tanh(F.softplus(x))"),
    activation("nn.functional.softplus", "torch.log(1 + torch.exp(x))", "x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))"),
    activation("nn.functional.softsign", "x / (1 + x.abs())", "torch.div(x, torch.abs(x) + 1)"),
    activation("nn.functional.elu", "torch.where(x > 0, x, torch.expm1(x))", "x.clamp(min=0) + torch.expm1(x.clamp(max=0))"),
    activation(
        "nn.functional.selu",
        "1.0507009873554804934193349852946 * torch.where(x > 0, x, 1.6732632423543772848170429916717 * torch.expm1(x))",
        "1.0507009873554804934193349852946 * (F.relu(x) + 1.6732632423543772848170429916717 * torch.expm1(x.clamp(max=0)))",
    ),
    activation("nn.functional.leaky_relu", "torch.where(x > 0, x, 0.01 * x)", "torch.maximum(x, 0.01 * x)"),
    activation("nn.functional.hardtanh", "x.clamp(-1, 1)", "torch.minimum(torch.maximum(x, -torch.ones_like(x)), torch.ones_like(x))"),
    activation("nn.functional.hardsigmoid", "((x + 3) / 6).clamp(0, 1)", "F.relu6(x + 3) / 6"),
    activation("nn.functional.hardswish", "x * (x + 3).clamp(0, 6) / 6", "x * F.relu6(x + 3) / 6"),
    activation("nn.functional.logsigmoid", "-torch.log(1 + torch.exp(-x))", "-F.softplus(-x)"),
    activation("nn.functional.tanhshrink", "x - torch.tanh(x)", "x - (1 - 2 / (torch.exp(2 * x) + 1))"),
    activation("sigmoid", "1 / (1 + torch.exp(-x))", "0.5 * (1 + torch.tanh(x / 2))"),
    activation("tanh", "(torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1)", "torch.expm1(2 * x) / (torch.exp(2 * x) + 1)"),
    activation("nn.functional.softmin", "torch.softmax(-x, -1)", "torch.exp(-x) / torch.exp(-x).sum(-1, keepdim=True)", "F.softmin(y, -1)"),
    activation("nn.functional.log_softmax", "x - torch.logsumexp(x, -1, keepdim=True)", f"torch.log({EXP} / {EXP}.sum(-1, keepdim=True))", "F.log_softmax(y, -1)"),
    activation("nn.functional.normalize", "x / x.norm(dim=-1, keepdim=True).clamp(min=1e-12)", "x * (x * x).sum(-1, keepdim=True).rsqrt()", "F.normalize(y, dim=-1)", "of the double"),
    activation("nn.functional.glu", "x[..., : x.size(-1) // 2] * torch.sigmoid(x[..., x.size(-1) // 2 :])", "x.chunk(2, -1)[0] / (1 + torch.exp(-x.chunk(2, -1)[1]))", "F.glu(y, dim=-1)"),
    activation("logsumexp", "torch.log(torch.exp(x).sum(-1))", f"x.amax(-1) + torch.log({EXP}.sum(-1))", "torch.logsumexp(y, -1)"),
]  # fmt: skip


def loss(
    reference: str, arguments: str, lines: str, wrong: Mapping[str, tuple[str, str]], setting: str = "", own: str = ""
) -> Suite:
    """A suite for a loss: ``lines`` set ``each`` from the arguments, whose mean is the loss."""
    keys = [part.split("=")[0] for part in setting.split(", ")] if setting else []

    def function(text: str, end: str = "each.mean()") -> str:
        head = f"def criterion({arguments}{', ' + setting if setting else ''}):\n"
        return head + indent(text.strip("\n"), "    ") + f"\n    return {end}\n"

    def module(text: str, end: str) -> str:
        kept = "".join(f"        self.{key} = {key}\n" for key in keys)
        start = f"    def __init__(self, {setting}):\n        super().__init__()\n{kept}\n" if keys else ""
        taken = "".join(f"        {key} = self.{key}\n" for key in keys)
        body = indent(text.strip("\n"), "        ")
        return f"class Criterion(nn.Module):\n{start}    def forward(self, {arguments}):\n{taken}{body}\n        return {end}\n"

    right = {
        "a function": function(lines),
        "a sum": function(lines, "each.sum()"),
        "each": function(lines, "each"),
        "a module": module(lines, "each.mean()"),
        "a mean by hand": module(lines, "each.sum() / each.numel()"),
    }
    if own:
        right["torch's own"] = function("", own)
    return Suite(reference, right, {note: function(edited(lines, edit)) for note, edit in wrong.items()}, certain=False)


LOSSES = [
    loss(
        "torch.nn.functional.mse_loss",
        "x, y",
        "each = (x - y) ** 2",
        {
            "a cube": ("** 2", "** 3"),
            "added": ("x - y", "x + y"),
            "of squares": ("(x - y) ** 2", "x ** 2 - y ** 2"),
            "a third": ("** 2", "** 2 / 3"),
            "clipped": ("(x - y)", "(x - y).clamp(-1, 1)"),
        },
        own="F.mse_loss(x, y)",
    ),
    loss(
        "torch.nn.functional.l1_loss",
        "x, y",
        "each = (x - y).abs()",
        {
            "no sizes": (".abs()", ""),
            "of sizes": ("(x - y).abs()", "x.abs() - y.abs()"),
            "a root": (".abs()", ".abs().sqrt()"),
            "added": ("x - y", "x + y"),
            "relative": (".abs()", ".abs() / (1 + y.abs())"),
        },
        own="F.l1_loss(x, y)",
    ),
    loss(
        "torch.nn.functional.huber_loss",
        "x, y",
        "r = (x - y).abs()\neach = torch.where(r < delta, 0.5 * r ** 2, delta * (r - 0.5 * delta))",
        {
            "no half": ("0.5 * r ** 2", "r ** 2"),
            "half of delta left out": ("(r - 0.5 * delta)", "r"),
            "not times delta": ("delta * (r", "(r"),
            "sides swapped": ("r < delta", "r > delta"),
            "of one": ("r < delta", "r < 1.0"),
            "delta squared": ("delta * (r - 0.5 * delta)", "delta ** 2 * (r - 0.5 * delta)"),
        },
        "delta=0.5",
        "F.huber_loss(x, y, delta=delta)",
    ),
    loss(
        "torch.nn.functional.smooth_l1_loss",
        "x, y",
        "r = (x - y).abs()\neach = torch.where(r < beta, 0.5 * r ** 2 / beta, r - 0.5 * beta)",
        {
            "not divided": (" / beta", " / 2"),
            "jumps": ("r - 0.5 * beta", "r"),
            "no half": ("0.5 * r ** 2", "r ** 2"),
            "sides swapped": ("r < beta", "r > beta"),
            "half of one": ("r - 0.5 * beta", "r - 0.5"),
        },
        "beta=0.5",
        "F.smooth_l1_loss(x, y, beta=beta)",
    ),
    loss(
        "torch.nn.functional.binary_cross_entropy_with_logits",
        "logits, target",
        "each = torch.clamp(logits, min=0) - logits * target + torch.log1p(torch.exp(-logits.abs()))",
        {
            "sign": ("- logits * target", "+ logits * target"),
            "no exponent": ("torch.exp(-logits.abs())", "logits.abs()"),
            "growing exponent": ("-logits.abs()", "logits.abs()"),
            "target left out": (" - logits * target", ""),
            "targets turned": ("logits * target", "logits * (1 - target)"),
        },
        own="F.binary_cross_entropy_with_logits(logits, target)",
    ),
    loss(
        "focal loss (Lin et al. 2017)",
        "logits, target",
        "ce = F.cross_entropy(logits, target, reduction='none')\neach = alpha * (1 - torch.exp(-ce)) ** gamma * ce",
        {
            "the easy ones": ("(1 - torch.exp(-ce))", "torch.exp(-ce)"),
            "growing": ("torch.exp(-ce)", "torch.exp(ce)"),
            "times gamma": ("** gamma", "* gamma"),
            "entropy left out": (" * ce", ""),
            "entropy inside": ("(1 - torch.exp(-ce)) ** gamma * ce", "((1 - torch.exp(-ce)) * ce) ** gamma"),
        },
        "alpha=0.25, gamma=2.0",
    ),
    loss(
        "binary focal loss (Lin et al. 2017)",
        "logits, target",
        "ce = F.binary_cross_entropy_with_logits(logits, target, reduction='none')\neach = alpha * (1 - torch.exp(-ce)) ** gamma * ce",
        {
            "the easy ones": ("(1 - torch.exp(-ce))", "torch.exp(-ce)"),
            "growing": ("torch.exp(-ce)", "torch.exp(ce)"),
            "times gamma": ("** gamma", "* gamma"),
            "entropy left out": (" * ce", ""),
            "entropy inside": ("(1 - torch.exp(-ce)) ** gamma * ce", "((1 - torch.exp(-ce)) * ce) ** gamma"),
        },
        "alpha=0.25, gamma=2.0",
    ),
    loss(
        "dice loss (Milletari et al. 2016)",
        "x, y",
        "each = 1 - (2 * (x * y).sum() + smooth) / (x.sum() + y.sum() + smooth)",
        {
            "not doubled": ("2 * (x", "(x"),
            "one missing": ("1 - (2", "0 - (2"),
            "not smoothed above": ("sum() + smooth) / ", "sum()) / "),
            "overlap counted twice": ("y.sum() + smooth", "y.sum() - (x * y).sum() + smooth"),
            "of squares": ("(x.sum() + y.sum()", "(x.pow(3).sum() + y.pow(3).sum()"),
            "a mean below": ("x.sum() + y", "x.mean() + y"),
        },
        "smooth=0.7",
    ),
    loss(
        "torch.nn.functional.triplet_margin_loss",
        "anchor, positive, negative",
        "near = F.pairwise_distance(anchor, positive)\nfar = F.pairwise_distance(anchor, negative)\neach = F.relu(near - far + margin)",
        {
            "the other way": ("near - far", "far - near"),
            "not cut": ("F.relu(near - far + margin)", "(near - far + margin)"),
            "margin taken away": ("+ margin", "- margin"),
            "squares": ("near - far", "near ** 2 - far ** 2"),
            "from the positive": ("anchor, negative)", "positive, positive)"),
        },
        "margin=0.7",
        "F.triplet_margin_loss(anchor, positive, negative, margin=margin)",
    ),
    loss(
        "contrastive loss (Hadsell et al. 2006)",
        "a, b, label",
        "d = F.pairwise_distance(a, b)\neach = (1 - label) * d ** 2 + label * torch.clamp(margin - d, min=0) ** 2",
        {
            "not cut": ("torch.clamp(margin - d, min=0)", "(margin - d)"),
            "no square": (", min=0) ** 2", ", min=0)"),
            "cut the other way": ("margin - d", "d - margin"),
            "only pairs that differ": ("(1 - label) * d ** 2", "0 * d"),
            "both at once": ("(1 - label) * d", "d"),
        },
        "margin=3.0",
    ),
    loss(
        "torch.nn.functional.margin_ranking_loss",
        "one, two, sign",
        "each = F.relu(-sign * (one - two) + margin)",
        {
            "sign": ("-sign", "sign"),
            "not cut": ("F.relu(-sign * (one - two) + margin)", "-sign * (one - two) + margin"),
            "margin taken away": ("+ margin", "- margin"),
            "of sums": ("one - two", "one + two"),
            "squared": ("F.relu(-sign * (one - two) + margin)", "F.relu(-sign * (one - two) + margin) ** 2"),
        },
        "margin=0.5",
        "F.margin_ranking_loss(one, two, sign, margin=margin)",
    ),
]  # fmt: skip

LOSSES += [
    loss(
        "torch.nn.functional.nll_loss",
        "log_p, target",
        "log_p = F.log_softmax(log_p, -1) * 0 + log_p\neach = -log_p.gather(1, target.unsqueeze(1)).squeeze(1)",
        {
            "sign": ("-log_p.gather", "log_p.gather"),
            "of the first": ("target.unsqueeze(1)", "0 * target.unsqueeze(1)"),
            "doubled": ("each = -", "each = -2 * "),
            "raised": ("-log_p.gather(1, target.unsqueeze(1)).squeeze(1)", "-log_p.gather(1, target.unsqueeze(1)).squeeze(1).exp()"),
            "over all": ("-log_p.gather(1, target.unsqueeze(1)).squeeze(1)", "-log_p.sum(1)"),
        },
        own="F.nll_loss(log_p, target)",
    ),
    loss(
        "torch.nn.functional.binary_cross_entropy",
        "p, target",
        "each = -(target * torch.log(p) + (1 - target) * torch.log(1 - p))",
        {
            "sign": ("each = -", "each = "),
            "only where it is true": (" + (1 - target) * torch.log(1 - p)", ""),
            "targets turned": ("target * torch.log(p) + (1 - target)", "(1 - target) * torch.log(p) + target"),
            "subtracted": ("+ (1 - target)", "- (1 - target)"),
            "base two": ("torch.log(p)", "torch.log2(p)"),
            "a sigmoid too many": ("each = ", "p = torch.sigmoid(p)\neach = "),
        },
        own="F.binary_cross_entropy(p, target)",
    ),
    loss(
        "torch.nn.functional.kl_div",
        "log_q, p",
        "each = p * (p.log() - log_q)",
        {
            "sign": ("p.log() - log_q", "log_q - p.log()"),
            "logarithms added": ("- log_q", "+ log_q"),
            "not weighted": ("p * (p", "(p"),
            "weighted by the other": ("p * (p", "log_q.exp() * (p"),
            "cross-entropy": ("p.log() - log_q", "- log_q"),
            "no logarithm": ("p.log()", "p"),
        },
        own="F.kl_div(log_q, p, reduction='batchmean')",
    ),
    loss(
        "torch.nn.functional.cosine_similarity",
        "a, b",
        "each = (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))",
        {
            "not divided": (" / (a.norm(dim=-1) * b.norm(dim=-1))", ""),
            "by one length": (" * b.norm(dim=-1)", ""),
            "by squares": ("(a.norm(dim=-1) * b.norm(dim=-1))", "((a * a).sum(-1) * (b * b).sum(-1))"),
            "lengths added": ("norm(dim=-1) * b", "norm(dim=-1) + b"),
            "of the difference": ("(a * b).sum(-1)", "(a - b).sum(-1)"),
            "of sizes": ("a * b", "(a * b).abs()"),
        },
        own="F.cosine_similarity(a, b, dim=-1)",
    ),
]  # fmt: skip


@pytest.mark.parametrize("suite", [*ACTIVATIONS, *LOSSES], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
