"""The formats for machines: what each consumer asks for, in Markdown and in notebooks."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from findings import CELLS, Page, shown

from lintml.model import Verdict
from lintml.report.formats import NAMES

TEXT = """# A page

> ```python
> x = torch.ones(2)
> y = x.foo(
>     1)
> ```
"""


@pytest.fixture
def page() -> Page:
    page = Page(TEXT, "docs/page.md")
    fix = page.fix((("(2)", 0), "(\n    3)"))
    page.find(("ones", 0), "50 % `wrong`, surely: ]; yes", because=[(("x", 0), "this one")], fix=fix)
    page.find(("x.foo(\n    1)", 0), "two lines", "SNP004", "warning")
    page.find(("y", 0), "by the way", "DEV001", "info")
    return page


@pytest.fixture
def notebook() -> Page:
    notebook = Page(CELLS, "n.ipynb")
    notebook.find(("ones", 0), "in a cell", fix=notebook.fix((("(2)", 0), "(3)")))
    return notebook


def rows(text: str) -> list[dict[str, Any]]:
    return json.loads(text)


def test_json_is_ruffs_with_keys_of_our_own(page: Page):
    first, second, third = rows(shown("json", page))
    assert first | {"filename": None} == {
        "cell": None,
        "code": "SHP001",
        "name": "a-name",
        "message": "50 % `wrong`, surely: ]; yes",
        "severity": "error",
        "url": None,
        "filename": None,
        "location": {"row": 4, "column": 13},
        "end_location": {"row": 4, "column": 17},
        "noqa_row": 4,
        "fix": {
            "applicability": "safe",
            "message": "Do it right",
            "edits": [
                {
                    "content": "(\n>     3)",
                    "location": {"row": 4, "column": 17},
                    "end_location": {"row": 4, "column": 20},
                    "cell": None,
                }
            ],
        },
        "snippet": 0,
        "because": [
            {
                "message": "this one",
                "cell": None,
                "snippet": 0,
                "location": {"row": 4, "column": 3},
                "end_location": {"row": 4, "column": 4},
            }
        ],
        "verification": None,
    }
    assert first["filename"].endswith("/docs/page.md")
    assert (second["fix"], second["end_location"]) == (None, {"row": 6, "column": 9})
    assert third["severity"] == "info"


def test_an_edit_in_json_is_what_stands_in_the_document(page: Page):
    lines = TEXT.splitlines(keepends=True)
    starts = [sum(map(len, lines[:row])) for row in range(len(lines))]
    edit = rows(shown("json", page))[0]["fix"]["edits"][0]
    start, end = (starts[p["row"] - 1] + p["column"] - 1 for p in (edit["location"], edit["end_location"]))
    assert TEXT[:start] + edit["content"] + TEXT[end:] == TEXT.replace("(2)", "(\n>     3)")


def test_rows_of_a_notebook_are_those_of_its_cell(notebook: Page):
    (row,) = rows(shown("json", notebook))
    assert (row["cell"], row["location"]) == (2, {"row": 2, "column": 11})
    assert row["fix"]["edits"][0]["cell"] == 2


def test_json_lines_are_the_rows_of_json(page: Page, notebook: Page):
    lines = shown("json-lines", page, notebook).splitlines()
    assert [json.loads(line) for line in lines] == rows(shown("json", page, notebook))


def test_github_gets_lines_of_the_file_and_columns_only_where_it_takes_them(page: Page, notebook: Page):
    first, second, third, fourth = shown("github", page, notebook).splitlines()
    assert first.startswith("::error title=lintml (SHP001),file=")
    assert "line=4,endLine=4,col=13,endColumn=17::docs/page.md:4:13: SHP001 50 %25 `wrong`" in first
    assert first.endswith("yes%0A  help: Do it right")
    assert second.startswith("::warning ")
    assert "line=5,endLine=6::" in second
    assert third.startswith("::notice ")
    row = CELLS.splitlines().index('    "x = torch.ones(2)\\n",') + 1
    assert f"line={row},endLine={row}::n.ipynb:cell 2:2:11: SHP001 in a cell" in fourth


def test_gitlab_fingerprints_tell_findings_apart_and_outlive_moves(page: Page):
    page.find(("x", 1), "by the way", "DEV001", "info")
    issues = rows(shown("gitlab", page))
    assert len({issue["fingerprint"] for issue in issues}) == 4
    assert issues[0]["severity"] == "major"
    assert issues[0]["location"]["positions"]["begin"] == {"line": 4, "column": 13}

    moved = Page("Some words.\n\n" + TEXT, "docs/page.md")
    moved.find(("y", 0), "by the way", "DEV001", "info")
    assert rows(shown("gitlab", moved))[0]["fingerprint"] == issues[2]["fingerprint"]


def test_sarif_holds_places_causes_and_replacements(page: Page, notebook: Page):
    run = json.loads(shown("sarif", page, notebook))["runs"][0]
    first, second, _, cell = run["results"]
    assert first["ruleId"] == "SHP001"
    assert first["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 4,
        "startColumn": 13,
        "endLine": 4,
        "endColumn": 17,
    }
    assert first["relatedLocations"][0]["message"] == {"text": "this one"}
    change = first["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change["insertedContent"] == {"text": "(\n>     3)"}
    assert second["level"] == "warning"
    assert "fixes" not in second
    region = cell["locations"][0]["physicalLocation"]["region"]
    assert region["startLine"] == CELLS.splitlines().index('    "x = torch.ones(2)\\n",') + 1
    assert "startColumn" not in region
    assert "fixes" not in cell
    assert len({result["partialFingerprints"]["lintml/v1"] for result in run["results"]}) == 4


def test_rdjson_suggests_fixes_where_they_fit(page: Page, notebook: Page):
    first, second, _, cell = json.loads(shown("rdjson", page, notebook))["diagnostics"]
    assert first["suggestions"] == [
        {
            "range": {"start": {"line": 4, "column": 17}, "end": {"line": 4, "column": 20}},
            "text": "(\n>     3)",
        }
    ]
    assert second["severity"] == "WARNING"
    assert "suggestions" not in second
    assert "suggestions" not in cell
    assert set(cell["location"]["range"]["start"]) == {"line"}


def test_junit_counts_cases_and_holds_any_text(page: Page):
    page.find(("y", 0), '<a> & \x00 "b"')
    root = ET.fromstring(shown("junit", page, Page("nothing", "clean.md")))
    assert root.attrib["tests"] == "5"
    assert root.attrib["failures"] == "4"
    suites = root.findall("testsuite")
    assert [suite.attrib["failures"] for suite in suites] == ["4", "0"]
    assert suites[0].findall("testcase/failure")[3].attrib["message"] == '<a> & \ufffd "b"'
    assert suites[1].findall("testcase/failure") == []


def test_the_formats_of_one_line(page: Page, notebook: Page):
    assert shown("concise", page, notebook, quiet=True) == (
        "docs/page.md:4:13: SHP001 [*] 50 % `wrong`, surely: ]; yes\n"
        "docs/page.md:5:7: SNP004 two lines\n"
        "docs/page.md:5:3: DEV001 by the way\n"
        "n.ipynb:cell 2:2:11: SHP001 [*] in a cell\n"
    )
    assert shown("pylint", page).splitlines()[1] == "docs/page.md:5: [SNP004] two lines"
    azure = shown("azure", page).splitlines()[0]
    assert azure.startswith("##vso[task.logissue type=error;sourcepath=")
    assert azure.endswith(";linenumber=4;columnnumber=13;code=SHP001;]50 %AZP25 `wrong`, surely: %5D%3B yes")
    assert shown("grouped", page, quiet=True) == (
        "docs/page.md:\n"
        "  4:13 SHP001 [*] 50 % `wrong`, surely: ]; yes\n"
        "  5:7  SNP004 two lines\n"
        "  5:3  DEV001 by the way\n\n"
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_format_shows_a_run_that_found_nothing(name: str):
    text = shown(name, Page("nothing to see", "page.md"))
    assert "page.md:" not in text
    if name in ("json", "gitlab"):
        assert json.loads(text) == []


@pytest.mark.parametrize("name", ["concise", "grouped", "pylint", "azure", "junit"])
def test_formats_without_fixes_never_work_one_out(name: str, page: Page, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise AssertionError("a fix was worked out")

    monkeypatch.setattr(page, "edits", refuse)
    assert "SHP001" in shown(name, page)


def test_json_says_what_the_trial_of_a_fix_showed(page: Page):
    verdict = Verdict("Net", 0, 4, "failed", "runs", "torch.nn.LayerNorm", 0.5, error=("E", "e"), reason="differs")
    verdict = replace(verdict, isolation="namespaces")
    page.diagnostics = [replace(each, verdict=verdict) if each.fix else each for each in page.diagnostics]
    tried, *others = rows(shown("json", page))
    assert tried["verification"] == {
        "subject": "Net",
        "outcome": "failed",
        "tier": "runs",
        "reference": "torch.nn.LayerNorm",
        "worst": 0.5,
        "laws": [],
        "error": {"type": "E", "message": "e"},
        "reason": "differs",
        "device": "cpu",
        "isolation": "namespaces",
    }
    assert [row["verification"] for row in others] == [None, None]
    assert "no proof: runs, then fails: E: e; not torch.nn.LayerNorm" in shown("full", page)
