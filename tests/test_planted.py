"""Misuses planted over the versions of torch: each is found for one, and the same code is silent where it is right."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lintml import documents, pipeline
from lintml.config import Settings

TABLES = sorted(Path(__file__).parent.glob("planted_*.txt"))
PRELUDE = """import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

a, b, v, image = torch.randn(4, 4), torch.randn(4, 2), torch.randn(4), torch.randn(1, 3, 4, 4)
model = nn.Linear(4, 4)
opt = optim.SGD(model.parameters(), lr=0.1)
loss = F.mse_loss(model(a), a)
"""


@dataclass(frozen=True)
class Planted:
    """One line of a table: the rule that finds the code for one version, and the version that it is right for."""

    rule: str
    found: str
    right: str
    code: str

    def findings(self, version: str) -> set[str]:
        rules = {row.rule for row in ROWS if row.rule}
        settings = replace(Settings(), torch_version=version, select=tuple(sorted(rules)))
        page = documents.parse(f"```python\n{PRELUDE}{self.code}\n```\n", "page.md")
        assert page.snippets[0].tree is not None, page.snippets[0].problem
        checked = pipeline.check(page, settings)
        assert not checked.crashes
        return {each.code for each in checked.diagnostics}


def rows() -> list[Planted]:
    listed = []
    for table in TABLES:
        for line in table.read_text(encoding="utf8").splitlines():
            if line and not line.startswith("#"):
                rule, found, right, code = (cell.strip() for cell in line.split(" | ", 3))
                listed.append(Planted(rule, found, right, code.replace("\\n", "\n")))
    return listed


ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.found}-{row.code}")
def test_what_is_planted_is_found_and_what_is_right_is_not(row: Planted) -> None:
    assert row.findings(row.found) == ({row.rule} - {""})
    if row.right != "-":
        assert row.findings(row.right) == set()


def test_there_is_plenty_of_it() -> None:
    assert sum(bool(row.rule) for row in ROWS) > 100
    assert sum(row.right != "-" for row in ROWS if row.rule) > 50
