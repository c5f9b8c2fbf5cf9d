"""What is remembered between runs, and when it is not believed."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lintml import cache, pipeline
from lintml.cli import cli

CLEAN = "# torch\n\n```python\nimport torch\n```\n"
FAULTY = "# torch\n\n```python\nimport torch\ntorch.nn.Conv2D(3, 8, 3)\n```\n"


class Project:
    """A folder of documents, and a count of those that a run really looked into."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.looked_into: list[str] = []
        check = pipeline.check

        def counted(document, settings):  # type: ignore[no-untyped-def]
            self.looked_into.append(document.path)
            return check(document, settings)

        monkeypatch.setattr(pipeline, "check", counted)
        monkeypatch.chdir(folder)

    def run(self, *words: str) -> Result:
        self.looked_into.clear()
        # A run is a process: what one has worked out about the installation is gone in the next.
        cache._key.cache_clear()
        cache._lintml.cache_clear()
        return CliRunner().invoke(cli, words or ("check", "."))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / "lintml.toml").write_text("")
    (tmp_path / "clean.md").write_text(CLEAN + "\n```python\nif x:\n```\n")
    (tmp_path / "faulty.md").write_text(FAULTY)
    (tmp_path / "cooking.md").write_text("Salt.\n")
    return Project(tmp_path, monkeypatch)


def test_only_clean_documents_are_remembered_and_the_report_is_the_same(project: Project):
    first = project.run()
    assert sorted(project.looked_into) == ["clean.md", "faulty.md"]
    second = project.run()
    assert project.looked_into == ["faulty.md"]
    assert (second.stdout, second.exit_code) == (first.stdout, first.exit_code)
    assert "1 snippet could not be read (`-v` lists it); 1 document does not mention torch." in second.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("check", ".", "--no-cache"),
        ("check", "clean.md"),
        ("check", ".", "-v"),
        ("check", ".", "--ignore", "SHP001"),
        ("check", ".", "--output-format", "junit"),
        ("check", ".", "--torch-version", "2.0"),
    ],
)
def test_what_another_run_was_asked_is_not_answered_from_memory(project: Project, words: tuple[str, ...]):
    project.run()
    project.run(*words)
    assert "clean.md" in project.looked_into


def test_a_document_that_changed_is_looked_into_again(project: Project):
    project.run()
    (project.folder / "clean.md").write_text(FAULTY)
    assert "clean.md:5:1: API001" in project.run("check", ".", "--output-format", "concise").stdout
    (project.folder / "cooking.md").write_text(FAULTY)
    assert "cooking.md:5:1: API001" in project.run("check", ".", "--output-format", "concise").stdout


def test_a_new_lintml_believes_nothing(project: Project, monkeypatch: pytest.MonkeyPatch):
    project.run()
    state = cache._state
    mine = os.path.abspath(cache.__file__)
    monkeypatch.setattr(cache, "_state", lambda path: (0, 0) if os.path.abspath(path) == mine else state(path))
    project.run()
    assert "clean.md" in project.looked_into


def test_a_preview_of_fixes_does_not_make_a_document_clean(project: Project):
    project.run("fix", ".")
    assert project.run().exit_code == 1
    assert "faulty.md" in project.looked_into
    project.run("fix", "--write", ".")
    assert project.run().exit_code == 0
    project.run()
    assert project.looked_into == []


def test_a_cache_that_cannot_be_read_is_as_none(project: Project):
    project.run()
    (project.folder / cache.FOLDER / "clean.json").write_text("{[")
    assert project.run().exit_code == 1
    assert "clean.md" in project.looked_into
    project.run()
    assert "clean.md" not in project.looked_into


def test_the_cache_keeps_out_of_version_control_and_can_be_removed(project: Project):
    project.run()
    folder = project.folder / cache.FOLDER
    assert (folder / ".gitignore").read_text() == "*\n"
    assert project.run("clean").stdout == f"removed {folder}\n"
    assert not folder.exists()
    assert (project.run("clean").exit_code, project.run("clean").stdout) == (0, "")
