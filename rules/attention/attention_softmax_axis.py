"""Attention weights normalised over another axis than the values are summed along.

The weights by which values are summed must themselves sum to one. With one row of scores for each query and one column
for each key, the softmax goes over the columns; over the rows, a query may get no weight at all.

```python wrong
import torch


def attend(queries, keys, values):
    scores = queries @ keys.transpose(-2, -1) / keys.size(-1) ** 0.5
    return torch.softmax(scores, dim=1) @ values


ones = torch.ones(2, 7, 3)
assert torch.allclose(attend(torch.randn(2, 5, 8), torch.randn(2, 7, 8), ones), torch.ones(2, 5, 3))
```

```python right
import torch


def attend(queries, keys, values):
    scores = queries @ keys.transpose(-2, -1) / keys.size(-1) ** 0.5
    return torch.softmax(scores, dim=-1) @ values


ones = torch.ones(2, 7, 3)
assert torch.allclose(attend(torch.randn(2, 5, 8), torch.randn(2, 7, 8), ones), torch.ones(2, 5, 3))
```

What counts is where the axis goes: scores laid out with the keys first are summed along their first axis, and weights
that are normalised again afterwards, as in slot attention, are another design.
"""

import ast
from collections.abc import Iterator

from lintml import Attention, Claim, Facts, Finding, Fix, Reason, Rule, SetArgument

rule = Rule(code="ATN004", severity="warning", over=("LOS006",))


@rule.check
def other_axis(attention: Attention, facts: Facts) -> Iterator[Finding]:
    axis, over, softmax = attention.axis, attention.over, attention.softmax
    if axis is None or over is None or axis == over or attention.is_routed:
        return
    shape = softmax.shape()
    if shape is not None and len(shape.dims) >= -over and shape.dims[over] == 1:
        return  # along one element there is nothing to normalise: the product is at fault
    where = softmax.layer.node if softmax.layer is not None else softmax.node
    if not isinstance(where, ast.Call):
        return
    position = 0 if softmax.layer is not None or ".Tensor." in softmax.path else 1
    yield Finding(
        where,
        f"the softmax goes over axis {axis} of the scores, but the values are summed along axis {over}",
        because=(Reason(attention.mixture.application.node, "the weights are applied here"),),
        fix=Fix(
            f"Normalise over the axis that is summed: `dim={over}`",
            (SetArgument(where, str(over), keyword="dim", position=position),),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(softmax.node),
            reference=attention.reference,
        ),
    )
