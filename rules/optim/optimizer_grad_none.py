"""An optimizer that takes it for granted that every parameter has a gradient.

A parameter that the loss does not depend on has no gradient: ``p.grad`` is None. Every optimizer of torch skips such
parameters, and so does one that wants to be used like them.

```python wrong
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                direction = p.grad.sign()
                p.sub_(direction, alpha=group["lr"])


used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
used.sum().backward()
Descent([used, unused]).step()
```

```python right
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                direction = p.grad.sign()
                p.sub_(direction, alpha=group["lr"])


used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
used.sum().backward()
Descent([used, unused]).step()
```

A test anywhere before the use counts, and so does a list that only parameters with a gradient get into.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Insert, MissingGradient, Rule, walk

rule = Rule(code="OPT006", severity="error")


@rule.check
def may_be_none(missing: MissingGradient, facts: Facts) -> Iterator[Finding]:
    if facts.guarded(missing.node) or _said_before(missing, facts):
        return
    read = facts.source(missing.read)
    yield Finding(
        missing.read,
        f"`{read}` is None for a parameter that has no gradient; skip such parameters",
        fix=_skip(missing, read, facts),
    )


def _said_before(missing: MissingGradient, facts: Facts) -> bool:
    """Whether another gradient that may be None was read earlier in the same loop: its test will serve both."""
    loop = _loop(missing.read, facts)
    others = [each for each in facts.of(MissingGradient) if each is not missing and _loop(each.read, facts) is loop]
    place = (missing.read.lineno, missing.read.col_offset)
    return loop is not None and any((each.read.lineno, each.read.col_offset) < place for each in others)


def _skip(missing: MissingGradient, read: str, facts: Facts) -> Fix | None:
    loop = _loop(missing.read, facts)
    if loop is None or loop not in facts.parents(missing.node) or _counts(loop):
        return None
    around = [missing.read, *facts.parents(missing.read)]
    first = next(statement for statement in loop.body if statement in around)
    return Fix(
        f"Skip parameters without a gradient: `if {read} is None`",
        (Insert(first, f"if {read} is None:\n    continue"),),
        Claim.REPAIRS,
        subject=missing.cls.name,
    )


def _loop(node: ast.AST, facts: Facts) -> ast.For | None:
    """The loop whose turn is one parameter: the innermost around a node, where no comprehension lies between."""
    for parent in facts.parents(node):
        match parent:
            case ast.For():
                return parent if node not in walk(parent.iter) else None
            case ast.ListComp() | ast.GeneratorExp() | ast.Lambda() | ast.FunctionDef():
                return None
    return None


def _counts(loop: ast.For) -> bool:
    """Whether a turn of the loop moves a counter on, which a turn that is cut short would not."""
    return any(isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) for node in loop.body)
