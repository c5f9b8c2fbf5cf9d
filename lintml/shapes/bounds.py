"""What values a symbolic size can have: intervals, and whether two sizes can ever be equal."""

from collections.abc import Iterable, Mapping
from math import gcd
from typing import Final

from lintml.shapes.atoms import Atom, Extreme, Quotient, Remainder, Symbol
from lintml.shapes.polynomial import (
    Dim,
    Size,
    atom_size,
    atoms,
    canonical,
    divide_terms,
    meant_exact,
    remainder,
    symbol,
    symbols,
    terms_of,
    without,
)

INFINITY: Final = float("inf")
_MOST_TERMS: Final = 64  # past which an expression is too large to be worth a closer look
_NO_FLOORS: Final[Mapping[Atom, int]] = {}


def bounds(size: Size) -> tuple[float, float]:
    """The closed interval that a size surely lies in."""
    return _interval(size, _NO_FLOORS)


def certainly_different(a: Size, b: Size, *, least_free: int = 1) -> bool:
    """Whether no values of the symbols make two sizes of an axis equal.

    By bounds (``d`` and ``2 * d``, ``n`` and ``n + 1``), or by parity (``2 * d`` and 3). A size that is one product is
    taken to be at least 1, and so are its factors; a free symbol is taken to be at least ``least_free``.
    """
    gap = primitive(a - b)
    if isinstance(gap, int):
        return gap != 0
    if _parity(gap):
        return True
    floors: dict[Atom, int] = {**_factors(a), **_factors(b)}
    if least_free > 1:
        floors.update((name, least_free) for name in symbols(gap) if name.free)
    low, high = _sign(gap, floors)
    return low > 0 or high < 0


def never_equal(a: Size, b: Size) -> bool:
    """As ``certainly_different``, of integers that need not be sizes of axes: a remainder may be 0."""
    gap = primitive(a - b)
    if isinstance(gap, int):
        return gap != 0
    low, high = _sign(gap, _NO_FLOORS)
    return _parity(gap) or low > 0 or high < 0


def meant_equal(a: Size, b: Size) -> bool:
    """Whether two sizes are equal where every quotient of parameters is exact: ``2 * (d // 2)`` and ``d``."""
    gap = a - b
    for _ in range(8):
        found = next((atom for atom in atoms(gap) if isinstance(atom, Quotient) and meant_exact(atom)), None)
        if found is None:
            break
        gap = _replaced(gap, found, found.parts[0])
    return gap == 0


def multiple(a: Size, b: Size) -> bool:
    """Whether ``a`` is ``b`` times more than 1, where every quotient of parameters is exact."""
    if a == b or b == 0:
        return False
    if any(isinstance(atom, Quotient) and meant_equal(b * atom.parts[1], a) for atom in atoms(b)):
        return True
    return a != 0 and divide_terms(a, b)[1] == 0


def differ_by_remainders(a: Size, b: Size) -> bool:
    """Whether only what divisions by integers leave decides if two sizes are equal: ``2 * (k // 2) + 1`` and ``k``."""
    return all(
        not monomial or any(isinstance(atom, Remainder) and isinstance(atom.parts[1], int) for atom in monomial)
        for monomial, _ in terms_of(_without_quotients(a - b))
    )


