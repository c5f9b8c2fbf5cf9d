"""Update rules that take a parameter or all of them as a whole, and schedules made of schedules; right and wrong."""

import pytest
from mutants import Suite, edited, hold

LBFGS = """
class LBFGS(optim.Optimizer):
    def __init__(self, params, lr=1.0, history_size=10):
        super().__init__(params, dict(lr=lr, history_size=history_size))
        self.steps, self.changes, self.last = [], [], None

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        group = self.param_groups[0]
        gradient = torch.cat([p.grad.flatten() for p in group["params"]])
        if self.last is not None:
            change = gradient - self.last[1]
            if change.dot(self.last[0]) > 1e-10:
                self.steps.append(self.last[0])
                self.changes.append(change)
                if len(self.steps) > group["history_size"]:
                    del self.steps[0], self.changes[0]
        first = self.last is None
        rate = group["lr"] * (min(1.0, 1.0 / float(gradient.abs().sum())) if first else 1.0)
        step = rate * self.direction(gradient)
        self.last = step, gradient
        at = 0
        for p in group["params"]:
            p += step[at : at + p.numel()].view_as(p)
            at += p.numel()
        return loss

    def direction(self, gradient):
        d, shares = -gradient, []
        for s, y in zip(reversed(self.steps), reversed(self.changes)):
            shares.append(s.dot(d) / y.dot(s))
            d = d - shares[-1] * y
        if self.steps:
            s, y = self.steps[-1], self.changes[-1]
            d = d * (s.dot(y) / y.dot(y))
        for s, y in zip(self.steps, self.changes):
            d = d + (shares.pop() - y.dot(d) / y.dot(s)) * s
        return d
"""
DIRECTION = LBFGS[LBFGS.index("    def direction") :]

LBFGS_SUITE = Suite(
    "torch.optim.LBFGS",
    right={
        "two loops": LBFGS,
        "first step not shortened": edited(
            LBFGS, (" * (min(1.0, 1.0 / float(gradient.abs().sum())) if first else 1.0)", "")
        ),
        "a matrix": edited(
            LBFGS,
            (
                DIRECTION,
                """    def direction(self, gradient):
        eye = torch.eye(len(gradient), dtype=gradient.dtype)
        inverse = eye
        if self.steps:
            inverse = eye * (self.steps[-1] @ self.changes[-1]) / (self.changes[-1] @ self.changes[-1])
        for s, y in zip(self.steps, self.changes):
            rho = 1 / (y @ s)
            v = eye - rho * torch.outer(y, s)
            inverse = v.T @ inverse @ v + rho * torch.outer(s, s)
        return -inverse @ gradient
""",
            ),
        ),
        "recursion": edited(
            LBFGS,
            (
                DIRECTION,
                """    def direction(self, gradient):
        return self.product(-gradient, len(self.steps))

    def product(self, d, count):
        if count == 0:
            if not self.steps:
                return d
            return d * self.steps[-1].dot(self.changes[-1]) / self.changes[-1].dot(self.changes[-1])
        s, y = self.steps[count - 1], self.changes[count - 1]
        rho = 1 / y.dot(s)
        share = rho * s.dot(d)
        d = self.product(d - share * y, count - 1)
        return d + s * (share - rho * y.dot(d))
""",
            ),
        ),
        "no base class": edited(
            LBFGS,
            ("(optim.Optimizer)", ""),
            (
                "super().__init__(params, dict(lr=lr, history_size=history_size))",
                'self.param_groups = [{"params": list(params), "lr": lr, "history_size": history_size}]',
            ),
        ),
        "kept in the state": edited(
            LBFGS,
            ("del self.steps[0], self.changes[0]", "self.steps, self.changes = self.steps[1:], self.changes[1:]"),
            ("p += step[at : at + p.numel()].view_as(p)", "p.add_(step[at : at + p.numel()].view(p.shape))"),
            ("torch.cat([p.grad.flatten() for p in group[\"params\"]])", "nn.utils.parameters_to_vector([p.grad for p in group[\"params\"]])"),
        ),
    },
    wrong={
        "history the wrong way": edited(LBFGS, ("zip(reversed(self.steps), reversed(self.changes))", "zip(self.steps, self.changes)")),
        "never forgets": edited(LBFGS, ("> group[\"history_size\"]", "> 1000")),
        "not scaled": edited(LBFGS, ("d = d * (s.dot(y) / y.dot(y))", "d = d * 1.0")),
        "scaled upside down": edited(LBFGS, ("(s.dot(y) / y.dot(y))", "(y.dot(y) / s.dot(y))")),
        "shares added": edited(LBFGS, ("(shares.pop() - y", "(shares.pop() + y")),
        "steps and changes swapped": edited(LBFGS, ("self.steps.append(self.last[0])", "self.steps.append(change)"), ("self.changes.append(change)", "self.changes.append(self.last[0])")),
        "curvature not looked at": edited(LBFGS, ("change.dot(self.last[0]) > 1e-10", "True")),
    },
    certain=False,
)  # fmt: skip

