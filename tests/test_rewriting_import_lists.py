"""Imports over several lines keep their lines and comments when some of their names change."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_rewriting import rewritten

from lintml.model import Replace

LISTED = (
    "from torch.nn import (  # layers\n    Linear,  # affine\n    # of images\n    Conv2D,  # two axes\n    ReLU\n)\n"
)


def replaced(text: str, new: str) -> str:
    return rewritten(text, lambda tree: (Replace(tree.body[0], new),))


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ("from torch.nn import Linear, Conv2d, ReLU", LISTED.replace("Conv2D", "Conv2d")),
        ("from torch.nn import Linear, Conv2d as Conv2D, ReLU", LISTED.replace("Conv2D", "Conv2d as Conv2D")),
        ("from torch.nn import Linear, ReLU", LISTED.replace("    Conv2D,  # two axes\n", "")),
        ("from torch.nn import Linear, Conv2D", LISTED.replace(",  # two axes\n    ReLU", "  # two axes")),
        ("from torch.nn import Linear, Conv2D, GELU, ReLU", LISTED.replace("    ReLU", "    GELU,\n    ReLU")),
        (
            "from torch.nn import Linear, ReLU\nfrom torch import conv2d",
            LISTED.replace("    Conv2D,  # two axes\n", "") + "from torch import conv2d\n",
        ),
    ],
)
def test_other_names_stay_where_they_are(new: str, expected: str) -> None:
    assert replaced(LISTED, new) == expected


@pytest.mark.parametrize(
    "text",
    [
        "from torch.nn import Linear, Conv2D\n",
        "from torch.nn import (Linear, Conv2D)\n",
        "from torch.nn import Linear, \\\n    Conv2D\n",
    ],
)
def test_what_has_no_lines_of_its_own_is_written_anew(text: str) -> None:
    assert replaced(text, "from torch.nn import Linear, Conv2d") == "from torch.nn import Linear, Conv2d\n"


def test_an_import_within_a_function_keeps_its_indent() -> None:
    text = "def f():\n    from torch import (\n        Ones,  # all\n        zeros,\n    )  # made\n    return zeros\n"
    new = rewritten(
        text, lambda tree: (Replace(tree.body[0].body[0], "from torch import zeros\nfrom torch.linalg import norm"),)
    )
    kept = (
        "    from torch import (\n        zeros,\n    )  # made\n    from torch.linalg import norm\n    return zeros\n"
    )
    assert new == "def f():\n" + kept


NAMES = st.lists(st.sampled_from("a b c d e f".split()), min_size=1, max_size=5, unique=True)
NOTES = st.lists(st.sampled_from(["", "  # note", "  # a, b"]), min_size=5, max_size=5)


def laid_out(names: list[str], notes: list[str], comma: bool) -> str:
    lines = [f"    {name},{note}\n" for name, note in zip(names, notes, strict=False)]
    if not comma:
        lines[-1] = lines[-1].replace(",", "", 1)
    return f"from m import (\n{''.join(lines)})\n"


@given(NAMES, NAMES, NOTES, st.booleans())
def test_the_names_are_those_asked_for_whatever_the_layout(
    old: list[str], new: list[str], notes: list[str], comma: bool
) -> None:
    [statement] = ast.parse(replaced(laid_out(old, notes, comma), f"from m import {', '.join(new)}")).body
    assert isinstance(statement, ast.ImportFrom)
    assert [each.name for each in statement.names] == new


@given(NAMES, NOTES, st.booleans(), st.data())
def test_one_new_name_changes_nothing_else(old: list[str], notes: list[str], comma: bool, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(old) - 1))
    new = [*old[:at], "new", *old[at + 1 :]]
    assert replaced(laid_out(old, notes, comma), f"from m import {', '.join(new)}") == laid_out(new, notes, comma)