def primitive(gap: Size) -> Size:
    """The gap without the factors of at least 1 that all of its terms share: it is zero for the same values."""
    if isinstance(gap, int) or len(gap.terms) == 1:
        return gap
    divisor = gcd(*[coefficient for _, coefficient in gap.terms])
    shared: list[Atom] = []
    for atom in gap.terms[-1][0]:
        wanted = shared.count(atom) + 1
        if (
            isinstance(atom, Symbol)
            and atom.minimum > 0
            and all(monomial.count(atom) >= wanted for monomial, _ in gap.terms)
        ):
            shared.append(atom)
    if divisor == 1 and not shared:
        return gap
    factors = tuple(shared)
    return canonical({without(monomial, factors) or (): each // divisor for monomial, each in gap.terms})


def least(sizes: Iterable[Size]) -> Size:
    """The smallest of several sizes."""
    return extreme(sizes, 0)


def greatest(sizes: Iterable[Size]) -> Size:
    """The largest of several sizes."""
    return extreme(sizes, 1)


def extreme(sizes: Iterable[Size], which: int) -> Size:
    """The smallest (``which`` 0) or the largest (1) of several sizes; those that another surely beats are left out."""
    kept: list[Size] = []
    for size in dict.fromkeys(inner for each in sizes for inner in _opened(each, which)):
        if any(_beats(other, size, which) for other in kept):
            continue
        kept = [other for other in kept if not _beats(size, other, which)]
        kept.append(size)
    return kept[0] if len(kept) == 1 else atom_size(Extreme(which, *sorted(kept, key=str)))


def _opened(size: Size, which: int) -> tuple[Size, ...]:
    match size:
        case Dim(terms=(((Extreme(parts=(kind, *parts)),), 1),)) if kind == which:
            return tuple(parts)
    return (size,)


def _beats(a: Size, b: Size, which: int) -> bool:
    low, high = _sign(a - b, _NO_FLOORS)
    return low >= 0 if which else high <= 0


def _factors(size: Size) -> dict[Atom, int]:
    """The factors of a size that is one product: each is at least 1 where the size is."""
    found = list(atoms(size))
    alone = isinstance(size, Dim) and len(size.terms) == 1 and size.terms[0][1] > 0
    if alone and (len(found) == 1 or all(_atom_interval(atom)[0] >= 0 for atom in found)):
        return dict.fromkeys(found, 1)
    return {}


def _parity(gap: Dim) -> bool:
    divisor = gcd(*[coefficient for monomial, coefficient in gap.terms if monomial])
    constant = sum(coefficient for monomial, coefficient in gap.terms if not monomial)
    return divisor > 1 and constant % divisor != 0


def _sign(size: Size, floors: Mapping[Atom, int]) -> tuple[float, float]:
    """An interval of something that has the size's sign."""
    low, high = _interval(size, floors)
    if isinstance(size, int) or low > 0 or high < 0 or len(size.terms) > _MOST_TERMS or _is_linear(size):
        return low, high
    clear = _without_quotients(size)
    closer = _interval(_shifted(clear, floors), floors)
    return max(low, closer[0]), min(high, closer[1])


def _is_linear(size: Dim) -> bool:
    return all(not monomial or (len(monomial) == 1 and isinstance(monomial[0], Symbol)) for monomial, _ in size.terms)


def _without_quotients(size: Size) -> Size:
    """The size times a positive integer, each quotient by a positive integer given way to ``(n - n % q) / q``."""
    for _ in range(8):
        for atom in atoms(size):
            if isinstance(atom, Quotient) and isinstance(atom.parts[1], int) and atom.parts[1] > 0:
                size = _replaced(size, atom, atom.parts[0] - remainder(*atom.parts))
                break
        else:
            break
    return size


def _replaced(size: Size, quotient: Quotient, numerator: Size) -> Size:
    """The size times a power of the quotient's denominator, with ``numerator`` over it in the quotient's place."""
    power = max(monomial.count(quotient) for monomial, _ in terms_of(size))
    denominator = quotient.parts[1]
    total: Size = 0
    for monomial, coefficient in terms_of(size):
        times = monomial.count(quotient)
        rest = tuple([atom for atom in monomial if atom != quotient])
        product: Size = Dim(((rest, coefficient),)) if rest else coefficient
        for factor in [numerator] * times + [denominator] * (power - times):
            product = product * factor
        total = total + product
    return total


def _shifted(size: Size, floors: Mapping[Atom, int]) -> Size:
    """The size with each symbol written as its least value and something that is not negative."""
    total: Size = 0
    for monomial, coefficient in terms_of(size):
        product: Size = coefficient
        for atom in monomial:
            if isinstance(atom, Symbol):
                product = product * (symbol(f"{atom.name}'", minimum=0) + max(atom.minimum, floors.get(atom, 0)))
            else:
                product = product * atom_size(atom)
        total = total + product
    return total


def _interval(size: Size, floors: Mapping[Atom, int]) -> tuple[float, float]:
    low: float = 0
    high: float = 0
    for monomial, coefficient in terms_of(size):
        below: float = 1
        above: float = 1
        for atom in monomial:
            least_value, most_value = _atom_interval(atom)
            least_value = max(least_value, floors.get(atom, least_value))
            if least_value < 0:
                return -INFINITY, INFINITY
            below, above = below * least_value, _times(above, most_value)
        if coefficient > 0:
            low, high = low + coefficient * below, high + _times(coefficient, above)
        else:
            low, high = low + _times(coefficient, above), high + coefficient * below
    return low, high


def _atom_interval(atom: Atom) -> tuple[float, float]:
    if isinstance(atom, Symbol):
        return atom.minimum, INFINITY
    if atom.interval is None:
        atom.interval = _composite_interval(atom)
    return atom.interval


def _composite_interval(atom: Quotient | Remainder | Extreme) -> tuple[float, float]:
    match atom:
        case Extreme(parts=(which, *parts)):
            edges = [bounds(part) for part in parts]
            pick = max if which else min
            return pick(low for low, _ in edges), pick(high for _, high in edges)
        case Quotient(parts=(numerator, denominator)) | Remainder(parts=(numerator, denominator)):
            low, high = bounds(numerator)
            thinnest, widest = bounds(denominator)
            if thinnest < 1:
                return -INFINITY, INFINITY
            if isinstance(atom, Remainder):
                return 0, min(widest - 1, high) if low >= 0 else widest - 1
            bottom = _floor(low, widest if low >= 0 else thinnest)
            if meant_exact(atom) and isinstance(denominator, Dim):
                bottom = max(bottom, 1)
            return bottom, _floor(high, thinnest if high >= 0 else widest)
    raise TypeError(atom)


def _floor(a: float, b: float) -> float:
    if abs(a) == INFINITY:
        return a
    return (0 if a >= 0 else -1) if b == INFINITY else a // b


def _times(a: float, b: float) -> float:
    return 0 if a == 0 or b == 0 else a * b