MUON = """
def newton_schulz(g, steps=5):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.bfloat16()
    if g.size(-2) > g.size(-1):
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if g.size(-2) > g.size(-1) else x


class Muon(optim.Optimizer):
    def __init__(self, params, lr=0.02, weight_decay=0.0, momentum=0.95):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                buffer = state["momentum"]
                buffer.lerp_(p.grad, 1 - group["momentum"])
                update = newton_schulz(p.grad.lerp(buffer, group["momentum"]))
                update = update * max(1, p.size(-2) / p.size(-1)) ** 0.5
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.to(p.dtype), alpha=-group["lr"])
"""

MUON_SUITE = Suite(
    "torch.optim.Muon",
    right={
        "in bfloat16": MUON,
        "in the parameters' dtype": edited(MUON, ("g.bfloat16()", "g")),
        "a sum of gradients": edited(
            MUON,
            ("buffer.lerp_(p.grad, 1 - group[\"momentum\"])", "buffer.mul_(group[\"momentum\"]).add_(p.grad)"),
            ("p.grad.lerp(buffer, group[\"momentum\"])", "p.grad + group[\"momentum\"] * buffer"),
        ),
        "steps of AdamW's length": edited(MUON, ("max(1, p.size(-2) / p.size(-1)) ** 0.5", "0.2 * max(p.shape) ** 0.5")),
        "no look ahead, not scaled": edited(
            MUON,
            ("p.grad.lerp(buffer, group[\"momentum\"])", "buffer"),
            ("                update = update * max(1, p.size(-2) / p.size(-1)) ** 0.5\n", ""),
        ),
        "torch's own": edited(
            MUON,
            (MUON[MUON.index("        for group in") :], "        self.inner.step()\n"),
            ("momentum=momentum))\n", "momentum=momentum))\n        self.inner = optim.Muon(self.param_groups[0][\"params\"], lr, weight_decay, momentum)\n"),
            ("x = g.bfloat16()", "x = g.float()"),
        ),
        "no base class, with a setting for the iterations": """
class Muon:
    def __init__(self, params, lr=0.02, momentum=0.95, nesterov=True, ns_steps=5):
        self.params = list(params)
        self.lr, self.momentum, self.nesterov, self.ns_steps = lr, momentum, nesterov, ns_steps
        self.buffers = [torch.zeros_like(p) for p in self.params]

    @torch.no_grad()
    def step(self):
        for p, buffer in zip(self.params, self.buffers):
            buffer.mul_(self.momentum).add_(p.grad)
            g = p.grad.add(buffer, alpha=self.momentum) if self.nesterov else buffer
            rows, columns = p.shape
            x = g.T if rows > columns else g
            x = x / x.norm()
            for _ in range(self.ns_steps):
                y = x @ x.T
                x = 3.4445 * x - 4.7750 * y @ x + 2.0315 * y @ y @ x
            x = x.T if rows > columns else x
            p -= self.lr * x * max(1, rows / columns) ** 0.5
""",
    },
    wrong={
        "four iterations": edited(MUON, ("steps=5", "steps=4")),
        "a coefficient's sign": edited(MUON, ("-4.7750", "4.7750")),
        "coefficients of the cubic": edited(MUON, ("3.4445, -4.7750, 2.0315", "1.5, -0.5, 0.0")),
        "not normalised": edited(MUON, ("    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)\n", "    x = x / 8\n")),
        "momentum and gradient swapped": edited(MUON, ("(p.grad, 1 - group", "(p.grad, group")),
        "decay the wrong way": edited(MUON, ("(1 - group[\"lr\"] * group[\"weight_decay\"])", "(1 + group[\"lr\"] * group[\"weight_decay\"])")),
        "decay not times the rate": edited(MUON, ("(1 - group[\"lr\"] * group[\"weight_decay\"])", "(1 - 0.1 * group[\"weight_decay\"])")),
        "scaled by the root of columns over rows": edited(MUON, ("p.size(-2) / p.size(-1)", "p.size(-1) / p.size(-2)")),
    },
    certain=False,
)  # fmt: skip

