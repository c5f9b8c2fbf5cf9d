"""Examples for symbols: small, different, and true to what was asked."""

from hypothesis import assume, given, settings
from symbolic import RIGID, TREES, Tree

from lintml.shapes.dim import substitute, symbol, symbols
from lintml.shapes.witness import witness

C, D, H = RIGID


def test_different_symbols_are_different_primes() -> None:
    assert witness([C, D]) == {"c": 5, "d": 7}


def test_widths_are_multiples_of_their_divisors() -> None:
    found = witness([D // H, 2 * D])
    assert found is not None
    assert found["d"] % found["h"] == 0
    assert found["d"] > found["h"] > 1


def test_an_equation_is_kept_or_broken() -> None:
    assert witness([C, D], equal=[(C, D)]) == {"c": 5, "d": 5}
    kept = witness([C, D], equal=[(C, 4 * D)])
    assert kept is not None
    assert kept["c"] == 4 * kept["d"]
    broken = witness([C, D], different=[(C, D + 2)])
    assert broken is not None
    assert broken["c"] != broken["d"] + 2


def test_what_cannot_be_has_no_example() -> None:
    assert witness([C], equal=[(C, C + 1)]) is None
    assert witness([C], different=[(C, C)]) is None


def test_sizes_are_positive() -> None:
    found = witness([C - 30, D])
    assert found is not None
    assert found["c"] > 30


@settings(max_examples=300)
@given(TREES, TREES)
def test_whatever_is_found_is_true(a: Tree, b: Tree) -> None:
    sizes = [size for size in (a[0], b[0]) if not isinstance(size, int)]
    assume(sizes)
    for equal, different in (([(a[0], b[0])], []), ([], [(a[0], b[0])])):
        found = witness(sizes, equal=equal, different=different)
        if found is None:
            continue
        values = {name: found[name.name] for size in sizes for name in symbols(size)}
        numbers = [substitute(size, values) for size in (a[0], b[0])]
        assert (numbers[0] == numbers[1]) == bool(equal)
        assert all(isinstance(number, int) and number > 0 for size in sizes for number in [substitute(size, values)])


def test_symbols_of_conditions_are_named_too() -> None:
    width = symbol("width")
    assert set(witness([C], different=[(width, 64)]) or {}) == {"c", "width"}
