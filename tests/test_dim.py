"""Symbolic sizes against plain integers: whatever is said of a size holds for the values of its symbols."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from symbolic import FREE, RIGID, TREES, VALUES, Tree

from lintml.shapes.dim import (
    Dim,
    Size,
    Symbol,
    bounds,
    certainly_different,
    differ_by_remainders,
    floor_divide,
    greatest,
    least,
    meant_equal,
    multiple,
    primitive,
    solve,
    substitute,
    symbol,
    symbols,
)


@settings(max_examples=600)
@given(TREES, VALUES)
def test_a_canonical_size_has_the_value_of_the_expression_it_came_from(tree: Tree, values: dict[Symbol, int]) -> None:
    assert substitute(tree[0], values) == tree[1](values)


@settings(max_examples=400)
@given(TREES, VALUES, st.sets(st.sampled_from(RIGID + FREE)))
def test_substitution_in_two_steps_is_substitution_at_once(
    tree: Tree, values: dict[Symbol, int], some: set[Dim]
) -> None:
    first = {found: value for found, value in values.items() if any(found in symbols(size) for size in some)}
    assert substitute(substitute(tree[0], first), values) == tree[1](values)


@given(TREES, VALUES)
def test_a_size_depends_on_no_symbol_but_its_own(tree: Tree, values: dict[Symbol, int]) -> None:
    others = {found: value + 1 for found, value in values.items() if found not in symbols(tree[0])}
    assert substitute(tree[0], values) == substitute(tree[0], values | others)


@settings(max_examples=400)
@given(TREES, VALUES)
def test_bounds_hold_the_value(tree: Tree, values: dict[Symbol, int]) -> None:
    low, high = bounds(tree[0])
    assert low <= tree[1](values) <= high


@settings(max_examples=600)
@given(TREES, TREES, VALUES)
def test_different_sizes_of_an_axis_are_never_equal(a: Tree, b: Tree, values: dict[Symbol, int]) -> None:
    mine, theirs = a[1](values), b[1](values)
    assume(mine > 0 and theirs > 0)
    if certainly_different(a[0], b[0]):
        assert mine != theirs
    if certainly_different(a[0], b[0], least_free=2) and all(values[found] > 1 for f in FREE for found in symbols(f)):
        assert mine != theirs
    if a[0] == b[0]:
        assert mine == theirs


@settings(max_examples=400)
@given(TREES, VALUES)
def test_a_primitive_gap_is_zero_where_the_gap_is(tree: Tree, values: dict[Symbol, int]) -> None:
    assert (substitute(primitive(tree[0]), values) == 0) == (tree[1](values) == 0)


@settings(max_examples=400)
@given(TREES, st.sampled_from(FREE), st.integers(1, 4))
def test_a_solution_solves(tree: Tree, unknown: Dim, times: int) -> None:
    gap = tree[0] - unknown * times
    (name,) = symbols(unknown)
    solution = solve(gap, name)
    if solution is not None:
        assert name not in symbols(solution)
        assert substitute(gap, {name: solution}) == 0


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_heads_divide_the_width(head: int, heads: int, factor: int, other: int) -> None:
    d, h, n = symbol("d"), symbol("h"), symbol("n", free=True)
    (d_name,), (h_name,), (n_name,) = symbols(d), symbols(h), symbols(n)
    size = n * h * (d * factor // h) + other * (d // h)
    values = {d_name: head * heads, h_name: heads, n_name: other}
    assert substitute(size, values) == other * head * heads * factor + other * head


def test_the_width_of_the_heads_times_their_number_is_the_width() -> None:
    d, h = symbol("d"), symbol("h")
    assert h * (d // h) == d
    assert 2 * d * h * (d // h) == 2 * d * d
    assert meant_equal(d // h * 2 * (h // 2), d)
    assert meant_equal(2 * (d // 2), d)
    assert not meant_equal(2 * (d // 2), d + 1)


def test_the_length_of_an_input_keeps_its_floor() -> None:
    n, d = symbol("n", free=True), symbol("d")
    assert 2 * (n // 2) != n
    assert not meant_equal(2 * (n // 2), n)
    assert not meant_equal(d * (n // d), n)
    assert not certainly_different(2 * (n // 2), n)


def test_a_kernel_padded_by_half_keeps_the_length_if_it_is_odd() -> None:
    n, k = symbol("n", free=True), symbol("k")
    length = n + 2 * (k // 2) - k + 1
    assert not certainly_different(length, n)
    assert differ_by_remainders(length, n)
    assert not differ_by_remainders(length + k, n)
    assert certainly_different(length + 1, n)


def test_strides_after_strides_are_one_stride() -> None:
    n = symbol("n", free=True)
    assert n // 2 // 2 == n // 4
    assert ((n + 1) // 2 + 1) // 2 == (n + 3) // 4
    assert str(((n - 1) // 2 + 1 - 1) // 2 + 1) == str((n - 1) // 4 + 1)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (RIGID[0], 2 * RIGID[0]),
        (RIGID[0] * RIGID[1], 2 * RIGID[0] * RIGID[1]),
        (2 * RIGID[0], 3),
        (FREE[0], FREE[0] + 2),
        (RIGID[0] * RIGID[1] * 3, RIGID[1] * 2 * RIGID[0]),
        (FREE[0] * FREE[0] + FREE[0], FREE[0]),
        (RIGID[0] // 2, 2 * (RIGID[0] // 2)),
        (RIGID[0] // 2, RIGID[0]),
        (2 * (RIGID[0] // 2) + 2, RIGID[0]),
        (3 * RIGID[0] // 2 + RIGID[0], RIGID[0]),
    ],
)
def test_sizes_that_can_never_be_equal_are_different(a: Size, b: Size) -> None:
    assert certainly_different(a, b)
    assert certainly_different(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (RIGID[0], RIGID[1]),
        (RIGID[0], 1),
        (RIGID[0] * RIGID[1], RIGID[1]),
        (RIGID[0] - RIGID[1], 3),
        (2 * RIGID[0] + 1, 3),
        ((FREE[0] + 1) // 2, FREE[0]),
        (RIGID[0] % 3, 2),
    ],
)
def test_sizes_that_some_values_make_equal_are_not_different(a: Size, b: Size) -> None:
    assert not certainly_different(a, b)


def test_an_axis_of_an_input_that_would_have_to_be_one_is_no_way_out() -> None:
    n = FREE[0]
    assert not certainly_different((n + 1) // 2, n)
    assert certainly_different((n + 1) // 2, n, least_free=2)


def test_extremes_leave_out_what_another_beats() -> None:
    d, n = RIGID[1], FREE[1]
    assert least([d, 2 * d]) == d
    assert greatest([d, 0]) == d
    assert greatest([3, d, 5]) == greatest([d, 5])
    assert least([n, least([d, 7])]) == least([7, d, n])


def test_a_division_by_zero_is_a_size_that_nothing_is_known_of() -> None:
    d = RIGID[1]
    for size in (floor_divide(4, 0), d // 0, d % 0, substitute(d // (RIGID[2] - 1), {symbols(RIGID[2])[0]: 1})):
        assert not isinstance(size, int)
        assert not certainly_different(size, 4)


def test_sizes_read_like_the_code_they_came_from() -> None:
    c, d, h = RIGID
    assert str(d // h) == "d // h"
    assert str(2 * (d // h)) == "2 * (d // h)"
    assert str(d * h // 3) == "(d * h) // 3"
    assert str(c * 4 - 1) == "4 * c - 1"
    assert str(5 - c) == "5 - c"
    assert str((c + 1) // 2) == "(c + 1) // 2"
    assert str(least([c, d])) == "min(c, d)"


def test_a_size_takes_no_part_in_other_arithmetic() -> None:
    with pytest.raises(TypeError):
        RIGID[0] * 0.5  # type: ignore[operator]
    with pytest.raises(TypeError):
        0.5 + RIGID[0]  # type: ignore[operator]


def test_a_width_of_several_heads_is_a_multiple_of_one() -> None:
    d, h = RIGID[1], RIGID[2]
    assert multiple(d, d // h)
    assert multiple(3 * d, d)
    assert not multiple(d, d)
    assert not multiple(d, 3 * d)
    assert not multiple(d, h)
