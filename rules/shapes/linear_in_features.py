"""A linear layer fed the wrong width.

``nn.Linear(in_features, out_features)`` multiplies the last axis, and refuses any width but ``in_features``. Where the
width comes from another layer of the class, the layer that is fed has the wrong number.

```python wrong
import torch
import torch.nn as nn


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.squeeze = nn.Linear(width, classes)
        self.refine = nn.Linear(width, classes)

    def forward(self, x):
        return self.refine(torch.relu(self.squeeze(x)))


Head(8, 3)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.squeeze = nn.Linear(width, classes)
        self.refine = nn.Linear(classes, classes)

    def forward(self, x):
        return self.refine(torch.relu(self.squeeze(x)))


Head(8, 3)(torch.randn(2, 8))
```

Where both widths are parameters of the constructor the code may run by luck, if they are equal: then the finding
names the condition, and the fix keeps every call that worked. Between two different numbers the intended one is not
known, and the fix is unsafe.
"""

from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Rule, SetArgument

rule = Rule(code="SHP001", severity="error")


@rule.check
def wrong_width(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.operator != "torch.nn.Linear" or clash.axis != "in_features" or clash.layer is None:
        return
    use = facts.source(clash.node)
    condition = f"; this only works when {clash.condition}" if clash.condition else ""
    yield Finding(
        clash.layer,
        f"`{use}` receives {clash.got} features but the layer expects {clash.want}{condition}",
        because=facts.origin(clash),
        fix=_match_the_input(clash, facts),
    )


def _match_the_input(clash: Clash, facts: Facts) -> Fix | None:
    width = facts.spell_size(clash.got, clash.layer)
    if width is None or clash.layer is None:
        return None
    symbolic = clash.condition is not None
    return Fix(
        f"Let the layer take what it is given: `in_features={width}`",
        (SetArgument(clash.layer, width, keyword="in_features", position=0),),
        Claim.REPAIRS,
        "safe" if symbolic else "unsafe",
        subject=clash.owner.name if clash.owner else "",
    )
