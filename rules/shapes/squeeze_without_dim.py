"""A squeeze that also drops a batch of one.

``squeeze()`` drops every axis of size 1. Called to get rid of the one feature or channel that a layer leaves, it takes
the batch as well when there is one example, the last of an epoch for one, and what follows gets a tensor with an axis
too few. Named, the axis goes and the batch stays.

```python wrong
import torch
import torch.nn as nn


class Price(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(x).squeeze()


assert Price(8)(torch.randn(1, 8)).shape == (1,)
```

```python right
import torch
import torch.nn as nn


class Price(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(x).squeeze(-1)


assert Price(8)(torch.randn(1, 8)).shape == (1,)
```

Only results of layers are looked at, where an axis is certain to be 1 and another may be.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Rename, Rule, SetArgument, Shape, symbols

rule = Rule(code="SHP010", severity="warning")

POOLS = tuple(f"torch.nn.functional.adaptive_{kind}_pool{axes}d" for kind in ("avg", "max") for axes in (1, 2, 3))


@rule.check
def drops_the_batch(application: Application, facts: Facts) -> Iterator[Finding]:
    if application.path not in ("torch.Tensor.squeeze", "torch.squeeze"):
        return
    shape, given = application.shape(), application.inputs[0]
    if application.settings.get("dim", 0) is not None or shape is None or given is None or given.source is None:
        return
    source = facts.through_values(given.source)
    single = [at for at, size in enumerate(shape.dims) if size == 1]
    if source is None or not single or not _has_batch(shape, single):
        return
    if source.layer is None and source.path not in POOLS:
        return
    yield Finding(
        application.node,
        f"squeeze() of {shape} also drops the batch where it holds one example",
        fix=_name_the_axis(application, shape, single, facts),
    )


def _has_batch(shape: Shape, single: list[int]) -> bool:
    """Whether a leading axis of an input is among the axes, which may be 1 as well; it may also be seen to be 1."""
    if shape.rest is not None:
        return not shape.rest.inner
    leading = [
        at
        for at, size in enumerate(shape.dims)
        if size is not None and not isinstance(size, int) and any(found.leading for found in symbols(size))
    ]
    return bool(leading) or (single[0] == 0 and len(single) > 1)


def _name_the_axis(application: Application, shape: Shape, single: list[int], facts: Facts) -> Fix | None:
    if shape.rest is None and single[0] == 0 and len(single) > 1:
        single = single[1:]
    if application.path == "torch.Tensor.squeeze" and single == [2, 3] and len(shape.dims) == 4:
        return _flat(application, facts)
    if len(single) != 1:
        return None
    axis = single[0] - len(shape.dims)
    dim = axis if axis == -1 or shape.rest is not None else single[0]
    position = 1 if application.path == "torch.squeeze" else 0
    return Fix(
        f"Drop axis {dim} alone",
        (SetArgument(application.node, str(dim), position=position),),  # type: ignore[arg-type]
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(application.node),
    )


def _flat(application: Application, facts: Facts) -> Fix | None:
    """A picture of one place made a vector."""
    call = application.node
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    changes = (Rename(call.func, "flatten"), SetArgument(call, "1", position=0))
    return Fix("Flatten behind the batch", changes, Claim.CHANGES, "unsafe", subject=facts.subject(call))
