"""A method whose name is almost the one that torch or Python calls.

``nn.Module`` calls ``forward``, a data set's ``__getitem__`` and ``__len__`` are called by the loader, ``__init__`` by
Python. A name that is one letter or underscore off is a method that nobody ever calls, and ``call`` is what another
framework has for ``forward``.

```python wrong
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def foward(self, x):
        return self.fc(x)


Net()(torch.ones(3, 4))
```

```python right
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)


Net()(torch.ones(3, 4))
```

Only a class that lacks the real method is looked at, and only a name that nothing else on the page uses.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Claim,
    Facts,
    Finding,
    Fix,
    Function,
    PageClass,
    Rename,
    Rule,
    has_unknown_base,
    library_bases,
    lineage,
    own_methods,
    within_edits,
)

rule = Rule(code="MOD006", severity="error")

# The torch classes that do not have the method themselves, and which methods those are.
LACKING = {
    "torch.nn.Module": ("forward", "__init__"),
    "torch.utils.data.Dataset": ("__getitem__", "__len__", "__init__"),
}
FOREIGN = {"call": "forward"}
LENGTHS = ("length", "lenght", "size")


@rule.check
def never_called(cls: PageClass, facts: Facts) -> Iterator[Finding]:
    bases = set(library_bases(cls))
    if has_unknown_base(cls) or len(bases) != 1 or not (missing := LACKING.get(bases.pop())):
        return
    for method in own_methods(cls):
        name = _name(method)
        for good in missing:
            if good not in cls.methods and _is_slip(method, good) and not _is_used(name, cls, facts):
                yield Finding(
                    method.node,
                    f"`{name}` is a method that nobody calls; did you mean `{good}`?",
                    fix=Fix(f"Rename it `{good}`", (Rename(method.node, good),), Claim.REPAIRS, subject=cls.name),
                )
                break


def _name(method: Function) -> str:
    return getattr(method.node, "name", "")


def _is_slip(method: Function, good: str) -> bool:
    name = _name(method)
    if method.role or not _takes_enough(method, good):
        return False
    if good == "forward":
        bare = name.strip("_") if name.startswith("__") and name.endswith("__") else name
        return FOREIGN.get(name) == good or bare.casefold() == good or (name != good and within_edits(name, good, 2))
    if not name.startswith("_") or not name.endswith("_"):
        # A private helper, such as ``_init``; but ``__init_`` and ``_init__`` are none.
        return False
    if good == "__len__" and name.strip("_") in LENGTHS:
        return True
    return name.replace("_", "") == good.strip("_") or (
        name != good and within_edits(name, good, 1 + name.endswith("__"))
    )


def _takes_enough(method: Function, good: str) -> bool:
    """Whether a method has the parameters that the real one is given."""
    spec = method.node.args
    listed = [*spec.posonlyargs, *spec.args]
    least = {"forward": 2, "__getitem__": 2, "__init__": 1, "__len__": 1}[good]
    if _name(method) == "__int__":
        least = 2  # with the object alone it may well be what int() calls
    return len(listed) >= least or spec.vararg is not None


def _is_used(name: str, cls: PageClass, facts: Facts) -> bool:
    """Whether the page mentions the name, or has a class that adds what is missing."""
    if any(cls in lineage(each)[1:] for each in facts.of(PageClass)):
        return True
    for node in facts.nodes:
        match node:
            case ast.Attribute(attr=found) | ast.Constant(value=found) if found == name:
                return True
    return False
