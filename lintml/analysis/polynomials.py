"""Sums of products of unknowns: what an update rule computes, as an expression that can be asked about."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

AtomKind: TypeAlias = Literal["parameter", "gradient", "buffer", "setting", "other"]
Monomial: TypeAlias = frozenset[tuple["Atom", int]]

MOST_TERMS: Final = 48
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Atom:
    """An unknown: the parameter or its gradient as a step finds them, a buffer, a setting, or what a function gave.

    ``name`` is the key of a buffer or setting; one that begins with a dot is an attribute's. What a function gave is
    told apart by a ``number`` of its own, and ``touches`` all that it was worked out from.
    """

    kind: AtomKind
    name: str = ""
    number: int = 0
    touches: "frozenset[Atom]" = frozenset()


@dataclass(frozen=True, slots=True)
class Polynomial:
    """A polynomial with real coefficients in atoms; equal ones are equal as values."""

    terms: frozenset[tuple[Monomial, float]] = frozenset()

    def __add__(self, other: "Polynomial") -> "Polynomial":
        total = dict(self.terms)
        for monomial, factor in other.terms:
            total[monomial] = total.get(monomial, 0.0) + factor
        return _of(total)

    def __neg__(self) -> "Polynomial":
        return Polynomial(frozenset((monomial, -factor) for monomial, factor in self.terms))

    def __sub__(self, other: "Polynomial") -> "Polynomial":
        return self + -other

    def __mul__(self, other: "Polynomial") -> "Polynomial":
        if len(self.terms) * len(other.terms) > MOST_TERMS:
            return function("product", self, other)
        total: dict[Monomial, float] = {}
        for one, factor in self.terms:
            for two, another in other.terms:
                monomial = _product(one, two)
                total[monomial] = total.get(monomial, 0.0) + factor * another
        return _of(total)

    @property
    def constant(self) -> float | None:
        """The number that this is, None where it depends on an atom."""
        if not self.terms:
            return 0.0
        (monomial, factor), *others = self.terms
        return None if others or monomial else factor

    @property
    def atom(self) -> Atom | None:
        """The atom that this is, None where it is anything else."""
        match list(self.terms):
            case [(monomial, 1.0)]:
                (found, power), *others = monomial or [(None, 0)]
                return found if power == 1 and not others else None
        return None

    def atoms(self) -> Iterator[Atom]:
        """Every atom in it, those that functions were given included."""
        for monomial, _ in self.terms:
            for atom, _ in monomial:
                yield atom
                yield from atom.touches

    def coefficient(self, atom: Atom) -> "Polynomial | None":
        """What an atom is multiplied by; None where it does not occur as a plain factor everywhere."""
        total: dict[Monomial, float] = {}
        for monomial, factor in self.terms:
            powers = dict(monomial)
            power = powers.pop(atom, 0)
            if power > 1 or any(atom in other.touches for other in powers):
                return None
            if power:
                total[frozenset(powers.items())] = factor
        return _of(total)

    def value(self, of: Callable[[Atom], float | None]) -> float | None:
        """Its value where each atom has one; None where one has none."""
        total = 0.0
        for monomial, factor in self.terms:
            for atom, power in monomial:
                known = of(atom)
                if known is None:
                    return None
                factor *= known**power
            total += factor
        return total


def number(value: float) -> Polynomial:
    """A constant."""
    return _of({frozenset(): float(value)})


def unknown(atom: Atom) -> Polynomial:
    """An atom as a polynomial."""
    return Polynomial(frozenset([(frozenset([(atom, 1)]), 1.0)]))


def function(name: str, *arguments: Polynomial) -> Polynomial:
    """What a function that is no polynomial makes of its arguments."""
    touched = frozenset(atom for each in arguments for atom in each.atoms() if atom.kind != "other")
    return unknown(Atom("other", name, next(_NUMBERS), touched))


def _of(terms: dict[Monomial, float]) -> Polynomial:
    kept = frozenset((monomial, factor) for monomial, factor in terms.items() if abs(factor) > 1e-12)
    return Polynomial(kept) if len(kept) <= MOST_TERMS else function("sum", Polynomial(kept))


def _product(one: Monomial, two: Monomial) -> Monomial:
    powers = dict(one)
    for atom, power in two:
        powers[atom] = powers.get(atom, 0) + power
    return frozenset(powers.items())
