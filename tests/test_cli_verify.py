"""``verify`` and ``fix --verify`` from outside, with the outcome of each trial given."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lintml import pipeline
from lintml.cli import cli
from lintml.config import Settings
from lintml.model import Document, Fixed, Verdict
from lintml.trials import Prover
from lintml.verify import VerifyError

PAGE = "# torch\n\n```python\nimport torch\n\n\nclass Net(torch.nn.Module):\n    pass\n```\n"
FAULTY = "# torch\n\n```python\nimport torch\ntorch.nn.Conv2D(3, 8, 3)\n```\n"

MATCHED = Verdict(
    "Net",
    0,
    7,
    "passed",
    "matches",
    "torch.nn.Identity",
    2.5e-16,
    ("one device", "rows sum to one"),
    seconds=0.0123,
    isolation="namespaces",
)
RAN = Verdict("other", 0, 8, "passed", "runs", seconds=1.5)
FAILED = Verdict("Bad", 0, 9, "failed", "shapes", error=("RuntimeError", "sizes differ"), seconds=0.2)
SKIPPED = Verdict("Odd", 0, 10, "skipped", reason="it needs a GPU")


@pytest.fixture
def outcomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """The verdicts that the next run gives for each document."""
    given: list[Verdict] = []

    def verify(
        documents: Iterable[Document], settings: Settings, jobs: int = 1
    ) -> Iterator[tuple[Document, list[Verdict]]]:
        asked.append(settings)
        for document in documents:
            yield document, list(given)

    asked: list[Settings] = []
    monkeypatch.setattr(pipeline, "verify", verify)
    monkeypatch.setattr(pipeline, "asked", asked, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.md").write_text(PAGE)
    return given


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def test_the_table_says_how_far_each_got_and_why_no_further(outcomes: list[Verdict]):
    outcomes += [MATCHED, RAN, FAILED, SKIPPED]
    result = run("verify", "page.md")
    assert result.stdout == (
        """\
page.md

    row  subject    reached             evidence                             time
  -----  ---------  ------------------  ---------------------------------  ------
      7  Net        matches             torch.nn.Identity, within 2.5e-16   12 ms
                                        2 laws hold
      8  other      runs                                                    1.5 s
      9  Bad        shapes, then fails  RuntimeError: sizes differ         200 ms
     10  Odd        skipped             it needs a GPU                       0 ms

2 passed (1 matches a reference), 1 failed, 1 skipped in 1 document, on cpu, isolated by namespaces, in 1.7 s.
"""
    )
    assert result.exit_code == 1
    assert "rows sum to one" in run("verify", "page.md", "-v").stdout


def test_a_failed_match_says_what_it_was_held_against_and_by_how_much(outcomes: list[Verdict]):
    off = replace(MATCHED, outcome="failed", tier="runs", worst=0.25, laws=(), reason="differs at input scale 1")
    outcomes += [off]
    lines = [line.strip() for line in run("verify").stdout.splitlines()]
    assert "7  Net        runs, then fails  not torch.nn.Identity, off by 2.5e-01   12 ms" in lines
    assert "differs at input scale 1" in lines


def test_json_rows_have_exactly_the_keys_that_are_promised(outcomes: list[Verdict], tmp_path: Path):
    outcomes += [MATCHED, FAILED, SKIPPED]
    result = run("verify", "page.md", "--output-format", "json")
    matched, failed, skipped = json.loads(result.stdout)
    assert matched == {
        "filename": str(tmp_path / "page.md"),
        "cell": None,
        "snippet": 0,
        "location": {"row": 7},
        "subject": "Net",
        "outcome": "passed",
        "tier": "matches",
        "reference": "torch.nn.Identity",
        "worst": 2.5e-16,
        "laws": ["one device", "rows sum to one"],
        "error": None,
        "reason": "",
        "device": "cpu",
        "isolation": "namespaces",
        "seconds": 0.0123,
    }
    assert failed["error"] == {"type": "RuntimeError", "message": "sizes differ"}
    assert (skipped["outcome"], skipped["tier"], skipped["reason"]) == ("skipped", None, "it needs a GPU")


def test_what_passes_or_is_skipped_ends_with_0(outcomes: list[Verdict]):
    outcomes += [MATCHED, SKIPPED]
    assert run("verify").exit_code == 0
    outcomes.clear()
    result = run("verify")
    assert (result.exit_code, result.stdout) == (0, "Nothing to run in 1 document.\n")


def test_options_reach_the_trial(outcomes: list[Verdict], tmp_path: Path):
    (tmp_path / "lintml.toml").write_text("seed = 3\nmemory = 512\n")
    run("verify", "--device", "auto", "--timeout", "5", "--memory", "1024", "--unsafe-sandbox")
    (asked,) = pipeline.asked  # type: ignore[attr-defined]
    assert (asked.device, asked.timeout, asked.memory, asked.seed, asked.unsafe_sandbox) == ("auto", 5.0, 1024, 3, True)


def test_documents_that_do_not_mention_torch_are_run_too(outcomes: list[Verdict], tmp_path: Path):
    outcomes += [RAN]
    (tmp_path / "page.md").write_text("# Sums\n\n```python\nprint(1 + 1)\n```\n")
    assert "1 passed in 1 document" in run("verify").stdout


def test_where_nothing_can_be_run_one_line_says_so(outcomes: list[Verdict], monkeypatch: pytest.MonkeyPatch):
    def verify(
        documents: Iterable[Document], settings: Settings, jobs: int = 1
    ) -> Iterator[tuple[Document, list[Verdict]]]:
        raise VerifyError("there is no torch here")
        yield

    monkeypatch.setattr(pipeline, "verify", verify)
    result = run("verify")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "Error: there is no torch here\n")


def test_a_document_that_cannot_be_read_does_not_stop_the_others(outcomes: list[Verdict]):
    outcomes += [RAN]
    result = run("verify", "none.md", "page.md")
    assert "1 passed in 1 document" in result.stdout
    assert result.stderr == "error: none.md: no such file\n"
    assert result.exit_code == 2


def test_fix_verify_shows_the_trials_and_what_was_taken_back(
    outcomes: list[Verdict], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    real = pipeline.fix

    def fix(document: Document, settings: Settings, *, unsafe: bool, verify: Prover | None = None) -> Fixed:
        assert verify is not None
        found = real(document, settings, unsafe=unsafe)
        refused = [(diagnostic, "its trial failed: sizes differ") for diagnostic in found.applied]
        tried = tuple((diagnostic, FAILED) for diagnostic in found.applied)
        return replace(found, after=document, applied=(), refused=tuple(refused), verdicts=tried)

    monkeypatch.setattr(pipeline, "fix", fix)
    (tmp_path / "page.md").write_text(FAULTY)
    result = run("fix", "--write", "--verify", "page.md")
    assert (tmp_path / "page.md").read_text() == FAULTY
    assert "shapes, then fails  RuntimeError: sizes differ" in result.stderr
    assert "page.md:5:1: API001 is not fixed: its trial failed: sizes differ\n" in result.stderr
