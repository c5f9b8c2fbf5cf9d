"""Gradients that are clipped after the step, or before they have their own size.

The step is taken with the gradients as they are: clipping them afterwards changes nothing any more.

```python wrong
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
(1000 * weight).sum().backward()
optimizer.step()
torch.nn.utils.clip_grad_norm_([weight], 1.0)
assert (1 - weight).norm() < 1.1
```

```python right
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
(1000 * weight).sum().backward()
torch.nn.utils.clip_grad_norm_([weight], 1.0)
optimizer.step()
assert (1 - weight).norm() < 1.1
```

A ``GradScaler`` makes the gradients larger until the step; what is clipped before ``unscale_`` is clipped far too much:

```python wrong
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
scaler = torch.amp.GradScaler("cpu")
scaler.scale(weight.sum()).backward()
torch.nn.utils.clip_grad_norm_([weight], 1.0)
scaler.step(optimizer)
scaler.update()
assert (1 - weight).norm() > 0.9
```

```python right
import torch

weight = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([weight], lr=1.0)
scaler = torch.amp.GradScaler("cpu")
scaler.scale(weight.sum()).backward()
scaler.unscale_(optimizer)
torch.nn.utils.clip_grad_norm_([weight], 1.0)
scaler.step(optimizer)
scaler.update()
assert (1 - weight).norm() > 0.9
```

A norm that is used after the step, to be shown, is what the call is for; then it is not reported.
"""

import ast
from collections.abc import Iterator, Sequence

from lintml import Block, Claim, Facts, Finding, Fix, Insert, Move, Reason, Remove, Rule, walk

rule = Rule(code="TRN005", severity="warning")


@rule.check
def after_the_step(block: Block, facts: Facts) -> Iterator[Finding]:
    """``backward``, ``step`` and a clip whose result nobody takes, with no gradients made after the step."""
    clips = block.of("clip")
    if len(clips) != 1 or not clips[0].plain:
        return
    clip = clips[0]
    before = [each for each in block.moves if each.at < clip.at]
    step = before[-1] if before else None
    gathered = [each for each in before if each.kind == "backward" and each.plain]
    if step is None or step.kind != "step" or not step.plain or not gathered or gathered[-1].at > step.at:
        return
    following = [each for each in block.moves if each.at > clip.at]
    if following and following[0].kind not in ("clear", "backward", "schedule"):
        return
    if any(_calls(each) for each in block.statements[step.at + 1 : clip.at]):
        return
    text = facts.source(clip.call)
    yield Finding(
        clip.call,
        "the gradients are clipped after the step that they are for",
        because=(Reason(step.call, "the step is taken here"),),
        fix=Fix(
            "Clip them before the step",
            (Insert(block.statements[step.at], text), Remove(block.statements[clip.at])),
            Claim.CHANGES,
            "unsafe",
            subject=facts.subject(clip.call),
        ),
    )


@rule.check
def before_unscaling(block: Block, facts: Facts) -> Iterator[Finding]:
    """A clip between a scaled ``backward`` and the scaler's step, where nothing unscales the gradients."""
    for clip in block.of("clip"):
        before = [each for each in block.moves if each.at < clip.at and each.kind in ("backward", "step", "unscale")]
        after = [each for each in block.moves if each.at > clip.at and each.kind in ("backward", "step", "unscale")]
        scaler = _scaler(before[-1]) if before and before[-1].kind == "backward" else None
        step = after[0] if after and after[0].kind == "step" else None
        if scaler is None or step is None or step.owner is None or len(step.call.args) != 1:
            continue
        between = block.statements[before[-1].at + 1 : clip.at]
        if ast.dump(step.owner) != ast.dump(scaler) or step.conditional or _may_unscale(between, block, facts):
            continue
        text = f"{facts.source(scaler)}.unscale_({facts.source(step.call.args[0])})"
        yield Finding(
            clip.call,
            f"the gradients are clipped while the scaler has them enlarged; call `{text}` first",
            because=(Reason(before[-1].call, "they are enlarged here"),),
            fix=Fix(
                f"Give them their own size first: `{text}`",
                (Insert(block.statements[clip.at], text),),
                Claim.CHANGES,
                "unsafe",
                subject=facts.subject(clip.call),
            ),
        )


def _scaler(backward: Move) -> ast.expr | None:
    """The scaler in ``scaler.scale(loss).backward()``."""
    match backward.owner:
        case ast.Call(func=ast.Attribute(value=scaler, attr="scale"), args=[_]):
            return scaler
    return None


def _may_unscale(between: Sequence[ast.stmt], block: Block, facts: Facts) -> bool:
    """Whether the function unscales gradients anywhere, or calls anything on the way from ``backward`` to the clip."""
    around = [block.around, *facts.parents(block.around)]
    function = next((each for each in around if isinstance(each, (ast.FunctionDef, ast.Module))), block.around)
    said = any(isinstance(node, ast.Attribute) and node.attr == "unscale_" for node in walk(function))
    return said or any(_calls(each) for each in between)


def _calls(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Call) for node in walk(statement))
