"""Every update rule and schedule, in each form that people give such classes, and with its formula wrong."""

from collections.abc import Mapping
from textwrap import indent

import pytest
from mutants import Suite, edited, hold

GROUPS = """
class NAME(optim.Optimizer):
    def __init__(self, params, SIGNATURE):
        super().__init__(params, dict(PAIRS))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (NAMES,) = (group[key] for key in "KEYS".split())
            for p in group["params"]:
                if p.grad is None:
                    continue
                s, g = self.state[p], p.grad
                t = s["t"] = s.get("t", 0) + 1
                BODY
                p.copy_(new)
"""
PLAIN = """
class NAME:
    def __init__(self, params, SIGNATURE):
        self.params = list(params)
        self.settings = (PLAINLY,)
        self.held = [{} for _ in self.params]
        self.count = 0

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        self.count += 1
        NAMES, t = *self.settings, self.count
        with torch.no_grad():
            for p, s in zip(self.params, self.held):
                g = p.grad
                BODY
                p += new - p
"""
FORMS = {
    "groups and state": GROUPS,
    "no base class": PLAIN,
    "on data": edited(GROUPS, ("p.grad\n", "p.grad.data\n"), ("p.copy_(new)", "p.data = new"), ("    @torch.no_grad()\n", "")),
    "all at the end": edited(
        GROUPS,
        ("        for group in", "        later = []\n        for group in"),
        ("p.copy_(new)\n", "later.append((p, new))\n        for p, new in later:\n            p.copy_(new)\n"),
    ),
    "a method for one": edited(
        GROUPS,
        ("            (NAMES,) = (group[key] for key in \"KEYS\".split())\n", ""),
        ("                t = s", "                p.copy_(self.after(p, g, s, group))\n\n    def after(self, p, g, s, group):\n        (NAMES,) = (group[key] for key in \"KEYS\".split())\n        t = s"),
        ("                BODY\n                p.copy_(new)", "        BODY\n        return new"),
    ),
    "with a closure": edited(
        GROUPS,
        ("def step(self):", "def step(self, closure=None):\n        loss = None\n        if closure is not None:\n            with torch.enable_grad():\n                loss = closure()"),
        ("p.copy_(new)", "p.add_(new - p)\n        return loss"),
    ),
}  # fmt: skip


def dressed(form: str, name: str, signature: str, body: str) -> str:
    """An optimizer of a form, with settings, whose formula sets ``new``."""
    keys = [part.split("=")[0].strip() for part in signature.replace("(0.9, 0.999)", "_").split(", ")]
    at = next(line for line in form.split("\n") if line.strip() == "BODY")
    space = at[: -len("BODY")]
    names = ", ".join("(b1, b2)" if key == "betas" else key for key in keys)
    return (
        form.replace(at, indent(body.strip("\n"), space))
        .replace("NAME(", f"{name}(")
        .replace("NAME:", f"{name}:")
        .replace("SIGNATURE", signature)
        .replace("PAIRS", ", ".join(f"{key}={key}" for key in keys))
        .replace("PLAINLY", ", ".join(keys))
        .replace("NAMES", names)
        .replace("KEYS", " ".join(keys))
    )


def rule(reference: str, signature: str, body: str, wrong: Mapping[str, tuple[str, str]], name: str = "") -> Suite:
    """A suite for an update rule: all forms of the right formula, and the first form of each wrong one."""
    name = name or reference.rpartition(".")[2]
    return Suite(
        reference,
        {note: dressed(form, name, signature, body) for note, form in FORMS.items()},
        {note: dressed(GROUPS, name, signature, edited(body, edit)) for note, edit in wrong.items()},
        certain=False,
    )


BETAS = "lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0"
MOMENTS = """
m = s["m"] = b1 * s.get("m", torch.zeros_like(p)) + (1 - b1) * g
v = s["v"] = b2 * s.get("v", torch.zeros_like(p)) + (1 - b2) * g * g
"""
JOINED = "g = g + weight_decay * p"

