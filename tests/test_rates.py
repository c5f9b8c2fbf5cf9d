"""Sizes that are rounded from other numbers, against Python's own arithmetic."""

import ast
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_interpret import clashes, module

from lintml.analysis.rates import Rate, combined, differ_by_default, filled_in, parameter, rounded, worth_of
from lintml.analysis.values import Number
from lintml.shapes.dim import Dim, symbol, symbols

D, H = symbol("d"), symbol("h")
FACTORS = st.sampled_from([2, 3, 8, 0.5, 0.25, 4.0, 1.5, 2.67, 0.1, 8 / 3])
STEPS = st.lists(st.tuples(st.sampled_from([ast.Mult, ast.Div, ast.Add]), FACTORS), min_size=1, max_size=4)
SIGNS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Add: lambda a, b: a + b,
}
ROUNDING: dict[str, Callable[[float], int]] = {
    "int": int,
    "round": round,
    "math.floor": math.floor,
    "math.ceil": math.ceil,
}


def exact(steps: list[tuple[type, float]]) -> bool:
    """Whether floating point loses nothing on the way: all factors are sums of a few powers of two."""
    return all(float(factor * 4).is_integer() for _, factor in steps) and not any(
        sign is ast.Div and math.log2(factor) % 1 for sign, factor in steps
    )


@given(STEPS, st.integers(1, 400), st.sampled_from(sorted(ROUNDING)))
def test_a_rounded_number_is_worth_what_python_makes_of_it(
    steps: list[tuple[type, float]], size: int, how: str
) -> None:
    value: Any = D
    plain: Any = size
    for sign, factor in steps:
        value, plain = combined(sign, value, factor), SIGNS[sign](plain, factor)
    assert isinstance(value, Rate)
    made = worth_of(rounded(how, value), dict.fromkeys(symbols(D), size))
    expected = ROUNDING[how](plain)
    assert made == expected if exact(steps) else abs(made - expected) <= 1


@pytest.mark.parametrize(
    ("sign", "factor", "size"),
    [(ast.Mult, 0.5, "d // 2"), (ast.Mult, 4.0, "4 * d"), (ast.Div, 3, "d // 3"), (ast.Mult, 2.67, "int(d * 2.67)")],
)
def test_a_simple_fraction_is_a_size_like_any_other(sign: type, factor: float, size: str) -> None:
    value = combined(sign, D, factor)
    assert isinstance(value, Rate)
    assert str(rounded("int", value)) == size


def ratio(default: float | None) -> Dim:
    value = combined(ast.Mult, D, parameter("ratio", default))
    assert isinstance(value, Rate)
    found = rounded("int", value)
    assert isinstance(found, Dim)
    return found


def test_two_sizes_differ_where_the_defaults_say_so() -> None:
    assert differ_by_default(ratio(4.0), D)
    assert not differ_by_default(ratio(1.0), D)
    assert not differ_by_default(ratio(None), D)
    assert not differ_by_default(filled_in("hidden", D), D)
    assert differ_by_default(filled_in("hidden", 4 * D), D)
    assert differ_by_default(filled_in("hidden", H), D)
    assert ratio(4.0) == ratio(4.0)


def test_what_is_not_known_is_a_number_at_most() -> None:
    for made in (combined(ast.Mult, D, Number()), combined(ast.Pow, D, 0.3), combined(ast.Mult, D, float("inf"))):
        assert isinstance(made, Number)
        assert not isinstance(made, Rate)


@pytest.mark.parametrize(
    ("parameters", "init", "found"),
    [
        ("a, ratio=4.0", "w = int(a * ratio)\nself.f, self.g = nn.Linear(a, w), nn.Linear(w, a)", []),
        ("a, ratio=4.0", "w = int(a * ratio)\nself.f, self.g = nn.Linear(a, w), nn.Linear(a, a)", ["a"]),
        ("a, ratio=1.0", "w = int(a * ratio)\nself.f, self.g = nn.Linear(a, w), nn.Linear(a, a)", []),
        ("a, ratio", "w = int(a * ratio)\nself.f, self.g = nn.Linear(a, w), nn.Linear(w, a)", []),
        ("a", "w = int(a * 2.7)\nself.f, self.g = nn.Linear(a, w), nn.Linear(2 * w, a)", ["2 * int(a * 2.7)"]),
        ("a, w=None", "w = w or a\nself.f, self.g = nn.Linear(a, w), nn.Linear(a, a)", []),
        ("a, w=None", "w = w or 4 * a\nself.f, self.g = nn.Linear(a, w), nn.Linear(a, a)", ["a"]),
        ("a, w=None", "if w is None:\n    w = 4 * a\nself.f, self.g = nn.Linear(a, w), nn.Linear(w, a)", []),
        ("a, w=None", "w = a if w is None else w\nself.f, self.g = nn.Linear(a, w), nn.Linear(2 * w, a)", ["2 * w"]),
        ("a, d=64", "w = int(a * (d / 64.0))\nself.f, self.g = nn.Linear(a, w), nn.Linear(a, a)", []),
    ],
)
def test_widths_that_are_worked_out(parameters: str, init: str, found: list[str]) -> None:
    code = module(init, "return self.g(self.f(x))", parameters)
    assert [str(clash.want) for clash in clashes(code)] == found
