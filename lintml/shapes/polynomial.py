"""Canonical sums of products over named symbols, and the integer arithmetic on them.

A size is a plain ``int`` wherever it is known; a ``Dim`` is a size that still depends on a symbol. Every operation
returns the simpler of the two, so equal sizes are equal objects in the sense of ``==``.
"""

from collections.abc import Iterator, Mapping
from itertools import count
from math import gcd
from typing import TypeAlias, Union

from lintml.shapes.atoms import Atom, Quotient, Remainder, Symbol

Size: TypeAlias = Union[int, "Dim"]
Monomial: TypeAlias = tuple[Atom, ...]
Terms: TypeAlias = tuple[tuple[Monomial, int], ...]

_undefined = count(1)


class Dim:
    """A sum of products of atoms with integer coefficients; the empty product carries the constant."""

    __slots__ = ("_hash", "_symbols", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._hash = hash(terms)
        self._symbols: tuple[Symbol, ...] | None = None

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Dim) and self._hash == other._hash and self.terms == other.terms)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return _spell(self)

    def __add__(self, other: Size) -> Size:
        if isinstance(other, int):
            return self._plus(other)
        if not isinstance(other, Dim):
            return NotImplemented
        total = dict(self.terms)
        for monomial, coefficient in other.terms:
            total[monomial] = total.get(monomial, 0) + coefficient
        return canonical(total)

    def _plus(self, number: int) -> Size:
        """The sum with an integer: the constant is the last term."""
        (monomial, coefficient), ahead = self.terms[-1], self.terms[:-1]
        if number == 0:
            return self
        if monomial:
            return Dim((*self.terms, ((), number)))
        return Dim((*ahead, ((), coefficient + number))) if coefficient + number else Dim(ahead)

    __radd__ = __add__

    def __neg__(self) -> "Dim":
        return Dim(tuple([(monomial, -coefficient) for monomial, coefficient in self.terms]))

    def __sub__(self, other: Size) -> Size:
        return self + -other if isinstance(other, (int, Dim)) else NotImplemented

    def __rsub__(self, other: Size) -> Size:
        return -self + other

    def __mul__(self, other: Size) -> Size:
        if isinstance(other, int) and not any(isinstance(atom, Quotient) for atom in atoms(self)):
            return Dim(tuple([(monomial, coefficient * other) for monomial, coefficient in self.terms])) if other else 0
        if not isinstance(other, (int, Dim)):
            return NotImplemented
        total: dict[Monomial, int] = {}
        for mine, a in self.terms:
            for theirs, b in terms_of(other):
                for monomial, coefficient in _product(mine, theirs, a * b):
                    total[monomial] = total.get(monomial, 0) + coefficient
        return canonical(total)

    __rmul__ = __mul__

    def __floordiv__(self, other: Size) -> Size:
        return floor_divide(self, other) if isinstance(other, (int, Dim)) else NotImplemented

    def __rfloordiv__(self, other: Size) -> Size:
        return floor_divide(other, self) if isinstance(other, (int, Dim)) else NotImplemented

    def __mod__(self, other: Size) -> Size:
        return remainder(self, other) if isinstance(other, (int, Dim)) else NotImplemented

    def __rmod__(self, other: Size) -> Size:
        return remainder(other, self) if isinstance(other, (int, Dim)) else NotImplemented

    def __pow__(self, exponent: int) -> Size:
        if not isinstance(exponent, int) or exponent < 0:
            return NotImplemented
        result: Size = 1
        for _ in range(exponent):
            result = result * self
        return result


def symbol(
    name: str,
    *,
    minimum: int = 1,
    free: bool = False,
    default: int | None = None,
    leading: bool = False,
    inner: bool = False,
) -> Dim:
    """The size that is just this symbol."""
    named = Symbol(name, minimum=minimum, free=free, default=default, leading=leading, inner=inner)
    return Dim((((named,), 1),))


def floor_divide(a: Size, b: Size) -> Size:
    """``a // b``, exact where every term of ``a`` is a multiple of ``b``; multiples of ``b`` leave the quotient."""
    if b == 0:
        return _nothing()
    if isinstance(a, int) and isinstance(b, int):
        return a // b
    if b == 1:
        return a
    exact, rest = divide_terms(a, b)
    if rest == 0:
        return exact
    rest, b, _ = _lowest(rest, b)
    if isinstance(rest, int) and isinstance(b, int):
        return exact + rest // b
    return exact + _quotient(rest, b)


def remainder(a: Size, b: Size) -> Size:
    """``a % b``; terms of ``a`` that are multiples of ``b`` vanish."""
    if b == 0:
        return _nothing()
    _, rest = divide_terms(a, b)
    rest, b, shared = _lowest(rest, b)
    if isinstance(rest, int) and isinstance(b, int):
        return rest % b * shared
    return atom_size(Remainder(rest, b)) * shared if rest != 0 else 0


def symbols(size: Size) -> tuple[Symbol, ...]:
    """Every symbol that a size depends on, each once, in the order of its terms."""
    if isinstance(size, int):
        return ()
    if size._symbols is None:
        found: dict[Symbol, None] = {}
        for atom in atoms(size):
            if isinstance(atom, Symbol):
                found[atom] = None
            else:
                found.update((each, None) for part in atom.parts for each in symbols(part))
        size._symbols = tuple(found)
    return size._symbols


def atoms(size: Size) -> Iterator[Atom]:
    """Every atom of a size's own terms, once for each place it stands in."""
    if isinstance(size, Dim):
        for monomial, _ in size.terms:
            yield from monomial


