"""Tensors put together that do not fit.

``torch.cat`` joins along one axis and ``torch.stack`` along a new one; all other axes must have the same sizes.

```python wrong
import torch

both = torch.cat([torch.zeros(4, 3), torch.zeros(5, 3)], dim=1)
```

```python right
import torch

both = torch.cat([torch.zeros(4, 3), torch.zeros(5, 3)], dim=0)
```
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule, gravity

rule = Rule(code="SHP014", severity="error")


@rule.check
def apart(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if gravity(clash) == "info" or clash.axis not in ("joined", "stacked"):
        return
    shapes = ", ".join(str(shape) for shape in clash.shapes if shape is not None)
    condition = f" unless {clash.condition}" if clash.condition else ""
    name = clash.operator.rpartition(".")[2]
    yield Finding(
        clash.node,
        f"{name} cannot put {shapes} together: {clash.want} against {clash.got}{condition}",
        because=facts.origin(clash),
        severity=gravity(clash),
    )
