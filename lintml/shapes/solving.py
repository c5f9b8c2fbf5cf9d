"""Symbols given way to other sizes, and equations solved for one of them."""

from collections.abc import Mapping

from lintml.shapes.atoms import Atom, Quotient, Remainder, Symbol
from lintml.shapes.bounds import extreme, primitive
from lintml.shapes.polynomial import (
    Monomial,
    Size,
    atom_size,
    canonical,
    divide_terms,
    floor_divide,
    remainder,
    symbols,
)


def substitute(size: Size, values: Mapping[Symbol, Size]) -> Size:
    """The size with symbols given way to other sizes, simplified again."""
    if isinstance(size, int) or values.keys().isdisjoint(symbols(size)):
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
    gap = primitive(gap)
    if isinstance(gap, int):
        return None
    rest: dict[Monomial, int] = {}
    coefficient = 0
    for monomial, factor in gap.terms:
        if monomial == (unknown,):
            coefficient = factor
        elif any(_mentions(atom, unknown) for atom in monomial):
            return None
        else:
            rest[monomial] = -factor
    if coefficient == 0:
        return None
    value, left = divide_terms(canonical(rest), coefficient)
    return value if left == 0 else None


def _mentions(atom: Atom, unknown: Symbol) -> bool:
    return atom == unknown if isinstance(atom, Symbol) else any(unknown in symbols(part) for part in atom.parts)


def _replaced(atom: Atom, values: Mapping[Symbol, Size]) -> Size:
    if isinstance(atom, Symbol):
        return values[atom] if atom in values else atom_size(atom)
    parts = [substitute(part, values) for part in atom.parts]
    match atom:
        case Quotient():
            return floor_divide(*parts)
        case Remainder():
            return remainder(*parts)
    return extreme(parts[1:], int(atom.parts[0] == 1))
