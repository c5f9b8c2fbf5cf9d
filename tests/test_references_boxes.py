"""Boxes of an image and samples of a distribution: right in several forms, and wrong as people get it wrong."""

import pytest
from mutants import Suite, edited, hold

PAIRS = """
def box_iou(a, b):
    area_a = (a[:, 2] - a[:, 0]) * (a[:, 3] - a[:, 1])
    area_b = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    lt = torch.max(a[:, None, :2], b[:, :2])
    rb = torch.min(a[:, None, 2:], b[:, 2:])
    wh = (rb - lt).clamp(min=0)
    inter = wh[..., 0] * wh[..., 1]
    return inter / (area_a[:, None] + area_b - inter)
"""
EACH = """
def iou(p, t, eps=1e-7):
    x1, y1, x2, y2 = p.unbind(-1)
    u1, v1, u2, v2 = t.unbind(-1)
    w = torch.relu(torch.minimum(x2, u2) - torch.maximum(x1, u1))
    h = torch.relu(torch.minimum(y2, v2) - torch.maximum(y1, v1))
    both = w * h
    union = (x2 - x1) * (y2 - y1) + (u2 - u1) * (v2 - v1) - both
    return both / (union + eps)
"""
WIDTH, HEIGHT = "torch.minimum(x2, u2) - torch.maximum(x1, u1)", "torch.minimum(y2, v2) - torch.maximum(y1, v1)"
OVERLAP = Suite(
    "intersection over union (Jaccard 1912)",
    right={
        "of all pairs": PAIRS,
        "of each": EACH,
        "a loss": edited(EACH, ("return both / (union + eps)", "return (1 - both / (union + eps)).mean()")),
        "the last pixel counts": edited(PAIRS, ("2] - a[:, 0])", "2] - a[:, 0] + 1)"), ("3] - a[:, 1])", "3] - a[:, 1] + 1)"), ("2] - b[:, 0])", "2] - b[:, 0] + 1)"), ("3] - b[:, 1])", "3] - b[:, 1] + 1)"), ("(rb - lt)", "(rb - lt + 1)")),
        "of centres": """
def iou(a, b):
    low = torch.maximum(a[..., :2] - a[..., 2:4] / 2, b[..., :2] - b[..., 2:4] / 2)
    high = torch.minimum(a[..., :2] + a[..., 2:4] / 2, b[..., :2] + b[..., 2:4] / 2)
    both = (high - low).clamp(min=0).prod(-1)
    return both / (a[..., 2:4].prod(-1) + b[..., 2:4].prod(-1) - both)
""",
        "a module": """
class Overlap(nn.Module):
    def forward(self, pred, target):
        low = torch.max(pred[:, :2], target[:, :2])
        high = torch.min(pred[:, 2:], target[:, 2:])
        side = (high - low).clamp(min=0)
        both = side[:, 0] * side[:, 1]
        size = lambda box: (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
        return both / (size(pred) + size(target) - both)
""",
    },
    wrong={
        "what both cover counted twice": edited(PAIRS, (" + area_b - inter)", " + area_b)")),
        "no clamp": edited(PAIRS, (".clamp(min=0)", "")),
        "clamp of the area alone": edited(EACH, (f"torch.relu({WIDTH})", WIDTH), (f"torch.relu({HEIGHT})", HEIGHT), ("both = w * h", "both = torch.relu(w * h)")),
        "corners swapped": edited(PAIRS, ("lt = torch.max(", "lt = torch.min("), ("rb = torch.min(", "rb = torch.max(")),
        "sides added": edited(EACH, ("both = w * h", "both = w + h")),
        "over the smaller": edited(EACH, ("both / (union + eps)", "both / torch.minimum((x2 - x1) * (y2 - y1), (u2 - u1) * (v2 - v1))")),
        "axes mixed": edited(EACH, ("torch.minimum(y2, v2)", "torch.minimum(y2, u2)")),
    },
    certain=False,
)  # fmt: skip

HULL = """
def giou(p, t):
    low, high = torch.max(p[:, :2], t[:, :2]), torch.min(p[:, 2:], t[:, 2:])
    both = (high - low).clamp(min=0).prod(-1)
    union = (p[:, 2:] - p[:, :2]).prod(-1) + (t[:, 2:] - t[:, :2]).prod(-1) - both
    near, far = torch.min(p[:, :2], t[:, :2]), torch.max(p[:, 2:], t[:, 2:])
    hull = (far - near).prod(-1)
    return both / union - (hull - union) / hull
"""
RESULT = "return both / union - (hull - union) / hull"
GENERAL = Suite(
    "generalised intersection over union (Rezatofighi et al. 2019)",
    right={
        "of each": HULL,
        "a loss of each": edited(HULL, (RESULT, "return 1 - (both / union - (hull - union) / hull)")),
        "its mean": edited(HULL, (RESULT, "return (1 - both / union + (hull - union) / hull).mean()")),
        "another sum": edited(HULL, (RESULT, "return both / union - 1 + union / hull")),
        "of all pairs": edited(HULL, ("(p[:, :2], t[:, :2])", "(p[:, None, :2], t[None, :, :2])"), ("(p[:, 2:], t[:, 2:])", "(p[:, None, 2:], t[None, :, 2:])"), ("(p[:, 2:] - p[:, :2]).prod(-1) +", "(p[:, 2:] - p[:, :2]).prod(-1)[:, None] +")),
    },
    wrong={
        "over the union": edited(HULL, ("(hull - union) / hull", "(hull - union) / union")),
        "sign": edited(HULL, ("- (hull - union)", "+ (hull - union)")),
        "hull from the nearer corner": edited(HULL, ("near, far = torch.min(", "near, far = torch.max(")),
        "hull less both": edited(HULL, ("(hull - union) / hull", "(hull - both) / hull")),
        "no clamp": edited(HULL, (".clamp(min=0)", "")),
        "union counted twice": edited(HULL, (".prod(-1) - both", ".prod(-1)")),
    },
    certain=False,
)  # fmt: skip

