"""Optimizers and schedules: written in every way, and wrong in every way."""

import pytest
from mutants import Suite, edited, hold

SGD = """
class Descent(optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.0, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                change = p.grad
                if group["weight_decay"] != 0:
                    change = change.add(p, alpha=group["weight_decay"])
                if group["momentum"] != 0:
                    state = self.state[p]
                    if "velocity" not in state:
                        state["velocity"] = change.clone()
                    else:
                        state["velocity"].mul_(group["momentum"]).add_(change)
                    change = state["velocity"]
                p.add_(change, alpha=-group["lr"])
"""

SGD_SUITE = Suite(
    "torch.optim.SGD",
    right={
        "buffers in the state": SGD,
        "on data": edited(SGD, ('p.add_(change, alpha=-group["lr"])', 'p.data -= group["lr"] * change')),
        "velocity from zero": edited(
            SGD,
            ('state["velocity"] = change.clone()\n', 'state["velocity"] = torch.zeros_like(p)\n'),
            (
                '                    else:\n                        state["velocity"].mul_',
                '                    state["velocity"].mul_',
            ),
        ),
        "no base class": """
class Plain:
    def __init__(self, params, lr, momentum=0.0):
        self.params = list(params)
        self.lr = lr
        self.momentum = momentum
        self.moving = [torch.zeros_like(p) for p in self.params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        with torch.no_grad():
            for p, v in zip(self.params, self.moving):
                v.mul_(self.momentum).add_(p.grad)
                p -= self.lr * v
""",
        "only a learning rate": """
class Simple(optim.Optimizer):
    def __init__(self, params, learning_rate=0.1):
        super().__init__(params, {"learning_rate": learning_rate})

    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data.sub_(group["learning_rate"] * p.grad.data)
""",
        "running average": edited(
            SGD,
            (".add_(change)", '.add_(change, alpha=1 - group["momentum"])'),
            ("change.clone()", '(1 - group["momentum"]) * change'),
        ),
        "decoupled decay": edited(
            SGD,
            ('change = change.add(p, alpha=group["weight_decay"])', 'p.mul_(1 - group["lr"] * group["weight_decay"])'),
        ),
    },
    wrong={
        "velocity subtracts": edited(SGD, (".add_(change)", ".sub_(change)")),
        "velocity not kept": edited(
            SGD, ('state["velocity"].mul_(group["momentum"]).add_(change)', 'state["velocity"] = change.clone()')
        ),
        "momentum on the gradient": edited(
            SGD, ('.mul_(group["momentum"]).add_(change)', '.add_(change, alpha=group["momentum"])')
        ),
        "decay the wrong way": edited(SGD, ("change.add(p, alpha=group", "change.add(p, alpha=-group")),
        "decay of the step, not of the weights": edited(
            SGD, ('change.add(p, alpha=group["weight_decay"])', 'change * (1 + group["weight_decay"])')
        ),
        "averaged but for the first": edited(SGD, (".add_(change)", '.add_(change, alpha=1 - group["momentum"])')),
        "rate squared in velocity": edited(SGD, (".add_(change)", '.add_(change, alpha=group["lr"])')),
    },
)

ADAM = """
class Adam(optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = p.grad.add(p, alpha=group["weight_decay"])
                state = self.state[p]
                if not state:
                    state.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                state["t"] += 1
                state["m"].mul_(b1).add_(g, alpha=1 - b1)
                state["v"].mul_(b2).addcmul_(g, g, value=1 - b2)
                m = state["m"] / (1 - b1 ** state["t"])
                v = state["v"] / (1 - b2 ** state["t"])
                p.sub_(group["lr"] * m / (v.sqrt() + group["eps"]))
"""

ADAM_SUITE = Suite(
    "torch.optim.Adam",
    right={
        "corrected moments": ADAM,
        "correction in the step size": edited(
            ADAM,
            (
                """                m = state["m"] / (1 - b1 ** state["t"])
                v = state["v"] / (1 - b2 ** state["t"])
                p.sub_(group["lr"] * m / (v.sqrt() + group["eps"]))
""",
                """                rate = group["lr"] / (1 - b1 ** state["t"])
                root = (state["v"].sqrt() / math.sqrt(1 - b2 ** state["t"])).add_(group["eps"])
                p.addcdiv_(state["m"], root, value=-rate)
""",
            ),
        ),
        "moments by lerp": edited(ADAM, ('state["m"].mul_(b1).add_(g, alpha=1 - b1)', 'state["m"].lerp_(g, 1 - b1)')),
        "betas one by one": edited(
            ADAM, ("betas=(0.9, 0.999)", "beta1=0.9, beta2=0.999"), ("betas=betas", "betas=(beta1, beta2)")
        ),
        "no base class, no decay": """
class Adam:
    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.parameters = list(parameters)
        self.lr, self.beta1, self.beta2, self.epsilon = lr, beta1, beta2, epsilon
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]
        self.t = 0

    def step(self):
        self.t += 1
        for i, p in enumerate(self.parameters):
            self.m[i] = self.beta1 * self.m[i] + (1 - self.beta1) * p.grad
            self.v[i] = self.beta2 * self.v[i] + (1 - self.beta2) * p.grad ** 2
            m = self.m[i] / (1 - self.beta1 ** self.t)
            v = self.v[i] / (1 - self.beta2 ** self.t)
            p.data -= self.lr * m / (torch.sqrt(v) + self.epsilon)
""",
    },
    wrong={
        "no bias correction": edited(ADAM, (' / (1 - b1 ** state["t"])', ""), (' / (1 - b2 ** state["t"])', "")),
        "correction of one moment": edited(ADAM, (' / (1 - b2 ** state["t"])', "")),
        "eps inside the root": edited(ADAM, ('(v.sqrt() + group["eps"])', '(v + group["eps"]).sqrt()')),
        "betas swapped": edited(ADAM, ('b1, b2 = group["betas"]', 'b2, b1 = group["betas"]')),
        "count from zero": edited(ADAM, ("t=0", "t=1")),
        "second moment not squared": edited(ADAM, ("addcmul_(g, g,", "addcmul_(g.abs(), torch.ones_like(g),")),
        "no root": edited(ADAM, ("v.sqrt()", "v")),
    },
    certain=False,
)

