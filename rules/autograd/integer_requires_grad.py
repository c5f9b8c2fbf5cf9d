"""A tensor of integers that is asked to carry a gradient.

Only floating point and complex tensors can require gradients; a tensor of whole numbers, or a parameter made of one, is
a RuntimeError.

```python wrong
import torch

weight = torch.tensor([1, 2], requires_grad=True)
```

```python right
import torch

weight = torch.tensor([1.0, 2.0], requires_grad=True)
```
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Change, Claim, Facts, Finding, Fix, Invocation, Replace, Rule, Tensor

rule = Rule(code="GRD006", severity="error")

WHOLE = frozenset(f"torch.{name}" for name in "long int int64 int32 int16 int8 short uint8 bool".split())
DEFAULT_WHOLE = ("torch.randint", "torch.randperm")
BY_VALUES = ("torch.tensor", "torch.arange", "torch.full")
BY_DTYPE = ("torch.zeros", "torch.ones", "torch.empty", "torch.eye", *DEFAULT_WHOLE, *BY_VALUES)
PARAMETERS = ("torch.nn.Parameter", "torch.nn.parameter.Parameter")


@rule.check
def made_so(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    path = facts.path(call.func)
    if path in PARAMETERS:
        flag = call.args[1] if len(call.args) > 1 else _keyword(call, "requires_grad")
        made = call.args[0] if call.args else _keyword(call, "data")
        if isinstance(made, ast.Call) and (flag is None or _is_true(flag)) and _is_whole(made, facts):
            yield _finding(made, facts)
    elif path in BY_DTYPE and _is_true(_keyword(call, "requires_grad")) and _is_whole(call, facts):
        yield _finding(call, facts)


@rule.check
def asked_later(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    call = invocation.node
    match invocation.called:
        case Bound(owner=Tensor(source=source), name="requires_grad_") if source is not None:
            flag = call.args[0] if call.args else _keyword(call, "requires_grad")
            if isinstance(source.node, ast.Call) and (flag is None or _is_true(flag)) and _is_whole(source.node, facts):
                yield _finding(source.node, facts)


def _finding(made: ast.Call, facts: Facts) -> Finding:
    changes, safe = _in_floats(made, facts)
    fix = Fix("Make it a tensor of floats", changes, Claim.REPAIRS, "safe" if safe else "unsafe", facts.subject(made))
    return Finding(
        made, "a tensor of whole numbers cannot require a gradient; only floats can", fix=fix if changes else None
    )


def _is_whole(call: ast.Call, facts: Facts) -> bool:
    """Whether a factory makes a tensor of integers or truth values for certain."""
    path = facts.path(call.func)
    if path not in BY_DTYPE or any(keyword.arg is None for keyword in call.keywords):
        return False
    dtype = _keyword(call, "dtype")
    if dtype is not None:
        return facts.path(dtype) in WHOLE
    if path in DEFAULT_WHOLE:
        return True
    values = _values(call, path)
    return bool(values) and all(isinstance(each, ast.Constant) and isinstance(each.value, int) for each in values)


def _values(call: ast.Call, path: str) -> list[ast.expr]:
    """The numbers that decide on the type."""
    if path == "torch.arange":
        return [_bare(each) for each in call.args]
    if path == "torch.full":
        return [_bare(call.args[1])] if len(call.args) == 2 else []
    return list(_leaves(call.args[0])) if path == "torch.tensor" and len(call.args) == 1 else []


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, (ast.List, ast.Tuple)):
        for each in node.elts:
            yield from _leaves(each)
    else:
        yield _bare(node)


def _bare(node: ast.expr) -> ast.expr:
    return node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node


def _in_floats(call: ast.Call, facts: Facts) -> tuple[tuple[Change, ...], bool]:
    """What makes floats of it, and whether there is only one way to."""
    dtype = _keyword(call, "dtype")
    if dtype is not None:
        return (Replace(dtype, facts.spell("torch.float32", call)),), False
    values = [each for each in _values(call, facts.path(call.func) or "") if isinstance(each, ast.Constant)]
    numbers = [each for each in values if type(each.value) is int]
    if len(numbers) < len(values):
        return (), False
    return tuple(Replace(each, f"{facts.source(each)}.0") for each in numbers if facts.source(each).isdecimal()), True


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _is_true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
