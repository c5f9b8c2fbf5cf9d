"""An operator of torch given a shape that it refuses.

The sizes of an operator's inputs must agree with each other and with the settings of a layer. This rule speaks for
every operator that has no rule of its own.

```python wrong
import torch
import torch.nn as nn


class Reader(nn.Module):
    def __init__(self, words, width, states):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.read = nn.GRU(states, states)

    def forward(self, text):
        return self.read(self.embed(text))


Reader(9, 4, 6)(torch.zeros(5, 2, dtype=torch.long))
```

```python right
import torch
import torch.nn as nn


class Reader(nn.Module):
    def __init__(self, words, width, states):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.read = nn.GRU(width, states)

    def forward(self, text):
        return self.read(self.embed(text))


Reader(9, 4, 6)(torch.zeros(5, 2, dtype=torch.long))
```
"""

from collections.abc import Iterator

from lintml import Clash, Facts, Finding, Rule, gravity, take_what_is_given

rule = Rule(code="SHP016", severity="error")

# Rules of their own speak for these operators and these axes.
SPOKEN_FOR = (
    "torch.nn.Linear",
    "torch.matmul",
    "torch.bmm",
    "torch.mm",
    "torch.mv",
    "torch.dot",
    "torch.addmm",
    "torch.baddbmm",
)
AXES = frozenset(
    """in_channels num_features num_channels normalized_shape rank dim repeats sizes broadcast expanded joined stacked
    elements parts batch_first""".split()
)

PATTERNED = ("rearrange", "reduce", "repeat")


@rule.check
def refused(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if gravity(clash) == "info" or clash.axis in AXES or clash.operator.replace(".Tensor.", ".") in SPOKEN_FOR:
        return
    shape = clash.shapes[clash.position] if clash.position < len(clash.shapes) else None
    name = clash.operator.rpartition(".")[2]
    condition = f"; this only works when {clash.condition}" if clash.condition else ""
    if name == "einsum" and clash.index is None:
        message = f"einsum is asked for `{clash.axis}`, which none of its inputs has"
    elif name.lower() in PATTERNED and clash.index is None:
        message = f"`{clash.axis}` stands on one side only of the pattern of {name}"
    elif name.lower() in PATTERNED:
        message = f"`{clash.axis}` in the pattern of {name} takes {clash.want}, and {shape} has {clash.got}{condition}"
    elif clash.layer is not None:
        use = facts.source(clash.node)
        message = f"`{use}` gives the layer {clash.got} where its `{clash.axis}` is {clash.want}{condition}"
    else:
        message = f"{name} wants {clash.want} for {clash.axis}, and {shape} has {clash.got}{condition}"
    yield Finding(
        clash.layer or clash.node,
        message,
        because=facts.origin(clash),
        fix=take_what_is_given(clash, facts),
        severity=gravity(clash),
    )
