"""Symbolic integers: canonical sums of products over named symbols, with bounds.

A size is a plain ``int`` wherever it is known; a ``Dim`` is a size that still depends on a symbol. Every operation
returns the simpler of the two, so equal sizes are equal objects in the sense of ``==``.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import gcd
from typing import TypeAlias, Union

Size: TypeAlias = Union[int, "Dim"]
Atom: TypeAlias = Union["Symbol", "Quotient", "Remainder", "Extreme"]
Monomial: TypeAlias = tuple[Atom, ...]

INFINITY = float("inf")


class Symbol:
    """A positive integer that has a name: a parameter (rigid), or an axis of an input (``free``: it may be solved for).

    ``minimum`` is its least value; two symbols are the same when their names are.
    """

    __slots__ = ("_hash", "default", "free", "minimum", "name")

    def __init__(self, name: str, *, minimum: int = 1, free: bool = False, default: int | None = None) -> None:
        self.name = name
        self.minimum = minimum
        self.free = free
        self.default = default
        self._hash = hash(name)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Symbol) and self.name == other.name)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        return self.name


class _Composite:
    """An atom made of other sizes, equal to another of the same kind and parts."""

    __slots__ = ("_hash", "parts")

    def __init__(self, *parts: Size) -> None:
        self.parts = parts
        self._hash = hash((type(self).__name__, parts))

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self.parts == other.parts)  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return self._hash

    @property
    def key(self) -> str:
        return repr(self)


class Quotient(_Composite):
    """The floor of one size over another."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"({_wrapped(self.parts[0])} // {_wrapped(self.parts[1])})"


class Remainder(_Composite):
    """What a floor division leaves."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"({_wrapped(self.parts[0])} % {_wrapped(self.parts[1])})"


class Extreme(_Composite):
    """The least or the greatest of several sizes; ``parts[0]`` is 0 for the least and 1 for the greatest."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{'max' if self.parts[0] else 'min'}({', '.join(map(str, self.parts[1:]))})"


class Dim:
    """A sum of products of atoms with integer coefficients; the empty product carries the constant."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dim) and self._hash == other._hash and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return _spell(self)

    def __add__(self, other: Size) -> Size:
        total = dict(self.terms)
        for monomial, coefficient in _terms(other):
            total[monomial] = total.get(monomial, 0) + coefficient
        return _canonical(total)

    __radd__ = __add__

    def __neg__(self) -> Size:
        return Dim(tuple((monomial, -coefficient) for monomial, coefficient in self.terms))

    def __sub__(self, other: Size) -> Size:
        return self + -other

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int):
            if other == 0:
                return 0
            if other == 1:
                return self
        total: dict[Monomial, int] = {}
        for mine, a in self.terms:
            for theirs, b in _terms(other):
                for monomial, coefficient in _product(mine, theirs, a * b):
                    total[monomial] = total.get(monomial, 0) + coefficient
        return _canonical(total)

    __rmul__ = __mul__

    def __floordiv__(self, other: Size) -> Size:
        return floor_divide(self, other)

    def __rfloordiv__(self, other: Size) -> Size:
        return floor_divide(other, self)

    def __mod__(self, other: Size) -> Size:
        return remainder(self, other)

    def __rmod__(self, other: Size) -> Size:
        return remainder(other, self)

    def __pow__(self, exponent: int) -> Size:
        result: Size = 1
        for _ in range(exponent):
            result = result * self
        return result


def symbol(name: str, *, minimum: int = 1, free: bool = False, default: int | None = None) -> Dim:
    """The size that is just this symbol."""
    return Dim((((Symbol(name, minimum=minimum, free=free, default=default),), 1),))


def floor_divide(a: Size, b: Size) -> Size:
    """``a // b``, exact where every term of ``a`` is a multiple of ``b``; multiples of ``b`` leave the quotient."""
    if isinstance(a, int) and isinstance(b, int):
        return a // b if b else 0
    if b == 1:
        return a
    exact, rest = _divide_terms(a, b)
    if rest == 0:
        return exact
    if isinstance(rest, int) and isinstance(b, int):
        return exact + rest // b
    return exact + Dim((((Quotient(rest, b),), 1),))


def remainder(a: Size, b: Size) -> Size:
    """``a % b``; terms of ``a`` that are multiples of ``b`` vanish."""
    if isinstance(a, int) and isinstance(b, int):
        return a % b if b else 0
    _, rest = _divide_terms(a, b)
    if isinstance(rest, int) and isinstance(b, int):
        return rest % b
    if rest == 0:
        return 0
    return Dim((((Remainder(rest, b),), 1),))


def least(sizes: Iterable[Size]) -> Size:
    """The smallest of several sizes."""
    return _extreme(sizes, 0)


def greatest(sizes: Iterable[Size]) -> Size:
    """The largest of several sizes."""
    return _extreme(sizes, 1)


def bounds(size: Size) -> tuple[float, float]:
    """The closed interval that a size surely lies in."""
    if isinstance(size, int):
        return size, size
    low: float = 0
    high: float = 0
    for monomial, coefficient in size.terms:
        below, above = 1.0, 1.0
        for atom in monomial:
            least_value, most_value = _atom_bounds(atom)
            if least_value < 0:
                return -INFINITY, INFINITY
            below, above = below * least_value, _times(above, most_value)
        if coefficient > 0:
            low, high = low + coefficient * below, high + _times(coefficient, above)
        else:
            low, high = low - _times(-coefficient, above), high + coefficient * below
    return low, high


def certainly_different(a: Size, b: Size) -> bool:
    """Whether no values of the symbols make the two equal: by bounds (``d`` and ``2*d``), or by parity (``2*d`` and 3)."""
    gap = a - b
    if isinstance(gap, int):
        return gap != 0
    low, high = bounds(gap)
    if low > 0 or high < 0:
        return True
    constant = 0
    divisor = 0
    for monomial, coefficient in gap.terms:
        if monomial:
            divisor = gcd(divisor, coefficient)
        else:
            constant = coefficient
    return divisor > 1 and constant % divisor != 0


def symbols(size: Size) -> Iterator[Symbol]:
    """Every symbol that a size depends on, each once for each place it stands in."""
    if isinstance(size, Dim):
        for monomial, _ in size.terms:
            for atom in monomial:
                if isinstance(atom, Symbol):
                    yield atom
                else:
                    for part in atom.parts:
                        yield from symbols(part)


def substitute(size: Size, values: Mapping[Symbol, Size]) -> Size:
    """The size with symbols given way to other sizes, simplified again."""
    if isinstance(size, int) or not values:
        return size
    if not any(found in values for found in symbols(size)):
        return size
    total: Size = 0
    for monomial, coefficient in size.terms:
        product: Size = coefficient
        for atom in monomial:
            product = product * _replaced(atom, values)
        total = total + product
    return total


def solve(gap: Size, unknown: Symbol) -> Size | None:
    """The value of ``unknown`` that makes ``gap`` zero, where it stands alone in one term; else None."""
    if isinstance(gap, int):
        return None
    rest: dict[Monomial, int] = {}
    coefficient = 0
    for monomial, factor in gap.terms:
        if monomial == (unknown,):
            coefficient = factor
        elif any(unknown in symbols(Dim(((monomial, 1),))) for _ in (0,)):
            return None
        else:
            rest[monomial] = factor
    if coefficient == 0:
        return None
    value = _canonical(rest)
    value = -value if coefficient > 0 else value
    quotient, left = _divide_terms(value, abs(coefficient))
    return quotient if left == 0 else None


def atoms(size: Size) -> Iterator[Atom]:
    """Every atom of a size's own terms."""
    if isinstance(size, Dim):
        for monomial, _ in size.terms:
            yield from monomial


def _terms(size: Size) -> tuple[tuple[Monomial, int], ...]:
    if isinstance(size, Dim):
        return size.terms
    return (((), size),) if size else ()


def _canonical(total: Mapping[Monomial, int]) -> Size:
    kept = [(monomial, coefficient) for monomial, coefficient in total.items() if coefficient]
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    kept.sort(key=_order)
    return Dim(tuple(kept))


def _order(term: tuple[Monomial, int]) -> tuple[int, str]:
    return -len(term[0]), " ".join(atom.key for atom in term[0])


def _product(a: Monomial, b: Monomial, coefficient: int) -> tuple[tuple[Monomial, int], ...]:
    """The product of two monomials.

    ``h * (d // h)`` becomes ``d``: a quotient of two parameters stands for a division that is meant to be exact (head
    widths). A quotient of anything else, such as the strides of a convolution, keeps its floor.
    """
    if not a or not b:
        joined = a or b
    else:
        joined = tuple(sorted(a + b, key=lambda atom: atom.key))
    for at, atom in enumerate(joined):
        if isinstance(atom, Quotient) and _meant_exact(atom):
            numerator, denominator = atom.parts
            others = joined[:at] + joined[at + 1 :]
            if isinstance(denominator, int):
                if coefficient % denominator == 0:
                    outcome = Dim(((others, coefficient // denominator),)) * numerator if others else (
                        numerator * (coefficient // denominator))
                    return _terms(outcome)
                continue
            ((factors, scale),) = denominator.terms
            left = _without(others, factors)
            if left is not None and coefficient % scale == 0:
                scaled = coefficient // scale
                outcome = Dim(((left, scaled),)) * numerator if left else numerator * scaled
                return _terms(outcome)
    return ((joined, coefficient),)


def _meant_exact(quotient: Quotient) -> bool:
    numerator, denominator = quotient.parts
    return (
        isinstance(numerator, Dim)
        and len(numerator.terms) == 1
        and (isinstance(denominator, int) or len(denominator.terms) == 1)
        and not any(found.free for part in quotient.parts for found in symbols(part))
    )


def _without(monomial: Monomial, factors: Monomial) -> Monomial | None:
    left = list(monomial)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


def _divide_terms(a: Size, b: Size) -> tuple[Size, Size]:
    """The terms of ``a`` that ``b`` divides, divided, and the terms that it does not."""
    if a == b:
        return 1, 0
    divisor = _terms(b)
    if len(divisor) != 1:
        return 0, a
    ((factors, scale),) = divisor
    exact: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in _terms(a):
        left = _without(monomial, factors)
        if left is not None and coefficient % scale == 0:
            exact[left] = coefficient // scale
        elif not monomial and not factors:
            exact[()] = coefficient // scale
            rest[()] = coefficient % scale
        else:
            rest[monomial] = coefficient
    return _canonical(exact), _canonical(rest)


def _extreme(sizes: Iterable[Size], which: int) -> Size:
    found = list(dict.fromkeys(sizes))
    fixed = [size for size in found if isinstance(size, int)]
    loose = [size for size in found if not isinstance(size, int)]
    if fixed:
        edge = max(fixed) if which else min(fixed)
        loose = [s for s in loose if not (bounds(s)[1] <= edge if which else bounds(s)[0] >= edge)]
        if not loose:
            return edge
        found = [edge, *loose]
    if len(found) == 1:
        return found[0]
    return Dim((((Extreme(which, *sorted(found, key=str)),), 1),))


@lru_cache(maxsize=4096)
def _atom_bounds(atom: Atom) -> tuple[float, float]:
    if isinstance(atom, Symbol):
        return atom.minimum, INFINITY
    if isinstance(atom, Quotient):
        low, high = bounds(atom.parts[0])
        least_divisor, most_divisor = bounds(atom.parts[1])
        if least_divisor < 1:
            return -INFINITY, INFINITY
        if _meant_exact(atom):
            return 1, high // least_divisor if high < INFINITY else INFINITY
        bottom = low // most_divisor if most_divisor < INFINITY and low > -INFINITY else (0 if low >= 0 else -INFINITY)
        return bottom, high // least_divisor if high < INFINITY else INFINITY
    if isinstance(atom, Remainder):
        _, most_divisor = bounds(atom.parts[1])
        return 0, most_divisor - 1
    edges = [bounds(part) for part in atom.parts[1:]]
    pick = max if atom.parts[0] else min
    return pick(low for low, _ in edges), pick(high for _, high in edges)


def _times(a: float, b: float) -> float:
    return 0 if a == 0 or b == 0 else a * b


def _replaced(atom: Atom, values: Mapping[Symbol, Size]) -> Size:
    if isinstance(atom, Symbol):
        return values[atom] if atom in values else Dim((((atom,), 1),))
    parts = [substitute(part, values) for part in atom.parts]
    if isinstance(atom, Quotient):
        return floor_divide(*parts)
    if isinstance(atom, Remainder):
        return remainder(*parts)
    return _extreme(parts[1:], int(atom.parts[0]))  # type: ignore[arg-type]


def _spell(dim: Dim) -> str:
    words = ""
    for monomial, coefficient in sorted(dim.terms, key=lambda term: term[1] < 0):
        factors = [atom.key for atom in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        product = " * ".join(factors)
        if len(dim.terms) == 1 and coefficient > 0 and product.startswith("(") and len(monomial) == 1:
            product = product[1:-1]
        sign = (" - " if coefficient < 0 else " + ") if words else ("-" if coefficient < 0 else "")
        words += sign + product
    return words


def _wrapped(size: Size) -> str:
    return f"({size})" if isinstance(size, Dim) and (len(size.terms) > 1 or size.terms[0][1] != 1) else str(size)
