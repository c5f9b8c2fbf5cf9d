"""A sigmoid in front of a binary cross-entropy that takes one itself.

``nn.BCEWithLogitsLoss`` wants scores. Probabilities are taken for scores between 0 and 1, so that the loss sees nothing
less likely than one half: it can never learn to say no.

```python wrong
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for _ in range(200):
    optimizer.zero_grad()
    loss = criterion(net(torch.eye(2, 8)), torch.tensor([[0.0], [1.0]]))
    loss.backward()
    optimizer.step()
assert loss < 0.1
```

```python right
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for _ in range(200):
    optimizer.zero_grad()
    loss = criterion(net(torch.eye(2, 8)), torch.tensor([[0.0], [1.0]]))
    loss.backward()
    optimizer.step()
assert loss < 0.1
```

Reported where the sigmoid is seen to reach the loss. Without it the model gives scores to all who call it, so the fix
is unsafe; ``nn.BCELoss`` is the loss for probabilities.
"""

from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Judged, Reason, Rule, leave_out

rule = Rule(code="LOS003", severity="warning")


@rule.check
def squashed_twice(judged: Judged, facts: Facts) -> Iterator[Finding]:
    if judged.loss != "binary_cross_entropy_with_logits" or not judged.comes_from("sigmoid", "Sigmoid", "sigmoid_"):
        return
    for maker in judged.makers:
        change = leave_out(maker, facts)
        yield Finding(
            maker.layer.node if maker.layer is not None else maker.node,
            "binary cross-entropy with logits takes the sigmoid itself: give it the scores",
            because=(Reason(judged.use.node, "the loss takes it here"),),
            fix=Fix(
                "Leave out the sigmoid",
                (change,),
                Claim.CHANGES,
                "unsafe",
                subject=facts.subject(maker.node),
                reference="the binary cross-entropy of scores",
            )
            if change is not None
            else None,
        )
