"""Which device a name means on this machine."""

import torch


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
