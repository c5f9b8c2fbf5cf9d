"""The notation: what a line means, what it refuses and in which words, and what it leaves unknown."""

from typing import Any

import pytest

from lintml.shapes.call import UNKNOWN, Call, Mismatch
from lintml.shapes.dim import symbol
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.signature import read
from lintml.shapes.world import OnlyIf, World
from lintml.torch_api import operators

B, D, H, N = symbol("b", free=True), symbol("d"), symbol("h"), symbol("n", free=True)


def applied(
    line: str, *tensors: Any, world: World | None = None, **settings: Any
) -> tuple[list[Shape | None], list[Mismatch]]:
    call = Call("torch.any", tensors, settings, world or World())
    return [output.shape for output in read(line).apply(call)], call.mismatches


def refused(line: str, *tensors: Any, **settings: Any) -> list[tuple[int, str, Any, Any, int | None]]:
    _, found = applied(line, *tensors, **settings)
    return [(each.position, each.axis, each.want, each.got, each.index) for each in found]


def test_the_same_word_is_the_same_size() -> None:
    line = "torch.any(a, c) b n k, b k m -> b n m"
    assert applied(line, Shape((2, 3, 4)), Shape((2, 4, 5))) == ([Shape((2, 3, 5))], [])
    assert refused(line, Shape((2, 3, 4)), Shape((2, 5, 6))) == [(1, "k", 4, 5, -2)]


def test_a_word_that_is_a_setting_has_its_value() -> None:
    line = "torch.nn.Any(wide, out) *b wide -> *b out"
    assert applied(line, Shape((2, 3, D)), wide=D, out=7) == ([Shape((2, 3, 7))], [])
    assert refused(line, Shape((2, 3)), wide=4, out=7) == [(0, "wide", 4, 3, -1)]


def test_an_equation_between_parameters_is_told() -> None:
    _, found = applied("torch.nn.Any(wide, out) *b wide -> *b out", Shape((B, D)), wide=H, out=7)
    assert [each.answer for each in found] == [OnlyIf(H, D)]


def test_what_does_not_fit_leaves_the_declared_size() -> None:
    outputs, found = applied("torch.nn.Any(wide, out) *b wide -> *b out", Shape((2, 3)), wide=4, out=7)
    assert found
    assert outputs == [Shape((2, 7))]


def test_an_axis_may_be_absent_in_all_at_once() -> None:
    line = "torch.any(a) [b] c n -> [b] c n"
    assert applied(line, Shape((2, 3))) == ([Shape((2, 3))], [])
    assert applied(line, Shape((2, 3, 4))) == ([Shape((2, 3, 4))], [])
    assert refused(line, Shape((2,))) == [(0, "rank", 3, 1, None)]


def test_axes_that_broadcast() -> None:
    line = "torch.any(a, c) #*s, #*s -> *s"
    assert applied(line, Shape((2, 1, D)), Shape((3, 1))) == ([Shape((2, 3, D))], [])
    assert refused(line, Shape((2, 3)), Shape((4, 1))) == [(1, "broadcast", 2, 4, -2)]


def test_axes_ahead_of_any_others() -> None:
    line = "torch.any(a) b c *s -> b c *s"
    assert applied(line, Shape((2, 3, 4, 5))) == ([Shape((2, 3, 4, 5))], [])
    assert refused(line, Shape((2,))) == [(0, "rank", 2, 1, None)]


def test_an_input_may_be_another_parameter() -> None:
    line = "torch.any(a, dim, index) *s, index: *i -> *i"
    assert read(line).tensors == ("a", "index")
    assert applied(line, Shape((2, 3)), Shape((4,)), dim=0) == ([Shape((4,))], [])


def test_a_result_that_is_there_if_it_is_asked_for() -> None:
    line = "torch.any(a, both=False) *s -> *s, both? *s :index"
    assert len(applied(line, Shape((2,)), both=True)[0]) == 2
    assert len(applied(line, Shape((2,)), both=False)[0]) == 1
    assert applied(line, Shape((2,)), both=UNKNOWN) == ([None], [])


def test_a_list_stays_a_list() -> None:
    assert read("torch.any(a, n, dim=0) *s -> chunk(s,n,dim)").listed
    assert not read("torch.any(a) *s -> *s").listed


def test_numbers_may_stand_where_tensors_broadcast() -> None:
    assert read("torch.any(a, c) #*s, #*s -> *s").operands
    assert not read("torch.any(a, c) n, n -> n").operands


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("torch.any(a, c) b n k, b k m -> b n m", [Shape((2, 3, None))]),
        ("torch.any(a, c) #*s, #*s -> *s", [None]),
        ("torch.any(a, c) *s, *s -> *s", [Shape((2, 3, 4))]),
    ],
)
def test_an_unknown_input_is_silent(line: str, outcome: list[Shape | None]) -> None:
    assert applied(line, Shape((2, 3, 4)), None) == (outcome, [])


