"""A convolution or a normalisation fed the wrong number of channels.

A convolution multiplies the channels of its input, and a normalisation keeps one statistic or one weight for each; both
refuse any number but the one they were made for. Where the channels come from another layer, the layer that is fed has
the wrong number.

```python wrong
import torch
import torch.nn as nn


class Stem(nn.Module):
    def __init__(self, colours, width):
        super().__init__()
        self.conv = nn.Conv2d(colours, width, kernel_size=3)
        self.norm = nn.BatchNorm2d(colours)

    def forward(self, image):
        return torch.relu(self.norm(self.conv(image)))


Stem(3, 8)(torch.randn(2, 3, 9, 9))
```

```python right
import torch
import torch.nn as nn


class Stem(nn.Module):
    def __init__(self, colours, width):
        super().__init__()
        self.conv = nn.Conv2d(colours, width, kernel_size=3)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, image):
        return torch.relu(self.norm(self.conv(image)))


Stem(3, 8)(torch.randn(2, 3, 9, 9))
```

The channels of a model's own input are not known, so that only layers that feed each other are held against each other.
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule, gravity, take_what_is_given

rule = Rule(code="SHP002", severity="error")

CHANNELS = ("in_channels", "num_features", "num_channels", "normalized_shape")


@rule.check
def wrong_channels(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.layer is None or clash.axis not in CHANNELS:
        return
    what = "features" if clash.axis == "normalized_shape" else "channels"
    condition = f"; this only works when {clash.condition}" if clash.condition else ""
    yield Finding(
        facts.blamed(clash) or clash.layer,
        f"`{facts.source(clash.node)}` receives {clash.got} {what} but the layer expects {clash.want}{condition}",
        because=facts.origin(clash),
        fix=take_what_is_given(clash, facts),
        severity=gravity(clash),
    )
