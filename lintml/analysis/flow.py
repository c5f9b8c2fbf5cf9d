"""How tensors get from one operator to the next: what stands behind one, who takes it, where its axes go."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from lintml.analysis.values import Application, Tensor

# Operators that keep every element of their first input and may lay it out anew, or leave some out.
VIEWS: Final = frozenset(
    """view reshape view_as reshape_as transpose swapaxes swapdims movedim moveaxis permute mT t contiguous clone
    unsqueeze squeeze flatten unflatten Flatten Unflatten expand expand_as broadcast_to repeat repeat_interleave tile
    chunk split tensor_split unbind narrow select __getitem__ float half double bfloat16 detach Identity cpu cuda
    requires_grad_ rearrange Rearrange""".split()
)
# Those that only exchange axes, or change nothing.
TURNS: Final = frozenset("transpose swapaxes swapdims mT t contiguous clone float detach".split())
DROPOUTS: Final = frozenset("dropout Dropout AlphaDropout alpha_dropout dropout_".split())


FLATTENING: Final = frozenset(
    f"torch.{name}" for name in "flatten reshape Tensor.flatten Tensor.view Tensor.reshape nn.Flatten".split()
)
# Operators whose result has the axes of their first input, each in its place.
KEEPING: Final = frozenset(
    f"torch.{name}"
    for name in """
    nn.Dropout nn.ReLU nn.GELU nn.SiLU nn.Tanh nn.Sigmoid nn.Identity nn.LeakyReLU nn.ELU nn.LayerNorm nn.ReLU6 relu
    tanh sigmoid nn.functional.relu nn.functional.gelu nn.functional.silu nn.functional.dropout nn.functional.tanh
    nn.functional.leaky_relu Tensor.relu Tensor.tanh Tensor.sigmoid Tensor.float Tensor.contiguous Tensor.clone
    Tensor.data mul div
    """.split()
)


def merges(application: Application) -> bool:
    """Whether an application leaves fewer axes than it was given."""
    given, made = application.shape(), application.outputs[0].shape if application.outputs else None
    return given is not None and made is not None and len(given.dims) > len(made.dims)


def operator(application: Application) -> str:
    """The last word of an operator's path: ``softmax`` for the function and the method, ``Softmax`` for the layer."""
    return application.path.rpartition(".")[2]


def ways(tensor: Tensor | None) -> Iterator[Tensor]:
    """The tensors that a value may be: itself, or those that branches left."""
    waiting = [tensor] if tensor is not None else []
    while waiting:
        each = waiting.pop()
        if each.source is None and each.either:
            waiting += reversed(each.either)
        else:
            yield each


def upstream(tensor: Tensor | None, passing: Callable[[Application], bool]) -> tuple[list[Tensor], list[Application]]:
    """What stands behind a tensor: where the way up ends on each branch, and the operators on the way.

    The way goes on through the first input of every operator that is ``passing``.
    """
    ends: list[Tensor] = []
    passed: list[Application] = []
    waiting = deque(ways(tensor))
    while waiting:
        each = waiting.popleft()
        source = each.source
        if source is None or not passing(source) or not source.inputs or source.inputs[0] is None:
            if each not in ends:
                ends.append(each)
        elif source not in passed:
            passed.append(source)
            waiting += ways(source.inputs[0])
    return ends, passed


def everything_behind(tensors: Iterable[Tensor]) -> Iterator[Application]:
    """All applications that tensors come from, each once."""
    waiting = [way for tensor in tensors for way in ways(tensor)]
    seen: set[Application] = set()
    while waiting:
        source = waiting.pop().source
        if source is not None and source not in seen:
            seen.add(source)
            yield source
            waiting += [way for given in source.inputs for way in ways(given)]


def is_free(tensor: Tensor) -> bool:
    """Whether a tensor is, or is computed from, what code on its own takes any number of axes for."""
    behind = [given for each in everything_behind([tensor]) for given in each.inputs if given is not None]
    return any(way.named for each in (tensor, *behind) for way in ways(each))


class Uses:
    """Who takes a tensor, in one run."""

    def __init__(self, applications: Iterable[Application]) -> None:
        self._takers: dict[Tensor, list[tuple[Application, int]]] = {}
        for application in applications:
            for position, given in enumerate(application.inputs):
                for each in ways(given):
                    self._takers.setdefault(each, []).append((application, position))

    def of(self, tensor: Tensor) -> list[tuple[Application, int]]:
        """The operators that take a tensor, and as which of their inputs."""
        return self._takers.get(tensor, [])


def moved(application: Application, axis: int) -> int | None:
    """Where an operator puts an axis of its first input, both counted from the end; None where that is not known."""
    given = application.shape()
    rank = len(given.dims) if given is not None and given.rest is None else None
    match operator(application):
        case "mT":
            return {-1: -2, -2: -1}.get(axis, axis)
        case "transpose" | "swapaxes" | "swapdims":
            one, two = (from_end(application.settings.get(name), rank) for name in ("dim0", "dim1"))
            if one is None or two is None:
                return None
            return {one: two, two: one}.get(axis, axis)
        case "permute":
            return _permuted(application.settings.get("dims"), axis)
        case "unsqueeze":
            at = from_end(application.settings.get("dim"), rank + 1 if rank is not None else None)
            return None if at is None else axis if axis > at else axis - 1
        case "squeeze":
            return _squeezed(application, axis, rank)
    return _kept(application, axis)


def from_end(dim: object, rank: int | None) -> int | None:
    """An axis counted from the end; None where that takes a rank that is not known, or where it is no axis."""
    if not isinstance(dim, int) or isinstance(dim, bool):
        return None
    if dim < 0:
        return dim
    return dim - rank if rank is not None and dim < rank else None


def _permuted(dims: object, axis: int) -> int | None:
    if isinstance(dims, tuple) and len(dims) == 1 and isinstance(dims[0], tuple):
        (dims,) = dims
    if not isinstance(dims, tuple) or not all(isinstance(dim, int) for dim in dims):
        return None
    rank = len(dims)
    places = [dim % rank for dim in dims]
    return places.index(axis % rank) - rank if -rank <= axis and axis % rank in places else None


def _squeezed(application: Application, axis: int, rank: int | None) -> int | None:
    at = from_end(application.settings.get("dim"), rank)
    made = application.outputs[0].shape if application.outputs else None
    if at is None or at == axis or rank is None or made is None or made.rest is not None:
        return None
    if len(made.dims) == rank:
        return axis
    return axis if axis > at else axis + 1


def _kept(application: Application, axis: int) -> int | None:
    """The axis in its place, where it and all behind it have the sizes that they had."""
    given, made = application.shape(), application.outputs[0].shape if application.outputs else None
    if operator(application) not in VIEWS:
        return axis
    if given is None or made is None or len(given.dims) < -axis or len(made.dims) < -axis:
        return None
    before, after = given.dims[axis:], made.dims[axis:]
    return axis if None not in before and before == after else None
