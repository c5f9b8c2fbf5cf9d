"""The project as its users get it: what the README shows is so, and what is installed is whole."""

import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from lintml import __version__
from lintml.cli import cli
from lintml.report import rulebook

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf8")
OUTPUT = re.compile(r"<!-- output: lintml (.*?) -->\n+```text\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize(("command", "text"), OUTPUT.findall(README))
def test_the_readme_shows_what_is_printed(command: str, text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert CliRunner().invoke(cli, shlex.split(command)).stdout == text


def test_the_readme_shows_output_at_all():
    assert OUTPUT.search(README)


def test_the_readmes_table_is_that_of_the_rules(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    table = CliRunner().invoke(cli, ["rules", "--output-format", "markdown"]).stdout
    shown = re.search(r"<!-- rules -->\n\n(.*?)\n<!-- /rules -->", README, re.DOTALL)
    assert shown is not None
    assert shown[1] == table, "put what `lintml rules --output-format markdown` prints between the comments"


def test_the_readme_says_what_of_torchfix_is_found():
    shown = re.search(r"<!-- torchfix -->\n\n(.*?)\n<!-- /torchfix -->", README, re.DOTALL)
    assert shown is not None
    assert shown[1] == rulebook.parity(), "run .ci/pages"


@pytest.mark.parametrize("name", ["job", "tests"])
def test_the_readme_has_the_commands_that_ci_runs(name: str):
    assert len(re.findall(rf"<!-- ci: {name} -->\n+```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)) == 1
    assert f"readme {name}" in (ROOT / ".ci" / "run").read_text(encoding="utf8")


def test_our_own_documents_are_clean(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(cli, ["check", "--isolated", "README.md", "CHANGELOG.md"])
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_changelog_opens_with_this_version():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf8")
    assert re.search(r"^## (\S+)", changelog, re.MULTILINE)[1] == __version__  # type: ignore[index]


def test_the_wheel_holds_every_rule_and_table(tmp_path: Path):
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
    ]
    subprocess.run([*command, str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("lintml_torch-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = archive.read(f"lintml_torch-{__version__}.dist-info/METADATA").decode()
    tracked = subprocess.run(
        ["git", "ls-files", "lintml", "rules"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    expected = {f"lintml/{name}" if name.startswith("rules/") else name for name in tracked}
    assert expected <= names
    assert not [name for name in names if name.split("/")[0] in ("tests", "fixtures", "rules")]
    assert "Name: lintml-torch\n" in metadata
    assert not re.search(r"^Requires-Dist: torch[^;]*$", metadata, re.MULTILINE)


def test_check_loads_neither_torch_nor_libcst_nor_numpy():
    code = (
        "import sys; from lintml.cli import cli;"
        "cli.main(['check', '--isolated', '--output-format', 'concise', sys.argv[1]], standalone_mode=False);"
        "print(sorted({'torch', 'libcst', 'numpy'} & set(sys.modules)))"
    )
    tour = ROOT / "fixtures" / "documents" / "tour.md"
    done = subprocess.run([sys.executable, "-c", code, str(tour)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "SHP001" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_document_without_torch_loads_no_parser(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n```python\nprint(1)\n```\n")
    code = (
        "import sys; from lintml.cli import cli;"
        "cli.main(['check', sys.argv[1]], standalone_mode=False);"
        "print(sorted({'markdown_it', 'lintml.engine', 'lintml.catalog', 'difflib', 'json'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(page)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
