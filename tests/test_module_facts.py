"""What the rules of modules rest on: which layers hold parameters, how far one name is from another."""

import warnings
from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lintml.torch_api.slips import edits
from lintml.torch_api.stateful import is_stateful

WORDS = st.text("abc_", max_size=7)
ARGUMENTS = ((), (4,), (4, 4), (4, 4, 2), (4, 4, 2, 2), (4, 2), (8, 2), (4, 9, [3]))


def layers() -> list[object]:
    """The classes of torch.nn that a few numbers are enough to make, each with an object."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(made())


def made() -> Iterator[object]:
    for name in dir(torch.nn):
        kind = getattr(torch.nn, name)
        if not isinstance(kind, type) or not issubclass(kind, torch.nn.Module) or name.endswith("Base"):
            continue
        for arguments in ARGUMENTS:
            try:
                yield pytest.param(name, kind(*arguments), id=name)
            except (TypeError, ValueError, RuntimeError, AssertionError):
                continue
            break


@pytest.mark.parametrize(("name", "layer"), layers())
def test_a_layer_said_to_hold_parameters_does(name: str, layer: torch.nn.Module) -> None:
    if is_stateful(f"torch.nn.{name}", {}):
        assert list(layer.parameters())
    elif not list(layer.children()) and not name.startswith("LazyInstance"):
        assert not list(layer.parameters()), "it holds parameters, and the table does not say so"


@pytest.mark.parametrize(("name", "setting"), [("LayerNorm", "elementwise_affine"), ("BatchNorm2d", "affine")])
def test_a_setting_takes_the_parameters_away(name: str, setting: str) -> None:
    layer = getattr(torch.nn, name)(4, **{setting: False})
    assert is_stateful(f"torch.nn.{name}", {setting: False}) is bool(list(layer.parameters())) is False


@given(WORDS, WORDS)
def test_edits_measure_a_distance(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) is (one == other)
    assert abs(len(one) - len(other)) <= edits(one, other) <= max(len(one), len(other))


@given(WORDS, st.sampled_from("abc_"), WORDS)
def test_one_letter_more_is_one_edit(before: str, letter: str, after: str) -> None:
    assert edits(before + after, before + letter + after) == 1


@given(WORDS, WORDS)
def test_two_letters_swapped_are_one_edit(before: str, after: str) -> None:
    assert edits(f"{before}xy{after}", f"{before}yx{after}") == 1
