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
    walk,
)

rule = Rule(code="TRN001", severity="warning")

# Attributes that say of code that it sees to the gradients itself, or has them seen to.
TOUCHING = ("zero_grad", "grad", "register_step_post_hook", "register_post_accumulate_grad_hook", "no_sync")
HARMLESS = ("builtins.print", "torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_")


@rule.check
def never_cleared(block: Block, facts: Facts) -> Iterator[Finding]:
    """A step in a loop that gathers gradients and does nothing to clear them."""
    loop = block.around
    if not block.repeats or not isinstance(loop, (ast.For, ast.While)) or _is_left(loop) or _is_once(loop):
        return
    step = next((each for each in block.of("step") if each.optimizer is not None), None)
    if step is None or step.optimizer is None or not block.of("backward"):
        return
    name = step.owner if step.made is step.optimizer else next(iter(step.call.args), None)
    if name is None or (step.made is step.optimizer and step.call.args):
        return
    outer = [loop, *(each for each in facts.parents(loop) if isinstance(each, (ast.For, ast.While)))]
    around = [each for each in outer if step.optimizer.node not in set(walk(each))]
    if not around or _sees_to_gradients(around[-1], facts):
        return
    clear = f"{facts.source(name)}.zero_grad()"
    yield Finding(
        step.call,
        f"nothing in the loop clears the gradients: each step is taken with the sum of all so far; call `{clear}`",
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
    return any(is_module(each) or isinstance(each, (Instance, Made)) for each in given)


def _is_left(loop: ast.For | ast.While) -> bool:
    """Whether the first pass of a loop is its last."""
    return any(isinstance(each, (ast.Break, ast.Return)) for each in loop.body)


def _is_once(loop: ast.For | ast.While) -> bool:
    match loop:
        case ast.For(iter=ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=1)])):
            return True
        case ast.For(iter=ast.List(elts=[_]) | ast.Tuple(elts=[_])):
            return True
    return False
