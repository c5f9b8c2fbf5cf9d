"""A layer that takes the batch second, in code that has it first.

Recurrent layers, ``nn.MultiheadAttention`` and the transformer layers read ``(steps, batch, features)`` unless they are
made with ``batch_first=True``. Given ``(batch, steps, features)`` they run all the same: each step is taken for an
example and each example for a step, and what one example gives depends on the others. Code that takes the last step
with ``[:, -1]``, or averages over axis 1, has the batch first.

```python wrong
import torch
import torch.nn as nn


class Sentiment(nn.Module):
    def __init__(self, words, width, states):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.rnn = nn.LSTM(width, states)
        self.out = nn.Linear(states, 2)

    def forward(self, text):
        steps, _ = self.rnn(self.embed(text))
        return self.out(steps[:, -1])


net = Sentiment(9, 4, 6)
text = torch.arange(6).view(2, 3)
assert torch.allclose(net(text)[1:], net(text[1:]), atol=1e-6)
```

```python right
import torch
import torch.nn as nn


class Sentiment(nn.Module):
    def __init__(self, words, width, states):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.rnn = nn.LSTM(width, states, batch_first=True)
        self.out = nn.Linear(states, 2)

    def forward(self, text):
        steps, _ = self.rnn(self.embed(text))
        return self.out(steps[:, -1])


net = Sentiment(9, 4, 6)
text = torch.arange(6).view(2, 3)
assert torch.allclose(net(text)[1:], net(text[1:]), atol=1e-6)
```

An initial state with as many rows as the input has steps is another sign of it. States are never batch first.
"""

import ast
from collections.abc import Iterator

from lintml import Application, Claim, Clash, Facts, Finding, Fix, Reason, Rule, SetArgument

rule = Rule(code="SHP012", severity="warning")

READERS = frozenset(
    f"torch.nn.{name}"
    for name in """LSTM GRU RNN MultiheadAttention TransformerEncoderLayer TransformerDecoderLayer TransformerEncoder
    TransformerDecoder Transformer""".split()
)
POOLING = frozenset(f"torch.{home}{name}" for name in ("mean", "sum", "amax", "max") for home in ("", "Tensor."))


@rule.check
def batch_taken_for_steps(application: Application, facts: Facts) -> Iterator[Finding]:
    use = _use_of_axis_1(application)
    if use is None:
        return
    given = application.inputs[0]
    reader = facts.through_values(given.source) if given is not None else None
    if reader is None or reader.path not in READERS or not reader.outputs or not _is_batch_second(reader, application):
        return
    layer = _maker(reader)
    if layer is None or any(each.axis == "batch_first" and each.layer is layer for each in facts.of(Clash)):
        return
    name = reader.path.rpartition(".")[2]
    yield Finding(
        layer,
        f"{name} is made with batch_first=False, so that axis 1 of its output is the batch, but {use}",
        because=(Reason(application.node, "here the batch is expected to be first"),),
        fix=_batch_first(layer, Claim.CHANGES, facts),
    )


@rule.check
def state_of_the_wrong_axis(clash: Clash, facts: Facts) -> Iterator[Finding]:
    if clash.axis != "batch_first" or clash.layer is None:
        return
    first = clash.application.settings.get("batch_first")
    name = clash.operator.rpartition(".")[2]
    yield Finding(
        clash.layer,
        f"{name} is made with batch_first={first}; it wants a state of {clash.want} rows, and gets {clash.got}",
        because=facts.origin(clash),
        fix=_batch_first(clash.layer, Claim.REPAIRS, facts) if first is False else None,
        severity="error",
    )


def _use_of_axis_1(application: Application) -> str | None:
    """What is done with axis 1 that is only ever done with steps; None if nothing."""
    if application.path == "torch.Tensor.__getitem__":
        match application.settings.get("items"):
            case (slice(start=None, stop=None, step=None), int(), *_):
                return "one step is taken of it"
        return None
    if application.path in POOLING and application.settings.get("dim") in (1, -2, (1,), (-2,)):
        return "the steps are pooled along it"
    return None


def _is_batch_second(reader: Application, use: Application) -> bool:
    shape, output = use.shape(), reader.outputs[0]
    if shape is None or shape.rest is not None or len(shape.dims) != 3 or _batch_first_of(reader) is not False:
        return False
    return use.inputs[0] is output or output.shape == shape


def _inner(reader: Application) -> object:
    """The layer that a stack is made of."""
    return reader.settings.get("encoder_layer", reader.settings.get("decoder_layer"))


def _batch_first_of(reader: Application) -> object:
    inner = _inner(reader)
    settings = getattr(inner, "settings", None) if inner is not None else reader.settings
    return settings.get("batch_first") if settings is not None else None


def _maker(reader: Application) -> ast.Call | None:
    """The call that says where the batch is."""
    inner = _inner(reader)
    node = getattr(inner, "node", None) if inner is not None else reader.layer and reader.layer.node
    return node if isinstance(node, ast.Call) else None


def _batch_first(layer: ast.Call, claim: Claim, facts: Facts) -> Fix:
    return Fix(
        "Make it with `batch_first=True`",
        (SetArgument(layer, "True", keyword="batch_first"),),
        claim,
        "unsafe",
        subject=facts.subject(layer),
    )
