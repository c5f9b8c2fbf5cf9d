"""A ``DistributedSampler`` that is never told the epoch, and gives the same order in each.

All processes must agree on how the data is shuffled, so the sampler takes the order from its seed and the epoch, and
the epoch is what ``set_epoch`` says. Without it, every epoch is the first.

```python wrong
from torch.utils.data import DataLoader, DistributedSampler

data = list(range(8))
sampler = DistributedSampler(data, num_replicas=1, rank=0)
loader = DataLoader(data, batch_size=8, sampler=sampler)
orders = []
for epoch in range(2):
    for batch in loader:
        orders.append(batch.tolist())
assert orders[0] != orders[1]
```

```python right
from torch.utils.data import DataLoader, DistributedSampler

data = list(range(8))
sampler = DistributedSampler(data, num_replicas=1, rank=0)
loader = DataLoader(data, batch_size=8, sampler=sampler)
orders = []
for epoch in range(2):
    sampler.set_epoch(epoch)
    for batch in loader:
        orders.append(batch.tolist())
assert orders[0] != orders[1]
```

Reported where all of it is seen: the sampler, the loader that only it is given to, and a loop over epochs around one
over the loader. Lightning, Accelerate and their kin set the epoch themselves, and wrap the loader to do so.
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Insert, Reason, Rule, walk

rule = Rule(code="TRN007", severity="warning")

SAMPLERS = ("torch.utils.data.DistributedSampler", "torch.utils.data.distributed.DistributedSampler")
LOADERS = ("torch.utils.data.DataLoader", "torch.utils.data.dataloader.DataLoader")
# Where `shuffle` of the sampler and `sampler` of the loader stand, if they are not named.
SHUFFLE, SAMPLER = 3, 3
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


@rule.check
def one_order(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    if facts.path(call.func) not in SAMPLERS or not _shuffles(call) or _says_epoch(facts):
        return
    sampler = _only_name(call, facts)
    given = _uses(sampler, facts) if sampler is not None else [call]
    loader_call = _loader(given[0], facts) if len(given) == 1 else None
    loader = _only_name(loader_call, facts) if loader_call is not None else None
    if loader is None:
        return
    for use in _uses(loader, facts):
        epochs = _epochs(use, loader, facts)
        if epochs is None:
            continue
        owner = sampler.id if sampler is not None else f"{loader.id}.sampler"
        yield Finding(
            call,
            f"every epoch has the same order without `{owner}.set_epoch(…)`",
            because=(Reason(epochs, "the epochs are counted here"),),
            fix=_told(epochs, owner, facts),
        )
        return


def _shuffles(call: ast.Call) -> bool:
    """Whether a sampler shuffles for certain: by default, or because it is said."""
    if any(each.arg is None for each in call.keywords) or any(isinstance(each, ast.Starred) for each in call.args):
        return False
    said = [*call.args[SHUFFLE : SHUFFLE + 1], *(each.value for each in call.keywords if each.arg == "shuffle")]
    return all(isinstance(each, ast.Constant) and each.value is True for each in said)


def _says_epoch(facts: Facts) -> bool:
    """Whether the page speaks of ``set_epoch`` at all, which a helper may call."""
    return any(each.attr == "set_epoch" for each in facts.each(ast.Attribute)) or any(
        each.value == "set_epoch" for each in facts.each(ast.Constant)
    )


def _only_name(call: ast.Call, facts: Facts) -> ast.Name | None:
    """The one name that what a call makes is assigned to, where nothing else is ever assigned to it."""
    match next(facts.parents(call)):
        case ast.Assign(targets=[ast.Name() as name], value=value) if value is call:
            stores = [each for each in _same(name, facts) if not isinstance(each.ctx, ast.Load)]
            return name if stores == [name] else None
    return None


def _uses(name: ast.Name, facts: Facts) -> list[ast.expr]:
    return [each for each in _same(name, facts) if isinstance(each.ctx, ast.Load)]


def _same(name: ast.Name, facts: Facts) -> list[ast.Name]:
    """Every mention of a name on the page."""
    return [each for each in facts.each(ast.Name) if each.id == name.id]


def _loader(sampler: ast.expr, facts: Facts) -> ast.Call | None:
    """The call that makes a loader with a sampler."""
    around = next(facts.parents(sampler))
    call = next(facts.parents(around)) if isinstance(around, ast.keyword) and around.arg == "sampler" else around
    if not isinstance(call, ast.Call) or facts.path(call.func) not in LOADERS:
        return None
    return call if around is not call or call.args[SAMPLER : SAMPLER + 1] == [sampler] else None


def _epochs(use: ast.expr, loader: ast.Name, facts: Facts) -> ast.For | None:
    """The loop over several epochs around one that goes over all of a loader, in the scope that makes the loader."""
    over, outer = None, None
    for parent in facts.parents(use):
        if isinstance(parent, SCOPES):
            break
        if isinstance(parent, ast.For) and over is None:
            over = parent
        elif isinstance(parent, ast.For):
            outer = parent
            break
    if over is None or outer is None or all(node is not use for node in walk(over.iter)) or not _is_range(outer.iter):
        return None
    scopes = [next((each for each in facts.parents(node) if isinstance(each, SCOPES)), None) for node in (over, loader)]
    inside = any(node is loader for node in walk(outer))
    return outer if scopes[0] is scopes[1] and not inside else None


def _is_range(loop: ast.expr) -> bool:
    """Whether a loop counts, further than to one."""
    match loop:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=1)]):
            return False
        case ast.Call(func=ast.Name(id="range")):
            return True
    return False


def _told(epochs: ast.For, owner: str, facts: Facts) -> Fix | None:
    if not isinstance(epochs.target, ast.Name):
        return None
    text = f"{owner}.set_epoch({epochs.target.id})"
    return Fix(
        f"Tell the sampler: `{text}`",
        (Insert(epochs.body[0], text),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(epochs),
    )
