"""A leaf that requires a gradient, changed in place where autograd records.

A leaf is where gradients are collected, so autograd refuses to let it be overwritten and raises a RuntimeError. An
update by hand is no part of what is to be differentiated, and belongs under ``torch.no_grad()``.

```python wrong
import torch

w = torch.ones(2, requires_grad=True)
(w * 2).sum().backward()
w -= 0.1 * w.grad
```

```python right
import torch

w = torch.ones(2, requires_grad=True)
(w * 2).sum().backward()
with torch.no_grad():
    w -= 0.1 * w.grad
```

Looked at is a name that stands for nothing but such a leaf, in the block that makes it. In an optimizer, OPT005 says
what is wrong.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Reason, Replace, Rule, walk

rule = Rule(code="GRD001", severity="error")

PARAMETER = "torch.nn.Parameter"
FACTORIES = frozenset(
    f"torch.{name}"
    for name in """tensor zeros ones empty full rand randn eye linspace arange normal zeros_like ones_like
    randn_like""".split()
)
# Methods that end like those that write, and do not touch the values.
HARMLESS = frozenset("requires_grad_ detach_ retain_grad_ share_memory_ rename_ names_".split())
BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@rule.check
def named_leaf(made: ast.Assign, facts: Facts) -> Iterator[Finding]:
    match made:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if _is_leaf(call, facts):
            scope = _scope(made, facts)
            mentions = [each for each in facts.each(ast.Name) if each.id == name]
            own = [each for each in mentions if _scope(each, facts) is scope]
            if not _stays_so(own, made, facts):
                return
            for node in own:
                statement = facts.statement(node)
                if _writes(node, statement, facts) and not facts.guarded(node) and _is_recorded(node, scope, facts):
                    yield _finding(statement, name, made, facts)


def _is_leaf(call: ast.Call, facts: Facts) -> bool:
    path = facts.path(call.func)
    flag = next((each.value for each in call.keywords if each.arg == "requires_grad"), None)
    wanted = isinstance(flag, ast.Constant) and flag.value is True
    return (path in FACTORIES and wanted) or (path == PARAMETER and (flag is None or wanted) and len(call.args) < 2)


def _scope(node: ast.AST, facts: Facts) -> ast.AST | None:
    return next((each for each in facts.parents(node) if isinstance(each, BLOCKS)), None)


def _stays_so(own: list[ast.Name], made: ast.Assign, facts: Facts) -> bool:
    """Whether a name stands for that leaf only, which goes on requiring a gradient."""
    for node in own:
        parent = next(facts.parents(node))
        if not isinstance(node.ctx, ast.Load) and node not in made.targets and not isinstance(parent, ast.AugAssign):
            return False
        match parent:
            case (
                ast.Attribute(attr="requires_grad_" | "detach_") | ast.Attribute(attr="requires_grad", ctx=ast.Store())
            ):
                return False
    return True


def _writes(node: ast.Name, statement: ast.stmt, facts: Facts) -> bool:
    """Whether a statement is an update of what a name stands for: by a sign, by a method, in a part."""
    match statement:
        case ast.AugAssign(target=target):
            return _whole(target) is node
        case ast.Assign(targets=[ast.Subscript() as target]):
            return _whole(target) is node
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name() as owner, attr=method))):
            return owner is node and method.endswith("_") and method[:1] != "_" and method not in HARMLESS
    return False


def _whole(target: ast.expr) -> ast.expr:
    while isinstance(target, ast.Subscript):
        target = target.value
    return target


def _is_recorded(node: ast.AST, scope: ast.AST | None, facts: Facts) -> bool:
    """Whether autograd records there, for certain at module level, in a function unless it says otherwise."""
    records = facts.records(node)
    if records is None and isinstance(scope, ast.FunctionDef) and not scope.decorator_list:
        inner = [each for each in facts.parents(node) if isinstance(each, (ast.With, ast.AsyncWith))]
        return not inner and any(isinstance(each, ast.Attribute) and each.attr == "backward" for each in walk(scope))
    return records is True


def _finding(statement: ast.stmt, name: str, made: ast.Assign, facts: Facts) -> Finding:
    body = facts.source(statement)
    fix = None
    if "\n" not in body:
        text = f"with {facts.spell('torch.no_grad', statement)}():\n    {body}"
        fix = Fix(
            "Update it under `torch.no_grad()`",
            (Replace(statement, text),),
            Claim.REPAIRS,
            "unsafe",
            subject=facts.subject(statement),
        )
    return Finding(
        statement,
        f"`{name}` is a leaf that requires a gradient: it cannot be changed in place where autograd records",
        because=(Reason(made, "it is made here"),),
        fix=fix,
    )
