"""A residual sum whose two sides have different sizes.

``f(x) + x`` needs the branch to keep the sizes of its input. A branch that changes the width needs a projection on the
other side.

```python wrong
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, narrow, wide):
        super().__init__()
        self.lift = nn.Linear(narrow, wide)

    def forward(self, x):
        return torch.relu(self.lift(x)) + x


Block(8, 16)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, narrow, wide):
        super().__init__()
        self.lift = nn.Linear(narrow, wide)
        self.shortcut = nn.Identity() if narrow == wide else nn.Linear(narrow, wide)

    def forward(self, x):
        return torch.relu(self.lift(x)) + self.shortcut(x)


Block(8, 16)(torch.randn(2, 8))
```

The fix adds parameters only where the sizes differ, a case that raised before; it changes the class's ``state_dict``
there, and so it is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Insert, Reason, Replace, Rule, gravity

rule = Rule(code="SHP004", severity="error", over=("SHP013",))


@rule.check
def residual(clash: Clash, facts: Facts) -> Iterator[Finding]:
    node = clash.node
    if clash.operator != "torch.add" or clash.axis != "broadcast" or not isinstance(node, (ast.BinOp, ast.AugAssign)):
        return
    left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
    skip = _skip(clash, facts)
    if skip is None:
        return
    sizes = f"{clash.shapes[0]} and {clash.shapes[1]}"
    condition = f" unless {clash.condition}" if clash.condition else ""
    yield Finding(
        node,
        f"adding `{facts.source(left)}` and `{facts.source(right)}`: shapes {sizes} differ{condition}",
        because=tuple(_branch(clash, 1 - skip)),
        fix=_project(clash, facts, (left, right)[skip], skip),
        severity=gravity(clash),
    )


def _skip(clash: Clash, facts: Facts) -> int | None:
    """Which side of the sum is the input of the other; None if neither is."""
    tensors = clash.application.inputs
    for side in (0, 1):
        here, there = tensors[side], tensors[1 - side]
        if here is not None and there is not None and facts.comes_from(there, here):
            return side
    return None


def _branch(clash: Clash, side: int) -> Iterator[Reason]:
    tensor = clash.application.inputs[side]
    if tensor is not None and tensor.source is not None:
        yield Reason(tensor.source.node, "the branch gets its sizes here")


def _project(clash: Clash, facts: Facts, skip: ast.expr, side: int) -> Fix | None:
    """A projection on the side that skips, where only the feature axis differs."""
    shapes, owner = clash.shapes, clash.owner
    ranks = {len(shape.dims) for shape in shapes[:2] if shape is not None and shape.rest is None}
    linear = clash.index == -1
    convolution = clash.index == -3 and ranks == {4}
    function = clash.function
    if owner is None or not (linear or convolution) or not isinstance(function, ast.FunctionDef):
        return None
    if isinstance(clash.node, ast.AugAssign) and side == 0:
        return None
    init = owner.methods.get("__init__")
    if init is None or not isinstance(init.node, ast.FunctionDef) or init.owner is not owner:
        return None
    have, want = (clash.want, clash.got) if side == 0 else (clash.got, clash.want)
    narrow, wide = facts.spell_size(have, init.node), facts.spell_size(want, init.node)
    if narrow is None or wide is None:
        return None
    name = facts.free_attribute(owner, "shortcut")
    me = init.node.args.args[0].arg
    mine = function.args.args[0].arg
    kernel = "" if linear else ", kernel_size=1"
    nn = facts.spell("torch.nn", init.node)
    layer = f"{nn}.{'Linear' if linear else 'Conv2d'}({narrow}, {wide}{kernel})"
    made = f"{nn}.Identity() if {narrow} == {wide} else {layer}" if clash.condition else layer
    return Fix(
        f"Project the input to the size of the branch: `{mine}.{name}`",
        (
            Insert(init.node.body[-1], f"{me}.{name} = {made}", after=True),
            Replace(skip, f"{mine}.{name}({facts.source(skip)})"),
        ),
        Claim.REPAIRS,
        "unsafe",
        subject=owner.name,
    )