def atom_size(atom: Atom) -> Dim:
    """The size that is just this atom."""
    return Dim((((atom,), 1),))


def terms_of(size: Size) -> Terms:
    """The terms of a size; an integer is one term without atoms, or none."""
    if isinstance(size, Dim):
        return size.terms
    return (((), size),) if size else ()


def canonical(total: Mapping[Monomial, int]) -> Size:
    """The size with these coefficients by monomial."""
    kept = [(monomial, coefficient) for monomial, coefficient in total.items() if coefficient]
    if not kept:
        return 0
    if len(kept) == 1:
        return kept[0][1] if not kept[0][0] else Dim((kept[0],))
    kept.sort(key=_order)
    return Dim(tuple(kept))


def divide_terms(a: Size, b: Size) -> tuple[Size, Size]:
    """The terms of ``a`` that ``b`` divides, divided, and the terms that it does not: ``a == first * b + second``."""
    if a == b:
        return 1, 0
    divisor = terms_of(b)
    if len(divisor) != 1:
        return 0, a
    ((factors, scale),) = divisor
    exact: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, coefficient in terms_of(a):
        left = without(monomial, factors)
        if left is None:
            rest[monomial] = coefficient
        elif not monomial or coefficient % scale == 0:
            exact[left] = coefficient // scale
            rest[monomial] = coefficient % scale
        else:
            rest[monomial] = coefficient
    return canonical(exact), canonical(rest)


def without(monomial: Monomial, factors: Monomial) -> Monomial | None:
    """A monomial with these factors taken out once each; None if it lacks one."""
    left = list(monomial)
    for factor in factors:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left)


def meant_exact(quotient: Quotient) -> bool:
    """Whether a quotient is one of parameters alone (``d // heads``), which code means to leave no remainder."""
    numerator, denominator = quotient.parts
    return (
        (isinstance(numerator, int) or len(numerator.terms) == 1)
        and (isinstance(denominator, int) or len(denominator.terms) == 1)
        and not any(found.free for part in quotient.parts for found in symbols(part))
    )


def _lowest(a: Size, b: Size) -> tuple[Size, Size, Size]:
    """A fraction in lowest terms, and the positive factor that both lost: ``d // (3 * d)`` is ``1 // 3``."""
    divisor = terms_of(b)
    if len(divisor) != 1 or a == 0:
        return a, b, 1
    ((factors, scale),) = divisor
    shared: list[Atom] = []
    for atom in factors:
        wanted = shared.count(atom) + 1
        if isinstance(atom, Symbol) and atom.minimum > 0 and all(m.count(atom) >= wanted for m, _ in terms_of(a)):
            shared.append(atom)
    common = gcd(scale, *[coefficient for _, coefficient in terms_of(a)])
    if common == 1 and not shared:
        return a, b, 1
    taken = canonical({tuple(shared): common})
    return divide_terms(a, taken)[0], divide_terms(b, taken)[0], taken


def _quotient(a: Size, b: Size) -> Size:
    """``a // b`` of which no term divides; ``(n // p + c) // q`` is ``(n + c * p) // (p * q)`` for positive p and q."""
    if isinstance(a, Dim) and isinstance(b, int) and b > 0:
        for monomial, coefficient in a.terms:
            inner = monomial[0] if len(monomial) == 1 and coefficient == 1 else None
            if isinstance(inner, Quotient) and isinstance(inner.parts[1], int) and inner.parts[1] > 0:
                numerator, divisor = inner.parts
                return floor_divide(numerator + (a - atom_size(inner)) * divisor, divisor * b)
    return atom_size(Quotient(a, b))


def _product(a: Monomial, b: Monomial, coefficient: int) -> Terms:
    """The product of two monomials.

    ``h * (d // h)`` becomes ``d``: a quotient of parameters by a parameter stands for a division that is meant to be
    exact (head widths). Any other keeps its floor: the strides of a convolution, and ``2 * (k // 2)``, where k is odd
    wherever it is the padding of a kernel.
    """
    if not a or not b:
        return ((a or b, coefficient),)
    joined = tuple(sorted(a + b, key=_key))
    for at, atom in enumerate(joined):
        if isinstance(atom, Quotient) and meant_exact(atom):
            numerator, denominator = atom.parts
            if isinstance(denominator, int):
                continue
            ((factors, scale),) = denominator.terms
            left = without(joined[:at] + joined[at + 1 :], factors)
            if left is not None and coefficient % scale == 0:
                scaled = coefficient // scale
                return terms_of(Dim(((left, scaled),)) * numerator if left else numerator * scaled)
    return ((joined, coefficient),)


def _nothing() -> Dim:
    """The outcome of a division by zero: a size that nothing is known of."""
    return symbol(f"undefined.{next(_undefined)}", free=True)


def _key(atom: Atom) -> str:
    return atom.key


def _order(term: tuple[Monomial, int]) -> tuple[int, list[str]]:
    return -len(term[0]), [atom.key for atom in term[0]]


def _spell(dim: Dim) -> str:
    words = ""
    for monomial, coefficient in sorted(dim.terms, key=lambda term: term[1] < 0):
        factors = [atom.key for atom in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        product = " * ".join(factors)
        if len(dim.terms) == 1 and coefficient == 1 and product.startswith("(") and len(monomial) == 1:
            product = product[1:-1]
        sign = (" - " if coefficient < 0 else " + ") if words else ("-" if coefficient < 0 else "")
        words += sign + product
    return words
