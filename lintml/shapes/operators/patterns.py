"""The operators of einops, whose patterns say in words what becomes of the axes."""

from lintml.shapes import einops, verbs
from lintml.shapes.call import Call, Output


def by_pattern(call: Call) -> tuple[Output, ...]:
    """rearrange, reduce and repeat, also as layers; of several tensors, these stacked."""
    kinds: dict[str, einops.Kind] = {"rearrange": "rearrange", "reduce": "reduce", "repeat": "repeat"}
    each = call.group(0)
    given = verbs.stack(call, each, 0) if each else call.given(0)
    kind = kinds[call.name.rpartition(".")[2].lower()]
    return (Output(einops.rearrange(call, kind, given, call.settings["pattern"], call.settings["lengths"])),)


def einsum(call: Call) -> tuple[Output, ...]:
    """A sum of products over the names that the result lacks."""
    shapes = [call.given(position) for position in range(len(call.tensors))]
    return (Output(einops.einsum(call, shapes, call.settings["pattern"])),)
