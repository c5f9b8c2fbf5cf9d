"""A call of the document's own class or function with arguments that it does not take.

A class that a document defines in one place and uses in another drifts apart from its use: ``forward`` has got one more
input, the constructor lost a setting. Python only says so when the call is made.

```python wrong
import torch
import torch.nn as nn


class Bridge(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mix = nn.Bilinear(width, width, width)

    def forward(self, source, target):
        return self.mix(source, target)


class Tagger(nn.Module):
    def __init__(self, width, tags):
        super().__init__()
        self.bridge = Bridge(width)
        self.out = nn.Linear(width, tags)

    def forward(self, x):
        return self.out(self.bridge(x))


Tagger(8, 3)(torch.randn(2, 8))
```

```python right
import torch
import torch.nn as nn


class Bridge(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mix = nn.Bilinear(width, width, width)

    def forward(self, source, target):
        return self.mix(source, target)


class Tagger(nn.Module):
    def __init__(self, width, tags):
        super().__init__()
        self.bridge = Bridge(width)
        self.out = nn.Linear(width, tags)

    def forward(self, x):
        return self.out(self.bridge(x, x))


Tagger(8, 3)(torch.randn(2, 8))
```

Where a name is defined more than once, all definitions must refuse the call. What a further input should be is a guess,
so the fix is unsafe; where the missing argument is no input of a module there is none.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Misfit, Reason, Rule, SetArgument, walk

rule = Rule(code="SNP006", severity="error")


@rule.check
def wrong_arguments(misfit: Misfit, facts: Facts) -> Iterator[Finding]:
    if facts.guarded(misfit.node) or _is_handed_in(misfit.node, facts):
        return
    yield Finding(
        misfit.node,
        f"`{misfit.name}`, defined in this document, {_complaint(misfit)}",
        because=(Reason(misfit.called.node, "it is defined here"),),
        fix=_give_again(misfit, facts),
    )


def _is_handed_in(call: ast.Call, facts: Facts) -> bool:
    """Whether what is called is an argument of a function around: other callers may give another one."""
    around = [each for each in facts.parents(call) if isinstance(each, (ast.FunctionDef, ast.Lambda))]
    given = {each.arg for function in around for each in walk(function.args) if isinstance(each, ast.arg)}
    return isinstance(call.func, ast.Name) and call.func.id in given


def _complaint(misfit: Misfit) -> str:
    match misfit.mismatch.kind:
        case "too many":
            return f"takes {misfit.mismatch.limit} positional arguments, not {misfit.given}"
        case "unknown":
            return f"takes no argument `{misfit.mismatch.argument}`"
        case "twice":
            return f"gets `{misfit.mismatch.argument}` twice here"
    return f"also needs {' and '.join(f'`{name}`' for name in misfit.missing)}"


def _give_again(misfit: Misfit, facts: Facts) -> Fix | None:
    """The last input once more for each one that is missing, as where a sequence attends to itself."""
    call, owner = misfit.node, misfit.called.owner
    forward = owner is not None and owner.kind == "module" and misfit.called.node is owner.methods["forward"].node
    if misfit.mismatch.kind != "missing" or not forward or not misfit.tensors or not call.args or call.keywords:
        return None
    again = facts.source(call.args[-1])
    if not again.isidentifier() or misfit.called.node.args.kwonlyargs:
        return None
    places = range(len(call.args), len(call.args) + len(misfit.missing))
    return Fix(
        f"Pass `{again}` for {' and '.join(f'`{name}`' for name in misfit.missing)} too",
        tuple(SetArgument(call, again, position=at) for at in places),
        Claim.REPAIRS,
        "unsafe",
        subject=facts.subject(call),
    )
