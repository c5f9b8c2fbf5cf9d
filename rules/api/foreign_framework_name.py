"""A name of another library where torch has one of its own: ``nn.Dense``, ``torch.reduce_mean``, ``x.astype``.

Keras, TensorFlow, NumPy, Paddle and MXNet have much in common with torch, and a hand or a model that knows several of
them mixes their words. torch raises an AttributeError.

```python wrong
import torch
import torch.nn as nn

layer = nn.Dense(8, 3)
y = torch.reduce_mean(layer(torch.randn(2, 8)), axis=0)
```

```python right
import torch
import torch.nn as nn

layer = nn.Linear(8, 3)
y = torch.mean(layer(torch.randn(2, 8)), axis=0)
```

A method is only taken for another library's where the object is known to be torch's.

```python wrong
import torch

x = torch.arange(6)
y = x.astype("float32").expand_dims(0)
```

```python right
import torch

x = torch.arange(6)
y = x.to(torch.float32).unsqueeze(0)
```

An import is written anew with its uses.

```python wrong
from torch.nn import Dense

layer = Dense(8, 3)
```

```python right
from torch.nn import Linear

layer = Linear(8, 3)
```

The fix stands only where the arguments mean the same to both libraries.
"""

import ast
from collections.abc import Iterator

from lintml import (
    Absent,
    Change,
    Claim,
    Facts,
    Finding,
    Fix,
    Foreign,
    Rename,
    Replace,
    Rule,
    foreign,
    imported,
    lookup,
    uses_of,
)

rule = Rule(code="API003", severity="error", over=("DEP001", "API002"))

# Names whose first one or two arguments, and whose keywords where torch knows them, mean the same to both.
ALIKE = frozenset(
    """Dense BatchNormalization LayerNormalization Conv1DTranspose Conv2DTranspose MaxPooling1D MaxPooling2D
    AveragePooling2D SpatialDropout2D ZeroPadding2D SimpleRNN MeanSquaredError MeanAbsoluteError Huber
    BinaryCrossentropy HybridSequential reduce_mean reduce_sum reduce_max reduce_min reduce_prod reduce_all reduce_any
    reduce_logsumexp expand_dims constant convert_to_tensor boolean_mask top_k one_hot to_tensor array identity power
    degrees radians rint mod fill assign assign_add asnumpy asscalar copyto attach_grad clear_grad add
    sublayers set_state_dict GradientDescentOptimizer AdamOptimizer""".split()
)
# Those that are taken for the same without an argument, or with just the one.
BARE = frozenset("copy get_shape".split())
SINGLE = frozenset("random_normal random_uniform unstack".split())
BASES = frozenset("Model Layer Block HybridBlock".split())


@rule.check
def foreign_name(absent: Absent, facts: Facts) -> Iterator[Finding]:
    known = foreign(absent.path)
    if known is None or (absent.assumed and not facts.names.torch):
        return
    instead = f"torch calls it `{_short(known.torch)}`" if known.torch else "torch has nothing of that name"
    yield Finding(
        absent.node,
        f"`{absent.name}` is {known.library}'s; {instead}",
        fix=_fix(absent, known, facts) if known.torch else None,
    )


def _short(path: str) -> str:
    return ".".join(path.split(".")[-2:])


def _fix(absent: Absent, known: Foreign, facts: Facts) -> Fix | None:
    if isinstance(absent.node, ast.alias):
        changes = imported(absent, known.torch, facts)
        calls = [next(facts.parents(use)) for use in uses_of(absent, facts)]
        fitting = all(isinstance(call, ast.Call) and _means_the_same(call, known, facts) for call in calls)
        return Fix(f"Import `{known.torch}`", changes, Claim.REPAIRS, "unsafe") if changes and fitting else None
    changes = _changes(absent, known, facts)
    spelt = _spelt(absent, known, facts)
    if not changes or not spelt:
        return None
    return Fix(f"Write `{spelt}`", changes, Claim.REPAIRS, "unsafe", facts.subject(absent.node))


def _changes(absent: Absent, known: Foreign, facts: Facts) -> tuple[Change, ...]:
    spelt = _spelt(absent, known, facts)
    written = Rename(absent.node, spelt) if "." not in spelt else Replace(absent.node, spelt)
    call = absent.call
    if call is None:
        parent = next(facts.parents(absent.node), None)
        is_base = isinstance(parent, ast.ClassDef) and absent.node in parent.bases
        return (written,) if is_base and known.name in BASES else ()
    if known.name == "astype":
        return _conversion(written, call, facts)
    return (written,) if _means_the_same(call, known, facts) else ()


def _means_the_same(call: ast.Call, known: Foreign, facts: Facts) -> bool:
    """Whether torch takes a call's arguments, and takes them for the same."""
    most = 2 if known.name in ALIKE else 1 if known.name in SINGLE else 0 if known.name in BARE else -1
    target = lookup(known.torch)
    keywords = [each.arg for each in call.keywords if each.arg is not None]
    if target is None or len(call.args) > most or len(keywords) < len(call.keywords):
        return False
    if any(isinstance(each, ast.Starred) for each in call.args):
        return False
    return target.mismatch(len(call.args), keywords, facts.page.version) is None


def _spelt(absent: Absent, known: Foreign, facts: Facts) -> str:
    """The torch name as it stands in the code: one word for a method of the same object, else a path; empty if none."""
    if absent.node in facts.names.paths:
        owner = lookup(known.torch.rpartition(".")[0])
        return "" if owner is None or owner.kind == "class" else facts.spell(known.torch, absent.node)
    return known.torch.rpartition(".")[2]


def _conversion(written: Change, call: ast.Call, facts: Facts) -> tuple[Change, ...]:
    """``astype(D)`` as ``to(D)``, where D is a dtype or the word for one."""
    given = [*call.args, *(each.value for each in call.keywords if each.arg == "dtype")]
    if len(given) != 1 or len(call.args) + len(call.keywords) != 1:
        return ()
    (wanted,) = given
    path = facts.path(wanted) or ""
    if path.startswith("torch.") or (isinstance(wanted, ast.Name) and wanted.id in ("float", "int", "bool")):
        return (written,)
    if isinstance(wanted, ast.Constant):
        path = f"numpy.{wanted.value!s}"
    dtype = f"torch.{path.removeprefix('numpy.')}"
    known = lookup(dtype)
    if known is None or known.kind != "dtype":
        return ()
    return written, Replace(wanted, facts.spell(dtype, wanted))
