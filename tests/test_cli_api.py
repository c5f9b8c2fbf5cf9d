"""``lintml api``: tables of other libraries, read and never run."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lintml import exists, lookup
from lintml.cli import cli
from lintml.torch_api import names

FILES = {
    "toyvision/__init__.py": "raise RuntimeError('imported')\nfrom toyvision import models\n__all__ = ['models']\n",
    "toyvision/models.py": "__all__ = ['tiny']\ndef tiny(weights=None, *, progress=True): ...\ndef hidden(): ...\n",
    "toyvision-0.3.0.dist-info/METADATA": "Name: toyvision\nVersion: 0.3.0\n",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for variable in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LINTML_CACHE_DIR", str(tmp_path / "cache"))
    names.forget()
    yield tmp_path / "cache"
    names.forget()


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    root = tmp_path / "env"
    for name, text in FILES.items():
        path = root / "lib" / "python3.11" / "site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "bin").mkdir()
    (root / "bin" / "python").write_text("#!/bin/false\n")
    return root


def api(*words: object) -> Result:
    return CliRunner().invoke(cli, ["api", *map(str, words)])


def assert_known() -> None:
    assert exists("toyvision.models.tiny") is True
    assert exists("toyvision.models.tniy") is False
    assert exists("toyvision.models.tiny", (2, 0)) is True
    found = lookup("toyvision.models.tiny")
    assert found
    assert found.mismatch(0, ["progress"]) is None
    assert found.mismatch(0, ["pretrained"])


def test_before_it_is_added_nothing_is_told_of_a_library():
    assert exists("toyvision.models.tniy") is None


def test_a_library_is_read_from_another_interpreters_environment(environment: Path, cache: Path):
    done = api("add", "toyvision", "--python", environment / "bin" / "python")
    assert (done.exit_code, done.stdout) == (0, f"{cache / 'api' / 'toyvision.txt'}: toyvision 0.3\n")
    assert_known()


def test_the_active_environment_is_looked_in_first(environment: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VIRTUAL_ENV", str(environment))
    assert api("add", "toyvision").exit_code == 0
    assert_known()


def test_a_library_is_read_from_a_wheel(tmp_path: Path):
    wheel = tmp_path / "toyvision-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    assert api("add", "toyvision", wheel).exit_code == 0
    assert_known()


def test_what_is_known_is_listed(environment: Path):
    api("add", "toyvision", "--python", environment)
    lines = api("list").stdout.splitlines()
    assert lines[0].startswith("torch 1.8, ")
    assert lines[0].endswith(" (comes with lintml)")
    assert lines[1:] == ["toyvision 0.3"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "toyvision"], "toyvision is not installed"),
        (["add", "torch"], "comes with lintml"),
        (["add", "toyvision", "--python", "/nowhere/bin/python"], "no package toyvision"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(words: list[str], message: str):
    done = api(*words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output


def test_a_table_that_was_added_is_no_longer_the_cached_result(environment: Path, tmp_path: Path):
    from lintml.cache import Cache, _key
    from lintml.config import Settings

    _key.cache_clear()
    before = _key(Settings())
    api("add", "toyvision", "--python", environment)
    _key.cache_clear()
    assert _key(Settings()) != before
    assert Cache(tmp_path)
