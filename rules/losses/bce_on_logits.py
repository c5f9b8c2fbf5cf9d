"""A binary cross-entropy of scores that are no probabilities.

``nn.BCELoss`` takes the logarithm of what it is given, and refuses anything outside of 0 to 1. What a linear layer or a
convolution gives has no such bounds: the code fails as soon as one score is negative or above one.

```python wrong
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Linear(8, 1)
criterion = nn.BCELoss()
loss = criterion(net(torch.randn(64, 8)), torch.ones(64, 1))
```

```python right
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Linear(8, 1)
criterion = nn.BCEWithLogitsLoss()
loss = criterion(net(torch.randn(64, 8)), torch.ones(64, 1))
```

Only scores straight from such a layer are reported. The loss that takes the sigmoid itself is the better one also where
one may be put in between, for it does not overflow.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Judged, Reason, Rename, Rule

rule = Rule(code="LOS004", severity="error")

SCORING = ("Linear", "linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d")
NAMES = {"BCELoss": "BCEWithLogitsLoss", "binary_cross_entropy": "binary_cross_entropy_with_logits"}


@rule.check
def no_bounds(judged: Judged, facts: Facts) -> Iterator[Finding]:
    if judged.loss != "binary_cross_entropy" or not judged.comes_from(*SCORING):
        return
    yield Finding(
        judged.use.node,
        "the loss wants probabilities, and is given the scores of a layer",
        because=tuple(Reason(maker.node, "the scores are made here") for maker in judged.makers),
        fix=_other_loss(judged, facts),
    )


def _other_loss(judged: Judged, facts: Facts) -> Fix | None:
    """The loss for scores in its place, unless the same loss judges other things as well."""
    layer = judged.use.layer
    known = {each.use for each in facts.of(Judged) if each.comes_from(*SCORING)}
    if layer is not None and any(each.layer is layer and each not in known for each in facts.of(Application)):
        return None
    match judged.use.node if layer is None else layer.node:
        case ast.Call(func=ast.Attribute(attr=name) as function) as call if name in NAMES:
            return Fix(
                f"Use `{NAMES[name]}`",
                (Rename(function, NAMES[name]),),
                Claim.REPAIRS,
                "unsafe",
                subject=facts.subject(call),
            )
    return None
