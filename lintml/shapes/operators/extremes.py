"""Reductions whose number of results depends on how they are called."""

from typing import Final

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, Output
from lintml.shapes.operators.elementwise import elementwise
from lintml.shapes.shape import Shape

ROW: Final = Shape((None,))  # one axis that data decides the length of


def extreme(call: Call) -> tuple[Output, ...]:
    """torch.max and min: of all elements, along an axis with the places, or of two tensors element by element."""
    if len(call.tensors) > 1:
        return elementwise(call)
    dim = call.settings.get("dim")
    if dim is UNKNOWN:
        return (Output(None),)
    shape = verbs.reduce(call, call.given(0), dim, call.settings.get("keepdim", False))
    return (Output(shape),) if dim is None else (Output(shape), Output(shape, "index"))


def unique(call: Call) -> tuple[Output, ...]:
    """torch.unique and unique_consecutive: as many values as there are, their places and counts where asked for."""
    setting, shape = call.settings, call.given(0)
    inverse, counts, dim = setting.get("return_inverse", False), setting.get("return_counts", False), setting.get("dim")
    if not isinstance(inverse, bool) or not isinstance(counts, bool):
        return (Output(None),)
    found = [Output(ROW if dim is None else verbs.replace(call, shape, dim, None))]
    if inverse:
        found.append(Output(shape if dim is None else ROW, "index"))
    if counts:
        found.append(Output(ROW, "index"))
    return tuple(found)


def nonzero(call: Call) -> tuple[Output, ...]:
    """torch.nonzero: one row for each place, with a number for each axis; or one vector an axis (``as_tuple``)."""
    shape, apart = call.given(0), call.settings.get("as_tuple", False)
    if shape is None or shape.rest is not None or not isinstance(apart, bool):
        return (Output(Shape((None, None)) if apart is False else None, "index"),)
    if apart:
        return tuple(Output(ROW, "index") for _ in shape.dims or (1,))
    return (Output(Shape((None, len(shape.dims))), "index"),)


def quantile(call: Call) -> tuple[Output, ...]:
    """torch.quantile: as a reduction; a vector of quantiles gives a first axis, one place for each."""
    setting, q = call.settings, call.given(1)
    shape = verbs.reduce(call, call.given(0), setting.get("dim"), setting.get("keepdim", False))
    if shape is None or q is None or q.rest is not None or shape.rest is not None:
        return (Output(None, "float"),)
    return (Output(Shape((*q.dims, *shape.dims)), "float"),)


def difference(call: Call) -> tuple[Output, ...]:
    """torch.diff: an axis shorter by ``n``, and longer by what is put before and behind it."""
    setting, shape = call.settings, call.given(0)
    if any(each is not None for each in call.tensors[1:]):
        return (Output(verbs.replace(call, shape, setting.get("dim"), None)),)
    return (Output(verbs.shortened(call, shape, setting.get("dim"), setting.get("n"))),)
