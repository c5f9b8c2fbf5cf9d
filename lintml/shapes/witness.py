"""An example: small numbers for symbols that keep, or break, what sizes are asked to be."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from lintml.shapes.dim import Dim, Quotient, Remainder, Size, Symbol, atoms, solve, substitute, symbols

Pair: TypeAlias = tuple[Size, Size]

PRIMES: Final = (5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103)


def witness(
    sizes: Iterable[Size], *, equal: Sequence[Pair] = (), different: Sequence[Pair] = ()
) -> dict[str, int] | None:
    """A number for each symbol of the sizes and pairs, by its name; None where none was found.

    All sizes come out positive, the ``equal`` pairs equal, the ``different`` ones not; numbers are distinct primes
    from 5 on unless a pair or a division says otherwise: in ``d // h``, d becomes a multiple of h.
    """
    asked = [*sizes, *[size for pair in (*equal, *different) for size in pair]]
    divisions = list(dict.fromkeys(found for size in asked for found in _divisions(size)))
    bound: dict[Symbol, Size] = {}
    for left, right in equal:
        _solve(left, right, bound)
    names = list(dict.fromkeys(name for size in [*asked, *bound.values()] for name in symbols(size)))
    loose = [name for name in names if name not in bound]
    for start in range(len(PRIMES) - len(loose)):
        values = _filled(loose, bound, divisions, start)
        if values is not None and _holds(values, asked, equal, different, divisions):
            return {name.name: values[name] for name in names}
    return None


def _divisions(size: Size) -> Iterator[Pair]:
    """Every division inside a size: what is divided, and by what."""
    for atom in atoms(size):
        if isinstance(atom, Symbol):
            continue
        if isinstance(atom, (Quotient, Remainder)):
            yield atom.parts[0], atom.parts[1]
        for part in atom.parts:
            yield from _divisions(part)


def _solve(left: Size, right: Size, bound: dict[Symbol, Size]) -> None:
    """Bind one symbol so that the two are equal."""
    gap = substitute(left, bound) - substitute(right, bound)
    for name in symbols(gap):
        value = solve(gap, name)
        if value is not None:
            for known, size in bound.items():
                bound[known] = substitute(size, {name: value})
            bound[name] = value
            return


def _filled(
    loose: Sequence[Symbol], bound: dict[Symbol, Size], divisions: Sequence[Pair], start: int
) -> dict[Symbol, int] | None:
    """Primes for the loose symbols, the bound ones worked out; what is divided becomes a multiple of its divisor."""
    numbers = dict(zip(loose, (prime for prime in PRIMES[start:]), strict=False))
    values: dict[Symbol, int] = {}
    for _ in range(4):
        values = dict(numbers)
        for name, size in bound.items():
            value = substitute(size, numbers)
            if not isinstance(value, int):
                return None
            values[name] = value
        whole = True
        for over, by in divisions:
            a, b = substitute(over, values), substitute(by, values)
            if isinstance(a, int) and isinstance(b, int) and b > 0 and a % b:
                whole = False
                _multiply(over, by, b, numbers)
        if whole:
            break
    return values


def _multiply(over: Size, by: Size, times: int, numbers: dict[Symbol, int]) -> None:
    """Make a product a multiple of a divisor by way of its first symbol that the divisor does not hang on."""
    if not isinstance(over, Dim) or len(over.terms) != 1:
        return
    name = next((name for name in symbols(over) if name in numbers and name not in symbols(by)), None)
    if name is not None:
        numbers[name] *= times


def _holds(
    values: dict[Symbol, int],
    asked: Sequence[Size],
    equal: Sequence[Pair],
    different: Sequence[Pair],
    divisions: Sequence[Pair],
) -> bool:
    positive = all(value >= name.minimum for name, value in values.items())
    found = [substitute(size, values) for size in asked]
    positive = positive and all(isinstance(size, int) and size > 0 for size in found)
    same = all(substitute(left, values) == substitute(right, values) for left, right in equal)
    apart = all(substitute(left, values) != substitute(right, values) for left, right in different)
    return positive and same and apart
