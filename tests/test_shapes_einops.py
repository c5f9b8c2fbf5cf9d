"""Patterns of einops against what they mean in plain reshapes and permutations."""

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintml.shapes import packing
from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import symbol
from lintml.shapes.einops import Kind, einsum, rearrange
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.world import World

B, H, N = (symbol(name, free=True) for name in ("b", "h", "n"))
D, P = symbol("d"), symbol("p")


def told(
    pattern: str, shape: Shape | None, lengths: Mapping[str, Any] | None = None, kind: Kind = "rearrange"
) -> tuple[Shape | None, list[tuple[str, Any, Any]]]:
    call = Call(f"einops.{kind}", [shape], {}, World())
    found = rearrange(call, kind, shape, pattern, lengths or {})
    found = call.world.shape(found) if found is not None else None
    return found, [(each.axis, each.want, each.got) for each in call.mismatches]


@pytest.mark.parametrize(
    ("pattern", "shape", "lengths", "outcome"),
    [
        ("b c h w -> b h w c", (2, 3, 4, 5), {}, (2, 4, 5, 3)),
        ("b c h w -> b (c h w)", (2, 3, 4, 5), {}, (2, 60)),
        ("b (h p) (w q) -> b (h w) (p q)", (2, 8, 6), {"p": 4, "q": 2}, (2, 6, 8)),
        ("... d -> d ...", (2, 3, 4), {}, (4, 2, 3)),
        ("b ... d -> b d ...", (2, 3, 4, 5), {}, (2, 5, 3, 4)),
        ("b ... -> b (...)", (2, 3, 4), {}, (2, 12)),
        ("b n -> b n 1", (2, 3), {}, (2, 3, 1)),
        ("b n () -> b n", (2, 3, 1), {}, (2, 3)),
        ("a -> a", (2,), {}, (2,)),
    ],
)
def test_rearranged(pattern: str, shape: tuple[int, ...], lengths: dict[str, int], outcome: tuple[int, ...]) -> None:
    assert told(pattern, Shape(shape), lengths) == (Shape(outcome), [])


def test_reduced_and_repeated() -> None:
    assert told("b c h w -> b c", Shape((2, 3, 4, 5)), kind="reduce") == (Shape((2, 3)), [])
    assert told("b (h p) -> b h", Shape((2, 8)), {"p": 4}, kind="reduce") == (Shape((2, 2)), [])
    assert told("b d -> b n d", Shape((2, 3)), {"n": 5}, kind="repeat") == (Shape((2, 5, 3)), [])
    assert told("b d -> b (2 d)", Shape((2, 3)), kind="repeat") == (Shape((2, 6)), [])
    assert told("1 d -> b d", Shape((1, D)), {"b": B}, kind="repeat") == (Shape((B, D)), [])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.randoms())
def test_any_grouping_of_any_order(sizes: list[int], chance: Any) -> None:
    names = [f"x{at}" for at in range(len(sizes))]
    order = chance.sample(range(len(sizes)), len(sizes))
    cut = chance.randint(0, len(order))
    right = " ".join([f"({' '.join(names[at] for at in order[:cut])})", *[names[at] for at in order[cut:]]])
    expected = (math.prod(sizes[at] for at in order[:cut]), *[sizes[at] for at in order[cut:]])
    assert told(f"{' '.join(names)} -> {right}", Shape(sizes)) == (Shape(expected), [])


def test_patches_of_an_image_that_is_not_known() -> None:
    found, faults = told("b c (h p) (w q) -> b (h w) (p q c)", Shape((B, 3, N, H)), {"p": 16, "q": 16})
    assert not faults
    assert found is not None
    assert found.dims[2] == 768
    heads, faults = told("b n (h d) -> b h n d", Shape((B, N, D)), {"h": P})
    assert (heads, faults) == (Shape((B, P, N, D // P)), [])
    assert told("b h n d -> b n (h d)", heads)[0] == Shape((B, N, D))


def test_what_does_not_fit_is_told_by_name() -> None:
    assert told("b c h w -> b c", Shape((2, 3)), kind="reduce")[1] == [("rank", 4, 2)]
    assert told("b (h p) -> b h p", Shape((2, 9)), {"p": 4})[1][0][1:] == (4, 9)
    assert told("b (h p) -> b h p", Shape((2, 9)), {"h": 2, "p": 4})[1][0][1:] == (8, 9)
    assert told("b c -> b d", Shape((2, 9)))[1][0][0] == "d"
    assert told("b c -> b", Shape((2, 9)))[1][0][0] == "c"


def packed(pattern: str, *shapes: Shape | None) -> tuple[Shape | None, list[tuple[str, Any, Any]]]:
    call = Call("einops.pack", [list(shapes)], {}, World())
    return packing.pack(call, shapes, pattern), [(each.axis, each.want, each.got) for each in call.mismatches]


@given(st.lists(st.lists(st.integers(1, 5), max_size=3), min_size=1, max_size=4), st.integers(0, 2), st.integers(0, 2))
def test_what_is_packed_is_unpacked(own: list[list[int]], ahead: int, behind: int) -> None:
    pattern = " ".join([*"ab"[:ahead], "*", *"yz"[:behind]])
    first, last = (7, 11)[:ahead], (13, 17)[:behind]
    shapes = [Shape((*first, *sizes, *last)) for sizes in own]
    assert packed(pattern, *shapes) == (Shape((*first, sum(map(math.prod, own)), *last)), [])
    parts = [packing.own_axes(shape, pattern) for shape in shapes]
    assert parts == [tuple(sizes) for sizes in own]
    call = Call("einops.unpack", [packed(pattern, *shapes)[0]], {}, World())
    assert packing.unpack(call, parts, pattern) == shapes
    assert call.mismatches == []


def test_what_cannot_be_packed_is_told_by_name() -> None:
    assert packed("a * d", Shape((2, 3)), Shape((2, 4, 5)))[1] == [("d", 3, 5)]
    assert packed("a * c d", Shape((2, 3)))[1] == [("rank", 3, 2)]
    call = Call("einops.unpack", [Shape((2, 9))], {}, World())
    packing.unpack(call, [(2, 3), (2,)], "a *")
    assert [(each.axis, each.want, each.got) for each in call.mismatches] == [("*", 8, 9)]


def test_unknown_is_silent() -> None:
    assert told("b (h p) -> b h p", None, {"p": 4}) == (Shape((None, None, 4)), [])
    assert told("b (h p) -> b h p", Shape((2, 8)), {"p": UNKNOWN}) == (Shape((2, None, None)), [])
    assert told("... d -> ... d", Shape((D,), Rest("x")))[1] == []
    assert packed("a * d", Shape((2, 3, D)), None, Shape((D,), Rest("x"))) == (Shape((2, None, D)), [])
    assert packed("* d", Shape((), Rest("x")))[1] == []
    for pattern in (None, UNKNOWN, "a b", "a * a", "* *"):
        assert packed(pattern, Shape((2, 3))) == (None, [])


def test_einsum_by_names() -> None:
    call = Call("einops.einsum", [], {}, World())
    shape = einsum(call, [Shape((2, 3, D)), Shape((2, 5, D))], "batch q dim, batch k dim -> batch q k")
    assert (shape, call.mismatches) == (Shape((2, 3, 5)), [])
    einsum(call, [Shape((2, 3)), Shape((4, 5))], "a b, b c -> a c")
    assert [(each.axis, each.want, each.got) for each in call.mismatches] == [("b", 3, 4)]
