"""The search for inputs: what it reads from code and error messages, what it tries, and where it stops."""

import ast
import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintml.verify.contract import Contract, Input, Parameter
from lintml.verify.inputs.apart import apart, tied, together
from lintml.verify.inputs.conform import Consumer, conform, ranked
from lintml.verify.inputs.names import by_pattern
from lintml.verify.inputs.ranks import groups, ranks
from lintml.verify.inputs.repairs import repairs
from lintml.verify.inputs.roles import Reader, initializer
from lintml.verify.inputs.search import Found, NotFound, Observation, find
from lintml.verify.inputs.sizes import FREE, SETTINGS, SPATIAL, VOLUME, bind, evaluate
from lintml.verify.inputs.spec import Group, Made, Recipe, Record, Spec, Tensor, Value, from_json, tensors, to_json
from lintml.verify.inputs.starts import Known, starts

shapes = st.lists(st.integers(1, 50), max_size=5).map(tuple)
plain = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False), st.text(max_size=5))
specs = st.recursive(
    st.one_of(
        st.builds(Tensor, shapes, st.sampled_from(("float", "unit", "index", "bool", "count")), st.integers(0, 9)),
        st.builds(Value, plain),
        st.builds(Made, st.sampled_from(("layer", "class", "model")), st.integers(0, 9), st.text(max_size=3)),
    ),
    lambda inner: st.one_of(
        st.builds(Group, st.lists(inner, max_size=3).map(tuple), st.sampled_from(("tuple", "list"))),
        st.builds(
            Record,
            st.lists(st.tuples(st.text(max_size=3), inner), max_size=3).map(tuple),
            st.sampled_from(("namespace", "dict")),
        ),
    ),
    max_leaves=6,
)


@given(specs)
def test_a_spec_survives_its_journey(spec: Spec):
    assert from_json(to_json(spec)) == spec


@pytest.mark.parametrize("data", [{}, {"tensor": [[3], "complex", 0, False]}, {"tensor": "x"}, {"unknown": 1}])
def test_what_is_no_spec_is_refused(data):
    with pytest.raises(ValueError, match="not a spec"):
        from_json(data)


@given(shapes.filter(bool), st.integers(1, 6))
def test_a_rank_changes_only_what_stands_before_the_features(shape, rank):
    changed = ranked(shape, rank)
    assert len(changed) == rank
    assert changed[-1] == shape[-1]
    kept = min(len(shape), rank) - 1
    assert changed[:kept] == shape[:kept]


def test_sizes_are_distinct_and_never_one():
    sizes = (*SETTINGS, *FREE, *SPATIAL, *VOLUME)
    assert len(set(sizes)) == len(sizes)
    assert min(sizes) > 1


def test_shapes_of_expressions():
    symbols = {"d": 22}
    assert bind(("b", "t", "2 * d"), symbols) == (3, 5, 44)
    assert bind(("t", "d // 2"), symbols) == (5, 11)
    assert bind(("n", "c", "h", "w"), {})[2:] == SPATIAL[:2]


@pytest.mark.parametrize("expression", ["f(3)", "d.x", "'a'", "3.5", "[1]"])
def test_only_whole_numbers_are_evaluated(expression):
    with pytest.raises((ValueError, KeyError)):
        evaluate(expression, {"d": 3})


def test_a_division_by_zero_gives_no_shape():
    with pytest.raises(ValueError, match="no size"):
        bind(("d // 0",), {"d": 3})


CLASS = """
class Net(nn.Module):
    def __init__(self, vocab, d, h, depth, rate, act, block, cfg, flag):
        super().__init__()
        self.size = d // h
        self.emb = nn.Embedding(vocab, d)
        self.layers = nn.ModuleList([block(d) for _ in range(depth)])
        self.drop = nn.Dropout(rate)
        self.act = act
        self.out = nn.Linear(cfg.hidden, cfg.n_head)
        self.table = cfg["width"]
        if flag == "sum":
            self.sum = True

    def forward(self, x, memory, state):
        b, t, c = x.shape
        h, c = state
        y = memory.permute(0, 3, 1, 2)
        return self.act(x)
"""


def resolve(expression: ast.expr) -> object:
    import torch
    from torch import nn

    known = {"nn": nn, "torch": torch, "range": range}
    match expression:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=value, attr=name):
            return getattr(resolve(value), name, None)
    return None


