"""A name of torch in the wrong case: ``nn.Conv2D`` for ``nn.Conv2d``.

Other frameworks write the same layers with other capitals, so the slip is easy to make and certain to raise an
AttributeError. Only a name that is not there, and that is equal to exactly one public name but for case and
underscores, is corrected.

```python wrong
import torch
import torch.nn as nn

pool = nn.MaxPool2D(kernel_size=2)
pool(torch.randn(1, 3, 8, 8))
```

```python right
import torch
import torch.nn as nn

pool = nn.MaxPool2d(kernel_size=2)
pool(torch.randn(1, 3, 8, 8))
```

Of an import, every use is written anew.

```python wrong
from torch.nn import functional, linear

layer = linear(8, 3)
```

```python right
from torch.nn import functional, Linear

layer = Linear(8, 3)
```
"""

import ast
from collections.abc import Iterator

from lintml import Absent, Claim, Facts, Finding, Fix, Rename, Rule, fold, foreign, imported, lookup, members

rule = Rule(code="API001", severity="error", over=("API002", "API003"))


@rule.check
def wrong_case(absent: Absent, facts: Facts) -> Iterator[Finding]:
    good = fold(absent.path, called=absent.called, version=facts.page.version)
    if good is None or (good == f"{absent.path}_" and foreign(absent.path) is not None):
        return
    name = good.rpartition(".")[2]
    is_read = isinstance(absent.node, ast.Attribute)
    changes = (Rename(absent.node, name),) if is_read else imported(absent, good, facts)
    fix = Fix(f"Write `{name}`", changes, Claim.REPAIRS, subject=facts.subject(absent.node))
    yield Finding(
        absent.node,
        f"`{absent.name}` does not exist in {absent.namespace}; use `{name}`",
        fix=fix if changes else None,
        severity=None if absent.run else "info",
    )


@rule.check
def module_called(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    """A module that is called, and whose name is that of a class but for its case: ``optim.adam``."""
    path = facts.path(call.func) if isinstance(call.func, ast.Attribute) else None
    known = lookup(path) if path is not None and path.startswith("torch.") else None
    if path is None or known is None or known.kind != "module" or not isinstance(call.func, ast.Attribute):
        return
    namespace, _, name = path.rpartition(".")
    same = [each for each in members(namespace, facts.page.version) if each.lower() == name and each != name]
    if len(same) != 1 or facts.guarded(call):
        return
    fix = Fix(f"Write `{same[0]}`", (Rename(call.func, same[0]),), Claim.REPAIRS, subject=facts.subject(call))
    yield Finding(call.func, f"`{path}` is a module, which cannot be called; use `{same[0]}`", fix=fix)
