"""A function or class of torch that is deprecated.

What is deprecated still runs, most often with a warning, and is gone in some later version. Where torch has a
replacement in the version that the document is written for, it is named; where the same call works with it, the fix is
safe.

```python wrong
import torch
import torch.nn.functional as F

image = F.upsample(torch.randn(1, 3, 4, 4), scale_factor=2)
```

```python right
import torch
import torch.nn.functional as F

image = F.interpolate(torch.randn(1, 3, 4, 4), scale_factor=2)
```

The initialisers without an underscore at the end are deprecated too.

```python wrong
from torch import nn
from torch.nn.init import xavier_uniform

layer = nn.Linear(8, 3)
xavier_uniform(layer.weight)
```

```python right
from torch import nn
from torch.nn.init import xavier_uniform_

layer = nn.Linear(8, 3)
xavier_uniform_(layer.weight)
```

In-place arithmetic once took its factor before the tensor.

```python wrong
import torch

weight, gradient = torch.zeros(2), torch.ones(2)
weight.add_(-0.1, gradient)
```

```python right
import torch

weight, gradient = torch.zeros(2), torch.ones(2)
weight.add_(gradient, alpha=-0.1)
```

Where only the documentation says that a function is deprecated, and where a private name has a public one by now, it is
a note.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Outdated,
    PageClass,
    RemoveArgument,
    Rule,
    SetArgument,
    renewed,
    since,
)

rule = Rule(code="DEP002", severity="warning", over=("GRD003",))

# In-place methods that took a factor first: how many arguments they then have, and what the factor is called now.
FACTOR_FIRST = {"add_": (2, "alpha"), "sub_": (2, "alpha"), "addcmul_": (3, "value"), "addcdiv_": (3, "value")}


@rule.check
def still_there(outdated: Outdated, facts: Facts) -> Iterator[Finding]:
    change = outdated.change
    new = change.replacement.new if change.replacement else ""
    if (
        change.state not in ("deprecated", "private")
        or facts.guarded(outdated.node, new)
        or facts.silenced(outdated.node)
    ):
        return
    replacement = change.replacement
    if change.quiet and replacement is None:
        return
    if change.state == "private":
        message = f"`{outdated.path}` is private; use `{new}`{since(new)}"
    else:
        note = f" ({replacement.note})" if replacement and replacement.note else ""
        advice = f"; use `{new}`{since(new)}" if new else _own_words(change.message)
        when = f" since {change.release}" if change.release else ""
        message = f"`{outdated.path}` is deprecated{when}{advice}{note}"
    yield Finding(
        outdated.call if outdated.method and outdated.call is not None else outdated.node,
        message,
        fix=renewed(outdated, facts),
        severity="info" if change.quiet else None,
        covers=outdated.uses,
    )


@rule.check
def factor_first(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name not in FACTOR_FIRST or any(name in each.methods for each in facts.of(PageClass)) or facts.guarded(call):
        return
    count, keyword = FACTOR_FIRST[name]
    if len(call.args) != count or call.keywords or any(isinstance(each, ast.Starred) for each in call.args):
        return
    factor, *rest = (facts.source(each) for each in call.args)
    shifted: list[Change] = [SetArgument(call, text, position=at) for at, text in enumerate(rest)]
    shifted += [RemoveArgument(call, position=count - 1), SetArgument(call, factor, keyword=keyword)]
    yield Finding(
        call,
        f"`{name}` with the factor before the tensor is deprecated; write `{keyword}={factor}` behind it",
        fix=Fix(f"Write `{keyword}=`", tuple(shifted), Claim.SAME, subject=facts.subject(call)),
    )


def _own_words(message: str) -> str:
    """What torch itself advises, its first sentence."""
    advice = next((part for part in message.split(". ") if "deprecated" not in part), "")
    return f": {advice.strip().rstrip('.')}" if advice else ""
