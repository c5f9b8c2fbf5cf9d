"""Operators that take or place elements by index."""

from lintml.shapes import verbs
from lintml.shapes.axes import place, product, with_axis
from lintml.shapes.call import Call, Output
from lintml.shapes.shape import Axis, Shape


def gather(call: Call) -> tuple[Output, ...]:
    """torch.gather: the index has the result's shape and the input's rank, and is longer only along ``dim``."""
    index = call.given(1)
    _reach(call, index, 1, 0)
    return (Output(index),)


def scatter(call: Call) -> tuple[Output, ...]:
    """torch.scatter and its kin: the shape of the input; the index reaches no further, nor beyond the source."""
    index, source = call.given(1), call.given(2)
    _reach(call, index, 1, 0)
    if source is not None and source.dims and index is not None and index.rest is None and source.rest is None:
        if len(source.dims) != len(index.dims):
            call.refuse("rank", len(index.dims), len(source.dims), source, position=2)
        else:
            for at, (want, got) in enumerate(zip(index.dims, source.dims, strict=True), -len(index.dims)):
                if isinstance(want, int) and isinstance(got, int) and want > got:
                    call.refuse("index", want, got, source, position=2, index=at)
    return (Output(call.given(0)),)


def _reach(call: Call, index: Shape | None, position: int, into: int) -> None:
    shape, dim = call.given(into), call.settings.get("dim")
    if shape is None or index is None or shape.rest is not None or index.rest is not None:
        return
    if len(shape.dims or (1,)) != len(index.dims or (1,)):
        if 0 not in index.dims:
            call.refuse("rank", len(shape.dims), len(index.dims), index, position=position)
        return
    if not index.dims:
        return
    found = place(call, shape, dim)
    if found is None:
        return
    for at in range(-len(shape.dims), 0):
        there, asked = shape.dims[at], index.dims[at]
        if at != found[1] and isinstance(there, int) and isinstance(asked, int) and asked > there:
            call.refuse("index", there, asked, index, position=position, index=at)


def index_select(call: Call) -> tuple[Output, ...]:
    """torch.index_select: one axis as long as the index, which is a vector."""
    shape, index = call.given(0), call.ranked(1, 1, 0)
    if shape is not None and shape.rank == 0:
        return (Output(shape),)
    size = None if index is None else index.dims[0] if index.dims else 1
    return (Output(verbs.replace(call, shape, call.settings.get("dim"), size)),)


def index_into(call: Call) -> tuple[Output, ...]:
    """torch.index_add, index_copy, index_fill: the shape of the input; the index is a vector as long as the source."""
    shape, index, source = call.given(0), call.ranked(1, 1, 0), call.given(2)
    found = place(call, shape, call.settings.get("dim")) if shape is not None else None
    if found is None or source is None or source.rest is not None or found[0].rest is not None:
        return (Output(shape),)
    into, axis = found
    if len(source.dims) != len(into.dims):
        if source.dims:
            call.refuse("rank", len(into.dims), len(source.dims), source, position=2)
        return (Output(into),)
    size = into.dims[axis] if index is None else index.dims[0] if index.dims else 1
    wanted = with_axis(into, axis, size if index is not None else None)
    for at in range(-len(into.dims), 0):
        call.fit("index" if at == axis else "source", wanted.dims[at], source, at, position=2)
    return (Output(into),)


def take_along(call: Call) -> tuple[Output, ...]:
    """torch.take_along_dim: both broadcast but along the axis, which is as long as the index."""
    shape, index, dim = call.given(0), call.given(1), call.settings.get("dim")
    if dim is None:
        return (Output(Shape((product(index.dims) if index is not None and index.rest is None else None,))),)
    if shape is None or index is None or shape.rest is not None or index.rest is not None:
        return (Output(None),)
    if len(shape.dims) != len(index.dims):
        call.refuse("rank", len(shape.dims), len(index.dims), index, position=1)
        return (Output(None),)
    found = place(call, shape, dim)
    if found is None:
        return (Output(None),)
    axis = found[1]
    return (Output(verbs.broadcast(call, with_axis(shape, axis, index.dims[axis]), index)),)


def embedding_bag(call: Call) -> tuple[Output, ...]:
    """nn.EmbeddingBag: one row for each bag; a matrix holds a bag a row, a vector is cut by ``offsets``."""
    return _bags(call, call.given(1), call.size("embedding_dim"))


def functional_bag(call: Call) -> tuple[Output, ...]:
    """F.embedding_bag: as ``embedding_bag``, the weight given."""
    weight = call.ranked(1, 2)
    return _bags(call, call.given(2), weight.dims[1] if weight is not None else None)


def _bags(call: Call, offsets: Shape | None, width: Axis) -> tuple[Output, ...]:
    bags = call.ranked(0, 2, 1)
    count: Axis = None
    if bags is not None and len(bags.dims) == 2:
        count = bags.dims[0]
    elif offsets is not None and offsets.rank == 1:
        last, size = call.settings.get("include_last_offset", False), offsets.dims[0]
        count = size if last is False else size - 1 if last is True and size is not None else None
    return (Output(Shape((count, width)), "float"),)
