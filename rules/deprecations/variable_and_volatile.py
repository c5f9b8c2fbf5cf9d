"""Tensors wrapped in `Variable`, which does nothing since torch 0.4.

Every tensor can carry a gradient; `Variable(x)` gives back a tensor like `x`. Its `volatile=True` is ignored: what was
meant by it is `torch.no_grad()`.

```python wrong
import torch
from torch.autograd import Variable

x = Variable(torch.ones(2), requires_grad=True)
y = Variable(torch.zeros(2))
```

```python right
import torch

x = torch.ones(2, requires_grad=True)
y = torch.zeros(2)
```

Strictly, `Variable(x)` also detaches `x`. Where what it wraps was computed and may carry a gradient, only the reader
knows whether that is meant, and the fix is unsafe.

```python wrong
import torch
from torch.autograd import Variable

model = torch.nn.Linear(2, 2)
out = model(Variable(torch.ones(1, 2), volatile=True))
```

```python right
import torch

model = torch.nn.Linear(2, 2)
with torch.no_grad():
    out = model(torch.ones(1, 2))
```
"""

import ast
from collections.abc import Iterator

from lintml import AddImport, Change, Claim, Facts, Finding, Fix, Remove, Replace, Rule

rule = Rule(code="DEP004", severity="warning", over=("SNP004",))

VARIABLE = ("torch.autograd.Variable", "torch.autograd.variable.Variable")
FACTORIES = frozenset(f"torch.{name}" for name in "tensor zeros ones empty full rand randn arange eye linspace".split())
PLAIN_METHODS = frozenset(
    "cuda cpu to float long double view unsqueeze squeeze reshape permute transpose t contiguous type".split()
)


@rule.check
def wrapped(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    if facts.path(call.func) not in VARIABLE or facts.guarded(call):
        return
    settings = {each.arg: each.value for each in call.keywords}
    inner = call.args[0] if call.args else settings.pop("data", None)
    simple = len(call.args) <= 1 and inner is not None and not isinstance(inner, ast.Starred)
    volatile = _is_on(settings.get("volatile"))
    message = (
        "`volatile` is ignored since torch 0.4; use `torch.no_grad()`"
        if volatile
        else "`Variable` does nothing since torch 0.4; use the tensor itself"
    )
    fix = _unwrapped(call, inner, settings, volatile, facts) if simple and inner is not None else None
    yield Finding(call, message, fix=fix)


@rule.check
def left_over(statement: ast.ImportFrom, facts: Facts) -> Iterator[Finding]:
    """The import, once nothing uses it; other modules may take it from a script."""
    others_may_use_it = facts.page.document.kind == "script"
    for alias in statement.names:
        if f"{statement.module}.{alias.name}" not in VARIABLE or facts.guarded(statement):
            continue
        bound = alias.asname or alias.name
        if any(node.id == bound for node in facts.each(ast.Name)):
            continue
        others = [each for each in statement.names if each is not alias]
        listed = ", ".join(f"{each.name} as {each.asname}" if each.asname else each.name for each in others)
        change: Change = Replace(statement, f"from {statement.module} import {listed}") if others else Remove(statement)
        yield Finding(
            alias,
            "`Variable` is imported and not used, and does nothing since torch 0.4",
            fix=Fix("Remove the import", (change,), Claim.SAME, "unsafe" if others_may_use_it else "safe"),
            severity="info",
        )


def _unwrapped(
    call: ast.Call, inner: ast.expr, settings: dict[str | None, ast.expr], volatile: bool, facts: Facts
) -> Fix | None:
    if not settings.keys() <= {"requires_grad", "volatile"}:
        return None
    if volatile:
        return _without_gradient(call, inner, facts)
    text, safe = facts.source(inner), _is_plain(inner, facts)
    wanted = settings.get("requires_grad")
    changes: tuple[Change, ...] = (Replace(call, text),)
    if wanted is not None and not _is_off(wanted):
        if isinstance(inner, ast.Call) and facts.path(inner.func) in FACTORIES:
            arguments = text[:-1].rstrip().rstrip(",")
            gap = "" if arguments.endswith("(") else ", "
            changes = (Replace(call, f"{arguments}{gap}requires_grad={facts.source(wanted)})"),)
        elif _is_on(wanted):
            changes = (Replace(call, f"{text}.detach().requires_grad_()"),)
        else:
            return None
    return Fix("Use the tensor itself", changes, Claim.SAME, "safe" if safe else "unsafe", subject=facts.subject(call))


def _without_gradient(call: ast.Call, inner: ast.expr, facts: Facts) -> Fix | None:
    """The statement under ``no_grad``, if the wrapped tensor serves nothing beyond it."""
    statement = facts.statement(call)
    if not isinstance(statement, (ast.Assign, ast.Expr)) or statement.value is call or statement.end_lineno is None:
        return None
    if statement.end_lineno != statement.lineno:
        return None
    whole, part = facts.source(statement), facts.source(call)
    if whole.count(part) != 1:
        return None
    text = whole.replace(part, facts.source(inner))
    no_grad = facts.spell("torch.no_grad", call)
    changes: list[Change] = [Replace(statement, f"with {no_grad}():\n    {text}")]
    if no_grad.startswith("torch.") and "torch" not in facts.names.bound:
        changes.append(AddImport(call, "import torch"))
    return Fix("Compute it under `no_grad`", tuple(changes), Claim.SAME, "unsafe", subject=facts.subject(call))


def _is_plain(node: ast.expr, facts: Facts) -> bool:
    """Whether an expression gives data that nothing was computed from: a name, what torch makes, moved or reshaped."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return True
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in PLAIN_METHODS:
            return _is_plain(owner, facts)
        case ast.Call(func=function):
            return (facts.path(function) or "").startswith("torch.")
    return False


def _is_on(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _is_off(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