RULES = [
    rule(
        "torch.optim.AdamW",
        BETAS,
        MOMENTS
        + "new = p * (1 - lr * weight_decay) - lr * (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + eps)",
        {
            "decay not times the rate": ("(1 - lr * weight_decay)", "(1 - weight_decay)"),
            "decay of the step": ("(1 - lr * weight_decay) - lr *", "1 - lr * (1 + weight_decay) *"),
            "decay the wrong way": ("(1 - lr * weight_decay)", "(1 + lr * weight_decay)"),
            "no correction of the second": ("(v / (1 - b2 ** t))", "v"),
            "eps under the root": ("((v / (1 - b2 ** t)).sqrt() + eps)", "(v / (1 - b2 ** t) + eps).sqrt()"),
            "moments swapped": ("- lr * (m", "- lr * (g"),
        },
    ),
    rule(
        "torch.optim.Adam(amsgrad=True)",
        BETAS,
        JOINED
        + MOMENTS
        + 'top = s["top"] = torch.maximum(s.get("top", torch.zeros_like(p)), v)\n'
        + "new = p - lr * (m / (1 - b1 ** t)) / ((top / (1 - b2 ** t)).sqrt() + eps)",
        {
            "the least": ("torch.maximum", "torch.minimum"),
            "the latest": ("(top / (1", "(v / (1"),
            "maximum forgotten": ('s["top"] =', "_ ="),
            "maximum of the first moment": (", v)", ", m.abs())"),
            "no correction": ("(top / (1 - b2 ** t))", "top"),
        },
        "AMSGrad",
    ),
    rule(
        "torch.optim.Adamax",
        BETAS,
        JOINED
        + """
m = s["m"] = b1 * s.get("m", torch.zeros_like(p)) + (1 - b1) * g
u = s["u"] = torch.maximum(b2 * s.get("u", torch.zeros_like(p)), g.abs() + eps)
new = p - lr / (1 - b1 ** t) * m / u
""",
        {
            "not decayed": ("b2 * s.get", "s.get"),
            "no correction": (" / (1 - b1 ** t)", ""),
            "both corrected": ("m / u", "m / (u / (1 - b2 ** t))"),
            "sum, not maximum": ("torch.maximum(b2 * s.get(\"u\", torch.zeros_like(p)), g.abs() + eps)", "b2 * s.get(\"u\", torch.zeros_like(p)) + g.abs() + eps"),
            "root": ("m / u", "m / u.sqrt()"),
        },
    ),
    rule(
        "torch.optim.NAdam",
        BETAS,
        JOINED
        + """
mu, ahead = b1 * (1 - 0.5 * 0.96 ** (t * 0.004)), b1 * (1 - 0.5 * 0.96 ** ((t + 1) * 0.004))
w = s["w"] = s.get("w", 1.0) * mu
"""
        + MOMENTS
        + """
root = (v / (1 - b2 ** t)).sqrt() + eps
new = p - lr * (1 - mu) / (1 - w) * g / root - lr * ahead / (1 - w * ahead) * m / root
""",
        {
            "not ahead": ("ahead / (1 - w * ahead) * m", "mu / (1 - w) * m"),
            "plain Nesterov": ("(1 - mu) / (1 - w) * g", "(1 - mu) * g"),
            "fixed momentum": ("b1 * (1 - 0.5 * 0.96 ** (t * 0.004))", "b1"),
            "without the gradient": ("lr * (1 - mu) / (1 - w) * g / root - ", ""),
            "products forgotten": ('s["w"] = s.get("w", 1.0) * mu', "mu"),
        },
    ),
    rule(
        "torch.optim.RAdam",
        BETAS,
        JOINED
        + MOMENTS
        + """
top = 2 / (1 - b2) - 1
length = top - 2 * t * b2 ** t / (1 - b2 ** t)
m = m / (1 - b1 ** t)
if length > 5:
    rect = ((length - 4) * (length - 2) * top / ((top - 4) * (top - 2) * length)) ** 0.5
    new = p - lr * m * rect * (1 - b2 ** t) ** 0.5 / (v.sqrt() + eps)
else:
    new = p - lr * m
""",
        {
            "never rectified": ("* rect *", "*"),
            "always adaptive": ("if length > 5", "if length > 0"),
            "no root": (")) ** 0.5\n", "))\n"),
            "no step before": ("    new = p - lr * m\n", "    new = p\n"),
            "first not corrected": ("m = m / (1 - b1 ** t)", "m = m * 1"),
        },
    ),
    rule(
        "torch.optim.RMSprop",
        "lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0",
        JOINED
        + """
v = s["v"] = alpha * s.get("v", torch.zeros_like(p)) + (1 - alpha) * g ** 2
new = p - lr * g / (v.sqrt() + eps)
""",
        {
            "eps under the root": ("(v.sqrt() + eps)", "(v + eps).sqrt()"),
            "no root": ("v.sqrt()", "v"),
            "starts with the square": ("torch.zeros_like(p)", "g ** 2"),
            "averages gradients": ("g ** 2", "g"),
            "weights swapped": ('alpha * s.get("v", torch.zeros_like(p)) + (1 - alpha)', '(1 - alpha) * s.get("v", torch.zeros_like(p)) + alpha'),
            "corrected": ("(v.sqrt()", "((v / (1 - alpha ** t)).sqrt()"),
        },
    ),
    rule(
        "torch.optim.Adagrad",
        "lr=1e-2, lr_decay=0.0, weight_decay=0.0, eps=1e-10",
        JOINED
        + """
v = s["v"] = s.get("v", torch.zeros_like(p)) + g ** 2
new = p - lr / (1 + (t - 1) * lr_decay) * g / (v.sqrt() + eps)
""",
        {
            "no root": ("v.sqrt()", "v"),
            "forgets": ('s.get("v", torch.zeros_like(p)) +', '0.9 * s.get("v", torch.zeros_like(p)) +'),
            "sums gradients": ("g ** 2", "g.abs()"),
            "mean, not sum": ("v.sqrt()", "(v / t).sqrt()"),
            "eps under the root": ("(v.sqrt() + eps)", "(v + eps).sqrt()"),
            "decays from the first step": ("(t - 1) * lr_decay", "t * lr_decay"),
        },
    ),
    rule(
        "torch.optim.Adadelta",
        "lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0",
        JOINED
        + """
v = s["v"] = rho * s.get("v", torch.zeros_like(p)) + (1 - rho) * g * g
u = s.get("u", torch.zeros_like(p))
change = (u + eps).sqrt() / (v + eps).sqrt() * g
s["u"] = rho * u + (1 - rho) * change ** 2
new = p - lr * change
""",
        {
            "no numerator": ("(u + eps).sqrt() / ", ""),
            "eps outside": ("(v + eps).sqrt()", "(v.sqrt() + eps)"),
            "change not squared": ("change ** 2", "change"),
            "change times the rate": ("(1 - rho) * change", "(1 - rho) * lr * change"),
            "upside down": ("(u + eps).sqrt() / (v + eps).sqrt()", "(v + eps).sqrt() / (u + eps).sqrt()"),
        },
    ),
    rule(
        "torch.optim.Rprop",
        "lr=1e-2",
        """
sign = (g * s.get("last", torch.zeros_like(p))).sign()
factor = torch.where(sign > 0, 1.2, torch.where(sign < 0, 0.5, 1.0)).to(p.dtype)
size = s["size"] = (s.get("size", torch.full_like(p, lr)) * factor).clamp(1e-6, 50)
g = torch.where(sign < 0, torch.zeros_like(g), g)
s["last"] = g.clone()
new = p - size * g.sign()
""",
        {
            "size of the gradient": ("size * g.sign()", "size * g"),
            "steps back as well": ("torch.where(sign < 0, torch.zeros_like(g), g)", "g"),
            "grows when it turns": ("sign > 0, 1.2", "sign < 0, 1.2"),
            "never grows": ("1.2", "1.0"),
            "forgets the last": ('s["last"] = g.clone()', 's["last"] = torch.zeros_like(g)'),
        },
    ),
    rule(
        "torch.optim.ASGD",
        "lr=1e-2, lambd=1e-4, alpha=0.75, weight_decay=0.0",
        JOINED
        + """
eta = s.get("eta", lr)
new = p * (1 - lambd * eta) - eta * g
s["eta"] = lr / (1 + lambd * lr * t) ** alpha
""",
        {
            "plain descent": ('s.get("eta", lr)', "lr"),
            "not decayed": ("p * (1 - lambd * eta)", "p"),
            "no power": (" ** alpha", ""),
            "a step early": ('eta = s.get("eta", lr)', "eta = lr / (1 + lambd * lr * t) ** alpha"),
            "from the last rate": ("lr / (1 +", "eta / (1 +"),
        },
    ),
    rule(
        "torch.optim.Adafactor",
        "lr=1e-2, beta2_decay=-0.8, d=1.0, weight_decay=0.0",
        """
kept = 1 - t ** beta2_decay
rate = min(lr, t ** -0.5) * max(1e-3, float(p.norm()) / p.numel() ** 0.5)
if g.dim() > 1:
    r = s["r"] = kept * s.get("r", 0.0) + (1 - kept) * g.square().mean(-1, keepdim=True)
    c = s["c"] = kept * s.get("c", 0.0) + (1 - kept) * g.square().mean(-2, keepdim=True)
    v = r @ c / r.mean(-2, keepdim=True)
else:
    v = s["v"] = kept * s.get("v", 0.0) + (1 - kept) * g.square()
u = g / v.sqrt()
new = p * (1 - lr * weight_decay) - rate * u / max(1.0, float(u.norm()) / u.numel() ** 0.5 / d)
""",
        {
            "not relative": (" * max(1e-3, float(p.norm()) / p.numel() ** 0.5)", ""),
            "not clipped": (" / max(1.0, float(u.norm()) / u.numel() ** 0.5 / d)", ""),
            "not divided by the mean": (" / r.mean(-2, keepdim=True)", ""),
            "sums for means": ("r.mean(-2", "r.sum(-2"),
            "no root": ("v.sqrt()", "v"),
            "fixed decay": ("1 - t ** beta2_decay", "0.9"),
        },
    ),
    rule(
        "Lion (Chen et al. 2023)",
        "lr=1e-3, betas=(0.9, 0.999), weight_decay=0.0",
        """
m = s.get("m", torch.zeros_like(p))
u = (b1 * m + (1 - b1) * g).sign()
s["m"] = b2 * m + (1 - b2) * g
new = p - lr * (u + weight_decay * p)
""",
        {
            "no sign": (".sign()", ""),
            "sign of the momentum": ("(b1 * m + (1 - b1) * g).sign()", "m.sign()"),
            "one beta": ("b2 * m + (1 - b2) * g", "b1 * m + (1 - b1) * g"),
            "betas swapped": ("(b1 * m + (1 - b1) * g)", "(b2 * m + (1 - b2) * g)"),
            "decay not times the rate": ("lr * (u + weight_decay * p)", "lr * u - weight_decay * p"),
        },
        "Lion",
    ),
]  # fmt: skip

