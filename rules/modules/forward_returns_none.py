"""A ``forward`` that works out its result and does not return it.

Without a ``return`` a function gives None, and the first thing that is done with it fails, far from here. A ``forward``
whose last step is to name a value has that value for a result.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x).relu()


assert Net()(torch.ones(3, 4)) is not None
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        y = self.fc(x).relu()
        return y


assert Net()(torch.ones(3, 4)) is not None
```

A method that ends with anything else may be there for what it does to the object, or be left for others to write.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Insert, PageClass, Rule, own_methods, walk

rule = Rule(code="MOD007", severity="warning")


@rule.check
def nothing_comes_out(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    if cls.kind != "module":
        return
    for method in own_methods(cls):
        node = method.node
        if method.role or not isinstance(node, ast.FunctionDef) or node.name != "forward" or _gives_way(node):
            continue
        ends = list(_ends(node.body))
        results = {_result(end, node) for end in ends}
        if len(results) == 1 and (name := results.pop()) and isinstance(ends[-1], ast.stmt):
            yield Finding(
                ends[-1],
                f"`{cls.name}.forward` ends here and gives None; it does not return `{name}`",
                fix=Fix(
                    f"Return `{name}`",
                    (Insert(node.body[-1], f"return {name}", after=True),),
                    Claim.CHANGES,
                    "unsafe",
                    subject=cls.name,
                ),
            )


def _gives_way(node: ast.FunctionDef) -> bool:
    """Whether a method yields instead, or says by a bare return or an annotation that it gives nothing."""
    said = isinstance(node.returns, ast.Constant) and node.returns.value is None
    return said or any(
        isinstance(each, (ast.Yield, ast.YieldFrom)) or (isinstance(each, ast.Return) and each.value is None)
        for each in walk(node)
    )


def _ends(body: list[ast.stmt]) -> Iterator[ast.stmt | None]:
    """The last statements of the ways through a block that fall off its end, None for one that does so at once."""
    match body[-1]:
        case ast.Return() | ast.Raise():
            return
        case ast.If(body=then, orelse=other):
            yield from _ends(then)
            if other:
                yield from _ends(other)
            else:
                yield None
        case ast.With(body=inner):
            yield from _ends(inner)
        case last:
            yield last


def _result(end: ast.stmt | None, method: ast.FunctionDef) -> str:
    """The local variable that a statement gives a value for nothing; empty if there is none."""
    match end:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if not isinstance(value, ast.Constant):
            outside = any(isinstance(each, (ast.Global, ast.Nonlocal)) for each in walk(method))
            return "" if outside else name
    return ""
