"""A document's journey: namespaces, languages, fixes to the end, trials in company."""

from pathlib import Path

import pytest

from lintml import documents, pipeline, trials
from lintml.config import Settings
from lintml.model import Document
from lintml.trials import Prover

BLOCK = """```python
import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, narrow, wide):
        super().__init__()
        self.lift = nn.Linear(narrow, wide)
        self.mix = nn.Linear(narrow, wide)

    def forward(self, x):
        return torch.relu(self.mix(self.lift(x))) + x
```
"""


def document(text: str) -> Document:
    return documents.parse(text, "page.md")


def codes(text: str, **changes: object) -> list[str]:
    checked = pipeline.check(document(text), Settings(**changes))  # type: ignore[arg-type]
    assert not checked.crashes
    return [each.code for each in checked.diagnostics]


def test_a_name_of_an_earlier_snippet_is_known_in_a_later_one() -> None:
    assert codes("```python\nimport torch.nn as nn\n```\n\ntext\n\n```python\nnn.Linear(1, 2)\n```\n") == []


def test_what_is_wrong_on_purpose_is_left_alone() -> None:
    wrong = "Don't do this (WRONG):\n\n```python\nimport torch.nn as nn\nnn.Conv2D(1, 2, 3)\n```\n"
    assert codes(wrong) == []
    assert codes(wrong.replace("Don't do this (WRONG):", "Like this:")) == ["API001"]


def test_another_framework_is_not_ours() -> None:
    code = "```python\nimport {} as nn\nconv = nn.Conv2D(1, 2, 3)\n```\n"
    assert codes(code.format("paddle.nn")) == []
    assert codes(code.format("torch.nn")) == ["API001"]


def test_rules_are_chosen_by_the_settings() -> None:
    assert codes(BLOCK) == ["SHP001", "SHP004"]
    assert codes(BLOCK, select=("SHP004",)) == ["SHP004"]
    assert codes(BLOCK, ignore=("linear-in-features",)) == ["SHP004"]


def test_fixes_are_made_until_nothing_is_left() -> None:
    fixed = pipeline.fix(document(BLOCK), Settings(), unsafe=True)
    assert [each.code for each in fixed.applied] == ["SHP001", "SHP004"]
    assert fixed.left.diagnostics == ()
    assert pipeline.fix(fixed.after, Settings(), unsafe=True).after.text == fixed.after.text


def test_safe_fixes_alone_leave_the_unsafe_ones() -> None:
    fixed = pipeline.fix(document(BLOCK), Settings(), unsafe=False)
    assert [each.code for each in fixed.applied] == ["SHP001"]
    assert [each.code for each in fixed.left.diagnostics] == ["SHP004"]


def test_each_fix_of_a_class_with_two_faults_is_proved() -> None:
    with Prover() as prover:
        fixed = pipeline.fix(document(BLOCK), Settings(), unsafe=True, verify=prover)
    assert [(found.code, verdict.outcome, verdict.tier) for found, verdict in fixed.verdicts] == [
        ("SHP001", "passed", "runs"),
        ("SHP004", "passed", "runs"),
    ]
    assert fixed.refused == ()


RULE = '''"""A fix that does harm."""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Rename, Rule

rule = Rule(code="TST001", severity="error")


@rule.check
def harm(node: ast.Attribute, facts: Facts) -> Iterator[Finding]:
    if node.attr == "relu":
        fix = Fix("Take the sine", (Rename(node, "sin"),), Claim.SAME, subject=facts.subject(node))
        yield Finding(node, "a claim that is not kept", fix=fix)
'''


def test_a_fix_that_does_not_keep_its_claim_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "harm.py").write_text(RULE, encoding="utf8")
    settings = Settings(rules=(str(tmp_path),))
    assert "torch.sin" in pipeline.fix(document(BLOCK), settings, unsafe=True).after.text
    with Prover() as prover:
        fixed = pipeline.fix(document(BLOCK), settings, unsafe=True, verify=prover)
    assert "torch.sin" not in fixed.after.text
    assert [(found.code, found.fix.title) for found, _ in fixed.refused if found.fix] == [("TST001", "Take the sine")]
    assert {found.code for found in fixed.applied} == {"SHP001", "SHP004"}


