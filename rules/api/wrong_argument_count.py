"""A call of torch with too few or too many arguments.

What torch's functions, classes and methods take is known for each version, with all of their overloads. A call that
none of them takes raises a TypeError.

```python wrong
import torch.nn as nn

layer = nn.Linear(8)
```

```python right
import torch.nn as nn

layer = nn.Linear(8, 3)
```

What the missing argument should be cannot be known, so there is no fix. Calls with `*args` or `**kwargs` are left
alone.
"""

from collections.abc import Iterator

from lintml import Facts, Finding, Rule, TorchMisfit

rule = Rule(code="API004", severity="error")


@rule.check
def wrong_count(call: TorchMisfit, facts: Facts) -> Iterator[Finding]:
    if call.unknown:
        return
    others = [span for span, _ in call.known.history if call.fits(span[0])]
    if any(since < call.version for since, _ in others):
        # It was right once: what was removed since has a rule of its own.
        return
    if others:
        needed, meant = (".".join(str(part) for part in version) for version in (others[0][0], call.version))
        complaint = f"takes these arguments from torch {needed} on; the document is for torch {meant}"
    else:
        complaint = _complaint(call)
    yield Finding(call.node, f"`{call.name}` {complaint}")


def _complaint(call: TorchMisfit) -> str:
    argument, limit = call.mismatch.argument, call.mismatch.limit
    match call.mismatch.kind:
        case "missing":
            return f"also needs `{argument}`"
        case "too many":
            return f"takes {limit or 'no'} positional argument{'' if limit == 1 else 's'}, not {call.positional}"
        case "twice":
            return f"gets `{argument}` twice here"
    return f"takes no `{argument}` with these arguments"
