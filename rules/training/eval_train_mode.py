"""A model that is judged as it is in training, with its dropout on.

A new model is in training mode: dropout drops, and batch normalisation goes by the batch it is given, and learns from
it. ``no_grad`` changes nothing of that; ``eval()`` does. Judged in training mode, a model looks worse than it is, and
gives another answer each time.

```python wrong
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
x, y = torch.randn(500, 8), torch.randint(3, (500,))
model = nn.Sequential(nn.Linear(8, 50), nn.Dropout(0.5), nn.Linear(50, 3))
F.cross_entropy(model(x), y).backward()


def accuracy(x, y):
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean()


assert all(accuracy(x, y) == accuracy(x, y) for _ in range(5))
```

```python right
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
x, y = torch.randn(500, 8), torch.randint(3, (500,))
model = nn.Sequential(nn.Linear(8, 50), nn.Dropout(0.5), nn.Linear(50, 3))
F.cross_entropy(model(x), y).backward()


def accuracy(x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean()


assert all(accuracy(x, y) == accuracy(x, y) for _ in range(5))
```

Reported where a model that is seen to have such layers is trained on the page, answers without a gradient, and is
compared with what is right or measured by a loss, while nothing on the page speaks of ``eval``, or where ``train()`` is
the last word said before it. What trains on after that wants ``train()`` again.
"""

import ast
from collections.abc import Iterator
from typing import TypeAlias

from lintml import (
    Block,
    Claim,
    Facts,
    Finding,
    Fix,
    Function,
    Insert,
    Instance,
    Invocation,
    Layer,
    Reason,
    Rule,
    judges,
    measures,
    walk,
    with_parts,
)

rule = Rule(code="TRN002", severity="warning")

DROPPING = tuple(f"torch.nn.{name}" for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout"))
NORMALISING = tuple(f"torch.nn.{name}" for name in ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d"))
LOOPS = (ast.For, ast.While)
Quiet: TypeAlias = ast.With | ast.FunctionDef


@rule.check
def judged_in_training(block: ast.With | ast.FunctionDef, facts: Facts) -> Iterator[Finding]:
    if not _is_off(block, facts) or not _trains(facts):
        return
    speaks = _speaks_of_modes(facts)
    for call in (each for each in walk(block) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)):
        if not (judges(block) or measures(block, call.func)) or (speaks and not _is_left_training(call, facts)):
            continue
        known = [each.called for each in facts.of(Invocation) if each.node is call]
        models = [each for each in known if isinstance(each, (Layer, Instance))]
        layers = [_changing(each) for each in models]
        if not layers or not all(layers) or _is_repeated(call, block, facts):
            continue
        layer = next(each for each in layers if each is not None)
        model = facts.source(call.func)
        yield Finding(
            call,
            f"`{model}` is judged as it is in training: call `{model}.eval()` first",
            because=(Reason(layer.node, "this layer does something else in training"),),
            fix=_fix(model, block, facts),
        )
        return


def _is_off(block: Quiet, facts: Facts) -> bool:
    """Whether a block or a function is what switches autograd off."""
    return facts.records(block.body[0]) is False and facts.records(block) is not False


def _speaks_of_modes(facts: Facts) -> bool:
    """Whether the page puts any model into a mode that is not the one in which it is trained, or may do so."""
    return any(_mode(each) not in ("", "train") for each in facts.nodes)


def _mode(node: ast.AST) -> str:
    """The mode that a node speaks of: "train" for a call of ``train()`` alone, "eval" for all others."""
    match node:
        case ast.Call(func=ast.Attribute(attr="train"), args=[], keywords=[]):
            return "train"
        case ast.Call(func=ast.Attribute(attr="train")) | ast.Attribute(attr="eval"):
            return "eval"
        case ast.Attribute(attr="training", ctx=ast.Store()):
            return "eval"
        case ast.Constant(value="training" | "eval"):
            return "eval"
    return ""


def _is_left_training(call: ast.Call, facts: Facts) -> bool:
    """Whether the function that asks its parameter's model is called where ``train()`` was said of it last."""
    function = next((each for each in facts.parents(call) if isinstance(each, ast.FunctionDef)), None)
    if function is None or any(_mode(each) for each in walk(function)):
        return False
    places = {each.node: each for each in facts.of(Invocation) if _node(each) is function}
    if not places or not isinstance(call.func, ast.Name):
        return False
    listed = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if call.func.id not in listed:
        return False
    at = listed.index(call.func.id)
    return all(
        len(each.args) > at
        and isinstance(each.args[at], ast.Name)
        and _last_word(each, each.args[at], facts) == "train"
        for each in places
    )


def _last_word(call: ast.Call, model: ast.expr, facts: Facts) -> str:
    """The mode that the statements ahead of a call, in its block, leave a model in; empty where that is not seen."""
    functions = {each.node: _node(each) for each in facts.of(Invocation) if _node(each) is not None}
    statement = facts.statement(call)
    block = getattr(next(facts.parents(statement), None), "body", [])
    if statement not in block:
        return ""
    for before in reversed(block[: block.index(statement)]):
        said: set[str] = set()
        for node in walk(before):
            if (mode := _mode(node)) and (mode == "eval" or _is_on(node, model)):
                said.add(mode)
            elif isinstance(node, ast.Call) and any(_same(each, model) for each in node.args):
                said |= {mode for each in walk(functions.get(node) or ast.Pass()) if (mode := _mode(each))}
        if said:
            return "train" if said == {"train"} else "eval"
    return ""


def _node(invocation: Invocation) -> ast.AST | None:
    return invocation.called.node if isinstance(invocation.called, Function) else None


def _is_on(node: ast.AST, model: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _same(node.func.value, model)


def _same(one: ast.expr, other: ast.expr) -> bool:
    return ast.dump(one) == ast.dump(other)


def _trains(facts: Facts) -> bool:
    return any(each.of("backward") for each in facts.of(Block))


def _changing(model: Layer | Instance) -> Layer | None:
    """A layer in a model that does something else in training."""
    for part in with_parts(model):
        layer = part.layer if isinstance(part, Instance) else part
        if not isinstance(layer, Layer):
            continue
        if layer.path in DROPPING and layer.settings.get("p", 0.5) != 0:
            return layer
        if layer.path in NORMALISING and layer.settings.get("track_running_stats", True) is True:
            return layer
    return None


def _is_repeated(call: ast.Call, block: Quiet, facts: Facts) -> bool:
    """Whether a model is asked several times for one answer, to see how far its answers are apart."""
    for parent in facts.parents(call):
        if parent is block:
            return False
        if isinstance(parent, ast.For) and _counts(parent.iter):
            return True
        if isinstance(parent, (ast.ListComp, ast.GeneratorExp)) and any(_counts(g.iter) for g in parent.generators):
            return True
    return True


def _counts(over: ast.expr) -> bool:
    return isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range"


def _fix(model: str, block: Quiet, facts: Facts) -> Fix | None:
    """``eval()`` ahead of all; none where training may go on after it."""
    if any(isinstance(each, LOOPS) for each in facts.parents(block)):
        return None
    first: ast.stmt = block
    if isinstance(block, ast.FunctionDef):
        first = block.body[1 if ast.get_docstring(block) is not None and len(block.body) > 1 else 0]
    return Fix(
        f"Call `{model}.eval()` first",
        (Insert(first, f"{model}.eval()"),),
        Claim.CHANGES,
        "unsafe",
        subject=facts.subject(block),
    )
