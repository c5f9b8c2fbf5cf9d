"""A bare name that nothing in the document defines and that torch has under a longer one.

Text that was assembled from several sources calls ``TransformerEncoder`` or ``Conv2d`` without saying where it comes
from. Only names inside classes and base classes are looked at: elsewhere a document may leave names open.

```python wrong
import torch
import torch.nn as nn


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = Conv2d(3, 8, kernel_size=3)

    def forward(self, x):
        return self.conv(x)


Stem()(torch.randn(2, 3, 9, 9))
```

```python right
import torch
import torch.nn as nn


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, kernel_size=3)

    def forward(self, x):
        return self.conv(x)


Stem()(torch.randn(2, 3, 9, 9))
```

`Conv2D` is taken for `Conv2d` where the document imports torch. The fix is only offered where the call fits the
signature of the name that is meant.
"""

import ast
from collections.abc import Iterator

from lintml import (
    CONVENTIONAL,
    Claim,
    Facts,
    Finding,
    Fix,
    Replace,
    Rule,
    Undefined,
    fold,
    is_class,
    lookup,
    stack_of_layers,
)

rule = Rule(code="SNP005", severity="error")

# Where the classes stand that documents call by their bare names.
TAUGHT = ("torch.nn", "torch.optim", "torch.utils.data")
# Classes that documents derive from, by their names in lower case.
BASES = {"optimizer": "torch.optim.Optimizer", "dataset": "torch.utils.data.Dataset", "module": "torch.nn.Module"}


@rule.check
def known_elsewhere(missing: Undefined, facts: Facts) -> Iterator[Finding]:
    if missing.name in CONVENTIONAL or facts.names.rival:
        return
    path = facts.meant(missing.name) or _in_other_case(missing.name, facts)
    folded = BASES.get(missing.name.casefold()) if path is None else None
    seen: set[ast.AST | None] = set()
    for use in missing.uses:
        cls = use.scope.around(ast.ClassDef)
        if use.role == "base" and folded is not None:
            yield _finding(use.node, missing.name, folded, facts, True)
        elif (
            path is not None and (use.role == "base" or (use.role == "called" and cls is not None)) and cls not in seen
        ):
            seen.add(cls if use.role != "base" else use.node)
            yield _finding(use.node, missing.name, path, facts, use.role == "base" or _fits(facts, use.node, path))
        elif path is not None and use.role == "called" and cls is None and path in facts.names.imports.values():
            yield _finding(use.node, missing.name, path, facts, _fits(facts, use.node, path))


def _in_other_case(name: str, facts: Facts) -> str | None:
    """The one class of torch that a name is but for its case: ``Conv2D``; None where nothing or several could be meant.

    A word all in small letters may be anything.
    """
    if name.islower() or name in facts.names.bound or facts.names.open or not facts.names.torch:
        return None
    found = [path for space in TAUGHT if (path := fold(f"{space}.{name}", version=facts.page.version)) is not None]
    return found[0] if len(found) == 1 and is_class(found[0]) else None


def _finding(node: ast.Name, name: str, path: str, facts: Facts, fits: bool) -> Finding:
    spelt = facts.spell(path, node)
    written = Replace(node, spelt) if fits else stack_of_layers(next(facts.parents(node), None), path, facts)
    title = f"Write `{spelt}`" if fits else f"Write `{spelt}`, and make the layer that it stacks"
    return Finding(
        node,
        f"`{name}` is not defined in this document; did you mean `{spelt}`?",
        fix=Fix(title, (written,), Claim.REPAIRS, "unsafe", facts.subject(node)) if written is not None else None,
    )


def _fits(facts: Facts, node: ast.Name, path: str) -> bool:
    """Whether the call that the name stands in agrees with a signature of the torch name."""
    call = next(facts.parents(node), None)
    known = lookup(path)
    if not isinstance(call, ast.Call) or known is None:
        return False
    starred = any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords)
    keywords = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    return not starred and known.mismatch(len(call.args), keywords) is None
