"""Heads that are copies of one projection instead of slices of it.

Multi-head attention cuts queries, keys and values into heads, each of which looks at features of its own (Vaswani et
al., 2017). Repeating the whole projection once for each head gives heads that all see the same, and takes a batch of
sentences for something with one axis too many.

```python wrong
import torch
import torch.nn as nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, width)
        self.offer = nn.Linear(width, width)
        self.carry = nn.Linear(width, width)
        self.merge = nn.Linear(width, width)

    def forward(self, x):
        q = self.ask(x).unsqueeze(1).repeat(1, self.heads, 1)
        k = self.offer(x).unsqueeze(1).repeat(1, self.heads, 1)
        v = self.carry(x).unsqueeze(1).repeat(1, self.heads, 1)
        weights = torch.softmax(torch.bmm(q, k.transpose(1, 2)), dim=2)
        mixed = torch.bmm(weights, v).squeeze(1)
        return self.merge(mixed)


Attention(8, 2)(torch.randn(3, 5, 8))
```

```python right
import torch
import torch.nn as nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        assert width % heads == 0
        self.heads = heads
        self.ask = nn.Linear(width, width)
        self.offer = nn.Linear(width, width)
        self.carry = nn.Linear(width, width)
        self.merge = nn.Linear(width, width)

    def forward(self, x):
        q = self.ask(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        k = self.offer(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        v = self.carry(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        weights = torch.softmax(torch.matmul(q, k.transpose(-2, -1)) / q.size(-1) ** 0.5, dim=-1)
        mixed = torch.matmul(weights, v).transpose(1, 2).flatten(2)
        return self.merge(mixed)


Attention(8, 2)(torch.randn(3, 5, 8))
```

Keys and values that alone are repeated are shared between heads on purpose (multi-query attention).
"""

import ast
from collections.abc import Iterator

from lintml import (
    Application,
    Attention,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Insert,
    PageClass,
    Reason,
    Replace,
    Rule,
    SetArgument,
    Tensor,
    walk,
)

rule = Rule(
    code="ATN003",
    severity="error",
    over=("SHP005", "SHP006", "SHP007", "SHP013", "SHP016", "ATN001", "ATN002", "ATN004", "ATN005"),
)

REPEATING = ("torch.Tensor.repeat", "torch.Tensor.expand")
TURNING = ("torch.Tensor.transpose", "torch.transpose", "torch.Tensor.permute", "torch.permute")


@rule.check
def copies(attention: Attention, facts: Facts) -> Iterator[Finding]:
    operands = (attention.scores.left, attention.scores.right, attention.values)
    made = [_copied(tensor) for tensor in operands]
    calls = [_parts(each) for each in made if each is not None]
    if len(calls) != 3 or any(each is None for each in calls):
        return
    copied = [each for each in calls if each is not None]
    heads = {facts.source(count) for _, _, count in copied}
    owner = attention.softmax.owner
    if len(heads) != 1 or owner is None or len({id(call) for call, _, _ in copied}) != 3:
        return
    nodes = (attention.scores.application.node, attention.softmax.node, attention.mixture.application.node)
    yield Finding(
        copied[0][0],
        f"each of the {heads.pop()} heads is a copy of the whole projection, not a slice of it",
        because=(Reason(nodes[0], "all heads score the same here"),),
        fix=_slices(attention, copied, owner, facts),
        covers=(*(call for call, _, _ in copied[1:]), *nodes, *_divisions(owner)),
    )


def _copied(tensor: Tensor) -> Application | None:
    """The repetition that a tensor comes from, but for the order of its axes."""
    source = tensor.source
    while source is not None and source.path in TURNING and source.inputs[0] is not None:
        source = source.inputs[0].source
    return source if source is not None and source.path in REPEATING else None


def _parts(made: Application) -> tuple[ast.Call, ast.expr, ast.expr] | None:
    """The call ``X.unsqueeze(1).repeat(1, heads, 1)``, its X and its heads."""
    match made.node:
        case (
            ast.Call(
                func=ast.Attribute(
                    value=ast.Call(func=ast.Attribute(attr="unsqueeze", value=inner), args=[ast.Constant(value=1)])
                ),
                args=[_, count, *_],
            ) as call
        ) if not isinstance(count, ast.Constant):
            return call, inner, count
    return None


