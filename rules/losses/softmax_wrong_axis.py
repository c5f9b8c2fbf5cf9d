"""Class scores normalised over the wrong axis.

A linear layer puts the classes on the last axis. On a tensor of three axes, ``dim=1`` is the batch or the time axis:
every class is then normalised over positions that have nothing to do with each other, and the rows do not sum to one.

```python wrong
import torch
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, width, tags):
        super().__init__()
        self.rnn = nn.GRU(width, width)
        self.score = nn.Linear(width, tags)
        self.normalise = nn.LogSoftmax(dim=1)

    def forward(self, words):
        states, last = self.rnn(words)
        return self.normalise(self.score(states))


scores = Tagger(8, 5)(torch.randn(7, 3, 8))
assert torch.allclose(scores.exp().sum(-1), torch.ones(7, 3))
```

```python right
import torch
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, width, tags):
        super().__init__()
        self.rnn = nn.GRU(width, width)
        self.score = nn.Linear(width, tags)
        self.normalise = nn.LogSoftmax(dim=-1)

    def forward(self, words):
        states, last = self.rnn(words)
        return self.normalise(self.score(states))


scores = Tagger(8, 5)(torch.randn(7, 3, 8))
assert torch.allclose(scores.exp().sum(-1), torch.ones(7, 3))
```

Weights over positions, as attention pooling makes them, are normalised over another axis on purpose: only scores that
are returned as they are count. ``dim=1`` of two axes is the last one, and ``dim=-1`` is never worse.
"""

import ast
from collections.abc import Iterator

from lintml import NORMALISING, Application, Claim, Facts, Finding, Fix, Reason, Rule, SetArgument

rule = Rule(code="LOS006", severity="warning")


@rule.check
def wrong_axis(use: Application, facts: Facts) -> Iterator[Finding]:
    if use.path not in NORMALISING or not use.returned:
        return
    shape, axis = use.shape(), use.settings.get("dim")
    scores = use.inputs[0].source if use.inputs and use.inputs[0] is not None else None
    scores = facts.through_values(scores)
    if shape is None or shape.rest is not None or scores is None or scores.path != "torch.nn.Linear":
        return
    rank = len(shape.dims)
    if (
        not isinstance(axis, int)
        or isinstance(axis, bool)
        or rank < 3
        or axis % rank == rank - 1
        or shape.dims[-1] == 1
    ):
        return
    where = use.layer.node if use.layer is not None else use.node
    if not isinstance(where, ast.Call):
        return
    yield Finding(
        where,
        f"softmax over axis {axis} of a {rank}-D tensor {shape}; the classes are the last axis",
        because=(Reason(scores.node, "the scores are made here, classes last"),),
        fix=Fix(
            "Normalise over the last axis: `dim=-1`",
            (SetArgument(where, "-1", keyword="dim", position=_position(use)),),
            Claim.CHANGES,
            "unsafe",
            subject=use.owner.name if use.owner else "",
        ),
    )


def _position(use: Application) -> int:
    if use.layer is not None or ".Tensor." in use.path:
        return 0
    return 1
