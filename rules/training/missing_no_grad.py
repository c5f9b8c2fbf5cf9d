"""An evaluation that records what nobody will go back through.

``eval()`` changes how layers compute, not what autograd keeps. Without ``no_grad`` every pass builds a graph and holds
on to what it was computed from, for a ``backward`` that never comes: slower, and with far more memory.

```python wrong
import torch
import torch.nn as nn


def accuracy(model, data):
    model.eval()
    right = total = 0
    for x, y in data:
        scores = model(x)
        right += (scores.argmax(1) == y).sum().item()
        total += len(y)
    return right / total


print(accuracy(nn.Linear(8, 3), [(torch.randn(4, 8), torch.tensor([0, 1, 2, 0]))]))
```

```python right
import torch
import torch.nn as nn


@torch.no_grad()
def accuracy(model, data):
    model.eval()
    right = total = 0
    for x, y in data:
        scores = model(x)
        right += (scores.argmax(1) == y).sum().item()
        total += len(y)
    return right / total


print(accuracy(nn.Linear(8, 3), [(torch.randn(4, 8), torch.tensor([0, 1, 2, 0]))]))
```

Reported are functions that put a model into evaluation mode, go over data with it, compare what it chooses with what is
right or read a loss off, and give away nothing that the model made; and only where no caller switches recording off,
and the function never asks for a gradient, as attacks and maps of saliency do. Nothing is said of a function that the
page never calls, if the page switches recording anywhere.
"""

import ast
from collections.abc import Iterator

from lintml import AddDecorator, Claim, Facts, Finding, Fix, Reason, Rule, judges, measures, walk

rule = Rule(code="TRN003", severity="warning")

# How far callers are followed.
MOST = 3
# What switches recording, or needs it.
SWITCHES = frozenset(("no_grad", "inference_mode", "set_grad_enabled", "enable_grad"))
NEEDING = frozenset(("backward", "grad", "requires_grad", "requires_grad_", "step"))


@rule.check
def records_for_nothing(function: ast.FunctionDef, facts: Facts) -> Iterator[Finding]:
    if function.decorator_list:
        return
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=model, attr="eval"), args=[])):
                break
    else:
        return
    call = _asked(model, function, facts)
    if call is None or facts.records(call) is False:
        return
    if not (judges(function) or measures(function, model)) or _needs_recording(function):
        return
    if _is_switched(function, facts, MOST):
        return
    if _gives_away(call, function, facts):
        return
    text = facts.spell("torch.no_grad", function)
    yield Finding(
        call,
        f"nothing here needs a gradient, yet all of it is recorded; decorate `{function.name}` with `{text}()`",
        because=(Reason(statement, "the model is put into evaluation mode here"),),
        fix=Fix(
            f"Decorate it with `{text}()`",
            (AddDecorator(function, f"{text}()"),),
            Claim.SAME,
            subject=facts.subject(function),
        ),
    )


def _asked(model: ast.expr, function: ast.FunctionDef, facts: Facts) -> ast.Call | None:
    """The one call of a model, in a loop over data."""
    same = ast.dump(model)
    calls = [node for node in walk(function) if isinstance(node, ast.Call) and ast.dump(node.func) == same]
    if len(calls) != 1:
        return None
    around = [each for each in facts.parents(calls[0]) if isinstance(each, (ast.For, ast.FunctionDef, ast.Lambda))]
    return calls[0] if around and isinstance(around[0], ast.For) and function in around else None


def _needs_recording(function: ast.FunctionDef) -> bool:
    return any(
        (isinstance(each, ast.Attribute) and each.attr in NEEDING) or isinstance(each, (ast.Yield, ast.YieldFrom))
        for each in walk(function)
    )


def _is_switched(function: ast.FunctionDef, facts: Facts, deep: int) -> bool:
    """Whether recording may be off where a function is called."""
    said = {each for each in facts.nodes if _word(each) in SWITCHES}
    if not said:
        return False
    calls = [each.func for each in facts.nodes if isinstance(each, ast.Call) and _word(each.func) == function.name]
    if not calls or not deep or any(_word(each) == "set_grad_enabled" for each in said):
        return True
    mentions = [each for each in facts.nodes if _word(each) == function.name and each not in calls]
    return bool(mentions) or any(_is_off(each, facts, deep) for each in calls)


def _is_off(call: ast.AST, facts: Facts, deep: int) -> bool:
    records = facts.records(call)
    if records is not None:
        return not records
    around = next((each for each in facts.parents(call) if isinstance(each, ast.FunctionDef)), None)
    return around is None or bool(around.decorator_list) or _is_switched(around, facts, deep - 1)


def _word(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _gives_away(call: ast.Call, function: ast.FunctionDef, facts: Facts) -> bool:
    """Whether what the model made leaves the function as it is, or is kept outside of it."""
    around = next(facts.parents(call))
    if isinstance(around, ast.Call) and call in around.args:
        # What a loss makes of it goes on in its place.
        around = next(facts.parents(around))
    made = {name for target in around.targets for name in _names(target)} if isinstance(around, ast.Assign) else set()
    if not made:
        return not isinstance(around, (ast.Attribute, ast.BinOp, ast.Compare))
    for node in walk(function):
        match node:
            case ast.Return(value=value) if value is not None and _names(value) & made:
                return True
            case ast.Call(func=ast.Attribute(attr="append" | "extend" | "put" | "add"), args=args):
                if any(_names(each) & made for each in args):
                    return True
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_], value=value) if _names(value) & made:
                return True
    return False


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}
