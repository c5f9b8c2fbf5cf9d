"""A name that torch does not have, or not yet in the version that the document is meant for.

Such a name is a slip of memory, a name from another place in torch, or one that is younger than the reader's torch. In
each case the line raises an AttributeError or an ImportError.

```python wrong
import torch
import torch.nn as nn

loss = nn.CrossEntropy()
loss(torch.randn(4, 3), torch.tensor([0, 2, 1, 1]))
```

```python right
import torch
import torch.nn as nn

loss = nn.CrossEntropyLoss()
loss(torch.randn(4, 3), torch.tensor([0, 2, 1, 1]))
```

```python wrong
from torch.nn import Adam, Parameter

optimizer = Adam([Parameter()])
```

```python right
from torch.optim import Adam
from torch.nn import Parameter

optimizer = Adam([Parameter()])
```

Another name is only proposed where torch has the same name in another place, or where one name alone is at most two
letters off or goes on where this one ends. A method of a tensor must be one letter off, or a function's name, for
a tensor may be of a class with methods of its own. What is asked for with `hasattr` or tried first is left alone, and
so is what the document adds to torch itself.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Absent,
    Claim,
    Facts,
    Finding,
    Fix,
    Rename,
    Replace,
    Rule,
    Severity,
    change,
    close,
    exists,
    homes,
    imported,
    lookup,
    members,
)

rule = Rule(code="API002", severity="error")

# Where a name may stand that was looked for elsewhere.
PLACES = (
    "torch", "torch.nn", "torch.nn.functional", "torch.nn.init", "torch.optim", "torch.optim.lr_scheduler",
    "torch.utils.data", "torch.linalg", "torch.fft", "torch.special", "torch.distributions",
)  # fmt: skip
CALLED = ("class", "function", "method", "staticmethod", "classmethod")


@rule.check
def unknown_name(absent: Absent, facts: Facts) -> Iterator[Finding]:
    if absent.own or (absent.assumed and not facts.names.torch) or change(absent.path, absent.version) is not None:
        return
    severity: Severity | None = None if absent.run else "info"
    known = lookup(absent.path)
    if known is not None and known.since > absent.version:
        needed, meant = (".".join(str(part) for part in version) for version in (known.since, absent.version))
        complaint = f"`{absent.path}` needs torch >= {needed}; the document is for torch {meant}"
        yield Finding(absent.node, complaint, severity=severity)
        return
    found = _elsewhere(absent, facts) or _alike(absent, facts)
    if absent.namespace == "torch.Tensor" and not found:
        # It may be a tensor of a class of its own, which has methods of its own.
        return
    yield Finding(
        absent.node,
        f"`{absent.name}` does not exist in {absent.namespace}" + (f"; did you mean `{found}`?" if found else ""),
        fix=_fix(absent, found, facts) if found else None,
        severity=severity,
    )


def _elsewhere(absent: Absent, facts: Facts) -> str:
    """The path of the one place where torch has a name that is looked for in the wrong module."""
    if absent.namespace == "torch.Tensor":
        function = f"torch.nn.functional.{absent.name}"
        return function if exists(function, facts.page.version) else ""
    if absent.namespace not in PLACES:
        return ""
    found = [path for path in homes(absent.name, facts.page.version) if path.rpartition(".")[0] in PLACES]
    return found[0] if len(found) == 1 else ""


def _alike(absent: Absent, facts: Facts) -> str:
    """The path of the one name of the namespace that is nearly the same, or that goes on where this one ends."""
    version = facts.page.version
    if absent.namespace == "torch.Tensor":
        distance = 2 if len(absent.name) > 7 else 1
        return close(absent.path, absent.called, version, distance) or "" if len(absent.name) > 4 else ""
    near = close(absent.path, absent.called, version, distance=2 if len(absent.name) > 5 else 1)
    if near is not None or len(absent.name) < 4:
        return near or ""
    longer = [name for name in members(absent.namespace, version) if name.startswith(absent.name)]
    kinds = {name: known.kind for name in longer if (known := lookup(f"{absent.namespace}.{name}")) is not None}
    fitting = [name for name, kind in kinds.items() if (kind in CALLED) == absent.called]
    return f"{absent.namespace}.{fitting[0]}" if len(fitting) == 1 else ""


def _fix(absent: Absent, path: str, facts: Facts) -> Fix | None:
    if exists(path, facts.page.version) is not True:
        return None
    if not isinstance(absent.node, ast.Attribute):
        changes = imported(absent, path, facts)
        return Fix(f"Import `{path}`", changes, Claim.REPAIRS, "unsafe") if changes else None
    namespace, _, name = path.rpartition(".")
    if namespace == absent.namespace:
        return Fix(f"Write `{name}`", (Rename(absent.node, name),), Claim.REPAIRS, "unsafe", facts.subject(absent.node))
    if absent.node not in facts.names.paths:
        return None
    spelt = facts.spell(path, absent.node)
    return Fix(f"Write `{spelt}`", (Replace(absent.node, spelt),), Claim.REPAIRS, "unsafe", facts.subject(absent.node))
