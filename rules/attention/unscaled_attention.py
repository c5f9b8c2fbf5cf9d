"""Attention scores that are not divided by the square root of their width.

A sum of d products of independent terms grows with the square root of d. Unscaled scores push the softmax to where one
weight is nearly one and no gradient flows; Vaswani et al. (2017, section 3.2.1) therefore divide them by the root of
the width.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F


class Attend(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.ask = nn.Linear(width, width)
        self.offer = nn.Linear(width, width)
        self.tell = nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.ask(x), self.offer(x), self.tell(x)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)), dim=-1)
        return torch.bmm(weights, v)


attend, x = Attend(8), torch.randn(2, 5, 8)
want = F.scaled_dot_product_attention(attend.ask(x), attend.offer(x), attend.tell(x))
assert torch.allclose(attend(x), want, atol=1e-6)
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F


class Attend(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.ask = nn.Linear(width, width)
        self.offer = nn.Linear(width, width)
        self.tell = nn.Linear(width, width)

    def forward(self, x):
        q, k, v = self.ask(x), self.offer(x), self.tell(x)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)) / self.width ** 0.5, dim=-1)
        return torch.bmm(weights, v)


attend, x = Attend(8), torch.randn(2, 5, 8)
want = F.scaled_dot_product_attention(attend.ask(x), attend.offer(x), attend.tell(x))
assert torch.allclose(attend(x), want, atol=1e-6)
```

Only scores between two linear maps count, and only where everything from there to the softmax is known: scores between
raw states (Luong et al. 2015) or normalised vectors, a learned temperature and queries that were scaled before are
another design. The fix changes what a trained model computes, so it is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Attention, Claim, Facts, Finding, Fix, Reason, Replace, Rule, spell_width

rule = Rule(code="ATN001", severity="warning")


@rule.check
def unscaled(attention: Attention, facts: Facts) -> Iterator[Finding]:
    if not attention.is_projected or not attention.plain or attention.scales:
        return
    width = attention.scores.width
    yield Finding(
        attention.scores.application.node,
        f"attention scores are not divided by the square root of their width{f' {width}' if width else ''}",
        because=(Reason(attention.softmax.node, "goes into the softmax here"),),
        fix=_scaled(attention, facts),
    )


def _scaled(attention: Attention, facts: Facts) -> Fix | None:
    node = attention.scores.application.node
    if not isinstance(node, ast.expr):
        return None
    width = spell_width(attention.scores.width, node, attention.instance, facts, _left(node, facts))
    if width is None:
        return None
    return Fix(
        f"Divide by `{width} ** 0.5`",
        (Replace(node, f"{facts.source(node)} / {width} ** 0.5"),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(node),
        reference=attention.reference,
    )


def _left(node: ast.expr, facts: Facts) -> str:
    """The left operand of a product, whose last axis is summed over, if it is."""
    match node:
        case ast.BinOp(left=left) | ast.Call(args=[left, _]):
            return facts.source(left)
        case ast.Call(func=ast.Attribute(value=left), args=[_]):
            return facts.source(left)
    return ""