def test_an_unknown_setting_is_silent() -> None:
    line = "torch.nn.Any(wide, out) *b wide -> *b out"
    assert applied(line, Shape((2, 3)), wide=UNKNOWN, out=UNKNOWN) == ([Shape((2, None))], [])
    assert applied(line, Shape((2, 3)), wide="three", out=2.0) == ([Shape((2, None))], [])


def test_an_input_without_rank_takes_the_one_that_it_needs() -> None:
    world = World()
    given = Shape((), Rest("x"))
    outputs, found = applied("torch.any(a, c) b n k, b k m -> b n m", given, Shape((2, 4, 5)), world=world)
    assert not found
    seen = world.shape(given)
    assert seen.rank == 3
    assert (seen.dims[0], seen.dims[2]) == (2, 4)
    assert outputs[0] is not None
    assert world.shape(outputs[0]) == Shape((2, seen.dims[1], 5))


def test_lines_that_are_none() -> None:
    for line in ("torch.any *s -> *s", "torch.any(a) *s -> nonsense(s)", "torch.any(a) n -> n+"):
        with pytest.raises((ValueError, IndexError)):
            read(line)


# What rules hear of the operators that they are about: the word, the sizes, the axis.
FAULTS = [
    ("torch.nn.Linear", (Shape((B, 10)),), {"in_features": 12, "out_features": 5}, ("in_features", 12, 10)),
    ("torch.nn.Conv2d", (Shape((B, 4, N, N)),), {"in_channels": 3, "out_channels": 8, "kernel_size": 3}, ("in_channels", 3, 4)),
    ("torch.nn.Conv2d", (Shape((5,)),), {"in_channels": 3, "out_channels": 8, "kernel_size": 3}, ("rank", 4, 1)),
    ("torch.nn.Conv1d", (Shape((B, 3, 4)),), {"in_channels": 3, "out_channels": 8, "kernel_size": 9, "stride": 1, "padding": 0, "dilation": 1, "ceil_mode": False}, ("window", 9, 4)),
    ("torch.nn.LSTM", (Shape((B, N, 10)),), {"input_size": 12, "hidden_size": 5}, ("input_size", 12, 10)),
    ("torch.nn.LayerNorm", (Shape((B, 10)),), {"normalized_shape": (12,)}, ("normalized_shape", 12, 10)),
    ("torch.nn.BatchNorm2d", (Shape((B, 10, N, N)),), {"num_features": 12}, ("num_features", 12, 10)),
    ("torch.nn.GroupNorm", (Shape((B, 10, N, N)),), {"num_groups": 2, "num_channels": 12}, ("num_channels", 12, 10)),
    ("torch.nn.MultiheadAttention", (Shape((B, N, 10)), None, None), {"embed_dim": 12, "num_heads": 2}, ("embed_dim", 12, 10)),
    ("torch.bmm", (Shape((2, 3, 4, 5)), None), {}, ("rank", 3, 4)),
    ("torch.matmul", (Shape((2, 3, 4)), Shape((5, 6))), {}, ("inner", 4, 5)),
    ("torch.add", (Shape((B, 10)), Shape((B, 12))), {}, ("broadcast", 10, 12)),
    ("torch.cat", ([Shape((B, 10)), Shape((B, 12))],), {"dim": 0}, ("joined", 10, 12)),
    ("torch.stack", ([Shape((B, 10)), Shape((B, 12))],), {"dim": 0}, ("stacked", 10, 12)),
    ("torch.softmax", (Shape((B, 10)),), {"dim": 2}, ("dim", 2, 2)),
    ("torch.reshape", (Shape((4, 10)),), {"shape": (3, -1)}, ("elements", 3, 40)),
    ("torch.Tensor.repeat", (Shape((4, 10)),), {"repeats": (3,)}, ("repeats", 2, 1)),
    ("torch.Tensor.expand", (Shape((4, 10)),), {"size": (5, 10)}, ("expanded", 5, 4)),
    ("torch.split", (Shape((4, 10)),), {"split_size_or_sections": (3, 4), "dim": 1}, ("parts", 7, 10)),
    ("torch.nn.CrossEntropyLoss", (Shape((4, 10)), Shape((5,))), {"reduction": "mean"}, ("target", 4, 5)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "tensors", "settings", "told"), FAULTS, ids=lambda each: each if isinstance(each, str) else ""
)
def test_a_fault_is_told_in_the_words_of_the_operator(
    path: str, tensors: tuple[Any, ...], settings: dict[str, Any], told: tuple[str, Any, Any]
) -> None:
    method = operators.method(path.rpartition(".")[2]) if "Tensor" in path else None
    signature = operators.layer(path) or operators.function(path) or method
    assert signature is not None
    call = Call(path, tensors, settings, World())
    signature.apply(call)
    assert [(found.axis, found.want, found.got) for found in call.mismatches] == [told]
