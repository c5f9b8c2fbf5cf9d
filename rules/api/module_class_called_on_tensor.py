"""A layer or loss class that is given a tensor where its settings belong.

`nn.MSELoss(output, target)` makes a loss with odd settings, or fails while it tries; it computes nothing. A class of
`torch.nn` is made first and called then, or its function in `torch.nn.functional` is called at once.

```python wrong
import torch
import torch.nn as nn

loss = nn.MSELoss(torch.randn(4), torch.randn(4))
```

```python right
import torch
import torch.nn as nn

loss = nn.MSELoss()(torch.randn(4), torch.randn(4))
```

A layer without weights is best replaced by its function.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 3)

    def forward(self, x):
        return nn.LogSoftmax(self.score(x), dim=1)


F.nll_loss(Head()(torch.randn(4, 8)), torch.tensor([0, 2, 1, 1]))
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(8, 3)

    def forward(self, x):
        return F.log_softmax(self.score(x), dim=1)


F.nll_loss(Head()(torch.randn(4, 8)), torch.tensor([0, 2, 1, 1]))
```

Weights are tensors by right: `nn.CrossEntropyLoss(weight)` is let pass.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Invocation, PageClass, Replace, Rule, Tensor, is_certain, lookup

rule = Rule(code="API006", severity="error", over=("API004", "API005", "API007"))

FUNCTIONS = {
    "ReLU": "relu", "ReLU6": "relu6", "LeakyReLU": "leaky_relu", "ELU": "elu", "SELU": "selu", "CELU": "celu",
    "GELU": "gelu", "SiLU": "silu", "Mish": "mish", "Softplus": "softplus", "Softsign": "softsign",
    "Sigmoid": "sigmoid", "Tanh": "tanh", "LogSigmoid": "logsigmoid", "Hardswish": "hardswish",
    "Hardsigmoid": "hardsigmoid", "Hardtanh": "hardtanh", "Tanhshrink": "tanhshrink", "Softmax": "softmax",
    "LogSoftmax": "log_softmax", "Softmin": "softmin", "MaxPool1d": "max_pool1d", "MaxPool2d": "max_pool2d",
    "MaxPool3d": "max_pool3d", "AvgPool1d": "avg_pool1d", "AvgPool2d": "avg_pool2d", "AvgPool3d": "avg_pool3d",
    "AdaptiveAvgPool1d": "adaptive_avg_pool1d", "AdaptiveAvgPool2d": "adaptive_avg_pool2d",
    "AdaptiveMaxPool2d": "adaptive_max_pool2d",
}  # fmt: skip
AUTOGRAD = ("torch.autograd.Function", "torch.autograd.function.Function")
CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList")
# Those that are made and called: losses have settings of their own, and dropout must know whether it is trained.
MADE_FIRST = frozenset(
    """MSELoss L1Loss SmoothL1Loss HuberLoss CrossEntropyLoss NLLLoss BCELoss BCEWithLogitsLoss KLDivLoss
    CosineEmbeddingLoss HingeEmbeddingLoss MarginRankingLoss MultiMarginLoss SoftMarginLoss TripletMarginLoss
    PoissonNLLLoss GaussianNLLLoss CTCLoss Dropout Dropout1d Dropout2d Dropout3d AlphaDropout Flatten""".split()
)


@rule.check
def called_on_tensor(made: Invocation, facts: Facts) -> Iterator[Finding]:
    name = made.path.rpartition(".")[2]
    given = tuple(i for i, each in enumerate(made.arguments) if isinstance(each, Tensor) and is_certain(each))
    if not given or made.spread or (name not in FUNCTIONS and name not in MADE_FIRST):
        return
    known = lookup(made.path)
    if known is None or known.kind != "class" or facts.guarded(made.node):
        return
    slots = [slot.annotation.split("|") for each in known.at(facts.page.version) for slot in each.slots]
    if all(at < len(slots) and "Tensor" in slots[at] for at in given):
        return
    function = _function(name)
    instead = f", or use `{facts.spell(function, made.node)}`" if function else ""
    yield Finding(
        made.node,
        f"`{name}` is a class, and its settings are no tensors: make it first{instead}",
        fix=_fix(made.node, function, facts) or _made_first(made.node, made.path, given, facts),
    )


@rule.check
def class_for_a_layer(made: Invocation, facts: Facts) -> Iterator[Finding]:
    """A class of torch where a container wants a layer: ``nn.Sequential(nn.Linear(8, 3), nn.ReLU)``."""
    if made.path not in CONTAINERS or made.spread:
        return
    given = made.node.args
    if made.path == "torch.nn.ModuleList":
        given = given[0].elts if len(given) == 1 and isinstance(given[0], ast.List) else []
    for each in given:
        path = facts.path(each) or ""
        known = lookup(path) if path.startswith("torch.nn.") else None
        if known is None or known.kind != "class" or facts.guarded(each):
            continue
        text = f"{facts.source(each)}()"
        fits = known.mismatch(0, (), facts.page.version) is None
        fix = Fix(f"Write `{text}`", (Replace(each, text),), Claim.REPAIRS, subject=facts.subject(each))
        yield Finding(
            each, f"`{path.rpartition('.')[2]}` is a class here, not a layer of it", fix=fix if fits else None
        )


@rule.check
def autograd_function_made(made: Invocation, facts: Facts) -> Iterator[Finding]:
    """A class derived from torch's ``Function`` that is called itself: what it computes comes from ``apply``."""
    cls = made.called
    if not isinstance(cls, PageClass) or cls.torch_base not in AUTOGRAD or not cls.is_plain or not made.node.args:
        return
    own = {"__init__", "__new__", "__call__"} & cls.methods.keys()
    if own or facts.guarded(made.node):
        return
    text = f"{facts.source(made.node.func)}.apply"
    fix = Fix(f"Write `{text}`", (Replace(made.node.func, text),), Claim.REPAIRS, subject=facts.subject(made.node))
    yield Finding(made.node, f"`{cls.name}` is never made: it computes by `{text}`", fix=fix)


def _function(name: str) -> str:
    if name in ("Sigmoid", "Tanh"):
        return f"torch.{FUNCTIONS[name]}"
    return f"torch.nn.functional.{FUNCTIONS[name]}" if name in FUNCTIONS else ""


def _fix(call: ast.Call, path: str, facts: Facts) -> Fix | None:
    """The function in the class's place, where it takes the same arguments."""
    keywords = [each.arg for each in call.keywords if each.arg is not None]
    function = lookup(path) if path else None
    if function is None or function.mismatch(len(call.args), keywords, facts.page.version) is not None:
        return None
    spelt = facts.spell(path, call)
    return Fix(f"Write `{spelt}`", (Replace(call.func, spelt),), Claim.REPAIRS, "unsafe", facts.subject(call))


def _made_first(call: ast.Call, path: str, tensors: tuple[int, ...], facts: Facts) -> Fix | None:
    """The layer made of its other arguments, then called on the tensors."""
    inputs = [facts.source(call.args[at]) for at in tensors]
    settings = [facts.source(each) for at, each in enumerate(call.args) if at not in tensors]
    count = len(settings)
    settings += [f"{each.arg}={facts.source(each.value)}" for each in call.keywords]
    known = lookup(path)
    keywords = [each.arg for each in call.keywords if each.arg is not None]
    if known is None or known.mismatch(count, keywords, facts.page.version) is not None:
        return None
    text = f"{facts.source(call.func)}({', '.join(settings)})({', '.join(inputs)})"
    return Fix("Make it, then call it", (Replace(call, text),), Claim.REPAIRS, "unsafe", facts.subject(call))
