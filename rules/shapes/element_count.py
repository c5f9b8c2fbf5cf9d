"""A view with another number of elements.

``view`` and ``reshape`` arrange the same elements anew; sizes whose product is another cannot hold them.

```python wrong
import torch

rows = torch.zeros(2, 3).view(4, 2)
```

```python right
import torch

rows = torch.zeros(2, 3).view(3, 2)
```
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule, gravity

rule = Rule(code="SHP015", severity="error")


@rule.check
def miscounted(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if gravity(clash) == "info" or clash.axis not in ("elements", "parts"):
        return
    shape = clash.shapes[0] if clash.shapes else None
    condition = f" unless {clash.condition}" if clash.condition else ""
    name = clash.operator.rpartition(".")[2]
    yield Finding(
        clash.node,
        f"{name} asks for {clash.want} elements of {shape}, which has {clash.got}{condition}",
        because=facts.origin(clash),
        severity=gravity(clash),
    )
