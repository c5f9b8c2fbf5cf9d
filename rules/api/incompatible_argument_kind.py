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

Functions of torch take tensors, and a width is a number of Python's:

```python wrong
import torch


def attention(queries, keys, values):
    scores = queries @ keys.transpose(-2, -1) / torch.sqrt(queries.size(-1))
    return torch.softmax(scores, dim=-1) @ values


attention(*torch.randn(3, 2, 5, 8))
```

```python right
import math
import torch


def attention(queries, keys, values):
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.size(-1))
    return torch.softmax(scores, dim=-1) @ values


attention(*torch.randn(3, 2, 5, 8))
```

A stack of layers takes a layer, and not its sizes:

```python wrong
import torch.nn as nn

encoder = nn.TransformerEncoder(16, 4)
```

```python right
import torch.nn as nn

encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4), num_layers=1)
```

A parameter of a constructor counts as a number where a layer is made with it.
"""

import ast
from collections.abc import Iterator

from lintml import (
    AddImport,
    Application,
    Change,
    Claim,
    Clash,
    Facts,
    Finding,
    Fix,
    Invocation,
    Reason,
    Replace,
    Rule,
    is_number,
    stack_of_layers,
)

rule = Rule(
    code="API007",
    severity="error",
    over=("API004", "API005", "SHP001", "SHP004", "SHP006", "SHP007", "SHP013", "SHP014", "SHP016"),
)

EMBEDDINGS = ("torch.nn.Embedding", "torch.nn.EmbeddingBag")
STACKS = ("torch.nn.TransformerEncoder", "torch.nn.TransformerDecoder")
# Functions of one tensor that Python's math has for numbers.
OF_NUMBERS = frozenset("sqrt exp log log2 log10 sin cos tan tanh floor ceil".split())


@rule.check
def number_for_tensor(made: Invocation, facts: Facts) -> Iterator[Finding]:
    call, (namespace, _, name) = made.node, made.path.rpartition(".")
    if namespace != "torch" or name not in OF_NUMBERS or len(call.args) != 1 or call.keywords or made.spread:
        return
    (argument,), (value,) = call.args, made.arguments
    counted = isinstance(argument, ast.Call) and facts.path(argument.func) == "builtins.len"
    if not (counted or is_number(value, facts)) or facts.guarded(call):
        return
    changes: tuple[Change, ...] = (Replace(call.func, f"math.{name}"),)
    if not any(index <= facts.snippet(call).index for index in facts.names.bound.get("math", ())):
        changes += (AddImport(call, "import math"),)
    yield Finding(
        call,
        f"`{name}` of torch takes a tensor, and `{facts.source(argument)}` is a number",
        fix=Fix(f"Use `math.{name}`", changes, Claim.REPAIRS, subject=facts.subject(call)),
    )


@rule.check
def sizes_for_layer(made: Invocation, facts: Facts) -> Iterator[Finding]:
    call = made.node
    if made.path not in STACKS or made.spread or not made.arguments or not is_number(made.arguments[0], facts):
        return
    written = stack_of_layers(call, made.path, facts)
    yield Finding(
        call,
        f"`{made.path.rpartition('.')[2]}` stacks a layer that is made, and `{facts.source(call.args[0])}` is a number",
        fix=Fix("Make the layer that it stacks", (written,), Claim.REPAIRS, "unsafe", subject=facts.subject(call))
        if written is not None
        else None,
    )


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
