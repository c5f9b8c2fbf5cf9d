"""Gradients that are never cleared, or are cleared before they are used.

``backward`` adds to the gradients that are there. Without ``zero_grad`` in the loop every step is taken with the sum of
all gradients so far, and overshoots:

```python wrong
import torch

weight = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
for _ in range(20):
    loss = (weight**2).sum()
    loss.backward()
    optimizer.step()
assert weight.abs() < 0.1
```

```python right
import torch

weight = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
for _ in range(20):
    optimizer.zero_grad()
    loss = (weight**2).sum()
    loss.backward()
    optimizer.step()
assert weight.abs() < 0.1
```

Between ``backward`` and ``step`` it throws away what the step is for, and nothing is learnt:

```python wrong
import torch

weight = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
for _ in range(20):
    loss = (weight**2).sum()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
assert weight.abs() < 0.1
```

```python right
import torch

weight = torch.tensor([4.0], requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=0.5)
for _ in range(20):
    loss = (weight**2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
assert weight.abs() < 0.1
```

Gradients are taken for cleared if anything in the loop, or in a function that it calls, touches them or may do so.
After the step is as good a place as before ``backward``.
"""

import ast
from collections.abc import Iterator
from typing import TypeAlias

from lintml import (
    Block,
    Bound,
    Claim,
    Facts,
    Finding,
    Fix,
    Function,
    Insert,
    Instance,
    Invocation,
    Layer,
    Made,
    Move,
    Reason,
    Remove,
    Rule,
    is_module,
    is_optimizer,
    walk,
)

rule = Rule(code="TRN001", severity="warning")

# Attributes that say of code that it sees to the gradients itself, or has them seen to.
TOUCHING = ("zero_grad", "grad", "register_step_post_hook", "register_post_accumulate_grad_hook", "no_sync")
LOOPS = (ast.For, ast.While)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
Loop: TypeAlias = ast.For | ast.While
HARMLESS = ("builtins.print", "torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_")


@rule.check
def never_cleared(block: Block, facts: Facts) -> Iterator[Finding]:
    """A step in a loop, or in a function that a loop calls, which gathers gradients and does nothing to clear them."""
    step = next((each for each in block.of("step") if each.optimizer is not None), None)
    if step is None or step.optimizer is None or not block.of("backward"):
        return
    name = step.owner if step.made is step.optimizer else next(iter(step.call.args), None)
    if name is None or (step.made is step.optimizer and step.call.args):
        return
    for loops in _loops(block, facts):
        around = [each for each in loops if step.optimizer.node not in set(walk(each))]
        if around and not _is_left(loops[0]) and not _is_once(loops[0]) and not _sees_to_gradients(around[-1], facts):
            break
    else:
        return
    yield _uncleared(block, step, name, facts)


@rule.check
def never_cleared_by_anybody(block: Block, facts: Facts) -> Iterator[Finding]:
    """A step with an optimizer that a caller gives, on a page that says nothing anywhere of clearing gradients."""
    gathered = [each for each in block.of("backward") if each.plain and not each.call.args]
    steps = [each for each in block.of("step") if each.plain and not (each.call.args or each.call.keywords)]
    if not gathered or not steps or steps[0].at < gathered[-1].at or steps[0].made is not None:
        return
    step, around = steps[0], [block.around, *facts.parents(block.around)]
    function = next((each for each in around if isinstance(each, ast.FunctionDef)), None)
    owner = step.owner
    if function is None or not isinstance(owner, ast.Name) or owner.id not in _parameters(function):
        return
    if any(_root(each.owner) in (owner.id, "") for each in gathered) or _speaks_of_gradients(facts):
        return
    loops = next((each for each in _loops(block, facts) if not _is_left(each[0]) and not _is_once(each[0])), None)
    if loops is None or any(_hands_on(node, owner.id, facts) for node in walk(function)):
        return
    yield _uncleared(block, step, owner, facts)


def _uncleared(block: Block, step: Move, optimizer: ast.expr, facts: Facts) -> Finding:
    clear = f"{facts.source(optimizer)}.zero_grad()"
    where = "loop" if block.repeats else "function or in the loop that calls it"
    return Finding(
        step.call,
        f"nothing in the {where} clears the gradients: each step is taken with the sum of all so far; call `{clear}`",
        because=(Reason(block.of("backward")[0].call, "they are added to here"),),
        fix=Fix(
            f"Clear them first: `{clear}`",
            (Insert(block.statements[0], clear),),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(step.call),
        )
        if not step.conditional
        else None,
    )


def _parameters(function: ast.FunctionDef) -> set[str]:
    spec = function.args
    return {each.arg for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}


def _root(node: ast.AST | None) -> str:
    """The name that an expression begins with; empty where it begins with something else."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _speaks_of_gradients(facts: Facts) -> bool:
    return any(each.attr in TOUCHING for each in facts.each(ast.Attribute))


def _hands_on(node: ast.AST, optimizer: str, facts: Facts) -> bool:
    """Whether a call is given the optimizer, or something that the function calls, and is not known to be torch's."""
    if not isinstance(node, ast.Call) or (facts.path(node.func) or "").startswith("torch."):
        return False
    given = {each.id for each in (*node.args, *(word.value for word in node.keywords)) if isinstance(each, ast.Name)}
    function = next((each for each in facts.parents(node) if isinstance(each, ast.FunctionDef)), None)
    calls = (each.func for each in walk(function) if isinstance(each, ast.Call)) if function is not None else ()
    return bool(given & {optimizer, *(each.id for each in calls if isinstance(each, ast.Name))})


