"""Properties of what a module keeps from one call to the next: running statistics, a cache of earlier steps."""

import inspect
import itertools
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.scene import Scene, copied

_MOST_BATCHES = 1500
_STILL = 1e-7
_NEAR = 2e-3
_STEPS = {"rtol": 1e-4, "atol": 1e-5}


def statistics_follow(scene: Scene) -> Iterator[str]:
    """What normalises a batch while it trains, normalises by what it has seen of batches afterwards.

    Shown the same batch until its statistics stand still, it gives the same for it in both modes, but for the one
    example that an unbiased variance leaves out.
    """
    module = scene.fresh().train()
    inputs = scene.inputs()
    kept = [buffer for buffer in module.buffers() if buffer.is_floating_point() and buffer.numel() > 1]
    if len(kept) < 2 or any(True for _ in module.children()) or len(inputs) != 1:
        return
    with torch.no_grad():
        began = [buffer.clone() for buffer in module.buffers()]
        trained = _until_still(module, inputs)
        if trained is None or trained.shape != inputs[0].shape or not _is_normal(trained):
            return
        if all(torch.equal(one, two) for one, two in zip(began, module.buffers(), strict=True)):
            yield "its running statistics stay as they began"
            return
        given = tensors.leaves(module.eval()(*copied(inputs)))[0]
    count = trained.numel() / trained.shape[1]
    shares = (1.0, ((count - 1) / count) ** 0.5)
    same = any(bool(torch.allclose(given, trained * share, rtol=_NEAR, atol=_NEAR)) for share in shares)
    yield "" if same else "in eval mode it does not normalise by what it has seen of the batches"


def _until_still(module: nn.Module, inputs: list[Any]) -> torch.Tensor | None:
    """What the module gives once its buffers do not move any more; None where they never come to rest."""
    for _ in range(_MOST_BATCHES):
        before = [buffer.clone() for buffer in module.buffers()]
        found = tensors.leaves(module(*copied(inputs)))
        moved = [
            float((one - two).abs().max()) / (1 + float(two.abs().max()))
            for one, two in zip(before, module.buffers(), strict=True)
            if two.is_floating_point() and two.numel()
        ]
        if not found or max(moved, default=0.0) < _STILL:
            return found[0] if found else None
    return None


def _is_normal(x: torch.Tensor) -> bool:
    """Whether every channel has the mean zero and the deviation one."""
    if x.dim() < 2 or not x.is_floating_point():
        return False
    rows = x.transpose(0, 1).flatten(1)
    return bool(rows.mean(1).abs().max() < _NEAR) and bool((rows.var(1, unbiased=False) - 1).abs().max() < 10 * _NEAR)


def steps_as_at_once(scene: Scene) -> Iterator[str]:
    """A module that takes what it gave of earlier steps gives, step by step, what it gives for all steps at once.

    Tried where what it keeps grows by each step, and where no step sees a later one.
    """
    module = scene.still
    inputs = scene.inputs()
    settings = list(inspect.signature(module.forward).parameters.values())
    optional = [one.name for one in settings if one.default is None]
    flags = {one.name: True for one in settings if one.default is False}
    if len(inputs) != 1 or not isinstance(inputs[0], torch.Tensor) or inputs[0].dim() < 2:
        return
    with torch.no_grad():
        for name, extra in itertools.product(optional, ({}, flags) if flags else ({},)):
            seen = _step_by_step(module, inputs[0], name, extra)
            if seen is not None:
                yield seen
                return


def _step_by_step(module: nn.Module, x: torch.Tensor, name: str, extra: dict[str, Any]) -> str | None:
    try:
        whole = module(x.clone(), **extra)
        outputs, state = [], None
        for at in range(x.shape[1]):
            made = module(x[:, at : at + 1].clone(), **extra, **({name: state} if at else {}))
            if not isinstance(made, tuple) or len(made) < 2 or (at and not _grown(state, made[1])):
                return None
            outputs.append(made[0])
            state = tensors.map_tensors(torch.clone, made[1])
    except Exception:  # It is no cache that it takes.
        return None
    same = [torch.allclose(whole[0][:, at : at + 1], one, **_STEPS) for at, one in enumerate(outputs)]
    if not same[0]:
        return None
    return "" if all(same) else f"step by step it gives other values than at once, from step {same.index(False) + 1} on"


def _grown(before: Any, after: Any) -> bool:
    """Whether one axis of each tensor that is kept is longer by one."""
    pairs = list(zip(tensors.leaves(before), tensors.leaves(after), strict=False))
    return bool(pairs) and all(_longer(one.shape, two.shape) for one, two in pairs)


def _longer(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    more = [two - one for one, two in zip(before, after, strict=False)]
    return len(before) == len(after) and sorted(more) == [*[0] * (len(more) - 1), 1]
