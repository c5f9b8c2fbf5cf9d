"""Update rules that take a parameter, or all of them, as a whole: L-BFGS, Muon, sparse Adam; right and wrong."""

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

SUITES = [LBFGS_SUITE]


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.reference)
def test_right_from_wrong(suite, record_property):
    record_property("counted", hold(suite))
