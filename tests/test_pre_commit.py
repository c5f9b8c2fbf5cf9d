"""Our hooks under the real pre-commit: they refuse, fix and pass, and lose nothing that is not theirs."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ("pre-commit", "nbstripout", "nbqa", "ruff")
UNREACHABLE = re.compile(
    r"connection|name resolution|timed? ?out|proxy|no matching distribution|could not find a version", re.IGNORECASE
)
FAULTY = "# Layers\n\n> ```python\n> import torch.nn as nn\n> layer = nn.linear(3, 4)\n> ```\n"
RIGHT = FAULTY.replace("nn.linear", "nn.Linear")
CODE = ["import os\n", "from torch import nn\n", "layer = nn.linear(3, 4)\n", "print(layer)"]
NOTEBOOK = json.dumps(
    {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {"cell_type": "markdown", "id": "head", "metadata": {}, "source": ["# Widths 宽度"]},
            {
                "id": "code",
                "cell_type": "code",
                "metadata": {},
                "execution_count": 3,
                "outputs": [{"output_type": "stream", "name": "stdout", "text": ["old\n"]}],
                "source": CODE,
            },
        ],
    },
    indent=2,
    ensure_ascii=False,
)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of commands: pre-commit and its neighbours from the registry, and this lintml."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    commands = folder / "bin"
    done = subprocess.run([commands / "pip", "install", "--quiet", *TOOLS], capture_output=True, text=True)
    if done.returncode and UNREACHABLE.search(done.stderr):
        pytest.skip(f"the registry cannot be reached: {done.stderr.strip().splitlines()[-1]}")
    assert not done.returncode, done.stderr
    lintml = commands / "lintml"
    lintml.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lintml "$@"\n', encoding="utf8")
    lintml.chmod(0o755)
    return commands


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a repository of hooks, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("hooks")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "fixtures/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    git = Git(folder)
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "hooks")
    return folder


@pytest.fixture
def work(tools: Path, hooks: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> "Work":
    cache = tmp_path_factory.getbasetemp() / "pre-commit-cache"
    return Work(tmp_path / "work", tools, hooks, cache)


class Git:
    """git in one folder, deaf to the settings of whoever runs the tests."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        own = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "VIRTUAL"))}
        self.environment = {
            **own,
            **who,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            **environment,
        }

    def __call__(self, *words: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        assert not (check and done.returncode), done.stderr
        return done


class Work:
    """A writer's repository in which pre-commit is installed."""

    def __init__(self, folder: Path, tools: Path, hooks: Path, cache: Path) -> None:
        folder.mkdir()
        self.folder, self.tools, self.hooks = folder, tools, hooks
        path = f"{tools}{os.pathsep}{os.environ['PATH']}"
        self.git = Git(folder, PATH=path, PRE_COMMIT_HOME=str(cache), PRE_COMMIT_COLOR="never")
        self.git("init", "--quiet")

    def configure(self, *ours: str, local: str = "") -> None:
        """Let these hooks of ours run at each commit, after those of the user's own repository."""
        rev = Git(self.hooks)("rev-parse", "HEAD").stdout.strip()
        listed = "".join(f"      - id: {each}\n" for each in ours)
        text = f"repos:\n{local}  - repo: file://{self.hooks}\n    rev: {rev}\n    hooks:\n{listed}"
        (self.folder / ".pre-commit-config.yaml").write_text(text, encoding="utf8")
        subprocess.run(
            [self.tools / "pre-commit", "install"],
            cwd=self.folder,
            env=self.git.environment,
            check=True,
            capture_output=True,
        )
        self.git("add", ".pre-commit-config.yaml")

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_bytes(text.encode())

    def text(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def commit(self, *names: str) -> tuple[bool, str]:
        """Stage these files and commit: whether that went through, and what was said."""
        if names:
            self.git("add", *names)
        done = self.git("commit", "--message", "work", check=False)
        return done.returncode == 0, done.stdout + done.stderr


def test_a_faulty_document_is_refused_and_a_right_one_passes(work: Work):
    work.configure("lintml")
    work.put("notes.md", FAULTY)
    work.put("book.ipynb", NOTEBOOK)
    passed, said = work.commit("notes.md", "book.ipynb")
    assert not passed
    assert "notes.md:5:11" in said
    assert "book.ipynb:cell 2:3:9" in said
    assert (work.text("notes.md"), work.text("book.ipynb")) == (FAULTY, NOTEBOOK)
    work.put("notes.md", RIGHT)
    work.put("book.ipynb", NOTEBOOK.replace("nn.linear", "nn.Linear"))
    passed, said = work.commit("notes.md", "book.ipynb")
    assert passed, said


def test_faults_are_fixed_in_place_and_the_next_commit_passes(work: Work):
    work.configure("lintml-fix")
    work.put("notes.md", FAULTY)
    work.put("book.ipynb", NOTEBOOK)
    passed, said = work.commit("notes.md", "book.ipynb")
    assert not passed
    assert "files were modified by this hook" in said
    assert work.text("notes.md") == RIGHT
    assert work.text("book.ipynb") == NOTEBOOK.replace("nn.linear", "nn.Linear")
    passed, said = work.commit("notes.md", "book.ipynb")
    assert passed, said


def test_other_dialects_are_checked_where_asked_for(work: Work):
    work.configure("lintml\n        types_or: [text]\n        files: \\.(md|qmd|mdx|Rmd|rst)$")
    for name in ("a.md", "b.qmd", "c.mdx", "d.Rmd", "e.txt"):
        work.put(name, FAULTY.replace("> ", ""))
    passed, said = work.commit("a.md", "b.qmd", "c.mdx", "d.Rmd", "e.txt")
    assert not passed
    assert [name for name in ("a.md", "b.qmd", "c.mdx", "d.Rmd", "e.txt") if f"{name}:5:9" in said] == [
        "a.md",
        "b.qmd",
        "c.mdx",
        "d.Rmd",
    ]


def test_what_is_not_staged_survives(work: Work):
    work.configure("lintml-fix")
    work.put("notes.md", FAULTY)
    work.git("add", "notes.md")
    work.put("notes.md", FAULTY + "\nA sentence not yet staged.\n")
    passed, said = work.commit()
    assert not passed, said
    assert work.text("notes.md").endswith("\nA sentence not yet staged.\n")
    assert work.text("notes.md").startswith((FAULTY, RIGHT))


def test_what_the_configuration_excludes_is_left_alone(work: Work):
    work.configure("lintml-fix")
    work.put("lintml.toml", 'exclude = ["drafts"]\n')
    (work.folder / "drafts").mkdir()
    work.put("drafts/notes.md", FAULTY)
    passed, said = work.commit("lintml.toml", "drafts")
    assert passed, said
    assert work.text("drafts/notes.md") == FAULTY


def test_nbstripout_and_nbqa_work_beside_it(work: Work):
    local = f"""\
      - repo: local
        hooks:
          - {{id: nbstripout, name: nbstripout, language: system, entry: {work.tools}/nbstripout, types: [jupyter]}}
          - {{id: nbqa, name: nbqa, language: system, entry: "{work.tools}/nbqa 'ruff check --select F401 --fix'", types: [jupyter]}}
    """
    work.configure("lintml-fix", local=textwrap.indent(textwrap.dedent(local), "  "))
    work.put("book.ipynb", NOTEBOOK)
    passed, said = work.commit("book.ipynb")
    assert not passed
    passed, said = work.commit("book.ipynb")
    assert passed, said
    cell = json.loads(work.text("book.ipynb"))["cells"][1]
    assert cell["source"] == ["from torch import nn\n", "layer = nn.Linear(3, 4)\n", "print(layer)"]
    assert cell["outputs"] == []


def test_verify_runs_in_the_users_own_environment(work: Work):
    work.configure("lintml-verify")
    work.put("notes.md", RIGHT.replace("> ```\n", "> layer(2)\n> ```\n"))
    passed, said = work.commit("notes.md")
    assert passed, said
    stage = ["run", "lintml-verify", "--all-files", "--hook-stage", "manual"]
    done = subprocess.run(
        [work.tools / "pre-commit", *stage], cwd=work.folder, env=work.git.environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "notes.md" in done.stdout