SPARSE = """
class SparseAdam(optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (b1, b2), eps = group["betas"], group["eps"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                if not p.grad.is_sparse:
                    raise RuntimeError("SparseAdam takes sparse gradients")
                grad = p.grad.coalesce()
                s = self.state[p]
                t = s["step"] = s.get("step", 0) + 1
                m = s.setdefault("m", torch.zeros_like(p))
                v = s.setdefault("v", torch.zeros_like(p))
                rows, g = grad.indices()[0], grad.values()
                m[rows] = b1 * m[rows] + (1 - b1) * g
                v[rows] = b2 * v[rows] + (1 - b2) * g ** 2
                rate = group["lr"] * (1 - b2 ** t) ** 0.5 / (1 - b1 ** t)
                p[rows] -= rate * m[rows] / (v[rows].sqrt() + eps)
"""
MEANS = """                m[rows] = b1 * m[rows] + (1 - b1) * g
                v[rows] = b2 * v[rows] + (1 - b2) * g ** 2
"""

SPARSE_SUITE = Suite(
    "torch.optim.SparseAdam",
    right={
        "by rows": SPARSE,
        "index_add_": edited(SPARSE, ("p[rows] -= rate * m[rows] / (v[rows].sqrt() + eps)", "p.index_add_(0, rows, -rate * m[rows] / (v[rows].sqrt() + eps))")),
        "by differences": edited(SPARSE, (MEANS, "                m[rows] += (1 - b1) * (g - m[rows])\n                v[rows] += (1 - b2) * (g * g - v[rows])\n")),
        "a mask": edited(
            SPARSE,
            (SPARSE[SPARSE.index("                rows, g") :], """                g = grad.to_dense()
                seen = torch.zeros(len(p), dtype=torch.bool)
                seen[grad.indices()[0]] = True
                seen = seen[:, None]
                m.copy_(torch.where(seen, torch.lerp(g, m, b1), m))
                v.copy_(torch.where(seen, torch.lerp(g * g, v, b2), v))
                rate = group["lr"] * (1 - b2 ** t) ** 0.5 / (1 - b1 ** t)
                p.sub_(torch.where(seen, rate * m / (v.sqrt() + eps), torch.zeros_like(p)))
"""),
        ),
        "row by row": edited(
            SPARSE,
            (SPARSE[SPARSE.index("                rows, g") :], """                for row, g in zip(grad.indices()[0].tolist(), grad.values()):
                    m[row] = b1 * m[row] + (1 - b1) * g
                    v[row] = b2 * v[row] + (1 - b2) * g * g
                    p[row] -= group["lr"] * math.sqrt(1 - b2 ** t) / (1 - b1 ** t) * m[row] / (v[row].sqrt() + eps)
"""),
        ),
        "no base class": edited(
            SPARSE,
            ("(optim.Optimizer)", ""),
            ("super().__init__(params, dict(lr=lr, betas=betas, eps=eps))", "self.param_groups = [dict(params=list(params), lr=lr, betas=betas, eps=eps)]\n        self.state = {p: {} for p in self.param_groups[0][\"params\"]}"),
        ),
    },
    wrong={
        "all moments decay": edited(SPARSE, ("                rows, g", "                m.mul_(b1)\n                v.mul_(b2)\n                rows, g"), ("b1 * m[rows]", "m[rows]"), ("b2 * v[rows]", "v[rows]")),
        "rows in parts not put together": edited(SPARSE, ("p.grad.coalesce()", "p.grad"), ("grad.indices()", "grad._indices()"), ("grad.values()", "grad._values()")),
        "no correction": edited(SPARSE, ("* (1 - b2 ** t) ** 0.5 / (1 - b1 ** t)", "* 1.0")),
        "eps corrected too": edited(SPARSE, ("* (1 - b2 ** t) ** 0.5 / (1 - b1 ** t)", "/ (1 - b1 ** t)"), ("(v[rows].sqrt() + eps)", "((v[rows] / (1 - b2 ** t)).sqrt() + eps)")),
        "no root": edited(SPARSE, ("v[rows].sqrt()", "v[rows]")),
        "betas swapped": edited(SPARSE, ("(b1, b2), eps", "(b2, b1), eps")),
    },
    certain=False,
)  # fmt: skip

SEQUENCE = """
class Sequence:
    def __init__(self, optimizer, schedulers, milestones):
        self.optimizer, self.schedulers, self.milestones = optimizer, schedulers, milestones
        self.n = 0
        self.put()

    def put(self):
        at = sum(self.n >= m for m in self.milestones)
        begin = ([0] + list(self.milestones))[at]
        self.schedulers[at].step(self.n - begin)

    def step(self):
        self.n += 1
        self.put()
"""
PUT = SEQUENCE[SEQUENCE.index("        at = sum") : SEQUENCE.index("\n    def step")]

