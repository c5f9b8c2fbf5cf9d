"""A softmax over an axis of one element.

What is normalised alone is always 1, and its logarithm 0, whatever the weights are: the layer before it learns nothing.
A classifier with one unit wants a sigmoid; scores of one unit for each position want the softmax over the positions.

```python wrong
import torch
import torch.nn as nn


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x):
        return torch.softmax(self.score(x), dim=-1)


Gate(8)(torch.randn(4, 8))
```

```python right
import torch
import torch.nn as nn


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.score = nn.Linear(width, 1)

    def forward(self, x):
        return torch.sigmoid(self.score(x))


Gate(8)(torch.randn(4, 8))
```

Reported where the axis has one element for every number of axes that the input may have. Which of the two is meant,
only the author knows.
"""

from collections.abc import Iterator

from lintml import Facts, Finding, Reason, Rule, Singleton

rule = Rule(code="LOS007", severity="warning")


@rule.check
def alone(found: Singleton, facts: Facts) -> Iterator[Finding]:
    use = found.application
    made = use.inputs[0].source if use.inputs[0] is not None else None
    result = "0" if "log" in use.path.lower() else "1"
    yield Finding(
        use.layer.node if use.layer is not None else use.node,
        f"the softmax goes over one element of {use.shape()}: its result is always {result}",
        because=(Reason(made.node, "the axis of one element is made here"),) if made is not None else (),
    )
