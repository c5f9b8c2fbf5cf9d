"""Which device a name means on this machine, and whether a subject gives there what it gives on the CPU."""

import torch

from lintml.verify.inputs.spec import Recipe
from lintml.verify.judge.comparing import allowed, rel_rms
from lintml.verify.judge.probe import Probe, give
from lintml.verify.references.declare import Seen
from lintml.verify.references.graph import RANDOM

_DTYPES = (torch.float32, torch.bfloat16)


class DeviceMissing(Exception):
    """The device that was asked for is not there."""


def resolve(name: str) -> str:
    """``cpu``, ``cuda`` or ``mps``, ``auto`` taking the best there is; raises DeviceMissing."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return next(device for device in ("cuda", "mps", "cpu") if there[device])
    kind = name.split(":")[0]
    if kind not in there:
        raise DeviceMissing(f"device {name!r} is none of cpu, cuda, mps, auto")
    if not there[kind]:
        built = torch.version.cuda is not None if kind == "cuda" else torch.backends.mps.is_built()
        why = "torch sees none" if built else f"this torch ({torch.__version__}) is built without it"
        raise DeviceMissing(f"device {name!r} is not available: {why}")
    return name


def differs(probe: Probe, seen: Seen, recipe: Recipe, device: str, seed: int) -> str:
    """How a subject on ``device`` is off from itself in float64 on the CPU by more than rounding, or nothing.

    In float32, and in bfloat16 where it takes that; in evaluation mode. Random subjects are not compared.
    """
    if seen.still.ops() & RANDOM:
        return ""
    given = give(seen.parameters, recipe, seed)
    exact = probe.run(recipe, given, False)
    if exact.error is not None or exact.dtype is not torch.float64:
        return ""
    for dtype in _DTYPES:
        there, here = (probe.run_in(dtype, place, recipe, given, False) for place in (device, "cpu"))
        if there.error is not None or here.error is not None:
            continue
        for got, same, want in zip(there.tensors, here.tensors, exact.tensors, strict=False):
            if want.is_floating_point():
                off, limit = rel_rms(got, want), allowed(want, rel_rms(same, want), dtype)
                if off > limit:
                    return f"on {device} in {str(dtype).removeprefix('torch.')} it is off by {off:.1e}"
    return ""
