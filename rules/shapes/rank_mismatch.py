"""A tensor with the wrong number of axes.

Some operators fix how many axes their input has: a picture has four, ``repeat`` wants a number for each. A tensor with
fewer or more is refused.

```python wrong
import torch

row = torch.randn(2, 5, 8)
copies = row.unsqueeze(1).repeat(1, 4, 1)
```

```python right
import torch

row = torch.randn(2, 5, 8)
copies = row.unsqueeze(1).repeat(1, 4, 1, 1)
```

A number of axes that depends on the caller is only reported where no number would do.
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule

rule = Rule(code="SHP007", severity="error")


@rule.check
def wrong_rank(clash: Clash, facts: Facts) -> Iterator[Finding]:
    shape = clash.shapes[clash.position] if clash.position < len(clash.shapes) else None
    name = clash.operator.rpartition(".")[2]
    match clash.axis:
        case "rank" if name == "__getitem__":
            message = f"{clash.want} indices for a tensor of {clash.got} axes"
        case "rank":
            message = f"{name} needs {clash.want} axes, and this tensor has {clash.got}"
        case "dim":
            message = f"{name} is asked for axis {clash.want} of a tensor of {clash.got} axes"
        case "repeats":
            message = f"repeat needs a number for each of {clash.want} axes, and gets {clash.got}"
        case "sizes":
            message = f"{name} needs a size for each of {clash.want} axes, and gets {clash.got}"
        case _:
            return
    yield Finding(clash.node, f"{message}: {shape}" if shape is not None else message, because=facts.origin(clash))
