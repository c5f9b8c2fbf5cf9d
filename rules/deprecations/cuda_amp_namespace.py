"""Mixed precision taken from `torch.cuda.amp` or `torch.cpu.amp`.

Since torch 2.4 the device is an argument and `torch.amp` serves them all; the namespaces of single devices warn at
every use. A document for a torch that has no `torch.amp.GradScaler` yet (before 2.3) is left alone.

```python wrong
import torch
from torch.cuda.amp import GradScaler, autocast

scaler = GradScaler(enabled=False)
with autocast(enabled=False):
    loss = torch.ones(1).sum()
```

```python right
import torch
from torch.amp import GradScaler, autocast

scaler = GradScaler("cuda", enabled=False)
with autocast("cuda", enabled=False):
    loss = torch.ones(1).sum()
```
"""

from collections.abc import Iterator

from lintml import Facts, Finding, Outdated, Rule, release, renewed, since

rule = Rule(code="DEP005", severity="warning", over=("DEP002",))

NAMESPACES = {"torch.cuda.amp.": "cuda", "torch.cpu.amp.": "cpu"}


@rule.check
def of_one_device(outdated: Outdated, facts: Facts) -> Iterator[Finding]:
    change = outdated.change
    new = change.replacement.new if change.replacement else ""
    device = next((device for space, device in NAMESPACES.items() if change.path.startswith(space)), "")
    if not device or change.state != "deprecated" or facts.guarded(outdated.node, new) or facts.silenced(outdated.node):
        return
    advice = f'; use `{new}` with "{device}"{since(new)}' if new else ""
    yield Finding(
        outdated.node,
        f"`{outdated.path}` is deprecated since torch {release(change.since)}{advice}",
        fix=renewed(outdated, facts),
        covers=outdated.uses,
    )
