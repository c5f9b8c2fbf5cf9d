"""A step that breaks the contract of ``Optimizer.step``.

Parameters require gradients, so that a step may only change them where autograd does not record: under
``torch.no_grad()``. A closure has to work gradients out, so that it must be called where autograd does record. And what
the closure gives is what the step has to return.

```python wrong
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    def step(self, closure=None):
        loss = None
        if closure is not None:
            loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Descent([weight]).step()
```

```python right
import torch


class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr=0.1):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad, alpha=-group["lr"])
        return loss


weight = torch.ones(2, requires_grad=True)
weight.sum().backward()
Descent([weight]).step()
```

A step that goes through ``p.data`` everywhere does not fail, and one that does nothing with a closure need not return
anything: on their own these are left alone.
"""

import ast
from collections.abc import Iterator

from lintml import (
    AddDecorator,
    AddImport,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Insert,
    Reason,
    Replace,
    Rule,
    Step,
    walk,
)

rule = Rule(code="OPT005", severity="error")


@rule.check
def broken_contract(step: Step, facts: Facts) -> Iterator[Finding]:
    recorded = [write.node for write in step.writes if write.recording == "on" and not write.data]
    deprived = [call for call, enabled in step.calls.items() if not enabled]
    lost = _lost(step, facts)
    if not recorded and not deprived and lost is None:
        return
    said, because = [], []
    if recorded:
        said.append("changes parameters while autograd records")
        because.append(Reason(recorded[0], "a parameter that requires gradients is changed in place here"))
    if deprived:
        said.append("calls the closure where it cannot work out gradients")
        because.append(Reason(deprived[0], "its `backward` fails here"))
    if lost is not None:
        said.append("does not return the closure's loss")
    yield Finding(
        step.node,
        f"`{step.cls.name}.{step.node.name}` {' and '.join(said)}",
        because=tuple(because),
        fix=_keep(step, lost, facts),
        severity="error" if recorded or deprived else "warning",
    )


def _lost(step: Step, facts: Facts) -> ast.Assign | None:
    """Where the closure's loss gets a name that nothing reads."""
    for call in step.calls:
        match facts.statement(call):
            case ast.Assign(targets=[ast.Name(id=name)]) as made if step.node in facts.parents(made):
                reads = (node for node in walk(step.node) if isinstance(node, ast.Name) and node.id == name)
                if not any(isinstance(node.ctx, ast.Load) for node in reads) and not _gives_other(step.node):
                    return made
    return None


def _gives_other(step: ast.FunctionDef) -> bool:
    """Whether a step returns something else, or is a generator."""
    return any(
        isinstance(node, (ast.Yield, ast.YieldFrom))
        or (isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value))
        for node in walk(step)
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _keep(step: Step, lost: ast.Assign | None, facts: Facts) -> Fix | None:
    if any(way.backward for way in step.ways):
        # The step works out gradients itself: what may run without them is not known.
        return None
    changes: list[Change] = []
    if any(write.recording == "on" for write in step.writes):
        changes.append(AddDecorator(step.node, f"{facts.spell('torch.no_grad', step.node)}()"))
    switched = bool(changes)
    for call, enabled in step.calls.items():
        if enabled and (not switched or _within_enabled(call, facts)):
            continue
        statement = facts.statement(call)
        if not isinstance(statement, (ast.Assign, ast.Expr, ast.Return, ast.AnnAssign)):
            return None
        guard = f"with {facts.spell('torch.enable_grad', step.node)}():"
        lines = facts.source(statement).split("\n")
        inner = "\n    ".join([lines[0], *(line.removeprefix(" " * statement.col_offset) for line in lines[1:])])
        changes.append(Replace(statement, f"{guard}\n    {inner}"))
    if changes and not _has_torch(step, facts):
        changes.append(AddImport(step.node, "import torch"))
    if lost is not None:
        changes += _returned(step.node, lost, facts)
    return Fix("Keep the contract of `step`", tuple(changes), Claim.REPAIRS, subject=step.cls.name)


def _has_torch(step: Step, facts: Facts) -> bool:
    """Whether what the fix writes is known where it stands, or will be: a missing import is another rule's matter."""
    if facts.spell("torch.no_grad", step.node) != "torch.no_grad":
        return True
    bound = facts.names.bound.get("torch", [])
    return bool(bound) or any(missing.name == "torch" for missing in facts.names.undefined)


def _within_enabled(call: ast.Call, facts: Facts) -> bool:
    """Whether a call stands in a block that switches recording on, or its closure was wrapped so."""
    for parent in facts.parents(call):
        if isinstance(parent, ast.With):
            for item in parent.items:
                target = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
                if (facts.path(target) or "").endswith("enable_grad"):
                    return True
    return False


def _returned(step: ast.FunctionDef, lost: ast.Assign, facts: Facts) -> Iterator[Change]:
    """The loss at every end of the step, and a value for it where the closure was not called."""
    name = facts.source(lost.targets[0])
    outermost = next(each for each in step.body if each is lost or each in facts.parents(lost))
    before = step.body[: step.body.index(outermost)]
    if outermost is not lost and not any(_binds(each, name) for each in before):
        yield Insert(outermost, f"{name} = None")
    ends = [node for node in walk(step) if isinstance(node, ast.Return)]
    for end in ends:
        if end.lineno > lost.lineno:
            yield Replace(end, f"return {name}")
    if not isinstance(step.body[-1], ast.Return):
        yield Insert(step.body[-1], f"return {name}", after=True)


def _binds(statement: ast.stmt, name: str) -> bool:
    match statement:
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Name) and target.id == name for target in targets)
        case ast.AnnAssign(target=ast.Name(id=bound), value=ast.expr()):
            return bound == name
    return False