def reader(text: str = CLASS) -> Reader:
    tree = ast.parse(text).body[0]
    function = initializer(tree)
    assert function is not None
    return Reader(function, tree, resolve, lambda value: None)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("vocab", "size"),
        ("d", "size"),
        ("h", "heads"),
        ("depth", "count"),
        ("rate", "probability"),
        ("act", "layer"),
        ("block", "class"),
        ("cfg", "config"),
        ("flag", "text"),
    ],
)
def test_a_role_is_read_from_the_uses(name, role):
    assert reader().role(name) == role


def test_roles_do_not_hang_on_names():
    renamed = CLASS
    for old, new in (("vocab", "aa"), ("rate", "bb"), ("block", "cc"), ("act", "ee"), ("depth", "ff")):
        renamed = renamed.replace(old, new)
    roles = [reader(renamed).role(name) for name in ("aa", "bb", "cc", "ee", "ff")]
    assert roles == ["size", "probability", "class", "layer", "count"]


def test_a_sum_of_many_terms_is_read_to_its_end():
    terms = " + ".join(["1"] * 900)
    text = f"class Net(nn.Module):\n    def __init__(self, d):\n        self.n = {terms}\n        nn.Embedding(d, 3)\n"
    assert reader(text).role("d") == "size"


def test_the_texts_and_fields_of_a_parameter():
    assert reader().texts("flag") == ["sum"]
    assert reader().fields("cfg") == {"hidden": "size", "n_head": "size", "width": "unknown"}


def test_a_parameter_is_followed_into_a_helper_method():
    text = """
class Net(nn.Module):
    def __init__(self, a, kind):
        self.body = self.make(a, kind)

    def make(self, n, thing):
        return [thing(nn.Linear(n, 3)) for _ in range(2)]
"""
    assert (reader(text).role("a"), reader(text).role("kind")) == ("size", "class")


@pytest.mark.parametrize(
    ("name", "role"),
    [("num_heads", "heads"), ("dropout", "probability"), ("lr", "float"), ("use_bias", "bool"), ("blorp", "unknown")],
)
def test_what_names_say(name, role):
    assert by_pattern(name) == role


def test_what_the_text_says_of_ranks_and_tuples():
    forward = ast.parse(CLASS).body[0].body[1]  # type: ignore[attr-defined]
    assert ranks(forward) == {"x": 3, "memory": 4}
    assert groups(forward) == {"state": 2}


X = Tensor((3, 5, 7))
MESSAGES = [
    ("mat1 and mat2 shapes cannot be multiplied (15x7 and 22x26)", (3, 5, 22)),
    ("input.size(-1) must be equal to input_size. Expected 22, got 7", (3, 5, 22)),
    ("The size of tensor a (7) must match the size of tensor b (22) at non-singleton dimension 2", (3, 5, 22)),
    ("batch1 must be a 2D tensor", (3, 7)),
    ("not enough values to unpack (expected 4, got 3)", (3, 5, 41, 7)),
    ("too many indices for tensor of dimension 3", (3, 5, 41, 7)),
    ("shape '[-1, 784]' is invalid for input of size 105", (3, 784)),
    ("shape '[5, 5, -1]' is invalid for input of size 162", (3, 9, 7)),
    ("too many values to unpack (expected 4)", (3, 5, 4)),
    ("The size of tensor a (5) must match the size of tensor b (2) at non-singleton dimension 1", (3, 5, 4)),
    ("Given normalized_shape=[22], expected input with shape [*, 22], but got input of size[3, 5, 7]", (3, 5, 22)),
]


@pytest.mark.parametrize(("message", "shape"), MESSAGES)
def test_a_message_gives_the_next_shape(message, shape):
    suggested = [step.recipe.inputs[0][1] for step in repairs(Recipe((), (("x", X),)), ("RuntimeError", message))]
    assert shape in [spec.shape for spec in suggested if isinstance(spec, Tensor)]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int", "index"),
        ("masked_fill_ only supports boolean masks, but got mask with dtype float", "bool"),
        ("all elements of input should be between 0 and 1", "unit"),
    ],
)
def test_a_message_gives_the_next_kind(message, kind):
    suggested = [step.recipe.inputs[0][1] for step in repairs(Recipe((), (("x", X),)), ("RuntimeError", message))]
    assert kind in [spec.kind for spec in suggested if isinstance(spec, Tensor)]


