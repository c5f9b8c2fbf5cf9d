"""Worlds against plain integers: what two axes are made to be is what they are wherever code runs."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from symbolic import FREE, RIGID, TREES, VALUES, Tree

from lintml.shapes.dim import Symbol, substitute, symbols
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.world import OnlyIf, World, scripts

C, D, H = RIGID
M, N = FREE
MANY = VALUES.map(lambda values: {found: value + 1 for found, value in values.items()})


@settings(max_examples=500)
@given(TREES, TREES, MANY)
def test_sizes_that_are_equal_unify_to_what_they_are(a: Tree, b: Tree, values: dict[Symbol, int]) -> None:
    shift = a[1](values) - b[1](values)
    mine, theirs = a[0] - shift, b[0]
    assume(b[1](values) > 0)
    world = World()
    answer = world.unify(mine, theirs)
    assert answer is not False
    if isinstance(answer, OnlyIf):
        assert substitute(answer.left, values) == substitute(answer.right, values)
    for name, size in world.bindings.items():
        assert substitute(size, values) == values[name]


@settings(max_examples=500)
@given(TREES, TREES, MANY, st.sampled_from([None, 0, 1]))
def test_sizes_broadcast_to_what_they_are(a: Tree, b: Tree, values: dict[Symbol, int], one: int | None) -> None:
    sizes = [1 if one == 0 else a[0] - (a[1](values) - b[1](values)), 1 if one == 1 else b[0]]
    there = [1 if one == at else b[1](values) for at in range(2)]
    assume(min(there) > 0)
    size, answer = World().broadcast(sizes[0], sizes[1])
    assert answer is not False
    if size is not None:
        assert substitute(size, values) == max(there)


def test_a_free_size_takes_the_value_that_it_is_asked_for() -> None:
    world = World()
    assert world.unify(N, 2 * D) is True
    assert world.unify(M - 2, N) is True
    assert world.size(M) == 2 * D + 2
    assert world.unify(M, 3) is False


def test_a_factor_that_both_have_is_no_obstacle() -> None:
    world = World()
    assert world.unify(N * C * 4, C * 4 * D) is True
    assert world.size(N) == D


def test_two_parameters_agree_only_if_they_are_equal() -> None:
    assert World().unify(C, D) == OnlyIf(C, D)
    assert str(World().unify(C, 4 * D)) == "c == 4 * d"
    assert World().unify(C, C + 1) is False


def test_an_input_axis_forced_to_one_is_no_solution() -> None:
    world = World()
    assert world.unify(N, 1) is True
    assert "n would have to be 1" in world.degenerate


def test_what_a_convolution_leaves_is_not_added_to_what_it_was_given() -> None:
    assert World().broadcast(N, N - 2) == (None, False)
    assert World().broadcast((N + 1) // 2, N)[1] is False
    assert World().broadcast(2 * (N // 2), N)[1] is None


def test_an_input_axis_may_be_stretched() -> None:
    assert World().broadcast(N, D) == (D, True)
    assert World().broadcast(D, N) == (D, True)
    assert World().broadcast(N, 1) == (N, True)
    assert World().broadcast(None, D) == (D, None)
    assert World().broadcast(None, N) == (None, None)
    assert World().broadcast(2 * N, 3)[1] is False


def test_every_rank_that_fits_is_offered_once() -> None:
    seen = []
    tried = [()]
    while tried:
        world = World(tried.pop())
        shape = world.decide(Shape((D,), Rest()), world.plausible(Shape((D,), Rest()), 1))
        assert shape is not None
        seen.append(len(shape.dims))
        tried += scripts(world)
    assert sorted(seen) == [1, 2, 3, 4, 5]


def test_a_shape_shows_as_many_axes_as_are_asked_for() -> None:
    world = World()
    shape = Shape((D,), Rest("x"))
    seen = world.expose(shape, 3)
    assert seen is not None
    assert len(seen.dims) == 3
    assert seen.dims[-1] == D
    assert world.expose(Shape((D,)), 2) is None
    assert world.shape(shape) == seen


def test_a_branch_is_forgotten_when_the_world_goes_back() -> None:
    world = World()
    known = world.snapshot()
    world.unify(N, 1)
    world.restore(known)
    assert world.size(N) == N
    assert not world.degenerate


@given(st.permutations([(M, N), (N, 2 * D), (M, 2 * D)]))
def test_the_order_of_equations_does_not_matter(equations: list[tuple[Symbol, Symbol]]) -> None:
    world = World()
    assert all(world.unify(a, b) is True for a, b in equations)  # type: ignore[arg-type]
    assert world.size(M) == world.size(N) == 2 * D


def test_a_shape_reads_like_a_tuple() -> None:
    assert str(Shape((D, None, 3))) == "(d, ?, 3)"
    assert str(Shape((D,))) == "(d,)"
    assert str(Shape((D,), Rest("x"))) == "(*x, d)"
    assert len(symbols(D)) == 1
