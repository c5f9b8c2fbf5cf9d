"""A hidden state that takes the graph of one pass along into the next.

What a recurrent layer leaves for its next call was computed in this one, and knows how. The next ``backward`` goes
through both, but the graph of the first is gone: torch raises on the second pass. The state is to be kept, not its
past.

```python wrong
import torch
import torch.nn as nn

rnn, state = nn.GRU(8, 8), None
for step in range(2):
    out, state = rnn(torch.randn(3, 1, 8), state)
    out.sum().backward()
```

```python right
import torch
import torch.nn as nn

rnn, state = nn.GRU(8, 8), None
for step in range(2):
    out, state = rnn(torch.randn(3, 1, 8), state)
    out.sum().backward()
    state = state.detach()
```

An ``LSTM`` has two of them. Reported is a state that one statement of a loop both uses and replaces, and that nothing
else in the loop could detach; ``retain_graph=True`` only puts the error off until the memory is full.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lintml import Block, Claim, Facts, Finding, Fix, Insert, Instance, Invocation, Layer, Reason, Rule, walk

rule = Rule(code="TRN008", severity="error")

RECURRENT = tuple(f"torch.nn.{name}" for name in ("RNN", "GRU", "LSTM"))
CELLS = tuple(f"torch.nn.{name}" for name in ("RNNCell", "GRUCell", "LSTMCell"))
# What takes a tensor out of its graph, or leads out of the loop before it comes round.
APART = frozenset(("detach", "detach_", "data", "no_grad", "inference_mode", "enable_grad", "item", "tolist", "numpy"))


@dataclass(frozen=True, slots=True)
class Carried:
    """A call whose second argument is what it gives back: all of it (``place`` None), or one of several values."""

    call: ast.Call
    state: ast.expr
    place: int | None
    others: frozenset[str]


@rule.check
def carried_along(block: Block, facts: Facts) -> Iterator[Finding]:
    if not block.repeats or _comes_round_once(block):
        return
    for move in block.of("backward"):
        if not move.plain or move.conditional or move.call.args or move.call.keywords or move.owner is None:
            continue
        for at, statement in enumerate(block.statements[: move.at]):
            carried = _carried(statement)
            if carried is None or not _stays(statement, carried.state, block, facts):
                continue
            reached = _names(carried.state) | carried.others
            if not _is_reached(move.owner, reached, block.statements[at + 1 : move.at]):
                continue
            layer = _recurrent(carried, facts)
            if not layer or facts.records(carried.call) is False or _chooses_gradients(facts):
                continue
            text = _detached(carried.state, layer)
            yield Finding(
                carried.state,
                f"`{facts.source(carried.state)}` takes the graph of this pass along into the next, where `backward` "
                "raises",
                because=(Reason(move.call, "this frees the graph that it is part of"),),
                fix=Fix(
                    f"Keep the state without its past: `{text}`",
                    (Insert(block.statements[move.at], text, after=True),),
                    Claim.REPAIRS,
                    "unsafe",
                    subject=facts.subject(carried.call),
                ),
            )


def _comes_round_once(block: Block) -> bool:
    """Whether the loop is left for certain, or goes round only once."""
    if any(isinstance(each, (ast.Break, ast.Return, ast.Raise)) for each in block.statements):
        return True
    match block.around:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=1)])):
            return True
    return False


def _carried(statement: ast.stmt) -> Carried | None:
    match statement:
        case ast.Assign(targets=[target], value=ast.Call(args=[_, state], keywords=[]) as call) if _names(state):
            parts = [target, *(target.elts if isinstance(target, ast.Tuple) else [])]
            places = [at for at, each in enumerate(parts) if _alike(each, state)]
            others = frozenset(_names(target) - _names(state))
            return Carried(call, state, places[0] - 1 if places[0] else None, others) if places else None
    return None


def _alike(target: ast.expr, state: ast.expr) -> bool:
    """Whether a name, or a tuple of names, is assigned what it held."""
    match target, state:
        case ast.Name(id=one), ast.Name(id=other):
            return one == other
        case ast.Tuple(elts=some), ast.Tuple(elts=others):
            return len(some) == len(others) > 0 and all(map(_alike, some, others))
    return False


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}


def _recurrent(carried: Carried, facts: Facts) -> str:
    """The recurrent layer that a call runs, itself or in a module of the page that hands the state through."""
    called = [each.called for each in facts.of(Invocation) if each.node is carried.call]
    known = {_through(each, carried.place, facts) for each in called if isinstance(each, (Layer, Instance))}
    return known.pop() if len(known) == 1 else ""


def _through(called: Layer | Instance, place: int | None, facts: Facts) -> str:
    """The path of the layer of torch whose state is the value at some place; empty if that is not certain."""
    if isinstance(called, Layer):
        return called.path if called.path in (CELLS if place is None else RECURRENT if place == 1 else ()) else ""
    forward = called.cls.methods.get("forward")
    node = forward.node if forward is not None and called.cls.is_plain else None
    if called.cls.kind != "module" or not isinstance(node, ast.FunctionDef) or _steps_out(called.cls.node):
        return ""
    match node.args.args, node.body[-1]:
        case [_, _, ast.arg(arg=state)], ast.Return(value=ast.Tuple(elts=results)):
            runs = [each for each in map(_carried, node.body) if each is not None and _names(each.state) == {state}]
            where = [at for at, each in enumerate(results) if isinstance(each, ast.Name) and each.id == state]
            stores = [each for each in walk(node) if isinstance(each, ast.Name) and _is_store(each, state)]
            if len(runs) == len(stores) == 1 and where == [place]:
                layers = [each.called for each in facts.of(Invocation) if each.node is runs[0].call]
                paths = {_through(each, runs[0].place, facts) for each in layers if isinstance(each, Layer)}
                return paths.pop() if len(paths) == 1 else ""
    return ""


def _is_store(name: ast.Name, text: str) -> bool:
    return name.id == text and isinstance(name.ctx, ast.Store)


def _chooses_gradients(facts: Facts) -> bool:
    """Whether the page says what requires a gradient, so that a layer may have been frozen."""
    return any(each.attr in ("requires_grad", "requires_grad_") for each in facts.each(ast.Attribute))


def _steps_out(node: ast.AST) -> bool:
    """Whether something is taken out of its graph there."""
    return any(
        (isinstance(each, ast.Attribute) and each.attr in APART) or (isinstance(each, ast.Name) and each.id in APART)
        for each in walk(node)
    )


def _stays(statement: ast.stmt, state: ast.expr, block: Block, facts: Facts) -> bool:
    """Whether nothing but one statement of a loop replaces a state or could take it out of its graph."""
    names = _names(state)
    return not _steps_out(statement) and all(
        isinstance(node.ctx, ast.Load) and _is_read(node, facts)
        for each in block.statements
        if each is not statement
        for node in walk(each)
        if isinstance(node, ast.Name) and node.id in names
    )


def _is_read(name: ast.Name, facts: Facts) -> bool:
    """Whether the place where a name stands only computes something else from its value."""
    match next(facts.parents(name)):
        case ast.BinOp():
            return True
        case ast.Subscript(ctx=ctx):
            return isinstance(ctx, ast.Load)
        case ast.Attribute(attr=attr):
            return attr not in APART and not attr.endswith("_")
        case ast.Call() as call:
            called = [each.called for each in facts.of(Invocation) if each.node is call]
            return bool(called) and all(isinstance(each, Layer) for each in called)
    return False


def _is_reached(loss: ast.expr, names: set[str], between: Sequence[ast.stmt]) -> bool:
    """Whether a loss is computed from what some names stand for, in the graph all the way."""
    reached = set(names)
    for statement in between:
        bound = {each.id for each in walk(statement) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        if isinstance(statement, ast.AugAssign):
            continue
        read = _names(statement.value) if isinstance(statement, ast.Assign) and not _steps_out(statement) else set()
        reached = reached | bound if read & reached else reached - bound
    return bool(_names(loss) & reached) and not _steps_out(loss)


def _detached(state: ast.expr, layer: str) -> str:
    """The statement that detaches a state."""
    if isinstance(state, ast.Tuple):
        flat = [each.id for each in state.elts if isinstance(each, ast.Name)]
        return f"{', '.join(flat)} = {', '.join(f'{name}.detach()' for name in flat)}"
    name = state.id if isinstance(state, ast.Name) else ""
    if layer.rpartition(".")[2].startswith("LSTM"):
        return f"{name} = tuple(each.detach() for each in {name})"
    return f"{name} = {name}.detach()"