CLOSED = """
class Schedule:
    def __init__(self, optimizer, SIGNATURE):
        self.optimizer = optimizer
        KEEP
        self.bases = [group["lr"] for group in optimizer.param_groups]
        self.n = 0
        self.put()

    def put(self):
        TAKE
        n = self.n
        for group, base in zip(self.optimizer.param_groups, self.bases):
            group["lr"] = RATE

    def step(self):
        self.n += 1
        self.put()
"""
SHAPES = {
    "closed form": CLOSED,
    "torch's base class": """
class Schedule(optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, SIGNATURE, last_epoch=-1):
        KEEP
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        TAKE
        n = self.last_epoch
        return [RATE for base in self.base_lrs]
""",
    "steps the optimizer too": edited(CLOSED, ("        self.n += 1\n", "        self.optimizer.step()\n        self.n += 1\n")),
    "a method for the rate": edited(
        CLOSED,
        ("        TAKE\n        n = self.n\n", ""),
        ("group[\"lr\"] = RATE", "group[\"lr\"] = self.rate(base, self.n)\n\n    def rate(self, base, n):\n        TAKE\n        return RATE"),
    ),
    "a LambdaLR inside": """
class Schedule:
    def __init__(self, optimizer, SIGNATURE):
        base = optimizer.param_groups[0]["lr"]
        self.optimizer = optimizer
        KEEP
        TAKE
        self.inner = optim.lr_scheduler.LambdaLR(self.optimizer, lambda n: (RATE) / base)

    def step(self):
        self.inner.step()
""",
}  # fmt: skip


