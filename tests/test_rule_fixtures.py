"""The odd cases of every rule: fences of fixtures/rules that must be clean, and those that must be found."""

from pathlib import Path

import pytest

from lintml import catalog, documents, pipeline
from lintml.config import Settings
from lintml.model import Snippet

FOLDER = Path(__file__).parent.parent / "fixtures" / "rules"
# Said of a fence that is no Python, which is of interest only where a rule speaks about such code.
UNREAD = "unread"
PAGES = sorted(FOLDER.glob("*.md"))


def fences() -> list[object]:
    found = []
    for page in PAGES:
        for snippet in documents.parse(page.read_text(encoding="utf-8"), page.name).snippets:
            found.append(pytest.param(page.stem.replace("_", "-"), snippet, id=f"{page.stem}-{snippet.row}"))
    return found


def wanted(snippet: Snippet) -> list[str]:
    """The codes that a fence's info string lists: ``python finds SHP001 SHP004``; none where it must be clean."""
    language, *words = snippet.info.split()
    assert language == "python"
    words = [word for word in words if word != UNREAD]
    assert not words or words[0] == "finds"
    return sorted(words[1:])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_of_odd_cases_is_named_for_a_rule(page: Path) -> None:
    assert page.stem in {rule.name.replace("-", "_") for rule in catalog.rules()}


@pytest.mark.parametrize(("rule", "snippet"), fences())
def test_an_odd_case_is_found_or_left_alone(rule: str, snippet: Snippet) -> None:
    assert (snippet.tree is None) == (UNREAD in snippet.info.split()), snippet.problem
    settings = Settings(extend_select=(rule,))
    checked = pipeline.check(documents.parse(f"```python\n{snippet.text}```\n", "page.md"), settings)
    assert not checked.crashes
    assert sorted(each.code for each in checked.diagnostics) == wanted(snippet)
