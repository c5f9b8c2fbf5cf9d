"""A result taken apart into more or fewer names than it has values.

``output, _ = layer(x)`` is the habit of recurrent layers, which give a pair. Most layers give one tensor, and a tensor
is taken apart along its first axis: that fails, or, for a batch of exactly two, goes on with one example of it.

```python wrong
import torch
import torch.nn as nn


class Reader(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(width, 2, batch_first=True)
        self.out = nn.Linear(width, 3)

    def forward(self, x):
        encoded, _ = self.encoder(x)
        return self.out(encoded)


Reader(8)(torch.randn(5, 7, 8))
```

```python right
import torch
import torch.nn as nn


class Reader(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(width, 2, batch_first=True)
        self.out = nn.Linear(width, 3)

    def forward(self, x):
        encoded = self.encoder(x)
        return self.out(encoded)


Reader(8)(torch.randn(5, 7, 8))
```

Only layers of torch and classes and functions of the document are looked at, where every way out of them gives the same
number of values. The fix keeps the one name that is used further on; where several are, there is none.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Reason, Replace, Rule, Unpacking, walk

rule = Rule(code="SNP007", severity="error")


@rule.check
def wrong_number(unpacking: Unpacking, facts: Facts) -> Iterator[Finding]:
    if facts.guarded(unpacking.target):
        return
    got = "one tensor" if unpacking.got is None else f"{unpacking.got} values"
    made = unpacking.made_by
    if isinstance(unpacking.target, ast.Attribute):
        yield Finding(
            unpacking.target,
            f"`{facts.source(unpacking.call.func)}` gives {got}, and a tuple of them has no `{unpacking.target.attr}`",
            because=(Reason(made, "what is called"),) if made is not None else (),
        )
        return
    yield Finding(
        unpacking.target,
        f"`{facts.source(unpacking.call.func)}` gives {got}, which is unpacked into {unpacking.want} names",
        because=(Reason(made, "what is called"),) if made is not None else (),
        fix=_take_whole(unpacking, facts) if unpacking.got is None else None,
    )


def _take_whole(unpacking: Unpacking, facts: Facts) -> Fix | None:
    """One name for the whole tensor: the one that is read afterwards, the first if none is."""
    targets = [] if isinstance(unpacking.target, ast.Attribute) else unpacking.target.elts
    used = [each for each in targets if not isinstance(each, ast.Name) or _is_read(each, facts)]
    if len(used) > 1 or not targets:
        return None
    kept = facts.source((used or targets)[0])
    return Fix(
        f"Take the tensor whole: `{kept}`",
        (Replace(unpacking.target, kept),),
        Claim.REPAIRS,
        "unsafe",
        subject=facts.subject(unpacking.target),
    )


def _is_read(name: ast.Name, facts: Facts) -> bool:
    """Whether a name is read where it is known: in its function, else anywhere on the page."""
    around = next((each for each in facts.parents(name) if isinstance(each, (ast.FunctionDef, ast.Lambda))), None)
    trees = [around] if around is not None else [s.tree for s in facts.page.snippets if s.tree is not None]
    return any(
        isinstance(node, ast.Name) and node.id == name.id and isinstance(node.ctx, ast.Load)
        for tree in trees
        for node in walk(tree)
    )
