"""A number near one, of which only the difference to one is wanted: `torch.log(1 + x)`, `torch.exp(x) - 1`.

Near one, floats of 32 bits are about a ten-millionth apart, so a smaller `x` is rounded away before the logarithm sees
it, and the difference of an exponential to one keeps few digits or none. `log1p` and `expm1` never go through that sum.

```python wrong
import torch

x = torch.tensor([1e-9, 0.5])
y = torch.log(1 + x)
```

```python right
import torch

x = torch.tensor([1e-9, 0.5])
y = torch.log1p(x)
```

```python wrong
import torch

x = torch.tensor([1e-9, 0.5])
y = torch.exp(x) - 1 - x
```

```python right
import torch

x = torch.tensor([1e-9, 0.5])
y = torch.expm1(x) - x
```

It is a note, and only for those who ask for it by its code or name, for where `x` is never small nothing is lost. Sums
of whole numbers are exact and are left alone.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Replace, Rule

rule = Rule(code="NUM004", severity="info", optional=True)


@rule.check
def logarithm_of_a_sum(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    match _argument(call, "log", facts):
        case ast.BinOp(op=ast.Add(), left=ast.Constant(value=1), right=small):
            pass
        case ast.BinOp(op=ast.Add(), left=small, right=ast.Constant(value=1)):
            pass
        case _:
            return
    yield from _finding(call, call, small, "log1p", facts)


@rule.check
def difference_to_one(node: ast.BinOp, facts: Facts) -> Iterator[Finding]:
    match node:
        case ast.BinOp(op=ast.Sub(), left=ast.Call() as call, right=ast.Constant(value=1)):
            small = _argument(call, "exp", facts)
            if small is not None:
                yield from _finding(node, call, small, "expm1", facts)


def _argument(call: ast.Call, name: str, facts: Facts) -> ast.expr | None:
    """What a function of torch, or a tensor's method, of that name is called on alone; None for any other call."""
    if call.keywords or not isinstance(call.func, ast.Attribute | ast.Name):
        return None
    match call.args:
        case [argument] if facts.path(call.func) == f"torch.{name}" and not isinstance(argument, ast.Starred):
            return argument
        case [] if isinstance(call.func, ast.Attribute) and call.func.attr == name:
            reached = facts.program.reached.get(call)
            return call.func.value if reached is not None and reached.path == f"torch.Tensor.{name}" else None
    return None


def _finding(node: ast.expr, call: ast.Call, small: ast.expr, better: str, facts: Facts) -> Iterator[Finding]:
    given = [use.inputs[0] for use in facts.of(Application) if use.node is call and use.inputs]
    if any(tensor is not None and tensor.dtype in ("index", "bool") for tensor in given):
        return
    text = f"{facts.spell(f'torch.{better}', node)}({facts.source(small)})"
    yield Finding(
        node,
        f"what is small beside 1 is rounded away here; `{better}` keeps it",
        fix=Fix(f"Write `{text}`", (Replace(node, text),), Claim.SAME, subject=facts.subject(node)),
    )