def _slices(
    attention: Attention, copied: list[tuple[ast.Call, ast.expr, ast.expr]], owner: PageClass, facts: Facts
) -> Fix | None:
    """The heads cut out of each projection, the scores of each scaled, and the heads put side by side again."""
    scores, mixture = attention.scores.application.node, attention.mixture.application.node
    softmax = attention.softmax
    if not (isinstance(scores, ast.Call) and isinstance(mixture, ast.Call)):
        return None
    if len(scores.args) != 2 or len(mixture.args) != 2 or attention.scales:
        return None
    changes: list[Change] = [
        Replace(call, f"{facts.source(inner)}.unflatten(-1, ({facts.source(count)}, -1)).transpose(1, 2)")
        for call, inner, count in copied
    ]
    product = facts.spell("torch.matmul", scores)
    left, right = scores.args
    turned = _untransposed(right)
    if turned is None or not isinstance(left, ast.Name):
        return None
    changes.append(
        Replace(
            scores,
            f"{product}({left.id}, {facts.source(turned)}.transpose(-2, -1)) / {left.id}.size(-1) ** 0.5",
        )
    )
    normalising = softmax.layer.node if softmax.layer is not None else softmax.node
    if not isinstance(normalising, ast.Call):
        return None
    changes.append(SetArgument(normalising, "-1", keyword="dim", position=0 if softmax.layer is not None else 1))
    changes += _merged(mixture, product, softmax, facts)
    changes += _guard(attention, copied[0][2], owner, facts)
    return Fix(
        "Cut each projection into heads",
        tuple(changes),
        Claim.CHANGES,
        "unsafe",
        owner.name,
        "torch.nn.MultiheadAttention",
    )


def _untransposed(node: ast.expr) -> ast.expr | None:
    match node:
        case ast.Call(func=ast.Attribute(attr="transpose", value=inner)):
            return inner
    return None


def _merged(mixture: ast.Call, product: str, softmax: Application, facts: Facts) -> list[Change]:
    """The product of weights and values, its heads side by side where an axis of one element was taken away."""
    arguments = ", ".join(facts.source(each) for each in mixture.args)
    squeeze = _squeezed(mixture, softmax, facts)
    together = ".transpose(1, 2).flatten(2)"
    if squeeze is None:
        return [Replace(mixture, f"{product}({arguments}){together}")]
    assert isinstance(squeeze.func, ast.Attribute)
    if squeeze.func.value is mixture:
        return [Replace(squeeze, f"{product}({arguments}){together}")]
    return [
        Replace(mixture, f"{product}({arguments})"),
        Replace(squeeze, f"{facts.source(squeeze.func.value)}{together}"),
    ]


def _squeezed(mixture: ast.Call, softmax: Application, facts: Facts) -> ast.Call | None:
    """The call that takes axis 1 away from the product, directly or from the name that it is given."""
    targets = getattr(facts.statement(mixture), "targets", [])
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    for node in walk(softmax.function) if softmax.function is not None else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="squeeze", value=inner), args=[ast.Constant(value=1)]):
                if inner is mixture or (isinstance(inner, ast.Name) and inner.id in names):
                    return node
    return None


def _guard(attention: Attention, count: ast.expr, owner: PageClass, facts: Facts) -> list[Change]:
    """An assertion in the constructor that the heads divide the width, unless it asks already."""
    init = owner.methods.get("__init__")
    instance = attention.instance
    if init is None or instance is None or init.owner is not owner or not isinstance(init.node, ast.FunctionDef):
        return []
    if any(isinstance(node, ast.Mod) for statement in init.node.body for node in ast.walk(statement)):
        return []
    held = instance.attributes.get(count.attr) if isinstance(count, ast.Attribute) else None
    width = facts.spell_size(attention.scores.width, init.node)
    heads = facts.spell_size(held, init.node) if held is not None else None
    first = next((s for s in init.node.body if "super" in ast.dump(s)), None)
    if width is None or heads is None or first is None:
        return []
    return [Insert(first, f"assert {width} % {heads} == 0", after=True)]


def _divisions(owner: PageClass) -> Iterator[ast.AST]:
    """The divisions in the constructor that give heads their width."""
    init = owner.methods.get("__init__")
    for node in walk(init.node) if init is not None else ():
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv):
            yield node
