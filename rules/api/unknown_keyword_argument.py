"""A keyword that a function or class of torch does not have.

It may be another library's word for the same thing (`learning_rate` for `lr`), a slip of the pen, or younger than the
torch that the document is meant for. The call raises a TypeError.

```python wrong
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.Adam(model.parameters(), learning_rate=1e-3)
```

```python right
import torch
import torch.nn as nn

model = nn.Linear(8, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
```

The fix is safe where the keyword is a known word for just one parameter that is not given yet. NumPy's `axis` and
`keepdims` are right where torch takes them.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Rename, Rule, TorchMisfit, meant_keyword, nearest

rule = Rule(code="API005", severity="error", over=("API004", "LOS005"))

# Words whose parameter takes another value than theirs.
OTHERWISE = ("beta_1", "beta_2", "decay")
# Those that C++ took long before older stubs listed them.
FORGOTTEN = ("memory_format", "pin_memory", "layout", "device", "dtype", "requires_grad", "out")


@rule.check
def unknown_keyword(call: TorchMisfit, facts: Facts) -> Iterator[Finding]:
    for keyword in call.unknown:
        name = keyword.arg or ""
        span = call.known.keyword_span(name)
        if span is None:
            yield _unknown(call, keyword, name, facts)
        elif span[0] > call.version and not (name in FORGOTTEN and call.is_native):
            needed, meant = (".".join(str(part) for part in version) for version in (span[0], call.version))
            yield Finding(
                keyword, f"`{name}` of `{call.name}` needs torch >= {needed}; the document is for torch {meant}"
            )


def _unknown(call: TorchMisfit, keyword: ast.keyword, name: str, facts: Facts) -> Finding:
    overloads = call.known.at(call.version)
    aliases = {found for each in overloads if (found := meant_keyword(each, name)) is not None}
    free = [each for overload in overloads for each in overload.by_name if each not in call.keywords]
    alias = aliases.pop() if len(aliases) == 1 else ""
    meant = alias or nearest(name, free, 2 if len(name) > 5 else 1) or ""
    fix = None
    if meant in free and name not in OTHERWISE and _is_unfilled(call, meant):
        subject = facts.subject(call.node)
        fix = Fix(f"Write `{meant}`", (Rename(keyword, meant),), Claim.REPAIRS, "safe" if alias else "unsafe", subject)
    hint = f"; torch calls it `{meant}`" if alias else f"; did you mean `{meant}`?" if meant else ""
    return Finding(keyword, f"`{call.name}` has no keyword `{name}`{hint}", fix=fix)


def _is_unfilled(call: TorchMisfit, parameter: str) -> bool:
    """Whether no positional argument reaches a parameter, in some overload that has it."""
    overloads = call.known.at(call.version)
    return any(
        parameter in each.by_name and parameter not in [slot.name for slot in each.slots[: call.positional]]
        for each in overloads
    )
