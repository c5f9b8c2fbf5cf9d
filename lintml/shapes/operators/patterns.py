"""The operators of einops, whose patterns say in words what becomes of the axes."""

from typing import Final

from lintml.shapes import einops, packing, verbs
from lintml.shapes.call import Call, Output

_KINDS: Final[dict[str, einops.Kind]] = {
    "rearrange": "rearrange",
    "reduce": "reduce",
    "repeat": "repeat",
    "einmix": "mix",
}


def by_pattern(call: Call) -> tuple[Output, ...]:
    """rearrange, reduce and repeat, also as layers, and EinMix; of several tensors, these stacked."""
    each = call.group(0)
    given = verbs.stack(call, each, 0) if each else call.given(0)
    kind = _KINDS[call.name.rpartition(".")[2].lower()]
    return (Output(einops.rearrange(call, kind, given, call.settings["pattern"], call.settings["lengths"])),)


def einsum(call: Call) -> tuple[Output, ...]:
    """A sum of products over the names that the result lacks."""
    shapes = [call.given(position) for position in range(len(call.tensors))]
    return (Output(einops.einsum(call, shapes, call.settings["pattern"])),)


def pack(call: Call) -> tuple[Output, ...]:
    """Tensors of several ranks made one."""
    return (Output(packing.pack(call, call.group(0), call.settings["pattern"])),)


def unpack(call: Call) -> tuple[Output, ...]:
    """One tensor taken apart into tensors of several ranks."""
    parts = packing.unpack(call, call.settings["parts"], call.settings["pattern"])
    return tuple([Output(part) for part in parts])
