"""``.numpy()`` of a tensor that requires a gradient.

An array of numpy shares the tensor's memory and knows nothing of gradients, so torch refuses with a RuntimeError.
``.detach()`` says that the graph ends here.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(4, 2)
y = model(torch.ones(3, 4)).numpy()
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(4, 2)
y = model(torch.ones(3, 4)).detach().numpy()
```

Looked at is code outside of functions, where nobody else can have switched recording off, and results that are sure to
depend on something learnt.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Invocation, Replace, Rule, Tensor, carries_gradient, walk

rule = Rule(code="GRD004", severity="error")

BLOCKS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@rule.check
def leaves_the_graph(call: Invocation, facts: Facts) -> Iterator[Finding]:
    function = call.node.func
    match call.called:
        case Bound(owner=Tensor() as tensor, name="numpy") if isinstance(function, ast.Attribute):
            if call.node.args or call.node.keywords or facts.guarded(call.node):
                return
            if not carries_gradient(tensor, facts.may_record):
                return
            if _is_recorded(function.value, facts, set()) and not _is_frozen(facts):
                owner = facts.source(function.value)
                yield Finding(
                    call.node,
                    f"`{owner}` requires a gradient, and such a tensor gives no array; use `.detach().numpy()`",
                    fix=Fix(
                        "Detach it first",
                        (Replace(function.value, f"{owner}.detach()"),),
                        Claim.REPAIRS,
                        subject=facts.subject(call.node),
                    ),
                )


def _is_recorded(node: ast.AST, facts: Facts, seen: set[str]) -> bool:
    """Whether what an expression of the module level is made of was all computed where autograd records."""
    if facts.records(node) is not True:
        return False
    for each in walk(node):
        if not isinstance(each, ast.Name) or each.id in seen:
            continue
        seen.add(each.id)
        for store in facts.each(ast.Name):
            if store.id == each.id and isinstance(store.ctx, ast.Store):
                if any(isinstance(around, BLOCKS) for around in facts.parents(store)):
                    continue
                if not _is_recorded_binding(store, facts, seen):
                    return False
    return True


def _is_recorded_binding(store: ast.Name, facts: Facts, seen: set[str]) -> bool:
    match facts.statement(store):
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_recorded(value, facts, seen)
    return facts.records(store) is True


def _is_frozen(facts: Facts) -> bool:
    """Whether the page says anywhere that something requires no gradient."""
    for node in facts.nodes:
        match node:
            case ast.Attribute(attr="requires_grad_") | ast.Attribute(attr="requires_grad", ctx=ast.Store()):
                return True
            case ast.Attribute(attr="detach_") | ast.keyword(arg="requires_grad", value=ast.Constant(value=False)):
                return True
    return False
