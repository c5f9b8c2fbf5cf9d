"""A tensor's method whose result is thrown away.

Only methods that end in an underscore change a tensor. ``x.masked_fill(…)``, ``x.view(…)`` and ``x.to(…)`` give a new
one, and a line that does nothing with it does nothing at all. A module's ``to`` is another thing: that one moves it.

```python wrong
import torch


def lower(scores, mask):
    scores = scores + torch.zeros(2, 3)
    scores.masked_fill(mask, -1.0)
    return scores


assert lower(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool)).sum() == -6
```

```python right
import torch


def lower(scores, mask):
    scores = scores + torch.zeros(2, 3)
    scores = scores.masked_fill(mask, -1.0)
    return scores


assert lower(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool)).sum() == -6
```

At module level of a document or notebook such a line shows what it gives, so that only functions and loops are looked
at there.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Invocation, Replace, Rule, Tensor, is_certain, is_looped_parameter

rule = Rule(code="GRD005", severity="warning")

# Methods that do nothing but give a new tensor, which other kinds of objects have for the same purpose if at all.
FORMING = frozenset(
    """view reshape unsqueeze squeeze transpose permute flatten expand expand_as repeat masked_fill index_fill
    masked_scatter index_add index_copy scatter scatter_add clamp""".split()
)
# Methods that mean something else for other objects.
MOVING = frozenset(
    """to cuda cpu float half double bfloat16 long int bool detach clip abs neg exp log sqrt pow add sub mul div
    relu sigmoid tanh softmax log_softmax round floor ceil""".split()
)


@rule.check
def thrown_away(call: Invocation, facts: Facts) -> Iterator[Finding]:
    match call.called:
        case Bound(owner=Tensor() as tensor, name=name) if name in FORMING | MOVING:
            statement = next(facts.parents(call.node))
            if not isinstance(statement, ast.Expr) or not isinstance(call.node.func, ast.Attribute):
                return
            known = is_certain(tensor) or (name in FORMING and tensor.named and _is_forward(statement, facts))
            if known and not _may_be_shown(statement, facts) and not facts.guarded(statement):
                yield _finding(statement, call.node.func, name, facts)


@rule.check
def parameter_kept(statement: ast.Expr, facts: Facts) -> Iterator[Finding]:
    """``p.mul(0.9).add(q)`` of a parameter that a loop goes through."""
    names, node = [], statement.value
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        names.append(node.func.attr)
        node = node.func.value
    if not names or not set(names) <= FORMING | MOVING - {"to", "cuda", "cpu"} or not isinstance(node, ast.Name):
        return
    if is_looped_parameter(node, facts.parents) and not facts.guarded(statement):
        last = names[0]
        yield Finding(statement, f"`{last}` does not change `{node.id}`, and its result is thrown away")


def _is_forward(statement: ast.Expr, facts: Facts) -> bool:
    """Whether it stands in a module's ``forward``, whose inputs are tensors."""
    around = (each for each in facts.parents(statement) if isinstance(each, (ast.FunctionDef, ast.Lambda)))
    function = next(around, None)
    return isinstance(function, ast.FunctionDef) and function.name == "forward"


def _may_be_shown(statement: ast.Expr, facts: Facts) -> bool:
    """Whether a reader sees the result: at module level, unless the document is a script."""
    hidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.For, ast.While)
    inside = any(isinstance(each, hidden) for each in facts.parents(statement))
    return not inside and (facts.page.document.kind != "script" or facts.snippet(statement).cell is not None)


def _finding(statement: ast.Expr, function: ast.Attribute, name: str, facts: Facts) -> Finding:
    owner = facts.source(function.value)
    fix = None
    if isinstance(function.value, ast.Name):
        text = f"{owner} = {facts.source(statement)}"
        fix = Fix(
            f"Assign it to `{owner}`",
            (Replace(statement, text),),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(statement),
        )
    return Finding(statement, f"`{name}` does not change `{owner}`, and its result is thrown away", fix=fix)
