"""Losses: what the target must look like beside the input, and one number or many."""

from lintml.shapes import verbs
from lintml.shapes.axes import product
from lintml.shapes.call import Call, Output
from lintml.shapes.shape import Shape


def pointwise(call: Call) -> tuple[Output, ...]:
    """Losses of two tensors element by element, which broadcast."""
    total = verbs.broadcast_all(call, *call.tensors[:2])
    return (Output(verbs.reduced(call, total, call.settings.get("reduction")), "float"),)


def alike(call: Call) -> tuple[Output, ...]:
    """Losses that hold the target to the input's own shape (binary cross entropy)."""
    given, target = call.given(0), call.given(1)
    if given is not None and target is not None:
        verbs.same(call, given, target, 1, "target")
    shape = given if given is not None else target
    return (Output(verbs.reduced(call, shape, call.settings.get("reduction")), "float"),)


def classes(call: Call) -> tuple[Output, ...]:
    """nn.CrossEntropyLoss and nn.NLLLoss: input (classes), (batch, classes) or (batch, classes, …).

    The target holds one index where the input has an axis of classes, or, for cross entropy, a probability for each.
    """
    given, target = call.given(0), call.given(1)
    weight = call.given(2)
    if given is None or given.rest is not None or target is None:
        return (Output(verbs.reduced(call, None, call.settings.get("reduction")), "float"),)
    rank = len(given.dims)
    if rank == 0:
        call.refuse("rank", 1, 0, given)
        return (Output(None),)
    axis = 0 if rank == 1 else 1
    if weight is not None and weight.rank == 1:
        call.fit("weight", given.dims[axis], weight, 0, position=2)
    wanted = Shape(given.dims[:axis] + given.dims[axis + 1 :])
    soft = "cross" in call.name.lower()
    shape = call.world.decide(target, [rank - 1, rank] if soft else [rank - 1])
    if shape is None:
        if not (rank == 1 and target.dims == (1,) and not soft):
            call.refuse("rank", rank - 1, target.rank, target, position=1)
    else:
        verbs.same(call, given if len(shape.dims) == rank else wanted, shape, 1, "target")
    return (Output(verbs.reduced(call, wanted, call.settings.get("reduction")), "float"),)


def ranking(call: Call) -> tuple[Output, ...]:
    """nn.MarginRankingLoss: three tensors of one rank that broadcast."""
    total = verbs.broadcast_all(call, *call.tensors[:3])
    return (Output(verbs.reduced(call, total, call.settings.get("reduction")), "float"),)


def gaussian(call: Call) -> tuple[Output, ...]:
    """nn.GaussianNLLLoss: input and target broadcast; the variance is the input's shape, but for one axis."""
    given, variance = call.given(0), call.given(2)
    if given is not None and variance is not None and _settled(given) and _settled(variance) and variance.dims:
        alike = len(given.dims) == len(variance.dims)
        unlike = [got for want, got in zip(given.dims, variance.dims, strict=False) if want != got]
        if variance.dims != given.dims[:-1] and not (alike and unlike in ([], [1])):
            call.refuse("var", product(given.dims), product(variance.dims), variance, position=2)
    return pointwise(call)


def _settled(shape: Shape) -> bool:
    return shape.rest is None and all(isinstance(size, int) for size in shape.dims)


def margin(call: Call) -> tuple[Output, ...]:
    """nn.MultiMarginLoss and nn.MultiLabelMarginLoss: ([batch], classes); a target for each row, or for each class."""
    given = call.ranked(0, 2, 1, 0)
    if given is None:
        return (Output(verbs.reduced(call, None, call.settings.get("reduction")), "float"),)
    rows, target, weight = Shape(given.dims[:-1]), call.given(1), call.given(2)
    if weight is not None and weight.rest is None and given.dims:
        if len(weight.dims) != 1:
            call.refuse("rank", 1, len(weight.dims), weight, position=2)
        else:
            call.fit("weight", given.dims[-1], weight, 0, position=2)
    by_class = "label" in call.name.lower()
    if target is not None and (target.rank == 2 or rows.dims):
        verbs.same(call, given if by_class else rows, target, 1, "target")
    return (Output(verbs.reduced(call, rows, call.settings.get("reduction")), "float"),)


def by_row(call: Call) -> tuple[Output, ...]:
    """Losses over the last axis of tensors that broadcast: triplet margin; one value for each row."""
    total = verbs.broadcast_all(call, *call.tensors[:3])
    rows = verbs.select(call, total, -1) if total is not None and total.rank != 0 else None
    return (Output(verbs.reduced(call, rows, call.settings.get("reduction")), "float"),)


def cosine(call: Call) -> tuple[Output, ...]:
    """nn.CosineEmbeddingLoss: two matrices with a target for each row, or two vectors with one target."""
    target = call.ranked(2, 1, 0)
    shapes = [
        call.ranked(position, *((2,) if target.dims else (1,))) if target is not None else None for position in (0, 1)
    ]
    if None not in shapes:
        verbs.broadcast_all(call, *shapes)
    return (Output(verbs.reduced(call, target, call.settings.get("reduction")), "float"),)


def connectionist(call: Call) -> tuple[Output, ...]:
    """nn.CTCLoss: (time, batch, classes) or (time, classes); one value for each sequence."""
    given = call.ranked(0, 3, 2)
    rows = None if given is None else Shape(given.dims[1:-1])
    return (Output(verbs.reduced(call, rows, call.settings.get("reduction")), "float"),)
