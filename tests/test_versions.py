"""Misuses planted over the versions of torch: found where they are wrong, silent where they are right."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lintml import documents, pipeline
from lintml.config import Settings

TABLES = sorted((Path(__file__).parent / "versions").glob("*.txt"))
BEFORE = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim

a, b, v, image = torch.randn(4, 4), torch.randn(4, 2), torch.randn(4), torch.randn(1, 3, 4, 4)
model = nn.Linear(4, 4)
opt = optim.SGD(model.parameters(), lr=0.1)
loss = F.mse_loss(model(a), a)
x = torch.ones(2, 3)
layer = nn.Linear(3, 3)
weights = list(layer.parameters())
optimizer = optim.SGD(weights, lr=0.1)
"""


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    """Code, versions where it is found, versions where it is silent, the misuse, and the right statement."""
    for table in TABLES:
        for line in table.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                code, wrong, right, source = (part.strip() for part in line.replace("\\n", "\n").split("|", 3))
                misuse, _, instead = source.partition(" => ")
                yield code, wrong, right, misuse, instead


def planted() -> list[object]:
    return [
        pytest.param(code, version, misuse, id=f"{code}-{version}-{misuse}")
        for code, wrong, _, misuse, _ in rows()
        for version in wrong.split()
    ]


def harmless() -> list[object]:
    pairs = [(code, v, misuse) for code, _, right, misuse, _ in rows() for v in right.split()]
    pairs += [(code, v, instead) for code, wrong, _, _, instead in rows() if instead for v in wrong.split()]
    return [pytest.param(code, version, text, id=f"{code}-{version}-{text}") for code, version, text in pairs]


def found(text: str, version: str, family: str) -> set[str]:
    """The codes of one family, of all families if none is named, that code brings up in a version of torch."""
    document = documents.parse(f"```python\n{BEFORE}{text}\n```\n", "page.md")
    checked = pipeline.check(document, Settings(torch_version=version))
    assert not checked.crashes
    assert document.snippets[0].tree is not None
    return {each.code for each in checked.diagnostics if each.code.startswith(family)}


@pytest.mark.parametrize(("code", "version", "text"), planted())
def test_a_misuse_is_found(code: str, version: str, text: str) -> None:
    assert found(text, version, code[:3]) == {code}


@pytest.mark.parametrize(("code", "version", "text"), harmless())
def test_what_is_right_in_a_version_is_silent(code: str, version: str, text: str) -> None:
    assert found(text, version, code[:3]) == set()


def test_there_is_plenty_of_it() -> None:
    assert len(planted()) > 300
    assert len(harmless()) > 250
