"""Imports of names that torch does not have: what the fix makes of the statement and of the uses."""

import pytest

from lintml import documents, pipeline
from lintml.config import Settings


def fixed(code: str) -> str:
    document = documents.parse(f"```python\n{code}\n```\n", "page.md")
    after = pipeline.fix(document, Settings(select=("API",)), unsafe=True)
    assert not after.refused
    return after.after.snippets[0].text.rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from torch.nn import conv2D\nconv2D(1, 2, 3)", "from torch.nn import Conv2d\nConv2d(1, 2, 3)"),
        ("from torch.nn import linear as fc\nfc(1, 2)", "from torch.nn import Linear as fc\nfc(1, 2)"),
        (
            "from torch.nn import linear\n\ndef make(linear):\n    return linear(2)\n\nlinear(1, 2)",
            "from torch.nn import Linear\n\ndef make(linear):\n    return linear(2)\n\nLinear(1, 2)",
        ),
        (
            "from torch.nn import linear, relu as r\n[linear(1, 2), r()]",
            "from torch.nn import Linear, ReLU as r\n[Linear(1, 2), r()]",
        ),
        (
            "from torch import CrossEntropyLoss\nCrossEntropyLoss()",
            "from torch.nn import CrossEntropyLoss\nCrossEntropyLoss()",
        ),
        ("from torch.nn import Dense as fc\nfc(8, 3)", "from torch.nn import Linear as fc\nfc(8, 3)"),
    ],
)
def test_the_import_and_its_uses_are_written_anew(before: str, after: str) -> None:
    assert fixed(before) == after


@pytest.mark.parametrize(
    "code",
    [
        # The right name stands for something else here.
        "from torch.nn import linear\nLinear = 1\nlinear(1, 2)",
        # The wrong name stands for something else later.
        "from torch.nn import linear\nlinear = linear(1, 2)",
        # Others may ask for it by that name.
        "from torch.nn import linear\n__all__ = ['linear']",
        # Keras reads these arguments in another way.
        "from torch.nn import Dense\nDense(8, activation='relu')",
        "from torch.nn import Dense\nlayers = [Dense]",
    ],
)
def test_what_is_not_certain_is_left_to_the_reader(code: str) -> None:
    assert fixed(code) == code
