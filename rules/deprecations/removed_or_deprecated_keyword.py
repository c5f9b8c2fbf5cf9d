"""A keyword that a function or class of torch no longer takes, or warns of.

A keyword that was removed is a TypeError, one that is deprecated becomes one later. The signatures of every version say
which is which: `verbose` of the schedulers warned from torch 2.2 on and went in 2.7.

```python wrong
import torch
from torch.optim.lr_scheduler import StepLR

optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
scheduler = StepLR(optimizer, step_size=10, verbose=True)
```

```python right
import torch
from torch.optim.lr_scheduler import StepLR

optimizer = torch.optim.SGD([torch.ones(2, requires_grad=True)], lr=0.1)
scheduler = StepLR(optimizer, step_size=10)
```

The two flags that losses once had became one word.

```python wrong
import warnings

import torch.nn as nn

warnings.simplefilter("error")
criterion = nn.MSELoss(size_average=False)
```

```python right
import warnings

import torch.nn as nn

warnings.simplefilter("error")
criterion = nn.MSELoss(reduction="sum")
```

Where leaving a keyword out is what is deprecated, it is asked for.
"""

import ast
from collections.abc import Iterator, Sequence

from lintml import (
    EXPLICIT,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Invocation,
    KeywordChange,
    Made,
    Name,
    RemoveArgument,
    Rule,
    SetArgument,
    Version,
    exists,
    keyword_change,
    lookup,
    reduction,
    release,
)

rule = Rule(code="DEP006", severity="error", over=("API005", "API004"))

FLAGS = ("size_average", "reduce")
# What else must be given has rules of its own: the axis of a softmax, what a file may hold.
ASKED = ("torch.meshgrid", "torch.utils.checkpoint.checkpoint", "torch.utils.checkpoint.checkpoint_sequential")