def test_contracts_say_what_a_class_takes() -> None:
    found = trials.contracts(pipeline.pages_of(document(BLOCK))[0])
    (contract,) = found.values()
    assert [(each.name, each.role) for each in contract.parameters] == [("narrow", "size"), ("wide", "size")]
    assert [(each.name, [shape[-1] for shape in each.shapes]) for each in contract.inputs] == [
        ("x", ["narrow", "narrow"])
    ]
    assert set(contract.conditions) == {"narrow == wide", "wide == narrow"}


@pytest.mark.parametrize(
    ("code", "inputs", "output", "conditions"),
    [
        (BLOCK, (("x", "(*x, narrow)"),), "(*x, ?)", ("narrow == wide",)),
        (
            "```python\nimport torch\ndef f(a, b):\n    return torch.bmm(a, b)\n```\n",
            (("a", "(b.0, a.1, b.1)"), ("b", "(b.0, b.1, b.2)")),
            "(b.0, a.1, b.2)",
            (),
        ),
    ],
)
def test_signatures_are_the_analysis_in_words(
    code: str, inputs: tuple[tuple[str, str], ...], output: str, conditions: tuple[str, ...]
) -> None:
    (found,) = pipeline.signatures(document(code), Settings())
    assert (found.output, found.conditions, found.fails) == (output, conditions, False)
    assert found.inputs == inputs


@pytest.mark.parametrize(
    ("line", "fails"),
    [
        ("torch.softmax(self.score(x), dim=-1)", False),
        ("torch.softmax(self.score(x), dim=-1) * x", False),
        ("torch.softmax(self.score(self.score(x)), dim=-1)", True),
    ],
)
def test_what_has_no_point_is_not_said_never_to_run(line: str, fails: bool) -> None:
    code = (
        "```python\nimport torch\nfrom torch import nn\nclass One(nn.Module):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.score = nn.Linear(3, 1)\n    def forward(self, x):\n        return {line}\n```\n"
    )
    (found,) = pipeline.signatures(document(code), Settings())
    assert found.fails is fails


def test_lines_show_the_shapes_that_they_make() -> None:
    code = "```python\nimport torch\nx = torch.zeros(2, 3)\ny = x @ torch.ones(3, 4)\n```\n"
    lines = {line.row: line.shapes for line in pipeline.shaped_lines(document(code), Settings())}
    assert lines[3] == ("(2, 3)",)
    assert "(2, 4)" in lines[4]


def test_names_are_those_of_the_torch_that_is_asked_for() -> None:
    code = "```python\nimport torch\nattend = torch.nn.functional.Scaled_dot_product_attention\n```\n"
    assert codes(code) == ["API001"]
    assert codes(code, torch_version="1.13") == ["API002"]


def test_imports_may_be_taken_for_granted() -> None:
    code = "```python\nimport torch\nlayer = nn.Linear(8, 3)\n```\n"
    assert codes(code) == ["SNP004"]
    assert codes(code, imports="assume") == []


USED = "```python\nimport torch\nmodel = Net()\n```\n"
DEFINED = "```python\nclass Net(torch.nn.Module):\n    pass\n```\n"


def severities(text: str) -> list[str]:
    return [each.severity for each in pipeline.check(document(text), Settings(select=("SNP008",))).diagnostics]


def test_what_a_later_snippet_defines_is_a_note() -> None:
    assert severities(f"{USED}\nIt is made like this:\n\n{DEFINED}") == ["info"]
    assert severities(f"{DEFINED}\n{USED}") == []


@pytest.mark.parametrize(
    "between", ["```python\nNet = (\n```\n", "```python\nfrom nets import *\n```\n", "```python\nexec(Net)\n```\n"]
)
def test_what_may_be_defined_out_of_sight_is_not_told(between: str) -> None:
    assert severities(f"{between}\n{USED}\n{DEFINED}") == []