def test_settings_that_clash_are_made_equal_and_said():
    recipe = Recipe((("a", Value(22)), ("b", Value(26))), (("x", Tensor((3, 26))),))
    error = ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied (3x26 and 22x26)")
    equal = [step.recipe for step in repairs(recipe, error) if step.recipe.equal]
    assert equal
    assert ("a", "b") in [recipe.equal[0] for recipe in equal] or ("b", "a") in [recipe.equal[0] for recipe in equal]


@pytest.mark.parametrize(
    ("consumer", "fitting"),
    [
        (Consumer("features", 22), Tensor((3, 5, 22))),
        (Consumer("index", 22), Tensor((3, 5), "index", 22)),
        (Consumer("channels", 22, 2), Tensor((3, 22, 41, 43))),
        (Consumer("channels", 1, 1), Tensor((3, 1, 7), exact=True)),
        (Consumer("rank", rank=2), Tensor((3, 7))),
        (Consumer("pair", shapes=((1, 3, 4), (1, 3, 4))), Group((Tensor((1, 3, 4), exact=True),) * 2)),
        (Consumer("unit"), Tensor((3, 5, 7), "unit")),
    ],
)
def test_a_consumer_says_what_an_input_is(consumer, fitting):
    assert conform(X, consumer) == fitting
    assert conform(fitting, consumer) == fitting


Shapes = tuple[tuple[int, ...], ...]


def attempt(runs: Callable[[Shapes], bool], error: str = "no") -> Callable[[Recipe], Observation]:
    """An attempt that succeeds by the shapes of the inputs alone."""

    def observe(recipe: Recipe) -> Observation:
        given = tuple(tensor.shape for _, spec in recipe.inputs for tensor in tensors(spec))
        return Observation() if runs(given) else Observation(("RuntimeError", error))

    return observe


def begin(*names: str) -> list[Recipe]:
    return list(starts([], [Known(name) for name in names], {}, {}))


def test_every_rank_is_tried_in_the_end():
    found = find(attempt(lambda given: len(given[0]) == 5), begin("x"))
    assert isinstance(found, Found)
    assert not found.recipe.degenerate


def test_an_axis_of_one_is_the_last_resort_and_is_said():
    found = find(attempt(lambda given: given[0][0] == 1), begin("x"))
    assert isinstance(found, Found)
    assert found.recipe.degenerate


def test_other_ranks_that_run_are_listed():
    found = find(attempt(lambda given: len(given[0]) in (2, 3)), begin("x"))
    assert isinstance(found, Found)
    listed = [recipe.inputs[0][1] for recipe in (found.recipe, *found.others)]
    assert sorted(len(spec.shape) for spec in listed if isinstance(spec, Tensor)) == [2, 3]


def given_shapes(recipe: Recipe) -> Shapes:
    return tuple(tensor.shape for _, spec in recipe.inputs for tensor in tensors(spec))


def call(*given: tuple[int, ...], settings: int = 0) -> Recipe:
    """A recipe of inputs x0, x1, … of these shapes, and of a setting d."""
    arguments = (("d", Value(settings)),) if settings else ()
    return Recipe(arguments, tuple((f"x{at}", Tensor(shape)) for at, shape in enumerate(given)))


def ran(recipe: Recipe, runs: Callable[[Shapes], bool]) -> bool:
    return runs(given_shapes(recipe))


ATTENTION: tuple[Callable[[Shapes], bool], ...] = (
    # A query with its keys and values: all in one batch, keys as wide as queries, a value for each key.
    lambda g: g[0][0] == g[1][0] == g[2][0] and g[0][2] == g[1][2] and g[1][1] == g[2][1],
)


def test_sizes_differ_where_the_code_lets_them():
    same = call((3, 5, 7), (3, 5, 7), (3, 5, 7))
    query, key, value = given_shapes(apart(same, lambda recipe: ran(recipe, ATTENTION[0])))
    assert query == (3, 5, 7)
    assert (key[0], key[2], value[0]) == (3, 7, 3)
    assert key[1] == value[1] != query[1]
    assert value[2] not in (query[2], *query[:2])