@rule.check
def by_name(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    path = facts.path(call.func) or _of_super(call, facts)
    found = lookup(path) if path is not None and path.startswith("torch.") else None
    if found is None:
        return
    for finding in (*_judged(call, found, facts), *_left_out(call, found, facts)):
        if not facts.guarded(call):
            yield finding


@rule.check
def of_an_object(invocation: Invocation, facts: Facts) -> Iterator[Finding]:
    owner = getattr(invocation.called, "owner", None)
    found = lookup(invocation.path) if isinstance(owner, Made) else None
    if found is not None and not facts.guarded(invocation.node):
        yield from _judged(invocation.node, found, facts)


def _of_super(call: ast.Call, facts: Facts) -> str | None:
    """The one base class whose constructor ``super().__init__(…)`` is."""
    match call.func:
        case ast.Attribute(attr="__init__", value=ast.Call(func=ast.Name(id="super"))):
            cls = next((each for each in facts.parents(call) if isinstance(each, ast.ClassDef)), None)
            return facts.path(cls.bases[0]) if cls is not None and len(cls.bases) == 1 else None
    return None


def _judged(call: ast.Call, found: Name, facts: Facts) -> Iterator[Finding]:
    version = facts.page.version
    if any(parameter.kind == "keywords" for each in found.at(version) for parameter in each.parameters):
        return
    flags: list[tuple[str, ast.expr, int | None]] = []
    for name, argument, position in _named(call, found, version):
        change = keyword_change(found.path, name, version)
        if change is None:
            continue
        if name in FLAGS:
            flags.append((name, argument, position))
        elif position is not None and position < _taken(found, version) and change.removed is not None:
            continue  # The name went, the place did not.
        elif change.removed is not None or not _is_constant(argument, None):
            yield _outdated(call, found, change, position, argument, facts)
    if any(isinstance(argument, ast.Constant) and argument.value is not None for _, argument, _ in flags):
        yield from _flags(call, found, flags, facts)


def _named(call: ast.Call, found: Name, version: Version | None) -> Iterator[tuple[str, ast.expr, int | None]]:
    """Each argument with the name of its parameter and, where it is given by position, that."""
    for keyword in call.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword.value, None
    overloads = found.at(version)
    if len(overloads) != 1 or overloads[0].takes_rest or any(isinstance(each, ast.Starred) for each in call.args):
        return
    names = [parameter.name for parameter in overloads[0].slots]
    if len(call.args) > len(names):
        longer = [[p.name for p in each[0].slots] for _, each in found.history if len(each) == 1]
        names = next(
            (each for each in reversed(longer) if each[: len(names)] == names and len(each) > len(names)), names
        )
    for position, (name, argument) in enumerate(zip(names, call.args, strict=False)):
        yield name, argument, position


def _taken(found: Name, version: Version | None) -> int:
    """How many positional arguments the version takes."""
    return max((len(each.slots) for each in found.at(version)), default=0)


def _outdated(
    call: ast.Call, found: Name, change: KeywordChange, position: int | None, argument: ast.expr, facts: Facts
) -> Finding:
    owner = found.path.rpartition(".")[2]
    deprecated = ""
    if change.deprecated is not None:
        deprecated = "deprecated" + (f" since torch {release(change.deprecated)}" if change.deprecated > (1, 8) else "")
    if change.removed is not None:
        earlier = f", {deprecated}" if deprecated else ""
        message = f"`{change.keyword}` of `{owner}` was removed in torch {release(change.removed)}{earlier}"
    else:
        message = f"`{change.keyword}` of `{owner}` is {deprecated}"
    note = f" ({change.note})" if change.note else ""
    last = position is None or position == len(call.args) - 1
    fix = None
    if change.deprecated is not None and not change.new and last:
        fix = Fix(
            f"Leave out `{change.keyword}`",
            (RemoveArgument(call, keyword=None if position is not None else change.keyword, position=position),),
            Claim.REPAIRS if change.removed is not None else Claim.SAME,
            subject=facts.subject(call),
        )
    keyword = next((each for each in call.keywords if each.value is argument), argument)
    return Finding(keyword, message + note, fix=fix, severity=None if change.removed is not None else "warning")


def _flags(
    call: ast.Call, found: Name, flags: Sequence[tuple[str, ast.expr, int | None]], facts: Facts
) -> Iterator[Finding]:
    values: dict[str, bool | None] = dict.fromkeys(FLAGS)
    changes: list[Change] = []
    certain = True
    for name, argument, position in flags:
        if not isinstance(argument, ast.Constant) or not (argument.value is None or isinstance(argument.value, bool)):
            return
        values[name] = argument.value
        certain = certain and (position is None or position == len(call.args) - 1)
        changes.append(RemoveArgument(call, keyword=name if position is None else None, position=position))
    meant = reduction(values["size_average"], values["reduce"])
    given = any(keyword.arg == "reduction" for keyword in call.keywords)
    if meant != "mean" or given:
        changes.append(SetArgument(call, f'"{meant}"', keyword="reduction"))
    said = " and ".join(f"`{name}`" for name, _, _ in flags)
    yield Finding(
        call,
        f'{said} of `{found.path.rpartition(".")[2]}` became `reduction`; here it is "{meant}"',
        fix=Fix(f'Write `reduction="{meant}"`', tuple(changes), Claim.SAME, subject=facts.subject(call))
        if certain
        else None,
        severity="warning",
    )


def _left_out(call: ast.Call, found: Name, facts: Facts) -> Iterator[Finding]:
    """A keyword without which a call warns."""
    if found.path not in ASKED:
        return
    keyword, since, value = EXPLICIT[found.path]
    version = facts.page.version
    given = any(each.arg in (keyword, None) for each in call.keywords)
    if given or (version is not None and version < since) or not exists(found.path, version):
        return
    same = keyword == "indexing"
    yield Finding(
        call,
        f"`{found.path.rpartition('.')[2]}` without `{keyword}` is deprecated since torch {release(since)}",
        fix=Fix(
            f"Write `{keyword}={value}`",
            (SetArgument(call, value, keyword=keyword),),
            Claim.SAME,
            "safe" if same else "unsafe",
            subject=facts.subject(call),
        ),
        severity="warning",
    )


def _is_constant(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value
