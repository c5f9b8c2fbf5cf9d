"""Where a tensor of another device is mended: beside an input that knows the device, and nowhere else."""

from lintml import documents, pipeline
from lintml.config import Settings

SCAN = """
import torch
from torch import nn


class Scan(nn.Module):
    def __init__(self, inner):
        super().__init__()
        rates = torch.arange(1, 9, dtype=torch.float32)
        self.rates = torch.log(rates)

    def forward(self, u):
        return u.unsqueeze(-1) * self.rates


class Around(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(width, 2 * width)
        self.scan = Scan(2 * width)

    def forward(self, x):
        return self.scan(self.first(x))
"""


def fixes(code: str) -> list[bool]:
    checked = pipeline.check(documents.parse(f"```python\n{code}```\n", "page.md"), Settings(select=("DEV001",)))
    return [each.fix is not None for each in checked.diagnostics]


def test_what_the_constructor_makes_is_not_given_the_device_of_an_input():
    assert fixes(SCAN) == [False]


def test_what_forward_makes_is():
    here = SCAN.replace("* self.rates", "* torch.arange(1, 9, dtype=torch.float32)")
    assert fixes(here) == [True]
