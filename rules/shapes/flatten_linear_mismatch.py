"""A linear layer that does not fit what was flattened before it.

The size of a flattened picture depends on the picture and on every convolution and pool before it, and is easily
miscounted. Where the document shows an input, the size can be worked out.

```python wrong
import torch
import torch.nn as nn

net = nn.Sequential(
    nn.Conv2d(1, 4, kernel_size=5),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(4 * 14 * 14, 10),
)
net(torch.randn(2, 1, 28, 28))
```

```python right
import torch
import torch.nn as nn

net = nn.Sequential(
    nn.Conv2d(1, 4, kernel_size=5),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(576, 10),
)
net(torch.randn(2, 1, 28, 28))
```

``nn.LazyLinear`` takes whatever comes, and ``nn.AdaptiveAvgPool2d`` makes the size independent of the picture.
"""

from collections.abc import Iterator
from math import prod

from lintml import Axis, Clash, Facts, Finding, Reason, Rule, Shape, gravity, take_what_is_given

rule = Rule(code="SHP003", severity="error")


@rule.check
def miscounted(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.operator != "torch.nn.Linear" or clash.axis != "in_features" or clash.layer is None:
        return
    flattening = facts.flattened(clash)
    if flattening is None:
        return
    before = flattening.shape()
    condition = f"; this only works when {clash.condition}" if clash.condition else ""
    callers = tuple(Reason(call, "called with this size here") for call in clash.callers[:1])
    yield Finding(
        clash.layer,
        f"the flattened size is {_as_a_product(clash.got, before)}, but the layer expects {clash.want}{condition}",
        because=(Reason(flattening.node, f"{before} is flattened here"), *callers),
        fix=take_what_is_given(clash, facts),
        severity=gravity(clash),
    )


def _as_a_product(size: Axis, before: Shape | None) -> str:
    """A size in words: the axes that it is made of, where it is the product of all but the first."""
    dims = before.dims[1:] if before is not None and before.rest is None else ()
    if isinstance(size, int) or None in dims or prod(dims, start=1) != size:  # type: ignore[arg-type]
        return str(size)
    return " * ".join(f"({axis})" if " " in str(axis) else str(axis) for axis in dims)