def fitted(shape: str, signature: str, rate: str) -> str:
    """A schedule of a shape, with settings, whose rate at step ``n`` is an expression of ``base``."""
    keys = [part.split("=")[0].strip() for part in signature.replace("[3, 5]", "_").split(", ")]
    held = ", ".join(f"self.{key}" for key in keys)
    return (
        shape.replace("SIGNATURE", signature)
        .replace("KEEP", f"{held} = {', '.join(keys)}")
        .replace("TAKE", f"{', '.join(keys)} = {held}")
        .replace("RATE", rate)
    )


def schedule(reference: str, signature: str, rate: str, wrong: Mapping[str, tuple[str, str]]) -> Suite:
    """A suite for a schedule: all shapes of the right rate, and the first shape of each wrong one."""
    return Suite(
        reference,
        {note: fitted(shape, signature, rate) for note, shape in SHAPES.items()},
        {note: fitted(CLOSED, signature, edited(rate, edit)) for note, edit in wrong.items()},
        certain=False,
    )


SCHEDULES = [
    schedule(
        "torch.optim.lr_scheduler.MultiStepLR",
        "milestones=[3, 5], gamma=0.1",
        "base * gamma ** sum(n >= m for m in milestones)",
        {
            "a step late": ("n >=", "n >"),
            "divides": ("* gamma **", "/ gamma **"),
            "once": ("sum(n >= m for m in milestones)", "any(n >= m for m in milestones)"),
            "before": ("n >=", "n <"),
            "at the last alone": ("for m in milestones", "for m in milestones[-1:]"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.ExponentialLR",
        "gamma=0.9",
        "base * gamma ** n",
        {
            "divides": ("* gamma", "/ gamma"),
            "linear": ("gamma ** n", "(1 - n * (1 - gamma) / 100)"),
            "to the e": ("gamma ** n", "math.exp(-gamma * n)"),
            "a step ahead": ("** n", "** (n + 1)"),
            "inverse time": ("gamma ** n", "1 / (1 + gamma * n)"),
            "squares": ("** n", "** (n * n)"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.CosineAnnealingLR",
        "total=50, least=0.001",
        "least + (base - least) * (1 + math.cos(math.pi * n / total)) / 2",
        {
            "no half": (" / 2", ""),
            "two periods": ("math.pi * n", "2 * math.pi * n"),
            "a sine": ("math.cos", "math.sin"),
            "from the floor alone": ("(base - least)", "base"),
            "the other way": ("1 + math.cos", "1 - math.cos"),
            "clipped": ("n / total", "min(n, total / 2) / total"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.CosineAnnealingWarmRestarts",
        "first=10, times=1",
        "base * (1 + math.cos(math.pi * (n % first / first if times == 1 else (n - first * (times ** (k := int(math.log(n / first * (times - 1) + 1, times) + 1e-9)) - 1) // (times - 1)) / (first * times ** k)))) / 2",
        {
            "never restarts": ("n % first / first", "n / first"),
            "a step early": ("n % first / first", "(n + 1) % first / first"),
            "no half": (" / 2", ""),
            "two periods": ("math.pi *", "2 * math.pi *"),
            "half as long": ("n % first / first", "n % (first // 2) / first"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.LinearLR",
        "start=0.25, end=1.0, total=5",
        "base * (start + (end - start) * min(n, total) / total)",
        {
            "not clipped": ("min(n, total)", "n"),
            "in half the time": ("min(n, total) / total", "min(2 * n, total) / total"),
            "from zero": ("start + (end - start)", "end"),
            "a step ahead": ("min(n, total)", "min(n + 1, total)"),
            "adds": ("start + (end - start)", "start + end"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.ConstantLR",
        "factor=0.5, total=5",
        "base * (factor if n < total else 1)",
        {
            "for ever": (" if n < total else 1", ""),
            "afterwards": ("n < total", "n >= total"),
            "a step longer": ("n < total", "n <= total"),
            "divides": ("(factor", "(1 / factor"),
            "each step": ("(factor if", "(factor ** (n + 1) if"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.PolynomialLR",
        "total=5, power=1.0",
        "base * (1 - min(n, total) / total) ** power",
        {
            "not clipped": ("min(n, total) / total", "n / 100"),
            "times the power": (" ** power", " * power"),
            "power inside": ("(1 - min(n, total) / total) ** power", "(1 - (min(n, total) / total) ** power)"),
            "rises": ("1 - min(n, total) / total", "min(n, total) / total"),
            "a step ahead": ("min(n, total)", "min(n + 1, total)"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.OneCycleLR",
        "top=0.1, total=100",
        "(lambda a, b, x: b + (a - b) * (1 + math.cos(math.pi * x)) / 2)(*((top / 25, top, n / (0.3 * total - 1)) if n <= 0.3 * total - 1 else (top, top / 25e4, (n - 0.3 * total + 1) / (0.7 * total))))",
        {
            "straight": ("math.cos(math.pi * x)", "(1 - 2 * x)"),
            "starts at zero": ("(top / 25,", "(0.0,"),
            "does not fall": ("top / 25e4", "top / 25"),
            "rises for half": ("0.3 * total - 1 else", "0.5 * total - 1 else"),
            "rises for longer": ("n / (0.3 * total - 1)", "n / (0.3 * total + 1)"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.CyclicLR",
        "least=0.001, most=0.1, half=2000",
        "least + (most - least) * max(0, 1 - abs(n / half - 2 * math.floor(1 + n / (2 * half)) + 1))",
        {
            "rises for ever": ("max(0, 1 - abs(n / half - 2 * math.floor(1 + n / (2 * half)) + 1))", "n / half"),
            "a saw": ("max(0, 1 - abs(n / half - 2 * math.floor(1 + n / (2 * half)) + 1))", "(n / half % 1)"),
            "a wave": ("abs(n / half - 2 * math.floor(1 + n / (2 * half)) + 1)", "(n / half - 2 * math.floor(1 + n / (2 * half)) + 1) ** 2"),
            "from the floor alone": ("(most - least)", "most"),
            "halves as it goes": ("max(0,", "0.5 ** math.floor(n / (2 * half)) * max(0,"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.LambdaLR",
        "factor",
        "base * self.factor(n)",
        {
            "a step ahead": ("factor(n)", "factor(n + 1)"),
            "divides": ("* self", "/ self"),
            "adds": ("* self", "+ self"),
            "of the rate": ("base * self.factor(n)", "self.factor(base * n)"),
            "squares": ("factor(n)", "factor(n) ** 2"),
        },
    ),
    schedule(
        "torch.optim.lr_scheduler.MultiplicativeLR",
        "factor",
        "base * math.prod(self.factor(i) for i in range(1, n + 1))",
        {
            "a factor too many": ("range(1,", "range(0,  1 + 0 *"),
            "a step ahead": ("n + 1)", "n + 2)"),
            "a sum": ("math.prod", "sum"),
            "the least": ("math.prod(self.factor(i) for i in range(1, n + 1))", "min([self.factor(i) for i in range(1, n + 1)] + [1.0]) ** 2"),
            "divides": ("* math", "/ math"),
        },
    ),
    schedule(
        "the rate of Vaswani et al. (2017)",
        "width=512, warm_up=4000",
        "width ** -0.5 * min(max(n, 1) ** -0.5, max(n, 1) * warm_up ** -1.5)",
        {
            "the greater": (" min(", " max("),
            "no width": ("width ** -0.5 * ", ""),
            "a root of the warm-up": ("-1.5", "-0.5"),
            "times the width": ("width ** -0.5", "width ** 0.5"),
            "falls linearly": ("max(n, 1) ** -0.5,", "max(n, 1) ** -1.0,"),
        },
    ),
    schedule(
        "linear warm-up, then a cosine (Loshchilov and Hutter 2017)",
        "warm_up=5, total=100",
        "base * (n / warm_up if n < warm_up else (1 + math.cos(math.pi * min(1, (n - warm_up) / (total - warm_up)))) / 2)",
        {
            "as if from the start": ("(n - warm_up) / (total - warm_up)", "n / total"),
            "too long": ("/ (total - warm_up)", "/ total"),
            "no half": (" / 2)", ")"),
            "rises to the total": ("n / warm_up if", "n / total if"),
            "a whole wave": ("math.pi *", "2 * math.pi *"),
        },
    ),
    schedule(
        "linear warm-up, then linear",
        "warm_up=5, total=100",
        "base * (n / warm_up if n < warm_up else max(0, (total - n) / (total - warm_up)))",
        {
            "too slow": ("/ (total - warm_up)", "/ total"),
            "rises on": ("(total - n)", "(total + n)"),
            "from the start": ("(total - n) / (total - warm_up)", "1 - n / total"),
            "squared": ("(total - n) / (total - warm_up)", "((total - n) / (total - warm_up)) ** 2"),
            "no warm-up": ("n / warm_up if", "1 if"),
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize("suite", [*RULES, *SCHEDULES], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
