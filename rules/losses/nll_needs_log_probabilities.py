"""A negative log-likelihood or divergence of what are no log-probabilities.

``nn.NLLLoss`` does nothing but pick an entry of each row and turn its sign. Given probabilities it is the negative of
one, given scores it has no lower end; it falls either way, but not to where the model is right.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F

guess = F.softmax(nn.Linear(8, 3)(torch.randn(4, 8)), dim=1)
loss = F.nll_loss(guess, torch.tensor([0, 2, 1, 0]))
assert loss > 0
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F

guess = F.log_softmax(nn.Linear(8, 3)(torch.randn(4, 8)), dim=1)
loss = F.nll_loss(guess, torch.tensor([0, 2, 1, 0]))
assert loss > 0
```

Scores straight from a layer belong in the loss that makes log-probabilities of them:

```python wrong
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Linear(8, 3)
criterion = nn.NLLLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(net(torch.eye(3, 8)), torch.tensor([0, 1, 2]))
    loss.backward()
    optimizer.step()
assert 0 < loss < 0.1
```

```python right
import torch
import torch.nn as nn

torch.manual_seed(0)
net = nn.Linear(8, 3)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
for _ in range(100):
    optimizer.zero_grad()
    loss = criterion(net(torch.eye(3, 8)), torch.tensor([0, 1, 2]))
    loss.backward()
    optimizer.step()
assert 0 < loss < 0.1
```

``nn.KLDivLoss`` wants the logarithm of the one distribution as well, and the other as it is:

```python wrong
import torch
import torch.nn.functional as F

teacher, student = torch.randn(4, 8), torch.randn(4, 8)
loss = F.kl_div(F.softmax(student, dim=1), F.softmax(teacher, dim=1), reduction="batchmean")
assert loss > 0
```

```python right
import torch
import torch.nn.functional as F

teacher, student = torch.randn(4, 8), torch.randn(4, 8)
loss = F.kl_div(F.log_softmax(student, dim=1), F.softmax(teacher, dim=1), reduction="batchmean")
assert loss > 0
```

Reported where the softmax or the layer is seen to reach the loss. A logarithm on the way is fine; an exponential of
log-probabilities makes probabilities of them.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Change, Claim, Facts, Finding, Fix, Judged, Reason, Rename, Rule

rule = Rule(code="LOS002", severity="warning")

LOSSES = ("nll_loss", "kl_div")
SOFTMAX = {"softmax": "log_softmax", "Softmax": "LogSoftmax"}
LOGARITHMS = ("log_softmax", "LogSoftmax", "logsigmoid", "LogSigmoid")
SCORING = ("Linear", "linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d")


@rule.check
def no_logarithm(judged: Judged, facts: Facts) -> Iterator[Finding]:
    if judged.loss not in LOSSES:
        return
    if judged.comes_from("exp") and all(_undoes_logarithm(each) for each in judged.makers):
        yield Finding(
            judged.use.node,
            "the loss wants log-probabilities, and is given their exponential",
            because=tuple(Reason(maker.node, "probabilities are made of them here") for maker in judged.makers),
        )
    elif judged.comes_from(*SOFTMAX, "Softmax2d"):
        for maker in judged.makers:
            yield Finding(
                _place(maker),
                "the loss wants log-probabilities, and this makes probabilities",
                because=(Reason(judged.use.node, "the loss takes them here"),),
                fix=_fix("Take the logarithm as well", _renamed(_place(maker), SOFTMAX), facts),
            )
    elif judged.comes_from(*SCORING):
        yield Finding(
            judged.use.node,
            "the loss wants log-probabilities, and is given the scores of a layer",
            because=tuple(Reason(maker.node, "the scores are made here") for maker in judged.makers),
            fix=_fix("Use the loss for scores", _other_loss(judged, facts), facts)
            if judged.loss == "nll_loss"
            else None,
        )


def _undoes_logarithm(maker: Application) -> bool:
    given = maker.inputs[0] if maker.inputs else None
    return given is not None and given.source is not None and given.source.path.endswith(LOGARITHMS)


def _place(use: Application) -> ast.AST:
    return use.layer.node if use.layer is not None else use.node


def _other_loss(judged: Judged, facts: Facts) -> Change | None:
    """Cross-entropy in its place, unless the same loss judges other things as well."""
    layer = judged.use.layer
    known = {each.use for each in facts.of(Judged) if each.comes_from(*SCORING)}
    if layer is not None and any(each.layer is layer and each not in known for each in facts.of(Application)):
        return None
    return _renamed(_place(judged.use), {"nll_loss": "cross_entropy", "NLLLoss": "CrossEntropyLoss"})


def _renamed(call: ast.AST, names: dict[str, str]) -> Change | None:
    match call:
        case ast.Call(func=ast.Attribute(attr=name) as function) if name in names:
            return Rename(function, names[name])
    return None


def _fix(title: str, change: Change | None, facts: Facts) -> Fix | None:
    if not isinstance(change, Rename):
        return None
    subject = facts.subject(change.node)
    return Fix(title, (change,), Claim.CHANGES, "unsafe", subject=subject, reference="the negative log-likelihood")
