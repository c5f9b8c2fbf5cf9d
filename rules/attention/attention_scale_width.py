"""Attention scores scaled by another width than the one that was summed over.

Each head sums over its own width, so its scores are divided by the root of that width. The root of the whole embedding
is too much by the root of the number of heads, and makes the weights nearly uniform.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F


class Heads(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        assert width % heads == 0
        self.width, self.heads, self.each = width, heads, width // heads
        self.queries = nn.Linear(width, width)
        self.keys = nn.Linear(width, width)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, self.each).transpose(1, 2)

    def forward(self, x):
        q, k = self.split(self.queries(x)), self.split(self.keys(x))
        scores = q @ k.transpose(-2, -1) / self.width ** 0.5
        return torch.softmax(scores, dim=-1) @ self.split(x)


heads, x = Heads(12, 3), torch.randn(2, 5, 12)
q, k, v = heads.split(heads.queries(x)), heads.split(heads.keys(x)), heads.split(x)
assert torch.allclose(heads(x), F.scaled_dot_product_attention(q, k, v), atol=1e-6)
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F


class Heads(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        assert width % heads == 0
        self.width, self.heads, self.each = width, heads, width // heads
        self.queries = nn.Linear(width, width)
        self.keys = nn.Linear(width, width)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, self.each).transpose(1, 2)

    def forward(self, x):
        q, k = self.split(self.queries(x)), self.split(self.keys(x))
        scores = q @ k.transpose(-2, -1) / self.each ** 0.5
        return torch.softmax(scores, dim=-1) @ self.split(x)


heads, x = Heads(12, 3), torch.randn(2, 5, 12)
q, k, v = heads.split(heads.queries(x)), heads.split(heads.keys(x)), heads.split(x)
assert torch.allclose(heads(x), F.scaled_dot_product_attention(q, k, v), atol=1e-6)
```

Only a width that is known to be a multiple of the one summed over, or a different number, is reported. A model that was
trained with its scale must keep it, so the fix is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Attention, Claim, Facts, Finding, Fix, Reason, Replace, Rule, multiple, spell_width

rule = Rule(code="ATN002", severity="warning")


@rule.check
def other_width(attention: Attention, facts: Facts) -> Iterator[Finding]:
    width, whole = attention.scores.width, attention.scaled_by
    if width is None or whole is None or not attention.plain or not multiple(whole, width):
        return
    for scale in attention.scales:
        yield Finding(
            scale.application.node,
            f"the scores are scaled by the root of {whole}, but sum {width} products",
            because=(Reason(attention.scores.application.node, "the scores"),),
            fix=_by_its_own(attention, facts),
        )


def _by_its_own(attention: Attention, facts: Facts) -> Fix | None:
    """The factor, where there is but one, in terms of the width that is summed over."""
    (scale, *others), node = attention.scales, attention.scores.application.node
    factor = _factor(scale.application.node)
    width = spell_width(attention.scores.width, node, attention.instance, facts)
    if factor is None or width is None or others:
        return None
    text = f"{width} ** {'0.5' if scale.divides else '-0.5'}"
    return Fix(
        f"Scale by `{text}`",
        (Replace(factor, text),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(node),
        reference=attention.reference,
    )


def _factor(node: ast.AST) -> ast.expr | None:
    """What a tensor is multiplied with or divided by: the right operand, or the one argument of a method."""
    match node:
        case ast.BinOp(right=factor) | ast.AugAssign(value=factor) | ast.Call(args=[factor]):
            return factor
    return None
