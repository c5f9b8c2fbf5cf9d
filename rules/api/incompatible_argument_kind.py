"""Indices given where an operator wants the features that they stand for.

A layer that multiplies features cannot take the numbers of words. Where the module embeds the same numbers for another
input, it has the layer at hand that turns them into features.

```python wrong
import torch
import torch.nn as nn


class Translator(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.decode = nn.TransformerDecoder(nn.TransformerDecoderLayer(width, nhead=2), num_layers=1)

    def forward(self, text):
        return self.decode(self.embed(text), text)


Translator(11, 4)(torch.zeros(5, 3, dtype=torch.long))
```

```python right
import torch
import torch.nn as nn


class Translator(nn.Module):
    def __init__(self, words, width):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.decode = nn.TransformerDecoder(nn.TransformerDecoderLayer(width, nhead=2), num_layers=1)

    def forward(self, text):
        return self.decode(self.embed(text), self.embed(text))


Translator(11, 4)(torch.zeros(5, 3, dtype=torch.long))
```

Which layer embeds them is a guess, so the fix is unsafe.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Clash, Facts, Finding, Fix, Reason, Replace, Rule

rule = Rule(
    code="API007", severity="error", over=("SHP001", "SHP004", "SHP006", "SHP007", "SHP013", "SHP014", "SHP016")
)

EMBEDDINGS = ("torch.nn.Embedding", "torch.nn.EmbeddingBag")


@rule.check
def indices_for_features(clash: Clash, facts: Facts) -> Iterator[Finding]:
    given, node = clash.input, clash.node
    if given is None or clash.condition is not None or not isinstance(node, ast.Call) or clash.operator in EMBEDDINGS:
        return
    embedding = next((each for each in facts.of(Application) if each.path in EMBEDDINGS and given in each.inputs), None)
    if embedding is None or clash.position >= len(node.args):
        return
    argument = node.args[clash.position]
    callers = tuple(Reason(call, "called with them here") for call in clash.callers[-1:])
    yield Finding(
        node,
        f"`{facts.source(argument)}` holds indices, and {clash.operator.rpartition('.')[2]} wants features",
        because=(Reason(embedding.node, "they are embedded here"), *callers),
        fix=_embed(embedding, clash, argument, facts),
    )


def _embed(embedding: Application, clash: Clash, argument: ast.expr, facts: Facts) -> Fix | None:
    call = embedding.node
    if not isinstance(call, ast.Call) or embedding.function is not clash.function:
        return None
    name = facts.source(call.func)
    return Fix(
        f"Embed them: `{name}`",
        (Replace(argument, f"{name}({facts.source(argument)})"),),
        Claim.REPAIRS,
        "unsafe",
        subject=facts.subject(clash.callers[-1] if clash.callers else clash.node),
    )
