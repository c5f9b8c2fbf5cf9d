"""Attention found in what a run applied: scores between two tensors, made weights, by which a third is summed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isclose
from typing import TYPE_CHECKING, Final

from lintml.analysis.attention_parts import Product, Projection, Scale
from lintml.analysis.flow import DROPOUTS, TURNS, VIEWS, Uses, everything_behind, from_end, moved, operator, upstream
from lintml.analysis.values import Application, Instance, Power, Tensor
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Size, symbols
from lintml.shapes.world import World

if TYPE_CHECKING:
    from lintml.analysis.program import Program

SOFTMAXES: Final = frozenset(("softmax", "Softmax"))
SCALING: Final = frozenset("mul div multiply divide true_divide mul_ div_ multiply_ divide_ true_divide_".split())
_DIVIDING: Final = frozenset("div divide true_divide div_ divide_ true_divide_".split())
_MASKING: Final = frozenset("masked_fill masked_fill_".split())
_PRODUCTS: Final = frozenset("bmm matmul mm".split())
_FACTORIES: Final = frozenset(
    """zeros ones full empty zeros_like ones_like full_like tril triu masked_fill masked_fill_ eq ne lt le gt ge
    logical_not bitwise_not where arange tensor""".split()
)


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """One computation of attention.

    ``axis`` is the one that the softmax goes over and ``over`` the one of the scores that the values are summed along,
    both counted from the end of the scores, None where not known. ``scales`` are the factors found on the way from the
    projections to the softmax; ``plain`` says that else only changes of layout, dropout and masks are on that way.
    ``projections`` are those of the scores' two operands and of the values, None for one that is none; ``is_flat`` says
    that none of them is cut into heads. ``result`` is what the method returns: the mixture, or the linear map that it
    goes through; None where it is something else. ``instance`` is the object whose method it is.
    """

    scores: Product
    softmax: Application
    mixture: Product
    values: Tensor
    axis: int | None
    over: int | None
    scales: tuple[Scale, ...]
    plain: bool
    projections: tuple[Projection | None, Projection | None, Projection | None]
    is_flat: bool
    result: Application | None
    instance: Instance | None

    @property
    def scale(self) -> Power | float | None:
        """All factors as one: a power of one size, or a number; None where there is none or it is not known."""
        return _root(self.scales)

    @property
    def scaled_by(self) -> Size | None:
        """The size whose root the scores are divided by; None where it is not known."""
        match self.scale:
            case Power(base=base, exponent=-0.5):
                return base
            case float(factor) if 0 < factor < 1 and isclose(1 / factor**2, round(1 / factor**2)):
                return round(1 / factor**2)
        return None

    @property
    def reference(self) -> str:
        """The operator of torch that computes the same, where it is all that the method does; else empty."""
        if self.result is self.mixture.application and self.is_flat:
            return "torch.nn.functional.scaled_dot_product_attention"
        return "torch.nn.MultiheadAttention" if self.result not in (None, self.mixture.application) else ""

    @property
    def is_routed(self) -> bool:
        """Whether the scores depend on weights that the same softmax made before, as in routing by agreement."""
        behind = everything_behind((self.scores.left, self.scores.right))
        return any(each.node is self.softmax.node for each in behind)

    @property
    def is_projected(self) -> bool:
        """Whether queries and keys come from two different linear maps, and are multiplied feature by feature."""
        left, right = self.projections[:2]
        width = self.scores.width
        features = width is None or not any(found.free for found in symbols(width))
        return features and left is not None and right is not None and left.differs(right)


def attentions(program: "Program") -> list[Attention]:
    """Each computation of attention once, as the class or function that it stands in runs on its own where it does.

    Where the page calls it, the axes are those of the call: on its own, code may leave open how many there are.
    """
    found: dict[object, tuple[Attention, bool]] = {}
    for entry in program.entries:
        run = entry.primary
        for each in _of_run(run.trace.applications, run.instance, run.world):
            # A function alone knows less of what it is given than a class that calls it.
            own = entry.cls is not None and each.softmax.owner is entry.cls
            if each.softmax.node not in found or (own and not found[each.softmax.node][1]):
                found[each.softmax.node] = (each, own)
    for each in _of_run(program.top.applications, None, World()):
        known, own = found.get(each.softmax.node, (each, False))
        found[each.softmax.node] = (replace(known, axis=each.axis, over=each.over), own)
    return [each for each, _ in found.values()]


def product(application: Application | None) -> Product | None:
    """A matrix product, an inner product of vectors by matmul excepted, or an einsum of two terms over one letter."""
    if application is None:
        return None
    inputs = application.inputs
    if operator(application) in _PRODUCTS and len(inputs) == 2 and inputs[0] is not None and inputs[1] is not None:
        shapes = (inputs[0].shape, inputs[1].shape)
        if any(shape is not None and shape.rest is None and len(shape.dims) < 2 for shape in shapes):
            return None
        return Product(application, inputs[0], inputs[1], -1, -2)
    if operator(application) == "einsum" and len(inputs) == 2:
        return _einsum(application)
    return None


def _einsum(application: Application) -> Product | None:
    equation, (left, right) = application.settings.get("equation"), application.inputs
    if not isinstance(equation, str) or left is None or right is None:
        return None
    terms, arrow, result = equation.replace(" ", "").replace("...", ".").partition("->")
    one, comma, two = terms.partition(",")
    shared = {letter for letter in one if letter.isalpha() and letter in two and letter not in result}
    if not arrow or not comma or "," in two or len(shared) != 1:
        return None
    (letter,) = shared
    return Product(application, left, right, one.index(letter) - len(one), two.index(letter) - len(two))


def _of_run(applications: list[Application], instance: Instance | None, world: World) -> Iterator[Attention]:
    softmaxes = [each for each in applications if operator(each) in SOFTMAXES and each.outputs]
    if not softmaxes:
        return
    uses = Uses(applications)
    for softmax in softmaxes:
        given = softmax.inputs[0] if softmax.inputs else None
        ends, between = upstream(given, _leads_to_scores)
        products = [product(end.source) for end in ends]
        if len(products) != 1 or products[0] is None:
            continue
        scores = products[0]
        for steps, mixture, position in _mixtures(softmax, uses):
            values = mixture.right if position == 0 else mixture.left
            if values.source is None and not values.named and values.device == "input":
                # Weights mixed by a parameter are not attention yet: heads that talk to each other, say.
                continue
            left, right, value = _operand(scores.left), _operand(scores.right), _operand(values)
            ways = [*between, *left.passed, *right.passed]
            yield Attention(
                scores,
                softmax,
                mixture,
                values,
                _softmaxed(softmax, scores),
                _summed(steps, mixture.over_left if position == 0 else mixture.over_right),
                tuple(_scale(each, world) for each in ways if operator(each) in SCALING),
                left.plain and right.plain,
                (left.projection, right.projection, value.projection),
                all(operator(each) in TURNS for each in (*left.passed, *right.passed, *value.passed)),
                _result(mixture.application, uses),
                instance,
            )


def _leads_to_scores(application: Application) -> bool:
    name = operator(application)
    if name in ("add", "sub", "add_", "sub_"):
        return _is_mask(application.inputs[1] if len(application.inputs) > 1 else None)
    return name in VIEWS or name in DROPOUTS or name in SCALING or name in _MASKING


def _is_mask(tensor: Tensor | None) -> bool:
    """Whether a tensor is made on the spot from nothing but numbers, or is an input as it came."""
    if tensor is None:
        return False
    ends, _ = upstream(tensor, lambda each: operator(each) in _FACTORIES | VIEWS | SCALING)
    return all(end.named or (end.source is not None and operator(end.source) in _FACTORIES) for end in ends)


def _mixtures(softmax: Application, uses: Uses) -> Iterator[tuple[list[Application], Product, int]]:
    """The products that take the weights, with the steps that lead there and which operand the weights are."""
    waiting: list[tuple[Tensor, list[Application]]] = [(softmax.outputs[0], [])]
    seen: set[Application] = set()
    while waiting:
        weights, steps = waiting.pop()
        for taker, position in uses.of(weights):
            if taker in seen:
                continue
            seen.add(taker)
            found = product(taker)
            if found is not None:
                yield steps, found, position
            elif position == 0 and (operator(taker) in VIEWS or operator(taker) in DROPOUTS):
                waiting += [(made, [*steps, taker]) for made in taker.outputs]


def _softmaxed(softmax: Application, scores: Product) -> int | None:
    for application in (softmax, scores.application):
        tensor = softmax.inputs[0] if application is softmax else scores.application.outputs[0]
        shape = tensor.shape if tensor is not None else None
        rank = len(shape.dims) if shape is not None and shape.rest is None else None
        axis = from_end(softmax.settings.get("dim"), rank)
        if axis is not None:
            return axis
    return None


def _summed(steps: list[Application], over: int) -> int | None:
    """The axis of the weights, as the softmax left them, that comes to stand where the product sums."""
    for axis in range(-1, -6, -1):
        at: int | None = axis
        for step in steps:
            at = moved(step, at) if at is not None else None
        if at == over:
            return axis
    return None


def _result(mixture: Application, uses: Uses) -> Application | None:
    """What of the mixture is returned: itself, or what one linear layer makes of it."""
    waiting = [(mixture, mixture)]
    while waiting:
        maker, result = waiting.pop()
        if maker.returned:
            return result
        for taker, _ in (use for made in maker.outputs for use in uses.of(made)):
            if operator(taker) in VIEWS or operator(taker) in DROPOUTS:
                waiting.append((taker, result))
            elif _is_projection(taker) and result is mixture:
                waiting.append((taker, taker))
    return None


def _scale(application: Application, world: World) -> Scale:
    operands = application.operands
    numbers = [each for each in operands if not isinstance(each, Tensor)]
    value = numbers[0] if len(numbers) == 1 and len(operands) == 2 else UNKNOWN
    divides = operator(application) in _DIVIDING
    if divides and operands and not isinstance(operands[0], Tensor):
        value = UNKNOWN
    if isinstance(value, Power):
        value = Power(world.size(value.base) or value.base, value.exponent)
    return Scale(application, value, divides)


@dataclass(frozen=True, slots=True)
class _Operand:
    projection: Projection | None
    passed: list[Application]
    plain: bool


def _operand(tensor: Tensor) -> _Operand:
    """Where an operand of a product comes from."""
    ends, passed = upstream(tensor, lambda each: operator(each) in VIEWS | DROPOUTS | SCALING)
    made = [end.source for end in ends if end.source is not None and _is_projection(end.source)]
    if len(ends) != 1 or len(made) != 1:
        return _Operand(None, passed, all(end.source is None for end in ends))
    return _Operand(Projection(made[0], tuple(_parts(tensor, passed))), passed, True)


def _is_projection(application: Application) -> bool:
    """A linear layer, or a product with a matrix of parameters."""
    if application.path in ("torch.nn.Linear", "torch.nn.functional.linear"):
        return True
    found = product(application)
    return found is not None and is_parameter(found.right)


def is_parameter(tensor: Tensor | None) -> bool:
    """Whether a tensor is a parameter or a buffer: it lives where the module lives, and comes from nowhere."""
    return (
        tensor is not None
        and tensor.device == "input"
        and tensor.source is None
        and not (tensor.named or tensor.either)
    )


_CUTTING: Final = frozenset("chunk split tensor_split unbind narrow select __getitem__".split())


def _parts(tensor: Tensor, passed: Iterable[Application]) -> Iterator[object]:
    """Which of the pieces that the operators on the way cut a tensor into are taken."""
    current: Tensor | None = tensor
    ways = list(passed)
    while current is not None and current.source in ways:
        source = current.source
        if operator(source) in _CUTTING:
            yield source.outputs.index(current) if current in source.outputs else 0
            yield repr(source.settings.get("items", source.settings.get("index", source.settings.get("start"))))
        current = source.inputs[0]


def _root(scales: Iterable[Scale]) -> Power | float | None:
    found: Power | float | None = None
    for scale in scales:
        value = scale.value
        if isinstance(value, Power):
            value = Power(value.base, -value.exponent if scale.divides else value.exponent)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            value = 1 / value if scale.divides else float(value)
        else:
            return None
        match found, value:
            case None, _:
                found = value
            case Power(), Power() if found.base == value.base:
                found = Power(found.base, found.exponent + value.exponent)
            case float(), float():
                found = found * value
            case _:
                return None
    return found
