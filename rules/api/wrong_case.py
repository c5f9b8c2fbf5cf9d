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
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Rename, Rule, exists, fold

rule = Rule(code="API001", severity="error", over=("API002", "API003"))


@rule.check
def attribute(node: ast.Attribute, facts: Facts) -> Iterator[Finding]:
    path = facts.path(node)
    if path is None or not path.startswith("torch.") or not isinstance(node.ctx, ast.Load):
        return
    if exists(path, facts.page.version) is not False or facts.guarded(node):
        return
    parent = next(facts.parents(node), None)
    yield from _finding(node, path, isinstance(parent, ast.Call) and parent.func is node, facts)


@rule.check
def imported(node: ast.ImportFrom, facts: Facts) -> Iterator[Finding]:
    if node.level or node.module is None or node.module.partition(".")[0] != "torch" or facts.guarded(node):
        return
    for alias in node.names:
        path = f"{node.module}.{alias.name}"
        if alias.name != "*" and exists(path, facts.page.version) is False:
            yield from _finding(alias, path, True, facts)


def _finding(node: ast.Attribute | ast.alias, path: str, called: bool, facts: Facts) -> Iterator[Finding]:
    good = fold(path, called=called, version=facts.page.version)
    if good is None:
        return
    namespace, _, bad = path.rpartition(".")
    name = good.rpartition(".")[2]
    fix = Fix(f"Write `{name}`", (Rename(node, name),), Claim.REPAIRS, subject=facts.subject(node))
    yield Finding(
        node,
        f"`{bad}` does not exist in {namespace}; use `{name}`",
        fix=fix if isinstance(node, ast.Attribute) else None,
    )
