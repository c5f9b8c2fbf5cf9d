"""`torch.load` without `weights_only`, where that matters.

A pickle may run any code when it is loaded. Since torch 2.6 `torch.load` therefore reads nothing but weights unless it
is told otherwise: a file that holds a whole model fails to load. Before, it read everything, so that a document for an
older torch should say `weights_only=True`.

```python wrong
import io

import torch
import torch.nn as nn

file = io.BytesIO()
torch.save(nn.Linear(2, 2), file)
file.seek(0)
model = torch.load(file)
model.eval()
```

```python right
import io

import torch
import torch.nn as nn

file = io.BytesIO()
torch.save(nn.Linear(2, 2), file)
file.seek(0)
model = torch.load(file, weights_only=False)
model.eval()
```

That fix trusts the file, so it is unsafe; better is to save the `state_dict` and load that into a model.
"""

import ast
from collections.abc import Iterator

from lintml import Bound, Claim, Facts, Finding, Fix, Invocation, Made, Page, Reason, Rule, SetArgument, release

rule = Rule(code="DAT001", severity="warning")

# ``weights_only`` came in the first, and became the default in the second.
KNOWN, DEFAULT = (1, 13), (2, 6)
OF_MODELS = frozenset("eval train parameters named_parameters state_dict modules children zero_grad forward".split())
ALLOWING = ("torch.serialization.add_safe_globals", "torch.serialization.safe_globals")


@rule.check
def whole_model(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    """What was loaded is called, or has what only modules have."""
    version = facts.page.version
    if version is not None and version < DEFAULT:
        return
    match invocation.called:
        case Made(path="torch.load", node=loaded):
            pass
        case Bound(owner=Made(path="torch.load", node=loaded), name=name) if name in OF_MODELS:
            pass
        case _:
            return
    if _says(loaded) or facts.guarded(loaded) or any(path in ALLOWING for path in facts.names.paths.values()):
        return
    yield Finding(
        loaded,
        f"since torch {release(DEFAULT)} `torch.load` reads weights only, and this is used as a whole model",
        because=(Reason(invocation.node, "used as a model here"),),
        fix=Fix(
            "Load it whole: `weights_only=False`",
            (SetArgument(loaded, "False", keyword="weights_only"),),
            Claim.REPAIRS,
            "unsafe",
            subject=facts.subject(loaded),
        ),
    )


@rule.check
def before_the_default(page: Page, facts: Facts) -> Iterator[Finding]:
    version = page.version
    if version is None or not KNOWN <= version < DEFAULT:
        return
    calls = [node for node in facts.each(ast.Call) if facts.path(node.func) == "torch.load"]
    weights = {id(each) for each in _loaded_into_models(facts)} if calls else set()
    for call in calls:
        if not _says(call) and not facts.guarded(call):
            yield Finding(
                call,
                f"before torch {release(DEFAULT)} `torch.load` runs whatever code the file holds, without "
                "`weights_only=True`",
                fix=Fix(
                    "Load weights only: `weights_only=True`",
                    (SetArgument(call, "True", keyword="weights_only"),),
                    Claim.SAME,
                    "safe" if id(call) in weights else "unsafe",
                    subject=facts.subject(call),
                ),
            )


def _loaded_into_models(facts: Facts) -> Iterator[ast.Call]:
    """The calls whose result is given to ``load_state_dict`` as it is."""
    for each in facts.of(Invocation):
        if isinstance(each.node.func, ast.Attribute) and each.node.func.attr == "load_state_dict":
            yield from (value.node for value in each.arguments[:1] if isinstance(value, Made))


def _says(call: ast.Call) -> bool:
    return any(keyword.arg in ("weights_only", "pickle_module", None) for keyword in call.keywords)
