"""torch.bmm given something that is not a batch of matrices.

``torch.bmm`` multiplies two tensors of exactly three axes. Two axes are the business of ``torch.mm``; more, of
``torch.matmul``, which takes any number of leading axes.

```python wrong
import torch

scores = torch.randn(2, 4, 5, 6)
values = torch.randn(2, 4, 6, 3)
mixed = torch.bmm(scores, values)
```

```python right
import torch

scores = torch.randn(2, 4, 5, 6)
values = torch.randn(2, 4, 6, 3)
mixed = torch.matmul(scores, values)
```

An operand whose number of axes depends on the caller is only reported where no number of axes would do.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Clash, Facts, Finding, Fix, Replace, Rule

rule = Rule(code="SHP005", severity="error", over=("SHP007",))

BATCHED = ("torch.bmm", "torch.Tensor.bmm")


@rule.check
def not_a_batch(clash: Clash, facts: Facts) -> Iterator[Finding]:
    node = clash.node
    if clash.operator not in BATCHED or clash.axis != "rank" or not isinstance(node, ast.Call):
        return
    operands = _operands(node)
    if operands is None:
        return
    operand = operands[clash.position]
    shape = clash.shapes[clash.position]
    yield Finding(
        node,
        f"torch.bmm needs two 3-D tensors; `{facts.source(operand)}` is {clash.got}-D: {shape}",
        because=facts.origin(clash),
        fix=_matmul(clash, facts, node),
    )


def _operands(node: ast.Call) -> tuple[ast.expr, ast.expr] | None:
    if len(node.args) == 2 and not node.keywords:
        return node.args[0], node.args[1]
    if len(node.args) == 1 and isinstance(node.func, ast.Attribute):
        return node.func.value, node.args[0]
    return None


def _matmul(clash: Clash, facts: Facts, node: ast.Call) -> Fix | None:
    """torch.matmul in place of bmm, where it takes these shapes."""
    if len(node.args) != 2 or not facts.would_fit("torch.matmul", clash.shapes):
        return None
    name = facts.spell("torch.matmul", node)
    return Fix(
        f"Use `{name}`",
        (Replace(node.func, name),),
        Claim.REPAIRS,
        "unsafe",
        subject=clash.owner.name if clash.owner else "",
    )
