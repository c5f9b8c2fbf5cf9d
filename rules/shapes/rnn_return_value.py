"""What a recurrent layer or a choice of elements gives, a pair, taken for a tensor.

``nn.LSTM``, ``nn.GRU`` and ``nn.RNN`` give a pair, the outputs of all steps and the last state, and so does
``nn.MultiheadAttention``. An operator that is given the pair raises, and so does a subscript or a method that only a
tensor has.

```python wrong
import torch
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, width, states, tags):
        super().__init__()
        self.rnn = nn.GRU(width, states)
        self.out = nn.Linear(states, tags)

    def forward(self, x):
        y = self.rnn(x)
        return self.out(y)


Tagger(4, 6, 3)(torch.randn(5, 2, 4))
```

```python right
import torch
import torch.nn as nn


class Tagger(nn.Module):
    def __init__(self, width, states, tags):
        super().__init__()
        self.rnn = nn.GRU(width, states)
        self.out = nn.Linear(states, tags)

    def forward(self, x):
        y, _ = self.rnn(x)
        return self.out(y)


Tagger(4, 6, 3)(torch.randn(5, 2, 4))
```

So do ``max``, ``min``, ``sort``, ``topk`` and their like along an axis: what they chose, and where it stood.

```python wrong
import torch

x = torch.randn(4, 5)
shifted = x - x.max(dim=1, keepdim=True)
```

```python right
import torch

x = torch.randn(4, 5)
shifted = x - x.max(dim=1, keepdim=True).values
```

Only the state of an LSTM is a pair of its own:

```python wrong
import torch
import torch.nn as nn

rnn = nn.GRU(4, 6)
y, (h, c) = rnn(torch.randn(5, 2, 4))
print(h.shape)
```

```python right
import torch
import torch.nn as nn

rnn = nn.GRU(4, 6)
y, h = rnn(torch.randn(5, 2, 4))
print(h.shape)
```
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Misuse, Reason, Replace, Rule, walk

rule = Rule(code="SHP011", severity="error")


@rule.check
def taken_for_a_tensor(misuse: Misuse, facts: Facts) -> Iterator[Finding]:
    if facts.guarded(misuse.node):
        return
    name = misuse.made.path.rpartition(".")[2]
    if misuse.state:
        message, fix = f"the state of {name} is one tensor; only that of an LSTM is a pair", _one_state(misuse, facts)
    else:
        message, fix = f"{name} gives a pair, which is used as one tensor here", _take_the_first(misuse, facts)
    made = misuse.made.layer.node if misuse.node is misuse.made.node and misuse.made.layer else misuse.made.node
    yield Finding(misuse.node, message, because=(Reason(made, "they come from here"),), fix=fix)


def _one_state(misuse: Misuse, facts: Facts) -> Fix | None:
    """The first name for the whole state, where nothing uses the others."""
    if not isinstance(misuse.node, (ast.Tuple, ast.List)):
        return None
    first, *others = misuse.node.elts
    if not isinstance(first, ast.Name) or not all(isinstance(each, ast.Name) for each in others):
        return None
    dropped = {each.id for each in others if isinstance(each, ast.Name)}
    if any(node.id in dropped and isinstance(node.ctx, ast.Load) for node in _names(misuse.node, facts)):
        return None
    return _fix("Give the whole state one name", misuse.node, first.id, facts)


def _take_the_first(misuse: Misuse, facts: Facts) -> Fix | None:
    """The outputs alone: by a second name where all are unpacked, by an index where the call is used on the spot."""
    call = misuse.made.node
    if call is misuse.node or not isinstance(call, ast.Call):
        return None
    around = next(facts.parents(call))
    if isinstance(around, ast.Assign):
        target = around.targets[0]
        if len(around.targets) > 1 or not isinstance(target, ast.Name) or not _always_misused(around, target, facts):
            return None
        return _fix("Unpack the pair", target, f"{target.id}, _", facts)
    if not any(inner is call for inner in walk(misuse.node)):
        return None
    if misuse.made.layer is None:
        return _fix("Take the values alone", call, f"{facts.source(call)}.values", facts, safe=False)
    return _fix("Take the outputs alone", call, f"{facts.source(call)}[0]", facts)


def _always_misused(assigned: ast.Assign, target: ast.Name, facts: Facts) -> bool:
    """Whether every use of a name, up to its next assignment, takes the results for one tensor."""
    misused = [node for each in facts.of(Misuse) for node in walk(each.node)]
    uses = [node for node in _names(assigned, facts) if node.id == target.id and node is not target]
    if sum(isinstance(node.ctx, ast.Store) for node in uses if node not in misused) > 1:
        return False
    later = sorted(
        (node for node in uses if node.lineno > (assigned.end_lineno or assigned.lineno)),
        key=lambda node: (node.lineno, isinstance(node.ctx, ast.Store), node.col_offset),
    )
    for node in later:
        if isinstance(node.ctx, ast.Store):
            return True
        if node not in misused:
            return False
    return bool(later)


def _names(near: ast.AST, facts: Facts) -> list[ast.Name]:
    """The names in the function that a node stands in, or in its snippet and those after it."""
    around = next((each for each in facts.parents(near) if isinstance(each, (ast.FunctionDef, ast.Lambda))), None)
    if around is not None:
        return [node for node in walk(around) if isinstance(node, ast.Name)]
    trees = [snippet.tree for snippet in facts.page.snippets if snippet.tree is not None]
    return [node for tree in trees for node in walk(tree) if isinstance(node, ast.Name)]


def _fix(title: str, node: ast.AST, text: str, facts: Facts, *, safe: bool = True) -> Fix:
    return Fix(title, (Replace(node, text),), Claim.REPAIRS, "safe" if safe else "unsafe", facts.subject(node))
