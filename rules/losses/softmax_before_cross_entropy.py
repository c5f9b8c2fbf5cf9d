"""A softmax in front of a cross-entropy that takes one itself.

``nn.CrossEntropyLoss`` wants scores, and normalises them. Probabilities are taken for scores that lie between 0 and 1:
even a perfect answer then costs something, and the gradients are small where the model is most wrong.

```python wrong
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=-1))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
x, y = torch.eye(3, 8), torch.tensor([0, 1, 2])
for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
assert loss < 0.1
```

```python right
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
x, y = torch.eye(3, 8), torch.tensor([0, 1, 2])
for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    optimizer.step()
assert loss < 0.1
```

A log-softmax changes nothing there, for it leaves log-probabilities as they are; but one of the two is for nothing, and
the loss that wants log-probabilities is another:

```python wrong
import torch
import torch.nn.functional as F

scores, labels = torch.randn(4, 3), torch.tensor([0, 2, 1, 0])
loss = F.cross_entropy(F.log_softmax(scores, dim=1), labels)
```

```python right
import torch
import torch.nn.functional as F

scores, labels = torch.randn(4, 3), torch.tensor([0, 2, 1, 0])
loss = F.nll_loss(F.log_softmax(scores, dim=1), labels)
```

Reported where the softmax is seen to reach the loss. Without it the model gives scores to all who call it, so the fix
is unsafe; probabilities are then made where they are wanted.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Judged, Reason, Rename, Rule, leave_out

rule = Rule(code="LOS001", severity="warning", over=("LOS005", "LOS006"))


@rule.check
def normalised_twice(judged: Judged, facts: Facts) -> Iterator[Finding]:
    if judged.loss != "cross_entropy":
        return
    here = (Reason(judged.use.node, "the loss takes it here"),)
    if judged.comes_from("softmax", "Softmax", "Softmax2d"):
        for maker in judged.makers:
            change = leave_out(maker, facts)
            yield Finding(
                _place(maker),
                "cross-entropy takes the softmax itself: give it the scores",
                because=here,
                fix=Fix(
                    "Leave out the softmax",
                    (change,),
                    Claim.CHANGES,
                    "unsafe",
                    subject=facts.subject(maker.node),
                    reference="the cross-entropy of scores",
                )
                if change is not None
                else None,
            )
    elif judged.comes_from("log_softmax", "LogSoftmax"):
        yield Finding(
            judged.use.node,
            "cross-entropy takes the log-softmax itself; `nll_loss` is the one for log-probabilities",
            because=tuple(Reason(_place(maker), "it is taken here already") for maker in judged.makers),
            fix=_other_loss(judged, facts),
            severity="info",
        )


def _place(maker: Application) -> ast.AST:
    return maker.layer.node if maker.layer is not None else maker.node


def _other_loss(judged: Judged, facts: Facts) -> Fix | None:
    """The loss for log-probabilities, where all that this one is given is such, for labels, over the same axis."""
    layer = judged.use.layer
    call = judged.use.node if layer is None else layer.node
    uses = [each for each in facts.of(Application) if each.layer is layer and (layer or each is judged.use)]
    known = {each.use: each for each in facts.of(Judged)}
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return None
    if not all(each in known and _is_the_same(known[each]) for each in uses):
        return None
    name = "nll_loss" if layer is None else "NLLLoss"
    return Fix(f"Use `{name}`", (Rename(call.func, name),), Claim.SAME, subject=facts.subject(call))


def _is_the_same(judged: Judged) -> bool:
    """Whether the loss for log-probabilities gives the same: the axis normalised is that of the classes."""
    given, target = judged.use.inputs[:2]
    maker = judged.makers[0]
    axis, shape = maker.settings.get("dim"), maker.shape()
    last = shape is not None and shape.rest is None and len(shape.dims) == 2 and axis == -1
    return (
        judged.comes_from("log_softmax", "LogSoftmax")
        and judged.use.settings.get("label_smoothing") == 0.0
        and (target is not None and target.dtype == "index")
        and (given is not None and given.source is maker)
        and (axis == 1 or last)
    )