BEST = """
def nms(boxes, scores, limit=0.5):
    order = scores.argsort(descending=True)
    keep = []
    while order.numel() > 0:
        best = order[0]
        keep.append(best)
        rest = order[1:]
        low = torch.max(boxes[best, :2], boxes[rest, :2])
        high = torch.min(boxes[best, 2:], boxes[rest, 2:])
        both = (high - low).clamp(min=0).prod(-1)
        size = (boxes[:, 2:] - boxes[:, :2]).prod(-1)
        order = rest[both / (size[best] + size[rest] - both) <= limit]
    return torch.stack(keep)
"""
BEST_OF = Suite(
    "torchvision.ops.nms",
    right={
        "one by one": BEST,
        "sorted": edited(BEST, ("scores.argsort(descending=True)", "torch.sort(scores, descending=True)[1]")),
        "a mask": """
def nms(boxes, scores, limit=0.5):
    order = torch.argsort(-scores)
    b = boxes[order]
    side = (torch.min(b[:, None, 2:], b[:, 2:]) - torch.max(b[:, None, :2], b[:, :2])).clamp(min=0)
    both = side[..., 0] * side[..., 1]
    size = (b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1])
    share = both / (size[:, None] + size - both)
    alive = torch.ones(len(b), dtype=torch.bool)
    for i in range(len(b)):
        if alive[i]:
            alive[i + 1:] &= share[i, i + 1:] <= limit
    return order[alive]
""",
        "the limit given": edited(BEST, ("limit=0.5", "iou_threshold=0.3"), ("<= limit", "<= iou_threshold")),
        "a list of places": edited(BEST, ("keep.append(best)", "keep.append(best.item())"), ("torch.stack(keep)", "torch.tensor(keep)")),
    },
    wrong={
        "the worst first": edited(BEST, ("descending=True", "descending=False")),
        "keeps what overlaps": edited(BEST, ("<= limit", "> limit")),
        "all of them": edited(BEST, ("rest[both / (size[best] + size[rest] - both) <= limit]", "rest")),
        "what both cover counted twice": edited(BEST, ("both / (size[best] + size[rest] - both)", "both / (size[best] + size[rest])")),
        "by the boxes' order": edited(BEST, ("scores.argsort(descending=True)", "torch.arange(len(scores))")),
    },
    certain=False,
)  # fmt: skip

DRAWN = """
def reparameterize(mu, logvar):
    std = torch.exp(0.5 * logvar)
    return mu + torch.randn_like(std) * std
"""
SAMPLE = Suite(
    "reparameterised sample (Kingma and Welling 2014)",
    right={
        "a function": DRAWN,
        "the variance's root": edited(DRAWN, ("torch.exp(0.5 * logvar)", "logvar.exp().sqrt()")),
        "addcmul": edited(DRAWN, ("mu + torch.randn_like(std) * std", "torch.addcmul(mu, torch.randn(std.shape), std)")),
        "torch's own distribution": edited(DRAWN, ("mu + torch.randn_like(std) * std", "torch.distributions.Normal(mu, std).rsample()")),
        "of the deviation": "def sample(mean, std):\n    return mean + std * torch.randn_like(mean)\n",
        "a module, while it trains": """
class Sampling(nn.Module):
    def forward(self, mean, log_var):
        if not self.training:
            return mean
        return mean + torch.exp(log_var / 2) * torch.randn_like(mean)
""",
        "the spread first": "def sample(log_std, mean):\n    return torch.randn_like(mean) * log_std.exp() + mean\n",
    },
    wrong={
        "uniform": edited(DRAWN, ("torch.randn_like", "torch.rand_like")),
        "twice the logarithm": edited(DRAWN, ("0.5 * logvar", "2 * logvar")),
        "no mean": edited(DRAWN, ("mu + ", "0 * mu + ")),
        "no logarithm": edited(DRAWN, ("torch.exp(0.5 * logvar)", "0.5 * logvar")),
        "one number for all": edited(DRAWN, ("torch.randn_like(std)", "torch.randn(1)")),
        "times the mean": edited(DRAWN, ("mu + ", "mu * ")),
    },
    certain=False,
)  # fmt: skip


@pytest.mark.parametrize("suite", [OVERLAP, GENERAL, BEST_OF, SAMPLE], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite: Suite):
    print(hold(suite))
