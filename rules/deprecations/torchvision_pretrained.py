"""A torchvision model asked for by `pretrained=` instead of by its weights.

Since torchvision 0.13 each model has its weights by name, and the old flag warns. What it stood for is one certain set
of weights, which the fix names; `DEFAULT` may be better ones, so that it is no replacement. A document for a torch from
before torchvision 0.13 (torch 1.12) is left alone.

```python wrong
import torchvision

model = torchvision.models.resnet18(pretrained=False)
```

```python right
import torchvision

model = torchvision.models.resnet18(weights=None)
```
"""

import ast
from collections.abc import Iterator

from lintml import Change, Claim, Facts, Finding, Fix, RemoveArgument, Rename, Replace, Rule, SetArgument, weights

rule = Rule(code="DEP007", severity="warning", over=("API005",))

KEYWORDS = {"pretrained": "weights", "pretrained_backbone": "weights_backbone"}
# The torch that came with torchvision 0.13.
SINCE = (1, 12)


@rule.check
def old_flag(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    path = facts.path(call.func)
    if path is None or not path.startswith("torchvision.models.") or facts.guarded(call):
        return
    if facts.page.version is not None and facts.page.version < SINCE:
        return
    for old, new in KEYWORDS.items():
        keyword = next((each for each in call.keywords if each.arg == old), None)
        if keyword is not None and path.rpartition(".")[2][:1].islower():
            changes = _by_name(keyword, path, old, new)
            yield _finding(keyword, old, new, changes, facts)
        elif keyword is None and old == "pretrained" and call.args and _is_flag(call.args[0]):
            changes = _by_position(call, path, new)
            yield _finding(call.args[0], old, new, changes, facts)


def _finding(node: ast.AST, old: str, new: str, changes: tuple[Change, ...], facts: Facts) -> Finding:
    fix = Fix(f"Name the weights: `{new}=`", changes, Claim.SAME, "unsafe", subject=facts.subject(node))
    return Finding(
        node, f"`{old}` is deprecated since torchvision 0.13; say which with `{new}`", fix=fix if changes else None
    )


def _by_name(keyword: ast.keyword, path: str, old: str, new: str) -> tuple[Change, ...]:
    value = _value(keyword.value, path, old)
    return (Rename(keyword, new), Replace(keyword.value, value)) if value else ()


def _by_position(call: ast.Call, path: str, new: str) -> tuple[Change, ...]:
    value = _value(call.args[0], path, "pretrained")
    if not value or len(call.args) > 1:
        return ()
    return RemoveArgument(call, position=0), SetArgument(call, value, keyword=new)


def _value(flag: ast.expr, path: str, old: str) -> str:
    """The weights that a flag stands for, as source; empty where that cannot be told."""
    match flag:
        case ast.Constant(value=False):
            return "None"
        case ast.Constant(value=True):
            name = weights(path, old)
            return f'"{name}"' if name else ""
    return ""


def _is_flag(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)
