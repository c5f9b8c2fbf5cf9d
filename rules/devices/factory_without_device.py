"""A tensor made on the CPU that meets one of the model's device.

``torch.rand(x.size())`` lives on the CPU whatever ``x`` lives on. The module runs until it is moved to a GPU, and then
raises: all operands must be on one device.

```python wrong
import torch
import torch.nn as nn


class Jitter(nn.Module):
    def forward(self, x):
        return x + torch.rand(x.size())


Jitter()(torch.randn(2, 3, device="meta"))
```

```python right
import torch
import torch.nn as nn


class Jitter(nn.Module):
    def forward(self, x):
        return x + torch.rand(x.size(), device=x.device)


Jitter()(torch.randn(2, 3, device="meta"))
```

Only a factory whose result is seen to meet a tensor of the module is reported; a result that is moved first
(``.to(x.device)``, ``.type_as(x)``) and a single number are fine.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, DeviceMix, Facts, Finding, Fix, Reason, Rule, SetArgument

rule = Rule(code="DEV001", severity="warning")


@rule.check
def made_on_the_cpu(mix: DeviceMix, facts: Facts) -> Iterator[Finding]:
    if mix.owner is None or mix.owner.kind != "module" or not isinstance(mix.function, ast.FunctionDef):
        return
    around = list(facts.parents(mix.factory))
    if mix.owner.node not in around:
        # Code that calls the module, and may well do so where it is.
        return
    function = next((each for each in around if isinstance(each, ast.FunctionDef)), mix.function)
    # A constructor is given sizes, not tensors that know where they are.
    near = facts.tensor_parameter(function) if function.name != "__init__" else None
    where = f"{near}.device" if near else None
    factory = facts.source(mix.factory.func)
    advice = f"pass `device={where}`" if where else "pass a device"
    yield Finding(
        mix.factory,
        f"`{factory}` makes a CPU tensor here; {advice}",
        because=(Reason(mix.node, "meets a tensor on the module's device here"),),
        fix=Fix(
            f"Make it where `{near}` is",
            (SetArgument(mix.factory, where, keyword="device"),),
            Claim.SAME,
            subject=mix.owner.name,
        )
        if where
        else None,
    )