STEP = """
class Halving:
    def __init__(self, optimizer, every=10, factor=0.5):
        self.optimizer = optimizer
        self.every = every
        self.factor = factor
        self.count = 0

    def step(self):
        self.count += 1
        if self.count % self.every == 0:
            for group in self.optimizer.param_groups:
                group["lr"] *= self.factor
"""

STEP_SUITE = Suite(
    "torch.optim.lr_scheduler.StepLR",
    right={
        "count and multiply": STEP,
        "power of the first rate": edited(
            STEP,
            (
                "        self.count = 0\n",
                "        self.count = 0\n        self.first = [g['lr'] for g in optimizer.param_groups]\n",
            ),
            (
                """        if self.count % self.every == 0:
            for group in self.optimizer.param_groups:
                group["lr"] *= self.factor
""",
                """        for group, first in zip(self.optimizer.param_groups, self.first):
            group["lr"] = first * self.factor ** (self.count // self.every)
""",
            ),
        ),
        "torch's base class": """
class Stairs(optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer, width, ratio, last_epoch=-1):
        self.width, self.ratio = width, ratio
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        return [base * self.ratio ** (self.last_epoch // self.width) for base in self.base_lrs]
""",
        "torch's schedule inside": """
class Wrapped:
    def __init__(self, optimizer, gamma=0.1, size=5):
        self.optimizer = optimizer
        self.inner = optim.lr_scheduler.StepLR(self.optimizer, size, gamma)

    def step(self):
        self.inner.step()
""",
        "an optimizer around an optimizer": edited(
            STEP,
            ("class Halving:", "class Halving(optim.Optimizer):"),
            (
                "        self.optimizer = ",
                "        super().__init__(optimizer.param_groups, optimizer.defaults)\n        self.optimizer = ",
            ),
        ),
    },
    wrong={
        "one step late": edited(STEP, ("self.count = 0", "self.count = -1")),
        "one step early": edited(STEP, ("self.count = 0", "self.count = 1")),
        "falls ever after": edited(STEP, ("% self.every == 0", ">= self.every")),
        "divides": edited(STEP, ("*= self.factor", "/= self.factor")),
        "subtracts": edited(STEP, ("*= self.factor", "-= self.factor * 0.01")),
        "from the default": edited(
            STEP, ('group["lr"] *= self.factor', 'group["lr"] = self.optimizer.defaults["lr"] * self.factor')
        ),
    },
    certain=False,
)

PLATEAU = """
class Patient:
    def __init__(self, optimizer, factor=0.1, patience=10):
        self.optimizer = optimizer
        self.factor = factor
        self.patience = patience
        self.best = float("inf")
        self.bad = 0

    def step(self, loss):
        if loss < self.best:
            self.best = loss
            self.bad = 0
        else:
            self.bad += 1
        if self.bad > self.patience:
            for group in self.optimizer.param_groups:
                group["lr"] *= self.factor
            self.bad = 0
"""

PLATEAU_SUITE = Suite(
    "torch.optim.lr_scheduler.ReduceLROnPlateau",
    right={
        "torch's counting": PLATEAU,
        "one step less patient": edited(PLATEAU, ("> self.patience", ">= self.patience")),
        "torch's threshold": edited(PLATEAU, ("loss < self.best:", "loss < self.best * (1 - 1e-4):")),
        "a method that reduces": edited(
            PLATEAU,
            (
                '            for group in self.optimizer.param_groups:\n                group["lr"] *= self.factor\n',
                "            self.reduce()\n",
            ),
            (
                "    def step",
                '    def reduce(self):\n        for group in self.optimizer.param_groups:\n            group["lr"] = group["lr"] * self.factor\n\n    def step',
            ),
        ),
        "best from the first": edited(
            PLATEAU, ('float("inf")', "None"), ("loss < self.best", "self.best is None or loss < self.best")
        ),
        "with a floor": edited(
            PLATEAU,
            ("patience=10", "patience=10, min_lr=1e-6"),
            ("self.bad = 0\n\n", "self.bad = 0\n        self.min_lr = min_lr\n\n"),
            ('group["lr"] *= self.factor', 'group["lr"] = max(group["lr"] * self.factor, self.min_lr)'),
        ),
    },
    wrong={
        "compares with the last": edited(
            PLATEAU,
            (
                "            self.bad = 0\n        else:\n            self.bad += 1\n",
                "            self.bad = 0\n        else:\n            self.bad += 1\n        self.best = loss\n",
            ),
        ),
        "never forgets": edited(
            PLATEAU, ("            self.best = loss\n            self.bad = 0\n", "            self.best = loss\n")
        ),
        "for rising metrics": edited(
            PLATEAU, ("loss < self.best", "loss > self.best"), ('float("inf")', '-float("inf")')
        ),
        "falls at every bad step": edited(PLATEAU, ("> self.patience", "> 0")),
        "does not start over": edited(PLATEAU, ("*= self.factor\n            self.bad = 0", "*= self.factor")),
        "twice as patient": edited(PLATEAU, ("> self.patience", "> 2 * self.patience")),
    },
    certain=False,
)


@pytest.mark.parametrize("suite", [SGD_SUITE, ADAM_SUITE, STEP_SUITE, PLATEAU_SUITE], ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