SEQUENCE_SUITE = Suite(
    "torch.optim.lr_scheduler.SequentialLR",
    right={
        "by a sum": SEQUENCE,
        "bisect": "from bisect import bisect_right\n" + edited(SEQUENCE, ("sum(self.n >= m for m in self.milestones)", "bisect_right(self.milestones, self.n)")),
        "from the last one back": edited(SEQUENCE, (PUT, """        begins = [0] + list(self.milestones)
        for begin, scheduler in reversed(list(zip(begins, self.schedulers))):
            if self.n >= begin:
                scheduler.step(self.n - begin)
                return
""")),
        "closed forms": edited(SEQUENCE, ("        self.schedulers[at].step(self.n - begin)\n", """        scheduler = self.schedulers[at]
        scheduler.last_epoch = self.n - begin
        for group, rate in zip(self.optimizer.param_groups, scheduler._get_closed_form_lr()):
            group["lr"] = rate
""")),
        "torch's own": """
class Sequence:
    def __init__(self, optimizer, schedulers, milestones):
        self.inner = optim.lr_scheduler.SequentialLR(optimizer, schedulers, milestones)

    def step(self):
        self.inner.step()
""",
    },
    wrong={
        "a step late": edited(SEQUENCE, ("self.n >= m", "self.n > m")),
        "the second begins where the first ended": edited(SEQUENCE, ("self.n - begin", "self.n")),
        "the last one all the time": edited(SEQUENCE, ("self.schedulers[at]", "self.schedulers[-1]")),
        "all at once": edited(SEQUENCE, ("        self.schedulers[at].step(self.n - begin)", "        for scheduler in self.schedulers:\n            scheduler.step(self.n - begin)")),
        "begins with a step": edited(SEQUENCE, ("self.n = 0", "self.n = 1")),
        "the rates of both, taken on": edited(SEQUENCE, ("self.schedulers[at].step(self.n - begin)", "self.schedulers[at].step()")),
    },
    certain=False,
)  # fmt: skip

CHAIN = """
class Chain:
    def __init__(self, optimizer, schedulers):
        self.optimizer, self.schedulers = optimizer, schedulers

    def step(self):
        for scheduler in self.schedulers:
            scheduler.step()
"""

CHAIN_SUITE = Suite(
    "torch.optim.lr_scheduler.ChainedScheduler",
    right={
        "a loop": CHAIN,
        "without the optimizer": edited(CHAIN, ("self, optimizer, sch", "self, sch"), ("self.optimizer, self.schedulers = optimizer, schedulers", "self.schedulers = schedulers")),
        "by number": edited(CHAIN, ("for scheduler in self.schedulers:\n            scheduler.step()", "for i in range(len(self.schedulers)):\n            self.schedulers[i].step()")),
        "the last first": edited(CHAIN, ("in self.schedulers", "in reversed(self.schedulers)")),
        "torch's own": edited(CHAIN, ("self.optimizer, self.schedulers = optimizer, schedulers", "self.inner = optim.lr_scheduler.ChainedScheduler(schedulers, optimizer)"), ("for scheduler in self.schedulers:\n            scheduler.step()", "self.inner.step()")),
        "one by one": edited(CHAIN, ("        for scheduler in self.schedulers:\n            scheduler.step()", "        self.schedulers[0].step()\n        for scheduler in self.schedulers[1:]:\n            scheduler.step()")),
    },
    wrong={
        "the first alone": edited(CHAIN, ("        for scheduler in self.schedulers:\n            scheduler.step()", "        self.schedulers[0].step()")),
        "the last alone": edited(CHAIN, ("        for scheduler in self.schedulers:\n            scheduler.step()", "        self.schedulers[-1].step()")),
        "twice": edited(CHAIN, ("            scheduler.step()\n", "            scheduler.step()\n            scheduler.step()\n")),
        "closed forms, of which the last counts": edited(CHAIN, ("self.optimizer, self.schedulers = optimizer, schedulers", "self.optimizer, self.schedulers = optimizer, schedulers\n        self.n = 0"), ("        for scheduler", "        self.n += 1\n        for scheduler"), ("scheduler.step()", "scheduler.step(self.n)")),
        "in turns": edited(CHAIN, ("self.optimizer, self.schedulers = optimizer, schedulers", "self.optimizer, self.schedulers = optimizer, schedulers\n        self.n = 0"), ("        for scheduler in self.schedulers:\n            scheduler.step()", "        self.n += 1\n        self.schedulers[self.n % 2].step()")),
    },
    certain=False,
)  # fmt: skip

SUITES = [LBFGS_SUITE, MUON_SUITE, SPARSE_SUITE, SEQUENCE_SUITE, CHAIN_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
