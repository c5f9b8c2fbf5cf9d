"""Every rule's page is run: the wrong fence is found, its fix gives the right fence, which is clean and runs."""

import re
import sys

import pytest
from running import ending

from lintml import catalog, documents, pipeline
from lintml.config import Settings
from lintml.model import Checked, Claim, Diagnostic, Document
from lintml.rule import Rule

RULES = catalog.rules()


def fences(rule: Rule, kind: str) -> list[str]:
    page = documents.parse(rule.page, f"{rule.code}.md")
    return [snippet.text for snippet in page.snippets if snippet.info.split()[1:2] == [kind]]


def document(code: str) -> Document:
    return documents.parse(f"```python\n{code}```\n", "page.md")


def asked(rule: Rule) -> Settings:
    """All rules but the optional ones, and this one in any case."""
    return Settings(extend_select=(rule.code,))


def found(rule: Rule, code: str) -> tuple[Checked, list[Diagnostic]]:
    checked = pipeline.check(document(code), asked(rule))
    assert not checked.crashes, checked.crashes
    return checked, [each for each in checked.diagnostics if each.code == rule.code]


def pairs() -> list[tuple[Rule, str, str]]:
    return [
        pytest.param(rule, wrong, right, id=f"{rule.code}-{number}")
        for rule in RULES
        for number, (wrong, right) in enumerate(zip(fences(rule, "wrong"), fences(rule, "right"), strict=True))
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_says_why_and_shows_both_ways(rule: Rule) -> None:
    title, _, rest = rule.page.partition("\n\n")
    assert title.endswith(".")
    assert "\n" not in title
    assert re.match(r"[A-Z`]", rest)
    assert len(fences(rule, "wrong")) == len(fences(rule, "right")) >= 1


@pytest.mark.parametrize(("rule", "wrong", "right"), pairs())
def test_the_wrong_fence_is_found_and_its_fix_gives_the_right_one(rule: Rule, wrong: str, right: str) -> None:
    checked, diagnostics = found(rule, wrong)
    assert diagnostics, "the wrong fence is not found"
    only = Settings(select=(rule.code,))
    if any(each.fix is not None for each in diagnostics):
        fixed = pipeline.fix(checked.document, only, unsafe=True)
        assert not fixed.refused
        assert fixed.after.snippets[0].text == right


@pytest.mark.parametrize(("rule", "wrong", "right"), pairs())
def test_the_right_fence_is_clean(rule: Rule, wrong: str, right: str) -> None:
    assert [f"{d.code} {d.message}" for d in pipeline.check(document(right), asked(rule)).diagnostics] == []


@pytest.mark.parametrize(("rule", "wrong", "right"), pairs())
def test_the_wrong_fence_does_what_the_claim_says(rule: Rule, wrong: str, right: str) -> None:
    for library in (
        set(re.findall(r"^(?:import|from) (\w+)", right, re.MULTILINE)) - sys.stdlib_module_names - {"torch"}
    ):
        if ending(f"import {library}"):
            pytest.skip(f"{library} is not there")
    claims = {each.fix.claim for each in found(rule, wrong)[1] if each.fix is not None}
    assert ending(right) == "", "the right fence does not run"
    failure = ending(wrong)
    if rule.severity == "error" or Claim.REPAIRS in claims:
        assert failure, "the wrong fence runs"
    elif Claim.CHANGES in claims:
        assert failure.startswith("AssertionError"), "nothing in the wrong fence shows what is wrong"
