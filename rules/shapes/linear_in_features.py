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

A layer that leads back from a wide state to a narrow one, with its widths the wrong way round, is turned where what
follows wants the narrow one:

```python wrong
import torch
import torch.nn as nn


class FeedForward(nn.Module):
    def __init__(self, narrow, wide):
        super().__init__()
        self.up = nn.Linear(narrow, wide)
        self.down = nn.Linear(narrow, wide)
        self.norm = nn.LayerNorm(narrow)

    def forward(self, x):
        return self.norm(x + self.down(torch.relu(self.up(x))))


FeedForward(8, 32)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class FeedForward(nn.Module):
    def __init__(self, narrow, wide):
        super().__init__()
        self.up = nn.Linear(narrow, wide)
        self.down = nn.Linear(wide, narrow)
        self.norm = nn.LayerNorm(narrow)

    def forward(self, x):
        return self.norm(x + self.down(torch.relu(self.up(x))))


FeedForward(8, 32)(torch.randn(2, 8))
```

Where both widths are parameters of the constructor the code may run by luck, if they are equal: then the finding
names the condition, and the fix keeps every call that worked. Between two different numbers the intended one is not
known, and the fix is unsafe.
"""

from collections.abc import Iterator

from lintml import Application, Claim, Clash, Facts, Finding, Fix, Rule, SetArgument, gravity, take_what_is_given

rule = Rule(code="SHP001", severity="error")


@rule.check
def wrong_width(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.operator != "torch.nn.Linear" or clash.axis != "in_features" or clash.layer is None:
        return
    if facts.flattened(clash) is not None:
        return
    use = facts.source(clash.node)
    condition = f"; this only works when {clash.condition}" if clash.condition else ""
    yield Finding(
        facts.blamed(clash) or clash.layer,
        f"`{use}` receives {clash.got} features but the layer expects {clash.want}{condition}",
        because=facts.origin(clash),
        fix=_turned(clash, facts) or take_what_is_given(clash, facts),
        severity=gravity(clash),
    )


def _turned(clash: Clash, facts: Facts) -> Fix | None:
    """The two widths exchanged, where what comes out of the layer then fits as well: the way back of a bottleneck."""
    made = clash.application.settings.get("out_features")
    if clash.layer is None or made != clash.got:
        return None
    size_in, size_out = facts.spell_size(clash.got, clash.layer), facts.spell_size(clash.want, clash.layer)
    if not _wanted_after(clash, facts) or size_in is None or size_out is None or clash.condition is None:
        return None
    return Fix(
        f"Turn the layer around: `in_features={size_in}, out_features={size_out}`",
        (
            SetArgument(clash.layer, size_in, keyword="in_features", position=0),
            SetArgument(clash.layer, size_out, keyword="out_features", position=1),
        ),
        Claim.REPAIRS,
        subject=clash.owner.name if clash.owner else facts.subject(clash.layer),
    )


def _wanted_after(clash: Clash, facts: Facts) -> bool:
    """Whether a layer that takes what comes out, or a sum with it, was made for the width that is missing here."""
    for each in facts.of(Application):
        given = each.inputs[0] if each.inputs else None
        source = facts.through_values(given.source) if given is not None else None
        if each.layer is None or source is None or clash.want not in each.settings.values():
            continue
        added = source.path == "torch.add" and any(
            tensor is not None and tensor.source is clash.application for tensor in source.inputs
        )
        if source is clash.application or added:
            return True
    return False
