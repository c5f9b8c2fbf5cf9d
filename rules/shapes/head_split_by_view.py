"""Heads cut out by a view across positions.

``view`` reads the elements in the order in which they lie. To cut the features of each position into heads, the last
axis is split and the heads are then moved in front of the positions. A view straight to ``(batch, heads, positions,
size)`` runs as well, but its first head holds the first few positions whole, and attention goes between pieces of
different positions. The way back has the same trap.

```python wrong
import torch
import torch.nn as nn


class Heads(nn.Module):
    def __init__(self, heads, size):
        super().__init__()
        self.heads, self.size = heads, size
        self.query = nn.Linear(heads * size, heads * size)

    def forward(self, x):
        batch, steps, width = x.shape
        return self.query(x).view(batch, self.heads, steps, self.size)


net, x = Heads(2, 4), torch.randn(3, 5, 8)
assert torch.equal(net(x)[:, 0], net.query(x)[..., :4])
```

```python right
import torch
import torch.nn as nn


class Heads(nn.Module):
    def __init__(self, heads, size):
        super().__init__()
        self.heads, self.size = heads, size
        self.query = nn.Linear(heads * size, heads * size)

    def forward(self, x):
        batch, steps, width = x.shape
        return self.query(x).view(batch, steps, self.heads, self.size).transpose(-3, -2)


net, x = Heads(2, 4), torch.randn(3, 5, 8)
assert torch.equal(net(x)[:, 0], net.query(x)[..., :4])
```

```python wrong
import torch


def merge(heads):
    batch, count, steps, size = heads.shape
    return torch.relu(heads).reshape(batch, steps, count * size)


x = torch.ones(3, 2, 5, 4)
x[:, 0] = 0
assert (merge(x)[..., 4:] == 1).all()
```

```python right
import torch


def merge(heads):
    batch, count, steps, size = heads.shape
    return torch.relu(heads).transpose(-3, -2).reshape(batch, steps, count * size)


x = torch.ones(3, 2, 5, 4)
x[:, 0] = 0
assert (merge(x)[..., 4:] == 1).all()
```

A model that was trained like this has learnt to live with it: its weights fit no other order.
"""

import ast
from collections.abc import Iterator, Sequence

from lintml import Application, Claim, Facts, Finding, Fix, Replace, Rule, Shape, meant_equal

rule = Rule(code="SHP008", severity="warning")

VIEWS = ("torch.Tensor.view", "torch.Tensor.reshape", "torch.reshape")


@rule.check
def crossed(application: Application, facts: Facts) -> Iterator[Finding]:
    if application.path not in VIEWS or not application.outputs:
        return
    given, made = application.shape(), application.outputs[0].shape
    tensor = application.inputs[0]
    if given is None or made is None or tensor is None or (tensor.source is None and not tensor.named):
        return
    if tensor.device != "input" and application.owner is not None:
        # A mask that a class makes of constants may be put together in any order.
        return
    splits = _is_split(given, made)
    if not splits and not _is_split(made, given):
        return
    due = "split the last axis, then transpose" if splits else "transpose, then merge the last axes"
    yield Finding(
        application.node,
        f"{given} viewed as {made} mixes what belongs to different positions; {due}",
        fix=_split_first(application, made, facts) if splits else _transpose_first(application, given, made, facts),
    )


def _is_split(whole: Shape, parts: Shape) -> bool:
    """Whether the features of ``whole`` are cut into heads that stand before the axis ahead of them."""
    if whole.rest is not None or parts.rest is not None or len(whole.dims) < 2 or len(parts.dims) < 3:
        return False
    *ahead, steps, width = whole.dims
    *before, heads, places, size = parts.dims
    if heads is None or size is None or width is None or None in parts.dims:
        return False
    if places != steps or 1 in (steps, heads, size) or heads == steps or not meant_equal(heads * size, width):
        return False
    return before == ahead and _is_told(whole, parts)


def _is_told(whole: Shape, parts: Shape) -> bool:
    """Whether it is certain which axis is which: by symbols, or by a batch and a number of its own for the steps."""
    steps = whole.dims[-2]
    return not isinstance(steps, int) or (len(whole.dims) == 3 and steps not in (whole.dims[0], parts.dims[-1]))


def _split_first(application: Application, made: Shape, facts: Facts) -> Fix | None:
    sizes = _sizes(application.node, len(made.dims))
    if sizes is None:
        return None
    *ahead, heads, steps, size = [facts.source(each) for each in sizes]
    call = f"{_before_sizes(application.node, facts)}{', '.join((*ahead, steps, heads, size))}).transpose(-3, -2)"
    return Fix(
        "Split the last axis, then move the heads ahead of the positions",
        (Replace(application.node, call),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(application.node),
    )


def _transpose_first(application: Application, given: Shape, made: Shape, facts: Facts) -> Fix | None:
    node = application.node
    sizes = _sizes(node, len(made.dims))
    if sizes is None or not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    owner = facts.source(node.func.value)
    listed = ", ".join(facts.source(size) for size in sizes)
    return Fix(
        "Move the positions ahead of the heads before they are merged",
        (Replace(node, f"{owner}.transpose(-3, -2).reshape({listed})"),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(node),
    )


def _sizes(node: ast.AST, count: int) -> Sequence[ast.expr] | None:
    """The sizes of a view called as a method, each written on its own."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() | ast.Attribute() | ast.Call() | ast.Subscript()), args=args):
            plain = not node.keywords and not any(isinstance(each, ast.Starred) for each in args)
            return args if plain and len(args) == count else None
    return None


def _before_sizes(node: ast.AST, facts: Facts) -> str:
    assert isinstance(node, ast.Call)
    return f"{facts.source(node.func)}("