@rule.check
def cleared_too_early(block: Block, facts: Facts) -> Iterator[Finding]:
    """``backward``, ``zero_grad`` and ``step`` in this order, with nothing between them that makes gradients anew."""
    for clear in block.of("clear"):
        before = [each for each in block.moves if each.at < clear.at]
        after = [each for each in block.moves if each.at > clear.at and each.kind in ("step", "backward")]
        gathered = _since_the_last_step(before, clear)
        if not gathered or not after or not clear.plain:
            continue
        step = after[0]
        if step.kind != "step" or not step.plain or not step.is_on(clear) or step.call.args or step.call.keywords:
            continue
        if not all(_is_harmless(each, facts) for each in block.statements[clear.at + 1 : step.at]):
            continue
        first, text = gathered[0], facts.source(clear.call)
        yield Finding(
            clear.call,
            f"`{text}` between `backward` and `step` throws the gradients away that the step is for",
            because=(Reason(first.call, "they are worked out here"), Reason(step.call, "the step comes too late")),
            fix=Fix(
                "Clear them before they are worked out",
                (Insert(block.statements[first.at], text), Remove(block.statements[clear.at])),
                Claim.CHANGES,
                "unsafe",
                subject=facts.subject(clear.call),
            ),
        )


def _loops(block: Block, facts: Facts) -> Iterator[list[Loop]]:
    """The loops around a block that is the body of one, or around each call of the function that it is the body of."""
    if block.repeats and isinstance(block.around, LOOPS):
        yield [block.around, *_around(block.around, facts)]
    elif isinstance(block.around, ast.FunctionDef):
        for each in facts.of(Invocation):
            called = each.called.node if isinstance(each.called, Function) else None
            if called is block.around and (loops := _around(each.node, facts)):
                yield loops


def _around(node: ast.AST, facts: Facts) -> list[Loop]:
    """The loops around a node, in the function that it stands in."""
    found: list[Loop] = []
    for each in facts.parents(node):
        if isinstance(each, DEFINITIONS):
            break
        if isinstance(each, LOOPS):
            found.append(each)
    return found


def _since_the_last_step(before: list[Move], clear: Move) -> list[Move]:
    """Where gradients were worked out that no step was taken with yet; none where only one way of a branch does."""
    gathered: list[Move] = []
    for each in before:
        if each.kind == "backward" and each.plain:
            gathered.append(each)
        elif each.kind in ("clear", "step") and (each.is_on(clear) or not each.plain):
            gathered = []
    return gathered


def _is_harmless(statement: ast.stmt, facts: Facts) -> bool:
    """Whether a statement is sure to leave the gradients as they are."""
    nodes = list(walk(statement))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    if any(isinstance(node, ast.Attribute) and node.attr == "grad" for node in nodes):
        return False
    return all(
        (facts.path(call.func) or "") in HARMLESS
        or (isinstance(call.func, ast.Attribute) and call.func.attr in ("zero_grad", "parameters"))
        or (isinstance(call.func, ast.Name) and call.func.id == "print")
        for call in calls
    )


def _sees_to_gradients(loop: ast.AST, facts: Facts) -> bool:
    """Whether a loop, or what it calls, clears gradients, or gives model or optimizer to something that might."""
    known: dict[ast.AST, list[Invocation]] = {}
    for each in facts.of(Invocation):
        known.setdefault(each.node, []).append(each)
    waiting, seen = [loop], set()
    while waiting:
        for node in walk(waiting.pop()):
            if isinstance(node, ast.Attribute) and node.attr in TOUCHING:
                return True
            for each in known.get(node, ()):
                if isinstance(each.called, Function):
                    if each.called.node not in seen:
                        seen.add(each.called.node)
                        waiting.append(each.called.node)
                elif _may_clear(each):
                    return True
    return False


def _may_clear(invocation: Invocation) -> bool:
    """Whether what is called is not known and holds the model or the optimizer."""
    match invocation.called:
        case Bound(owner=Instance(cls=cls)):
            return not cls.complete
        case Instance() | Layer() | Bound(owner=Made()):
            return False
    if invocation.path.startswith(("torch.", "builtins.")):
        return False
    given = (*invocation.arguments, *invocation.keywords.values())
    return any(is_module(each) or isinstance(each, Instance) or is_optimizer(each) for each in given)


def _is_left(loop: Loop) -> bool:
    """Whether the first pass of a loop is its last."""
    return any(isinstance(each, (ast.Break, ast.Return)) for each in loop.body)


def _is_once(loop: Loop) -> bool:
    match loop:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=1)])):
            return True
        case ast.For(iter=ast.List(elts=[_]) | ast.Tuple(elts=[_])):
            return True
    return False
