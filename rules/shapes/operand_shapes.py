"""Two tensors whose shapes do not broadcast.

Operands of an elementwise operation are lined up from the last axis; where both have an axis, the sizes must be equal
or one of them 1.

```python wrong
import torch

total = torch.zeros(4, 3) + torch.zeros(4, 5)
```

```python right
import torch

total = torch.zeros(4, 3) + torch.zeros(4, 3)
```
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule, gravity

rule = Rule(code="SHP013", severity="error")


@rule.check
def apart(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if gravity(clash) == "info" or clash.axis not in ("broadcast", "expanded"):
        return
    shapes = " and ".join(str(shape) for shape in clash.shapes if shape is not None)
    condition = f" unless {clash.condition}" if clash.condition else ""
    yield Finding(
        clash.node,
        f"shapes {shapes} do not broadcast: {clash.want} against {clash.got}{condition}",
        because=facts.origin(clash),
        severity=gravity(clash),
    )
