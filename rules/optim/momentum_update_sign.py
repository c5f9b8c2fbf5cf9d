"""A momentum buffer that gradients do not enter as they should.

The buffer of gradient descent with momentum (Sutskever et al. 2013, as torch.optim.SGD has it) keeps ``momentum`` of
itself and takes in ``1 - dampening`` of the gradient. With ``- dampening`` instead nothing of a gradient arrives at the
usual dampening of 0: the buffer holds the first gradient and fades.

```python wrong
import torch


class Heavy(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, dampening=0):
        super().__init__(params, dict(lr=lr, momentum=momentum, dampening=dampening))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                kept = self.state[p]
                if "velocity" not in kept:
                    kept["velocity"] = p.grad.clone()
                else:
                    kept["velocity"] = group["momentum"] * kept["velocity"] - group["dampening"] * p.grad
                p.sub_(kept["velocity"], alpha=group["lr"])


ours, theirs = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
steps = Heavy([ours]), torch.optim.SGD([theirs], lr=0.1, momentum=0.9)
for _ in range(3):
    for weight, optimizer in zip((ours, theirs), steps):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
assert torch.allclose(ours, theirs)
```

```python right
import torch


class Heavy(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1, momentum=0.9, dampening=0):
        super().__init__(params, dict(lr=lr, momentum=momentum, dampening=dampening))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                kept = self.state[p]
                if "velocity" not in kept:
                    kept["velocity"] = p.grad.clone()
                else:
                    kept["velocity"] = group["momentum"] * kept["velocity"] + (1 - group["dampening"]) * p.grad
                p.sub_(kept["velocity"], alpha=group["lr"])


ours, theirs = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
steps = Heavy([ours]), torch.optim.SGD([theirs], lr=0.1, momentum=0.9)
for _ in range(3):
    for weight, optimizer in zip((ours, theirs), steps):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()
assert torch.allclose(ours, theirs)
```

What counts is the update as a whole, in place or not, in one expression or in several. Of a buffer whose settings have
other names only the sign is judged: it is wrong where every step goes up the gradient.
"""

import ast
from collections.abc import Iterator

from lintml import (
    GRADIENT,
    Atom,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Momentum,
    Polynomial,
    Rename,
    Replace,
    Rule,
    SetArgument,
    walk,
)

rule = Rule(code="OPT007", severity="warning")

MOMENTUM, DAMPENING = Atom("setting", "momentum"), Atom("setting", "dampening")
OF_SGD = {"lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize", "foreach", "differentiable", "fused"}


@rule.check
def wrong_sign(momentum: Momentum, facts: Facts) -> Iterator[Finding]:
    fault = _fault(momentum, facts)
    if fault and not _said_before(momentum, facts):
        yield Finding(momentum.node, fault, fix=_mend(momentum, facts))


def _said_before(momentum: Momentum, facts: Facts) -> bool:
    """Whether another way through the step has shown the same."""
    for other in facts.of(Momentum):
        if other is momentum:
            return False
        if other.node is momentum.node and _fault(other, facts):
            return True
    return False


def _fault(momentum: Momentum, facts: Facts) -> str:
    if (-momentum.decay).atom == MOMENTUM:
        return "the momentum buffer enters its own update with a minus sign, so that it turns around at every step"
    if momentum.decay.atom == MOMENTUM and (not _is_damped(momentum.gain) or momentum.step.ignores("dampening")):
        return "a momentum buffer must take in `1 - dampening` of the gradient"
    if momentum.climbs and all(other.climbs for other in facts.of(Momentum) if _is_same(other, momentum)):
        return "the gradient enters the momentum buffer with the wrong sign: every step goes up the loss"
    return ""


def _is_damped(gain: Polynomial) -> bool:
    """Whether dampening takes from the gradient's share as much as it says, if it takes from it at all."""
    share = gain.coefficient(DAMPENING)
    if share is None:
        return False
    rest = frozenset((monomial, factor) for monomial, factor in gain.terms if DAMPENING not in dict(monomial))
    return not share.terms or rest == (-share).terms


def _is_same(one: Momentum, other: Momentum) -> bool:
    return one.step is other.step and one.key == other.key


