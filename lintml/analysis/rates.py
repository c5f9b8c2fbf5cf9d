"""Numbers worked out from sizes, and the sizes that such numbers are rounded to: ``int(width * ratio)``."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final, TypeAlias

from lintml.analysis.values import NUMBER, Number, Ratio, Value
from lintml.shapes.dim import (
    Dim,
    Size,
    Symbol,
    differ_by_remainders,
    floor_divide,
    meant_equal,
    substitute,
    symbols,
)
from lintml.shapes.polynomial import atom_size

Worth: TypeAlias = Callable[[Mapping[Symbol, int]], float]

_SIGNS: Final[dict[type, tuple[str, Callable[[float, float], float]]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
}
_ROUNDING: Final[dict[str, Callable[[float], int]]] = {
    "int": int,
    "round": round,
    "math.floor": math.floor,
    "math.ceil": math.ceil,
}
_MOST_PARTS: Final = 64  # a fraction of more is a number like 2.67, which stands for no exact one


class Derived(Symbol):
    """A size that equations do not say, but that is known for any values of the parameters.

    ``worth`` computes it from these, ``names`` are those of the parameters that it is spelt with, ``instead`` is the
    size that it is where a caller leaves it out.
    """

    __slots__ = ("instead", "names", "worth")

    def __init__(self, name: str, worth: Worth, names: frozenset[str], instead: Size | None = None) -> None:
        super().__init__(name)
        self.worth = worth
        self.names = names
        self.instead = instead


class Rate(Number):
    """A number worked out from sizes: how it is spelt, what it is worth, the fraction of a size that it is exactly."""

    __slots__ = ("fraction", "names", "text", "worth")

    def __init__(
        self, text: str, worth: Worth, names: frozenset[str], fraction: tuple[Size, int] | None = None
    ) -> None:
        self.text = text
        self.worth = worth
        self.names = names
        self.fraction = fraction


def parameter(name: str, default: float | None = None) -> Rate:
    """A parameter that is a number and need not be whole; what it is worth is only known by its default."""

    def worth(values: Mapping[Symbol, int]) -> float:
        if default is None:
            raise LookupError(name)
        return default

    return Rate(name, worth, frozenset([name]))


def combined(sign: type, left: Value, right: Value) -> Number:
    """What an operation makes of two numbers that are not both whole."""
    one, other = _rate(left), _rate(right)
    if one is None or other is None or sign not in _SIGNS:
        return NUMBER
    mark, compute = _SIGNS[sign]
    return Rate(
        f"{_grouped(one.text, mark)} {mark} {_grouped(other.text, mark)}",
        lambda values: compute(one.worth(values), other.worth(values)),
        one.names | other.names,
        _fraction(sign, one, other),
    )


def rounded(how: str, rate: Rate) -> Size:
    """The size that ``int``, ``round``, ``math.floor`` or ``math.ceil`` makes of a number."""
    if rate.fraction is not None:
        whole, parts = rate.fraction
        if parts == 1:
            return whole
        if how in ("int", "math.floor"):
            return floor_divide(whole, parts)
        if how == "math.ceil":
            return floor_divide(whole + parts - 1, parts)
    return atom_size(Derived(f"{how}({rate.text})", lambda values: _ROUNDING[how](rate.worth(values)), rate.names))


def filled_in(name: str, default: Size) -> Size:
    """The size that a caller gives under a name, or else the default."""
    return atom_size(Derived(name, lambda values: worth_of(default, values), frozenset([name]), default))


def worth_of(size: Size, values: Mapping[Symbol, int]) -> int:
    """The value of a size for values of the parameters; LookupError where one of these is not known."""
    known = {
        found: int(found.worth(values)) if isinstance(found, Derived) else values[found] for found in symbols(size)
    }
    found = substitute(size, known)
    if not isinstance(found, int):
        raise LookupError(size)
    return found


def differ_by_default(left: Size, right: Size) -> bool:
    """Whether two sizes differ where parameters have their defaults, whatever the others are."""
    left, right = _left_out(left), _left_out(right)
    if left == right or meant_equal(left, right) or differ_by_remainders(left, right):
        return False
    samples = [_Sample(step, rising) for step in (48, 80, 112) for rising in (True, False)]
    try:
        return all(worth_of(left, sample) != worth_of(right, sample) for sample in samples)
    except (LookupError, ArithmeticError, ValueError):
        return False


def _left_out(size: Size) -> Size:
    """A size where callers leave out what they may."""
    known: dict[Symbol, Size] = {
        found: found.instead for found in symbols(size) if isinstance(found, Derived) and found.instead is not None
    }
    return substitute(size, known) if known else size


class _Sample(dict[Symbol, int]):
    """A value for every parameter that is asked for: its default, else one that no other has.

    Of two of these one divides the other, the later one the earlier one unless they are ``rising``.
    """

    def __init__(self, step: int, rising: bool) -> None:
        self._step = step
        self._rising = rising

    def __missing__(self, name: Symbol) -> int:
        if isinstance(name, Derived) or name.free:
            raise LookupError(name)
        place = len(self) if self._rising else max(10 - len(self), 0)
        self[name] = name.default if name.default is not None else self._step << place
        return self[name]


def _rate(value: Value) -> Rate | None:
    match value:
        case Rate():
            return value
        case Ratio(size=size):
            return _rate(size)
        case bool():
            return None
        case int() | float() if math.isfinite(value):
            part = Fraction(value)
            fraction = (part.numerator, part.denominator) if part.denominator <= _MOST_PARTS else None
            return Rate(repr(value), lambda values: value, frozenset(), fraction)
        case Dim():
            return Rate(str(value), lambda values: worth_of(value, values), _names(value), (value, 1))
    return None


def _names(size: Size) -> frozenset[str]:
    found: set[str] = set()
    for name in symbols(size):
        found |= name.names if isinstance(name, Derived) else {re.split(r"[.\[]", name.name, maxsplit=1)[0]}
    return frozenset(found)


def _fraction(sign: type, one: Rate, other: Rate) -> tuple[Size, int] | None:
    if one.fraction is None or other.fraction is None:
        return None
    (a, b), (c, d) = one.fraction, other.fraction
    if sign is ast.Mult:
        top, bottom = a * c, b * d
    elif sign is ast.Div:
        if not isinstance(c, int) or c <= 0:
            return None
        top, bottom = a * d, b * c
    else:
        top, bottom = (a * d + c * b if sign is ast.Add else a * d - c * b), b * d
    shared = math.gcd(bottom, *[factor for _, factor in top.terms]) if isinstance(top, Dim) else math.gcd(bottom, top)
    if shared > 1:
        top, bottom = floor_divide(top, shared), bottom // shared
    return (top, bottom) if bottom <= _MOST_PARTS else None


def _grouped(text: str, mark: str) -> str:
    return f"({text})" if mark in "*/" and re.search(r" [-+/*] ", text) else text
