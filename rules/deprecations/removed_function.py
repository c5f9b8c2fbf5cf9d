"""A function or class of torch that was removed.

Removal comes in two ways: the name goes, or it stays and only raises. Either way the code ran once, in the version that
it was written for, and fails in the one that its readers have. Where `torch-version` says that the document is meant
for an older torch, what that torch still has is not reported.

```python wrong
import torch

a, b = torch.randn(4, 4), torch.randn(4, 2)
x, _ = torch.solve(b, a)
```

```python right
import torch

a, b = torch.randn(4, 4), torch.randn(4, 2)
x = torch.linalg.solve(a, b)
```

A fix is safe where the new call takes the same arguments and gives the same. Where the new function gives more or less,
or in another order, it is unsafe or left to the reader.

```python wrong
import torch

rank = torch.matrix_rank(torch.eye(3))
```

```python right
import torch

rank = torch.linalg.matrix_rank(torch.eye(3))
```
"""

from collections.abc import Iterator

from lintml import Facts, Finding, Outdated, Rule, renewed, since

rule = Rule(code="DEP001", severity="error", over=("API002", "DEP002"))


@rule.check
def gone_or_raising(outdated: Outdated, facts: Facts) -> Iterator[Finding]:
    change = outdated.change
    new = change.replacement.new if change.replacement else ""
    if change.state not in ("gone", "raises") or facts.guarded(outdated.node, new):
        return
    note = change.replacement.note if change.replacement else ""
    advice = f"; use `{new}`{since(new)}" if new else ""
    extra = f" ({note})" if note else ""
    node = outdated.call if outdated.method and outdated.call is not None else outdated.node
    yield Finding(
        node, f"`{outdated.path}` {_fate(outdated)}{advice}{extra}", fix=renewed(outdated, facts), covers=outdated.uses
    )


def _fate(outdated: Outdated) -> str:
    change = outdated.change
    if change.state == "raises":
        return f"only raises since {change.release}" if change.release else "only raises"
    return f"was removed in {change.release}" if change.release else "is in no torch since 1.8"
