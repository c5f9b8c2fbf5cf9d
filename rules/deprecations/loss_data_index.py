"""A tensor without axes that is indexed: `loss.data[0]`.

A loss is a single number, a tensor without axes since torch 0.4, and nothing can be taken out of it by index. `item()`
gives the number.

```python wrong
import torch
import torch.nn.functional as F

loss = F.cross_entropy(torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 2, 0]))
print(loss.data[0])
```

```python right
import torch
import torch.nn.functional as F

loss = F.cross_entropy(torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 2, 0]))
print(loss.item())
```
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Replace, Rule, is_certain

rule = Rule(code="DEP003", severity="error", over=("SHP007", "SHP016", "GRD003"))


@rule.check
def number_indexed(clash: Clash, facts: Facts) -> Iterator[Finding]:
    node, given = clash.node, clash.input
    if not isinstance(node, ast.Subscript) or clash.axis != "rank" or clash.got != 0 or clash.condition is not None:
        return
    if not isinstance(node.ctx, ast.Load) or not _is_zero(node.slice) or given is None or not is_certain(given):
        return
    owner = node.value
    if isinstance(owner, ast.Attribute) and owner.attr == "data":
        owner = owner.value
    right = f"{facts.source(owner)}.item()"
    yield Finding(
        node,
        f"`{facts.source(node)}` indexes a single number; use `{right}`",
        because=facts.origin(clash),
        fix=Fix(f"Use `{right}`", (Replace(node, right),), Claim.REPAIRS, subject=facts.subject(node)),
    )


def _is_zero(index: ast.expr) -> bool:
    return isinstance(index, ast.Constant) and index.value in (0, -1) and not isinstance(index.value, bool)
