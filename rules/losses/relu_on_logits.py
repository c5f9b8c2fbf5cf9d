"""A ReLU behind the scores of a classifier.

The scores of a classifier are logits: they must be able to say no. A ReLU cuts every negative one to zero, so that all
classes the model rules out look alike, and no gradient flows back from them.

```python wrong
import torch
import torch.nn as nn


class Mood(nn.Module):
    def __init__(self, words, width, moods):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.read = nn.GRU(width, width)
        self.judge = nn.Linear(width, moods)

    def forward(self, text):
        states, last = self.read(self.embed(text))
        scores = self.judge(last[-1])
        return torch.relu(scores)


torch.manual_seed(0)
assert (Mood(50, 8, 6)(torch.randint(50, (7, 9))) < 0).any()
```

```python right
import torch
import torch.nn as nn


class Mood(nn.Module):
    def __init__(self, words, width, moods):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.read = nn.GRU(width, width)
        self.judge = nn.Linear(width, moods)

    def forward(self, text):
        states, last = self.read(self.embed(text))
        scores = self.judge(last[-1])
        return scores


torch.manual_seed(0)
assert (Mood(50, 8, 6)(torch.randint(50, (7, 9))) < 0).any()
```

A ReLU behind a linear layer is how features are made, so more is asked for: the module reads indices, sums them up to
one vector each, gives that to a linear layer as wide as a parameter that serves nothing else, and returns the ReLU of
it; and no other class of the document builds on it. Or the document itself gives the ReLU of a linear layer to a loss
that takes scores:

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 3), nn.ReLU())
scores = net(torch.randn(100, 8))
loss = F.cross_entropy(scores, torch.randint(3, (100,)))
assert (scores < 0).any()
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 3))
scores = net(torch.randn(100, 8))
loss = F.cross_entropy(scores, torch.randint(3, (100,)))
assert (scores < 0).any()
```
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Facts, Finding, Fix, Judged, PageClass, Reason, Replace, Rule, leave_out, walk

rule = Rule(code="LOS008", severity="warning")

RECTIFIERS = ("torch.nn.ReLU", "torch.relu", "torch.nn.functional.relu", "torch.Tensor.relu", "torch.nn.ReLU6")
SCORING = ("cross_entropy", "binary_cross_entropy_with_logits")
READERS = ("torch.nn.Embedding", "torch.nn.EmbeddingBag")


@rule.check
def rectified(use: Application, facts: Facts) -> Iterator[Finding]:
    given = use.inputs[0] if use.inputs else None
    scores = given.source if given is not None else None
    if use.path not in RECTIFIERS or not use.returned or use.owner is None or not isinstance(use.node, ast.Call):
        return
    if scores is None or scores.path != "torch.nn.Linear" or scores.layer is None or scores.returned:
        return
    if not (_only_there(scores, use.owner) and _sums_up(scores, facts)) or _is_built_on(use.owner, facts):
        return
    argument = use.node.args[0] if use.node.args else None
    if argument is None and isinstance(use.node.func, ast.Attribute):
        argument = use.node.func.value
    yield Finding(
        use.node,
        "the scores of a classifier go through a ReLU, which makes all negative ones alike",
        because=(Reason(scores.node, "the scores are made here"),),
        fix=Fix(
            "Return the scores as they are",
            (Replace(use.node, facts.source(argument)),),
            Claim.CHANGES,
            "unsafe",
            subject=use.owner.name,
            reference="logits are not clipped",
        )
        if argument is not None
        else None,
    )


@rule.check
def judged_as_scores(judged: Judged, facts: Facts) -> Iterator[Finding]:
    if judged.loss not in SCORING or not judged.makers:
        return
    for maker in judged.makers:
        given = maker.inputs[0] if maker.inputs else None
        scores = given.source if given is not None else None
        if maker.path not in RECTIFIERS or scores is None or scores.path != "torch.nn.Linear":
            return
    for maker in judged.makers:
        change = leave_out(maker, facts)
        yield Finding(
            maker.layer.node if maker.layer is not None else maker.node,
            "the loss takes scores, and a ReLU makes all negative ones alike",
            because=(Reason(judged.use.node, "the loss takes them here"),),
            fix=Fix(
                "Leave out the ReLU",
                (change,),
                Claim.CHANGES,
                "unsafe",
                subject=facts.subject(maker.node),
                reference="logits are not clipped",
            )
            if change is not None
            else None,
        )


def _only_there(scores: Application, owner: PageClass) -> bool:
    """Whether the width of the scores is a parameter of the constructor that is used for nothing else."""
    width = str(scores.settings.get("out_features"))
    init = owner.methods.get("__init__")
    if init is None or width not in {argument.arg for argument in init.node.args.args[1:]}:
        return False
    return sum(isinstance(node, ast.Name) and node.id == width for node in walk(init.node)) == 1


def _sums_up(scores: Application, facts: Facts) -> bool:
    """Whether what is scored was read from indices and has lost an axis since: one vector for each text."""
    made = scores.shape()
    waiting, seen = [scores], set()
    while waiting:
        each = waiting.pop()
        for tensor in each.inputs:
            source = tensor.source if tensor is not None else None
            if source is None or source in seen:
                continue
            seen.add(source)
            if source.path in READERS:
                read = source.outputs[0].shape
                return read is not None and made is not None and len(read.dims) > len(made.dims)
            waiting.append(source)
    return False


def _is_built_on(owner: PageClass, facts: Facts) -> bool:
    """Whether another class of the page makes one of these or derives from it."""
    return any(
        isinstance(node, ast.Name) and node.id == owner.name
        for other in facts.of(PageClass)
        if other.node is not owner.node
        for node in walk(other.node)
    )