def _mend(momentum: Momentum, facts: Facts) -> Fix | None:
    change = next((each for node in walk(momentum.node) for each in _changes(momentum, node, facts)), None)
    if change is None:
        return None
    settings = {setting for way in momentum.step.ways for setting in way.settings}
    return Fix(
        "Let the buffer add the gradient's share",
        tuple(change),
        Claim.CHANGES,
        "unsafe",
        subject=momentum.step.cls.name,
        reference="torch.optim.SGD" if settings <= OF_SGD else "",
    )


def _changes(momentum: Momentum, node: ast.AST, facts: Facts) -> Iterator[list[Change]]:
    """What sets the update right, if ``node`` is where the gradient's share or the buffer's is added."""
    values = momentum.way.values
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right) if _holds(values.get(left), momentum.key):
            share = _damped(right, momentum, facts)
            if share:
                yield [Replace(node, f"{facts.source(left)} + {share}")]
            elif momentum.step.ignores("dampening") and isinstance(right, (ast.Name, ast.Attribute, ast.Call)):
                yield [Replace(right, f"(1 - {_dampening(momentum, facts)}) * {facts.source(right)}")]
            elif isinstance(node.op, ast.Sub) and not _holds(values.get(right), momentum.key):
                yield [Replace(node, f"{facts.source(left)} + {facts.source(right)}")]
        case ast.BinOp(left=left, op=ast.Sub(), right=right) if _holds(values.get(right), momentum.key):
            yield [Replace(node, f"{facts.source(left)} + {facts.source(right)}")]
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _holds(values.get(right), momentum.key):
            share = _damped(left, momentum, facts)
            if share:
                yield [Replace(left, share)]
        case ast.AugAssign(target=target, op=ast.Add() | ast.Sub(), value=value):
            share = _damped(value, momentum, facts)
            if share or isinstance(node.op, ast.Sub):
                yield [Replace(node, f"{facts.source(target)} += {share or facts.source(value)}")]
        case ast.Call(func=ast.Attribute(attr="add" | "add_" | "sub" | "sub_") as method, args=[_]):
            yield from _of_call(momentum, node, method, facts)


def _of_call(momentum: Momentum, call: ast.Call, method: ast.Attribute, facts: Facts) -> Iterator[list[Change]]:
    alpha = next((keyword.value for keyword in call.keywords if keyword.arg == "alpha"), None)
    adds: list[Change] = [] if "add" in method.attr else [Rename(method, method.attr.replace("sub", "add"))]
    spelt = _spelt(alpha, momentum, facts) if alpha is not None else ""
    if spelt:
        yield [*adds, SetArgument(call, f"1 - {spelt}", keyword="alpha")]
    elif alpha is None and momentum.step.ignores("dampening"):
        yield [*adds, SetArgument(call, f"1 - {_dampening(momentum, facts)}", keyword="alpha")]
    elif adds:
        yield adds
    elif isinstance(alpha, ast.UnaryOp) and isinstance(alpha.op, ast.USub):
        yield [SetArgument(call, facts.source(alpha.operand), keyword="alpha")]


def _dampening(momentum: Momentum, facts: Facts) -> str:
    """How the step writes the dampening."""
    values = momentum.way.values
    written = [node for node in walk(momentum.step.node) if node in values and values[node].atom == DAMPENING]
    names = [node for node in written if isinstance(node, ast.Name)]
    return facts.source((names or written)[0]) if written else "group['dampening']"


def _holds(value: Polynomial | None, key: str) -> bool:
    """Whether an expression holds the buffer, and the gradient only as the buffer does."""
    return value is not None and any(atom == Atom("buffer", key) for atom in value.atoms())


def _damped(term: ast.expr, momentum: Momentum, facts: Facts) -> str:
    """A product of the dampening and the gradient as it should read; empty for any other term."""
    match term:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for factor, gradient in ((left, right), (right, left)):
                spelt = _spelt(factor, momentum, facts)
                value = momentum.way.values.get(gradient)
                if spelt and value is not None and GRADIENT in set(value.atoms()):
                    return f"(1 - {spelt}) * {facts.source(gradient)}"
    return ""


def _spelt(factor: ast.expr, momentum: Momentum, facts: Facts) -> str:
    """How a factor that depends on nothing but the dampening writes it; empty for any other factor."""
    value = momentum.way.values.get(factor)
    if value is None or set(value.atoms()) != {DAMPENING}:
        return ""
    values = momentum.way.values
    return next((facts.source(node) for node in walk(factor) if node in values and values[node].atom == DAMPENING), "")
