"""Tensors and numbers that are broadcast together."""

from lintml.shapes import verbs
from lintml.shapes.call import Call, Output
from lintml.shapes.shape import Shape


def elementwise(call: Call) -> tuple[Output, ...]:
    """All tensors broadcast together; a number is a tensor without axes."""
    return (Output(verbs.broadcast_all(call, *call.tensors)),)


def where(call: Call) -> tuple[Output, ...]:
    """torch.where: three tensors broadcast, or, of a condition alone, the places where it is true, a vector an axis."""
    if len(call.tensors) != 1:
        return elementwise(call)
    shape = call.given(0)
    if shape is None or shape.rest is not None:
        return (Output(None, "index"),)
    return tuple(Output(Shape((None,)), "index") for _ in shape.dims or (1,))
