"""Subscripts against torch: what is left of a tensor, for every mixture of integers, slices, masks and indices."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_oracle import Symbols, plain

from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import symbol
from lintml.shapes.indexing import Indices, Mask, index, sliced
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.world import World

D, N = symbol("d"), symbol("n", free=True)

BOUND = st.none() | st.integers(-5, 5)
SLICES = st.builds(slice, BOUND, BOUND, st.sampled_from([None, 1, 2, 3])) | st.just(slice(None))
INDICES = st.lists(st.integers(1, 3), max_size=2).map(lambda sizes: torch.zeros(sizes, dtype=torch.int64))
MASKS = st.lists(st.integers(2, 4), min_size=1, max_size=2).map(lambda sizes: torch.ones(sizes, dtype=torch.bool))
ITEMS = st.lists(
    SLICES | SLICES | st.integers(-2, 2) | st.none() | st.just(Ellipsis) | INDICES | MASKS, min_size=1, max_size=4
).filter(lambda items: sum(item is Ellipsis for item in items) < 2)
SHAPES = st.lists(st.integers(2, 4), max_size=4)


def item(real: Any) -> Any:
    if isinstance(real, torch.Tensor):
        return Mask(Shape(real.shape)) if real.dtype is torch.bool else Indices(Shape(real.shape))
    return real


def said(shape: Shape, items: list[Any]) -> tuple[Shape | None, Call]:
    call = Call("torch.Tensor.__getitem__", [shape], {}, World())
    return index(call, shape, [item(each) for each in items]), call


@settings(max_examples=800)
@given(SHAPES, ITEMS)
def test_a_subscript_leaves_what_torch_leaves(sizes: list[int], items: list[Any]) -> None:
    found, call = said(Shape(sizes), items)
    symbols = Symbols(free=True)
    lifted, symbolic = said(symbols(sizes), items)
    try:
        truth = torch.zeros(sizes)[tuple(items)].shape
    except (IndexError, RuntimeError):
        return
    assert call.mismatches == []
    assert found is not None
    assert [size if size is not None else real for size, real in zip(found.dims, truth, strict=True)] == list(truth)
    assert all(isinstance(size, int) for size in found.dims) or any(
        isinstance(each, torch.Tensor) and each.dtype is torch.bool for each in items
    )
    assert not any(fault.answer is False for fault in symbolic.mismatches)
    if lifted is not None:
        for size, real in zip(symbolic.world.shape(lifted).dims, truth, strict=True):
            number = symbols.value(size) if size is not None else real
            assert number == real or (isinstance(number, int) and number < 0 == real)  # a start beyond the end


@settings(max_examples=300)
@given(SHAPES, ITEMS)
def test_what_is_refused_fails(sizes: list[int], items: list[Any]) -> None:
    if said(plain(sizes), items)[1].mismatches:
        with pytest.raises((IndexError, RuntimeError)):
            torch.zeros(sizes)[tuple(items)]


def test_symbols_are_cut_as_code_means_it() -> None:
    assert sliced(D, slice(None)) == D
    assert sliced(N, slice(1, None)) == N - 1
    assert sliced(N, slice(None, -2)) == N - 2
    assert sliced(N, slice(-1, None)) == 1
    assert sliced(N, slice(None, None, 2)) == (N + 1) // 2
    assert sliced(512, slice(None, N)) == N
    assert sliced(3 * D, slice(D, 2 * D)) == D
    assert sliced(2 * D, slice(D, None)) == D
    assert sliced(N + D, slice(-D, None)) == D
    assert sliced(N, slice(1, -D)) == N - D - 1
    assert sliced(N, slice(-D, None)) is None
    assert sliced(N, slice(None, D - N)) is None
    assert sliced(N, slice(None, 10)) is None
    assert sliced(N, slice(-5, None)) is None
    assert sliced(10, slice(UNKNOWN, None)) is None


def test_unknown_items_leave_an_unknown_shape() -> None:
    assert said(Shape((2, 3)), [UNKNOWN])[0] is None
    assert said(Shape((2, 3)), [0, UNKNOWN])[0] is None


def test_an_input_of_unknown_rank_has_the_axes_that_are_named() -> None:
    found, call = said(Shape((), Rest("x")), [Ellipsis, 0, slice(None)])
    assert found is not None
    assert len(found.dims) == 1
    assert found.rest is not None
    assert call.mismatches == []


def test_too_many_indices_are_refused() -> None:
    assert [each.axis for each in said(Shape((2, 3)), [0, 0, 0])[1].mismatches] == ["rank"]
    assert [each.axis for each in said(Shape((2, 3)), [2])[1].mismatches] == ["index"]
