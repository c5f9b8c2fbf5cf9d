"""Which sizes are tried: distinct primes, or twice a prime, so that no two axes can be taken for each other."""

import ast
import operator
from collections.abc import Callable, Collection, Mapping

# Of settings: twice a prime, for widths are halved, and split into two heads.
SETTINGS = tuple(2 * prime for prime in (11, 13, 17, 19, 23, 29, 31, 37, 53, 59, 61, 67, 71))
FREE = (3, 5, 7)
BATCH, STEPS, OTHER = FREE
SPATIAL = (41, 43)
# Of the three axes of a volume: few values, for its every kernel is slow.
VOLUME = (11, 13, 17)
LENGTH = 79
HEADS = 2
# What a size becomes that need not be equal to another: few of them are prime, so that halves and heads still fit.
_NEAR = (4, 6, 9, 8, 10, 12, 14, 15)
_FROM_HERE_FAR = 20

_OPERATIONS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def spatial(axes: int) -> tuple[int, ...]:
    """The sizes of the last axes of a signal, of an image or of a volume."""
    return far(axes + 2)[:axes]


def far(rank: int) -> tuple[int, ...]:
    """The sizes of what follows the channels of a tensor of ``rank``."""
    return SPATIAL if rank < 5 else VOLUME


def apart_from(size: int, taken: Collection[int]) -> int:
    """A size that is like ``size``, and none of those ``taken``."""
    near = _NEAR if size < _FROM_HERE_FAR else range(size + 8, size + 8 * (len(taken) + 2), 8)
    return next((one for one in near if one not in taken), size + max(taken))


def evaluate(expression: str, symbols: Mapping[str, int]) -> int:
    """The value of integer arithmetic over ``symbols``; raises KeyError for a free one, ValueError for what is none."""
    return _value(ast.parse(expression, mode="eval").body, symbols)


def free_symbols(expression: str, symbols: Mapping[str, int]) -> list[str]:
    """The names in ``expression`` that ``symbols`` does not give, in order."""
    names = [node.id for node in ast.walk(ast.parse(expression, mode="eval")) if isinstance(node, ast.Name)]
    return [name for name in dict.fromkeys(names) if name not in symbols]


def bind(shape: tuple[str, ...], symbols: dict[str, int]) -> tuple[int, ...]:
    """The sizes of a shape of axis expressions; a free axis takes the next free prime and stays so in ``symbols``.

    Free axes from the third of a shape of four and more are spatial and get primes so large that kernels fit.
    Raises ValueError.
    """
    taken = set(symbols.values())
    for axis, expression in enumerate(shape):
        for name in free_symbols(expression, symbols):
            sizes = far(len(shape))
            pool = sizes if len(shape) > 3 and axis > 1 else (*FREE, *sizes)
            symbols[name] = next((size for size in pool if size not in taken), pool[-1])
            taken.add(symbols[name])
    try:
        return tuple(evaluate(expression, symbols) for expression in shape)
    except (KeyError, ZeroDivisionError) as error:
        raise ValueError(f"no size for {shape}: {error}") from None


def _value(node: ast.expr, symbols: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return symbols[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, symbols)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left, symbols), _value(right, symbols))
    raise ValueError(f"not integer arithmetic: {ast.unparse(node)}")
