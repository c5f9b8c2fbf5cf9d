"""The commands from outside: what they print, what they write, and how they end."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lintml import pipeline
from lintml.cli import COMMANDS, cli
from lintml.config import Settings
from lintml.model import Checked, Document, Signature

RULES = {
    "loud.py": '''"""Shouting.

```python wrong
import torch
shout(1)
```

```python right
import torch
speak(1)
```
"""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Rename, Rule

rule = Rule(code="TST001", severity="error")


@rule.check
def loud(call: ast.Call, facts: Facts) -> Iterator[Finding]:
    if isinstance(call.func, ast.Name) and call.func.id == "shout":
        yield Finding(call, "too loud", fix=Fix("Speak", (Rename(call.func, "speak"),), Claim.SAME))
''',
    "long.py": '''"""Talking on."""

import ast
from collections.abc import Iterator

from lintml import Claim, Facts, Finding, Fix, Remove, Rule

rule = Rule(code="TST002", severity="warning")


@rule.check
def long(node: ast.Expr, facts: Facts) -> Iterator[Finding]:
    if isinstance(node.value, ast.Constant):
        yield Finding(node, "says nothing", fix=Fix("Cut", (Remove(node),), Claim.SAME, "unsafe"))
''',
    "aside.py": '''"""An aside."""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Rule

rule = Rule(code="TST003", severity="info")


@rule.check
def aside(node: ast.Pass, facts: Facts) -> Iterator[Finding]:
    yield Finding(node, "by the way")
''',
    "broken.py": '''"""A rule that fails."""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Rule

rule = Rule(code="TST004", severity="error")


@rule.check
def broken(node: ast.Global, facts: Facts) -> Iterator[Finding]:
    raise RuntimeError("out of order")
''',
}

LOUD = "# torch\n\n```python\nx = 1\nshout(x)\n```\n"
QUIET = "# torch\n\n```python\nx = 1\nspeak(x)\n```\n"

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, beside a folder of rules that it is configured to use."""
    rules = tmp_path / "rules" / "manners"
    rules.mkdir(parents=True)
    for name, text in RULES.items():
        (rules / name).write_text(text)
    (tmp_path / "lintml.toml").write_text('rules = ["rules"]\nselect = ["TST"]\n')
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("NO_COLOR", "FORCE_COLOR", "LINTML_OUTPUT_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*words: str, input: bytes | None = None) -> Result:
        return CliRunner().invoke(cli, words, input=input, prog_name="lintml")

    return run


class TestCheck:
    def test_finds_and_ends_with_1(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        result = run("check", "--output-format", "concise")
        assert result.stdout == (
            "a.md:5:1: TST001 [*] too loud\n"
            "Found 1 error in 1 document (1 snippet).\n"
            "[*] 1 fixable with `lintml fix --write`.\n"
        )
        assert (result.exit_code, result.stderr) == (1, "")

    def test_ends_with_0_where_nothing_is_found(self, run: Run, folder: Path):
        (folder / "a.md").write_text(QUIET)
        result = run("check")
        assert (result.exit_code, result.stdout) == (0, "All checks passed: 1 snippet in 1 document.\n")

    def test_a_note_does_not_set_the_exit_code(self, run: Run, folder: Path):
        (folder / "a.py").write_text("import torch\npass\n")
        result = run("check", "--output-format", "concise", "a.py")
        assert result.stdout.startswith("a.py:2:1: TST003 by the way\nFound 1 note in")
        assert result.exit_code == 0

    def test_exit_zero(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        assert run("check", "--exit-zero").exit_code == 0
        assert run("check", "--exit-zero", "nothing.md").exit_code == 2

    def test_what_cannot_be_read_is_named_and_the_rest_goes_on(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        (folder / "latin.md").write_bytes(b"torch\ncaf\xe9\n")
        (folder / "bad.ipynb").write_text("{")
        (folder / "empty").mkdir()
        result = run("check", "--output-format", "json", "a.md", "none.md", "latin.md", "bad.ipynb", "empty")
        assert [row["code"] for row in json.loads(result.stdout)] == ["TST001"]
        lines = result.stderr.splitlines()
        assert [line.split(":")[1].strip() for line in lines] == ["none.md", "latin.md", "bad.ipynb", "empty"]
        assert lines[0] == "error: none.md: no such file"
        assert lines[1].startswith("error: latin.md:2:4: not UTF-8")
        assert result.exit_code == 2

    def test_a_rule_that_fails_is_named_and_the_rest_goes_on(self, run: Run, folder: Path):
        (folder / "a.py").write_text("import torch\nshout(1)\ndef f():\n    global x\n")
        result = run("check", "--output-format", "concise", "a.py")
        assert "a.py:2:1: TST001" in result.stdout
        assert "Incomplete: 1 check crashed; see above." in result.stdout
        assert result.stderr == "error: a.py:4:5: TST004 broken crashed: RuntimeError: out of order\n"
        assert result.exit_code == 2

    def test_an_internal_error_costs_one_document(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
        real = pipeline.check

        def check(document: Document, settings: Settings) -> Checked:
            if document.path == "a.md":
                raise RecursionError("too deep")
            return real(document, settings)

        monkeypatch.setattr(pipeline, "check", check)
        (folder / "a.md").write_text(LOUD)
        (folder / "b.md").write_text(LOUD)
        for words in (["check", "--output-format", "concise"], ["fix", "--write"]):
            result = run(*words)
            assert result.stderr.startswith("error: a.md: internal error, please report it: RecursionError: too deep\n")
            assert result.exit_code == 2
        assert (folder / "a.md").read_text() == LOUD
        assert (folder / "b.md").read_text() == QUIET

    def test_shapes_go_on_behind_an_internal_error(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
        real = pipeline.signatures

        def signatures(document: Document, settings: Settings) -> list[Signature]:
            if document.path == "a.py":
                raise RecursionError("too deep")
            return real(document, settings)

        monkeypatch.setattr(pipeline, "signatures", signatures)
        for name in ("a.py", "b.py"):
            (folder / name).write_text("import torch\ndef twice(x):\n    return torch.cat([x, x], -1)\n")
        result = run("shapes", "--output-format", "json", "a.py", "b.py")
        assert [row["name"] for row in json.loads(result.stdout)] == ["twice"]
        assert result.stderr.startswith("error: a.py: internal error, please report it: RecursionError: too deep\n")
        assert result.exit_code == 2

    def test_select_ignore_and_extend_select(self, run: Run, folder: Path):
        (folder / "a.py").write_text('import torch\nshout(1)\n"words"\npass\n')

        def codes(*words: str) -> list[str]:
            result = run("check", "--output-format", "json", *words)
            return [row["code"] for row in json.loads(result.stdout)]

        assert codes() == ["TST001", "TST002", "TST003"]
        assert codes("--select", "TST001,aside") == ["TST001", "TST003"]
        assert codes("--ignore", "loud", "--ignore", "TST003") == ["TST002"]
        assert codes("--select", "TST001", "--extend-select", "long") == ["TST001", "TST002"]
        (folder.parent / "lintml.toml").write_text('rules = ["rules"]\nselect = ["TST001"]\nignore = ["TST001"]\n')
        from lintml import config

        config._nearest.cache_clear()
        assert codes() == []
        assert codes("--select", "TST001") == ["TST001"]

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--select", "ZZZ"], "no rule answers to `ZZZ`"),
            (["--config", "selct = []"], "unknown key `selct`; did you mean `select`?"),
            (["--config", "none.toml"], "none.toml: cannot be read"),
            (["--config", 'rules = ["none"]'], "none: no such folder of rules"),
            (["--torch-version", "two"], "torch-version"),
            (["--output-format", "yaml"], "'yaml' is not one of"),
            (["-o", "no/such/folder.txt"], "no/such/folder.txt: cannot be written"),
        ],
    )
    def test_bad_usage_ends_with_2_and_one_line(self, run: Run, folder: Path, words: list[str], message: str):
        (folder / "a.md").write_text(LOUD)
        result = run("check", *words)
        assert result.exit_code == 2
        assert message in result.stderr.splitlines()[-1]
        assert result.stdout == ""

    def test_verbose_lists_what_could_not_be_read_as_python(self, run: Run, folder: Path):
        (folder / "a.md").write_text(QUIET + "\n```python\nif x:\n```\n\n```py\n$ pip install torch\n```\n")
        result = run("check", "-v")
        assert "3 snippets in 1 document; 2 snippets could not be read" in result.stdout
        assert [line.partition(": ")[2] for line in result.stderr.splitlines()] == [
            "a.md:9:6: not read as Python: placeholder: `if x:`",
            "a.md:13:1: not read as Python: shell commands",
        ]
        assert result.exit_code == 0
        assert run("check").stderr == ""
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "x = = torch"}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "n.ipynb").write_text(json.dumps(notebook))
        assert "note: n.ipynb:cell 1:1:5: not read as Python: syntax error" in run("check", "-v", "n.ipynb").stderr

    def test_documents_that_cannot_be_about_torch_are_counted_not_parsed(self, run: Run, folder: Path):
        (folder / "a.md").write_text("# Cooking\n\n```python\nshout(1)\n```\n")
        assert run("check").stdout == "Nothing to check: 1 document does not mention torch.\n"
        (folder / "b.md").write_text(QUIET)
        assert run("check").stdout == (
            "All checks passed: 1 snippet in 1 document; 1 document does not mention torch.\n"
        )

    def test_quiet_leaves_the_summary_out(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        assert run("check", "-q", "--output-format", "concise").stdout == "a.md:5:1: TST001 [*] too loud\n"
        (folder / "a.md").write_text(QUIET)
        assert run("check", "-q").stdout == ""

    def test_statistics(self, run: Run, folder: Path):
        (folder / "a.py").write_text('import torch\nshout(1)\nshout(2)\n"words"\n')
        assert run("check", "--statistics").stdout == "2\tTST001\t[*] loud\n1\tTST002\t[ ] long\n"
        assert json.loads(run("check", "--statistics", "--output-format", "json").stdout)[1] == {
            "code": "TST002",
            "name": "long",
            "count": 1,
            "fixable": False,
            "fixable_count": 0,
        }

    def test_output_goes_to_a_file(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        result = run("check", "--output-format", "json", "-o", "out.json")
        assert (result.stdout, result.exit_code) == ("", 1)
        assert json.loads((folder / "out.json").read_text())[0]["code"] == "TST001"

    def test_standard_input_goes_by_its_name(self, run: Run):
        code = b"import torch\nshout(1)\n"
        result = run("check", "-", "--stdin-filename", "b.py", "--output-format", "concise", "-q", input=code)
        assert result.stdout == "b.py:2:1: TST001 [*] too loud\n"
        assert run("check", "-", "-q", "--output-format", "concise", input=LOUD.encode()).stdout.startswith("-:5:1: ")
        row = json.loads(run("check", "-", "--output-format", "json", input=LOUD.encode()).stdout)[0]
        assert row["filename"] == "-"

    def test_exclusion_of_named_paths_only_when_forced(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        exclude = ("--config", 'exclude = ["a.md"]')
        assert run("check", "a.md", *exclude).exit_code == 1
        assert run("check", "a.md", *exclude, "--force-exclude").exit_code == 0

    def test_further_endings_are_found_beside_the_known_ones(self, run: Run, folder: Path):
        (folder / "a.txt").write_text(LOUD)
        (folder / "b.md").write_text(LOUD)
        assert run("check", "-q", "--output-format", "pylint").stdout == "b.md:5: [TST001] too loud\n"
        more = run("check", "-q", "--output-format", "pylint", "--config", 'extend-include = ["*.txt"]').stdout
        assert more == "a.txt:5: [TST001] too loud\nb.md:5: [TST001] too loud\n"

    def test_colour_is_for_terminals_and_for_those_who_ask(
        self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
    ):
        (folder / "a.md").write_text(LOUD)
        assert "\x1b[" not in run("check").stdout
        assert "\x1b[" in run("check", "--color", "always").stdout
        monkeypatch.setenv("FORCE_COLOR", "1")
        assert "\x1b[" in run("check").stdout
        monkeypatch.setenv("NO_COLOR", "1")
        assert "\x1b[" not in run("check").stdout

    def test_fix_applies_and_reports_what_is_left(self, run: Run, folder: Path):
        page = folder / "a.py"
        page.write_text('import torch\nshout(1)\n"words"\n')
        result = run("check", "--fix", "--output-format", "concise")
        assert page.read_text() == 'import torch\nspeak(1)\n"words"\n'
        assert "TST001" not in result.stdout
        assert "Found 1 warning, 1 fixed in 1 document" in result.stdout
        assert result.exit_code == 1

    def test_fix_of_standard_input_gives_it_back(self, run: Run):
        result = run("check", "--fix", "-", input=LOUD.encode())
        assert (result.stdout, result.exit_code) == (QUIET, 0)
        assert result.stderr == "All checks passed (1 fixed): 1 snippet in 1 document.\n"

    def test_diff_writes_nothing(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        result = run("check", "--diff")
        assert "-shout(x)\n+speak(x)\n" in result.stdout
        assert (folder / "a.md").read_text() == LOUD
        assert result.exit_code == 1


class TestFix:
    def test_shows_a_diff_and_writes_nothing(self, run: Run, folder: Path):
        (folder / "a.md").write_text(LOUD)
        result = run("fix")
        assert result.stdout == (
            "--- a.md\n+++ a.md\n@@ -2,5 +2,5 @@\n \n ```python\n x = 1\n-shout(x)\n+speak(x)\n ```\n"
        )
        assert result.stderr == "Would fix 1 finding in 1 document.\n"
        assert result.exit_code == 1
        assert (folder / "a.md").read_text() == LOUD

    def test_write_writes_and_a_second_run_has_nothing_to_do(self, run: Run, folder: Path):
        page = folder / "a.md"
        page.write_bytes(LOUD.replace("\n", "\r\n").encode("utf-8-sig"))
        result = run("fix", "--write")
        assert page.read_bytes() == QUIET.replace("\n", "\r\n").encode("utf-8-sig")
        assert (result.stdout, result.stderr) == ("", "Fixed 1 finding in 1 document.\n")
        assert result.exit_code == 0
        again = run("fix", "--write")
        assert (again.stderr, again.exit_code) == ("Nothing to fix.\n", 0)

    def test_unsafe_fixes_must_be_asked_for(self, run: Run, folder: Path):
        page = folder / "a.py"
        page.write_text('import torch\nshout(1)\n"words"\n')
        result = run("fix", "--write")
        assert page.read_text() == 'import torch\nspeak(1)\n"words"\n'
        assert result.stderr == (
            "Fixed 1 finding in 1 document (1 more with `--unsafe-fixes`). 1 is left: `lintml check` shows it.\n"
        )
        assert result.exit_code == 1
        assert run("fix", "--write", "--unsafe-fixes").exit_code == 0
        assert page.read_text() == "import torch\nspeak(1)\n"

    def test_standard_input_becomes_standard_output(self, run: Run):
        text = LOUD.replace("\n", "\r\n").encode("utf-8-sig")
        result = run("fix", "-", input=text)
        assert result.stdout_bytes == QUIET.replace("\n", "\r\n").encode("utf-8-sig")
        assert result.exit_code == 0
        untouched = b"# Nothing of ours\n"
        assert run("fix", "-", input=untouched).stdout_bytes == untouched
        assert run("fix", "-", "--diff", input=LOUD.encode()).stdout.startswith("--- -\n+++ -\n")

    def test_a_cell_of_a_notebook_is_named_in_the_diff(self, run: Run, folder: Path):
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [cell | {"source": ["import torch"]}, cell | {"source": ["x = 1\n", "shout(x)"]}]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (folder / "n.ipynb").write_text(json.dumps(notebook, indent=1))
        assert "--- n.ipynb:cell 2\n+++ n.ipynb:cell 2\n" in run("fix").stdout

    def test_a_read_only_file_is_named_and_left_alone(self, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch):
        (folder / "a.md").write_text(LOUD)
        (folder / "b.md").write_text(LOUD)
        # The system's answer, given for it: to root it would say that every file may be written.
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.md")
        result = run("fix", "--write")
        assert result.stderr.splitlines()[0] == "error: a.md: not written: the file is read-only"
        assert (folder / "a.md").read_text() == LOUD
        assert (folder / "b.md").read_text() == QUIET
        assert result.exit_code == 2


class TestRules:
    def test_a_table_of_all(self, run: Run):
        text = run("rules").stdout
        assert "TST001  loud " in text
        rows = json.loads(run("rules", "--output-format", "json").stdout)
        loud = next(row for row in rows if row["code"] == "TST001")
        assert (loud["name"], loud["linter"], loud["severity"], loud["fix"]) == ("loud", "manners", "error", "safe")
        assert "| TST001 | `loud` | error | safe | Shouting |" in run("rules", "--output-format", "markdown").stdout

    @pytest.mark.parametrize("name", ["TST001", "tst001", "loud"])
    def test_a_page_by_code_or_name(self, run: Run, name: str):
        result = run("rule", name)
        assert result.stdout.startswith("TST001 loud (manners; error, fix: safe)\n\nShouting.\n\n```python wrong\n")
        assert json.loads(run("rule", name, "--output-format", "json").stdout)["summary"] == "Shouting"

    def test_all_pages(self, run: Run):
        assert "\n\nTST002 long (manners; warning, no fix)\n" in run("rule", "--all").stdout

    def test_a_rule_that_is_not_there(self, run: Run):
        result = run("rule", "TST0O1")
        assert (result.exit_code, result.stderr) == (
            2,
            "Error: there is no rule `TST0O1`; did you mean TST001 `loud`?\n",
        )
        assert run("rule").exit_code == 2

    def test_a_new_rule_is_found_at_once(self, run: Run, folder: Path):
        result = run("new-rule", "too-soft", "--family", "manners")
        rules = folder.parent / "rules"
        assert result.stdout == (
            f"wrote {rules / 'manners' / 'too_soft.py'}\nwrote {folder.parent / 'fixtures' / 'rules' / 'too-soft.md'}\n"
        )
        from lintml import catalog

        catalog.rules.cache_clear()
        importlib.invalidate_caches()
        assert run("rule", "TST005").stdout.startswith("TST005 too-soft (manners; error, no fix)\n\nToo soft.\n")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["Loud", "--family", "manners"], "is not in kebab-case"),
            (["loud", "--family", "manners"], "there is a rule `loud` already"),
            (["soft", "--family", "singing"], "the family `singing` has no codes yet"),
            (["soft", "--family", "manners", "--code", "TST001"], "TST001 is the code of `loud`"),
            (["soft", "--family", "manners", "--code", "T1"], "is not three capitals and three digits"),
            (["soft", "--family", "../out"], "is not a name of a folder"),
            (["soft", "--family", "manners", "--to", "nowhere"], "nowhere: no such folder"),
        ],
    )
    def test_a_new_rule_that_cannot_be(self, run: Run, words: list[str], message: str):
        result = run("new-rule", *words)
        assert result.exit_code == 2
        assert message in result.stderr


class TestTheRest:
    def test_config_prints_what_it_would_read(self, run: Run, folder: Path):
        text = run("config").stdout
        assert text.startswith(f'# {folder.parent / "lintml.toml"}\nselect = ["TST"]\n')
        (folder / "again.toml").write_text(text)
        assert run("config", "--config", "again.toml", "-q").stdout == run("config", "-q").stdout
        assert run("config", "select").stdout == 'select = ["TST"]\n'
        assert run("config", "selekt").exit_code == 2
        assert json.loads(run("config", "--isolated", "--output-format", "json").stdout)["source"] is None

    def test_every_command_has_help(self, run: Run):
        listing = run("--help").stdout
        for name in COMMANDS:
            assert f"  {name} " in listing
            assert run(name, "--help").stdout.startswith(f"Usage: lintml {name} ")

    def test_a_command_that_is_not_there(self, run: Run):
        result = run("chekc")
        assert result.exit_code == 2
        assert "there is no command `chekc`; did you mean `lintml check`?" in result.stderr

    @pytest.mark.parametrize("option", ["--version", "-V"])
    def test_version_is_said_before_anything_is_loaded(self, option: str):
        code = (
            "import sys; from lintml.__main__ import main; sys.argv[1:] = [sys.argv[1]]; main();"
            "print(sorted({'click', 'ast', 'dataclasses', 'torch'} & set(sys.modules)))"
        )
        done = subprocess.run([sys.executable, "-c", code, option], capture_output=True, text=True, check=True)
        from lintml import __version__

        assert done.stdout == f"lintml {__version__}\n[]\n"

    def test_a_closed_pipe_ends_quietly(self, folder: Path):
        (folder / "a.py").write_text("import torch\n" + "shout(1)\n" * 3000)
        command = [sys.executable, "-m", "lintml", "check", "--output-format", "concise", "a.py"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline() == "a.py:2:1: TST001 [*] too loud\n"
            process.stdout.close()
            assert process.stderr.read() == ""


def test_a_fence_that_nothing_closes_is_named(run: Run, folder: Path) -> None:
    (folder / "open.md").write_text("```python\nimport torch\nshout(1)\n", encoding="utf8")
    result = run("check", "--output-format", "concise", "open.md")
    assert "open.md:1:1: nothing closes this fence" in result.stderr
    assert "open.md:3:1: TST001" in result.stdout


def test_a_rule_file_that_cannot_be_loaded_is_named(run: Run, folder: Path) -> None:
    rules = folder / "more_rules"
    rules.mkdir()
    (rules / "odd.py").write_text("import nowhere_to_be_found\n", encoding="utf8")
    (folder / "lintml.toml").write_text('rules = ["more_rules"]\n', encoding="utf8")
    (folder / "page.md").write_text("```python\nimport torch\n```\n", encoding="utf8")
    result = run("check", "page.md")
    assert result.exit_code == 2
    assert "odd.py: cannot be loaded: ModuleNotFoundError" in result.stderr