@given(st.lists(st.sampled_from(((3, 5, 7), (3, 7), (7,), (3, 5, 41, 7))), min_size=1, max_size=3))
def test_sizes_stay_where_none_else_runs(given):
    recipe = call(*given)
    assert apart(recipe, lambda changed: False) == recipe
    assert tied(recipe, lambda changed: False) == recipe


@given(st.lists(st.sampled_from(((3, 5, 7), (3, 7), (7,), (3, 5, 41, 7))), min_size=1, max_size=3))
def test_where_all_runs_no_two_sizes_are_left_the_same(given):
    sizes = [size for shape in given_shapes(apart(call(*given), lambda changed: True)) for size in shape]
    assert len(sizes) == len(set(sizes))


def test_axes_that_have_to_be_equal_are_said():
    square = call((3, 7, 7))
    assert tied(square, lambda recipe: ran(recipe, lambda g: g[0][1] == g[0][2])).tied == (
        ("x0.size(1)", "x0.size(2)"),
    )
    as_wide = call((3, 22, 22), settings=22)
    assert tied(as_wide, lambda recipe: False).tied == (("x0.size(1)", "d"),)
    image = call((3, 5, 22, 22), settings=22)
    assert tied(image, lambda recipe: False).tied == ()


def test_large_images_are_made_smaller_where_that_runs():
    def observe(recipe: Recipe) -> Observation:
        shape = given_shapes(recipe)[0]
        return Observation(largest=math.prod(shape[2:]) ** 2) if len(shape) == 4 else Observation(("E", "no"))

    found = find(observe, begin("x"))
    assert isinstance(found, Found)
    assert math.prod(given_shapes(found.recipe)[0][2:]) < 300


def test_inputs_of_one_rank_are_made_alike():
    recipe = Recipe((), (("x", Tensor((3, 5, 7))), ("y", Tensor((3, 4, 7))), ("z", Tensor((3, 9), "index", 5))))
    assert given_shapes(together(recipe)) == ((3, 5, 7), (3, 5, 7), (3, 5))


def test_the_budget_ends_the_search():
    found = find(attempt(lambda given: False), begin("x", "y"), tries=17)
    assert isinstance(found, NotFound)
    assert found.tries <= 17
    found = find(attempt(lambda given: False), begin("x", "y"), seconds=0.0)
    assert isinstance(found, NotFound)
    assert found.tries == 0


def test_an_error_that_no_input_cures_ends_the_search():
    def observe(recipe: Recipe) -> Observation:
        return Observation(("NameError", "name 'nn' is not defined"), final=True)

    found = find(observe, begin("x"))
    assert isinstance(found, NotFound)
    assert (found.tries, found.final) == (1, True)


def test_what_cannot_be_made_is_tried_once():
    made: list[Recipe] = []

    def observe(recipe: Recipe) -> Observation:
        made.append(recipe)
        return Observation(("KeyError", "'x'"), made=False)

    find(observe, list(starts([Known("d", "size")], [Known("x")], {}, {})))
    assert len(made) == 1


def test_a_contract_comes_first_and_then_what_the_code_says():
    contract = Contract(
        "Net", parameters=(Parameter("d", "size"),), inputs=(Input("x", (("b", "d"), ("b", "t", "d"))),)
    )
    first, second, third, *_ = starts([Known("d")], [Known("x")], {}, {}, contract)
    assert first.inputs == (("x", Tensor((3, 22))),)
    assert second.inputs == (("x", Tensor((3, 5, 22))),)
    assert third.inputs == (("x", Tensor((3, 5, 7))),)


def test_what_people_mean_as_a_rule_does_not_wait_for_all_that_a_contract_says():
    shapes_ = tuple(tuple(f"a{at}" for at in range(rank)) for rank in (1, 2, 4, 5)) * 5
    told = Contract("f", "function", (), (Input("x", shapes_), Input("y", shapes_)))
    recipes = starts([], [Known("x"), Known("y")], {}, {}, told)
    found = find(
        attempt(lambda given: given[0][:2] == given[1][:2] == (3, 5) and len(given[0]) == 3), recipes, tries=30
    )
    assert isinstance(found, Found)


def test_given_values_are_kept():
    recipe = next(iter(starts([Known("a", "size"), Known("b", "size", False)], [], {}, {}, None, {"a": 5, "b": 7})))
    assert recipe.arguments == (("a", Value(5)), ("b", Value(7)))
