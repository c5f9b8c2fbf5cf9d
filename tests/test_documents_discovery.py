"""Discovery: what a directory holds, what is left out, and that .gitignore is read as git reads it."""

import os
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lintml.documents import DocumentError, find
from lintml.documents.gitignore import decision, parse_gitignore


@pytest.fixture
def tree(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def grow(*files, **texts):
        for file in [*files, *texts]:
            os.makedirs(os.path.dirname(file) or ".", exist_ok=True)
            with open(file, "w", encoding="utf-8") as opened:
                opened.write(texts.get(file, ""))

    return grow


def test_documents_in_order_without_hidden_and_vendored_folders(tree):
    tree(
        "b.md", "a.ipynb", "c/z.py", "c/a.MARKDOWN", "c/note.txt", ".git/x.md", "node_modules/m/README.md",
        "c/.ipynb_checkpoints/a.ipynb", "__pycache__/x.py", "my-env/pyvenv.cfg", "my-env/x.py", "docs/_build/x.md",
    )  # fmt: skip
    assert list(find(["."])) == ["./a.ipynb", "./b.md", "./c/a.MARKDOWN", "./c/z.py"]


def test_a_file_named_is_taken_as_it_is_and_once(tree):
    tree("notes.txt", "a/b.md")
    assert list(find(["notes.txt", "a", "a/b.md", "missing.md", "-"])) == ["notes.txt", "a/b.md", "missing.md", "-"]


def test_a_directory_without_documents_is_an_error_and_the_rest_goes_on(tree):
    tree("empty/x.txt", "full/a.md")
    first, second = find(["empty", "full"])
    assert isinstance(first, DocumentError)
    assert (str(first), first.path, second) == ("no documents in this directory", "empty", "full/a.md")


def test_include_and_exclude(tree):
    tree("a.md", "docs/a.md", "docs/old/a.md", "docs/b.txt", "docs/c.py")
    assert list(find(["."], exclude=["docs/old", "*.py"])) == ["./a.md", "./docs/a.md"]
    assert list(find(["."], include=["docs/**/*.txt"])) == ["./docs/b.txt"]
    assert list(find(["docs/c.py"], exclude=["*.py"])) == ["docs/c.py"]
    assert list(find(["docs/c.py", "docs/old"], exclude=["*.py", "old/"], force_exclude=True)) == []


def test_gitignore_files_apply_from_the_repository_down(tree):
    tree(
        "repo/.git/HEAD", "repo/a.md", "repo/out/a.md", "repo/docs/a.md", "repo/docs/draft.md",
        "repo/docs/keep/draft.md",
        **{"repo/.gitignore": "/out/\ndraft.md\n", "repo/docs/keep/.gitignore": "!draft.md\n"},
    )  # fmt: skip
    assert list(find(["repo"])) == ["repo/a.md", "repo/docs/a.md", "repo/docs/keep/draft.md"]
    assert list(find(["repo/docs"])) == ["repo/docs/a.md", "repo/docs/keep/draft.md"]
    assert "repo/out/a.md" in list(find(["repo"], respect_gitignore=False))


NAMES = st.sampled_from(["a", "b", "ab", "a.md", ".a", "b-1"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PIECES = st.sampled_from(["a", "b", "*", "?", "/", "/**/", ".md", "[ab]", "[!a]", "[a-b]", "\\a", "-1", "."])
PATTERNS = st.builds(
    lambda head, pieces, tail: head + "".join(pieces) + tail,
    st.sampled_from(["", "", "/", "**/", "!", "#"]),
    st.lists(PIECES, min_size=1, max_size=4),
    st.sampled_from(["", "", "/", "/**", " "]),
).filter(lambda pattern: "**" not in pattern.replace("/**/", "").removesuffix("/**").removeprefix("**/"))


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the authority here")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(patterns=st.lists(PATTERNS, min_size=1, max_size=4), paths=st.lists(PATHS, min_size=1, max_size=12, unique=True))
def test_patterns_mean_what_git_says(tmp_path_factory, patterns, paths):
    folder = tmp_path_factory.mktemp("repo")
    git = ["git", "-C", str(folder), "-c", "core.excludesFile="]
    subprocess.run([*git, "init", "-q"], check=True)
    (folder / ".gitignore").write_text("\n".join(patterns) + "\n", encoding="utf-8")
    asked = subprocess.run(
        [*git, "check-ignore", "--no-index", "-z", "--stdin"], input="\0".join(paths), capture_output=True, text=True
    )
    ours = parse_gitignore("\n".join(patterns))
    assert {path for path in paths if ignored(ours, path)} == set(filter(None, asked.stdout.split("\0")))


def ignored(patterns, path):
    parts = path.split("/")
    for depth in range(1, len(parts)):
        if decision(patterns, "/".join(parts[:depth]), folder=True):
            return True
    return bool(decision(patterns, path, folder=False))
