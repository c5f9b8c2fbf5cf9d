"""Where the axes of a tensor stand in memory, and views that exchanged axes make impossible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from lintml.analysis.applying import FACTORIES, is_number
from lintml.analysis.flow import from_end, operator
from lintml.analysis.values import Application, Tensor
from lintml.shapes.axes import product
from lintml.shapes.dim import Size, meant_equal
from lintml.shapes.shape import Axis

if TYPE_CHECKING:
    from lintml.analysis.program import Program

# Operators whose result is laid out anew, axis by axis, whatever they are given.
_ANEW: Final = frozenset("Linear Embedding bmm contiguous".split())
# Those whose result is laid out so if their input is.
_IN_ORDER: Final = frozenset(
    """view reshape flatten unflatten Flatten Unflatten unsqueeze squeeze LayerNorm Conv1d Conv2d Conv3d ConvTranspose1d
    ConvTranspose2d BatchNorm1d BatchNorm2d GroupNorm MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d
    AdaptiveAvgPool2d""".split()
)
# Those that leave every element where it is, as long as no other tensor has a say.
_IN_PLACE: Final = frozenset(
    """ReLU GELU SiLU Tanh Sigmoid LeakyReLU Dropout relu gelu silu tanh sigmoid leaky_relu dropout mul div add sub
    clone Identity""".split()
)
_TURNS: Final = frozenset("transpose swapaxes swapdims permute mT t".split())


@dataclass(frozen=True, slots=True, eq=False)
class ScatteredView:
    """A ``view`` that makes one axis of several that do not lie behind each other, since ``turn`` exchanged them."""

    application: Application
    turn: Application


def scattered_views(program: "Program") -> list[ScatteredView]:
    """The views that torch refuses wherever no axis has size 1, each once."""
    found: dict[object, ScatteredView] = {}
    for each in program.applications:
        if each.path != "torch.Tensor.view" or not each.outputs or each.node in found or each.inputs[0] is None:
            continue
        given, made = each.inputs[0].shape, each.outputs[0].shape
        if given is None or made is None or given.rest is not None or made.rest is not None:
            continue
        order, turn = _order(each.inputs[0])
        if order is not None and turn is not None and _is_cut(given.dims, order, made.dims):
            found[each.node] = ScatteredView(each, turn)
    return list(found.values())


def _order(tensor: Tensor) -> tuple[Sequence[int] | None, Application | None]:
    """For each axis its place in memory, outermost first, and the last exchange of axes; None where not known."""
    shape, source = tensor.shape, tensor.source
    if shape is None or shape.rest is not None:
        return None, None
    in_order = range(len(shape.dims))
    if source is None:
        return (in_order if tensor.named else None), None
    name = operator(source)
    if source.path in FACTORIES or name in _ANEW or (name == "matmul" and _ranks(source) == [len(in_order)] * 2):
        return in_order, None
    first = source.inputs[0] if source.inputs else None
    if first is None:
        return None, None
    before, turn = _order(first)
    if before is None:
        return None, None
    if name in _TURNS:
        picks = _picks(source, len(in_order))
        return ([before[pick] for pick in picks] if picks is not None else None), source
    if name in _IN_ORDER and list(before) == list(range(len(before))):
        return in_order, None
    if name in _IN_PLACE and all(map(is_number, source.operands[1:])) and not getattr(source.node, "keywords", ()):
        return before, turn
    return None, None


def _ranks(application: Application) -> list[int | None]:
    shapes = [each.shape if each is not None else None for each in application.inputs]
    return [shape.rank if shape is not None else None for shape in shapes]


def _picks(application: Application, rank: int) -> Sequence[int] | None:
    """For each axis of the result the axis of the input that it is."""
    settings, picks = application.settings, list(range(rank))
    if operator(application) == "permute":
        dims = settings.get("dims")
        if isinstance(dims, tuple) and len(dims) == 1 and isinstance(dims[0], tuple):
            (dims,) = dims
        known = isinstance(dims, tuple) and len(dims) == rank and all(isinstance(dim, int) for dim in dims)
        return [dim % rank for dim in dims] if known and isinstance(dims, tuple) else None
    first, second = from_end(settings.get("dim0", -2), rank), from_end(settings.get("dim1", -1), rank)
    if first is None or second is None or min(first, second) < -rank:
        return None
    picks[first], picks[second] = picks[second], picks[first]
    return picks


def _is_cut(given: Sequence[Axis], order: Sequence[int], made: Sequence[Axis]) -> bool:
    """Whether an axis that a view makes reaches across a break in memory.

    Runs of axes that lie behind each other can be split and merged at will; a break between two runs has to stay one
    between two axes. All sizes are taken to be more than 1, so that products of axes from the last one on only grow.
    """
    axes = [(size, place) for size, place in zip(given, order, strict=True) if size != 1]
    runs: list[list[Axis]] = []
    for at, (size, place) in enumerate(axes):
        behind = at > 0 and _follows(axes[at - 1][1], place, order, given)
        if behind:
            runs[-1].append(size)
        else:
            runs.append([size])
    breaks = _growing(product(run) for run in runs)
    edges = _growing(size for size in made if size != 1)
    if breaks is None or edges is None:
        return False
    places = [next((at for at, each in enumerate(breaks) if meant_equal(each, edge)), None) for edge in edges]
    places[-1] = len(breaks) - 1
    return any(a is not None and b is not None and b - a > 1 for a, b in pairwise(places))


def _follows(place: int, other: int, order: Sequence[int], given: Sequence[Axis]) -> bool:
    """Whether nothing but axes of size 1 stands in memory between two places."""
    between = [given[order.index(each)] for each in range(place + 1, other)]
    return other > place and all(size == 1 for size in between)


def _growing(sizes: Iterable[Axis]) -> list[Size] | None:
    """The products of the last sizes: of none, of one, and so on to all of them."""
    found: list[Size] = [1]
    for size in reversed(list(sizes)):
        if size is None:
            return None
        found.append(found[-1] * size)
    return found
