"""What a child sees of the machine, and that nothing it wrote stays."""

import os
import sys
from pathlib import Path

import pytest

from lintml.verify.sandbox.plan import environment, import_path, readable
from lintml.verify.sandbox.supervisor import wipe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of Linux alone")


def test_the_interpreter_and_lintml_are_there_and_the_working_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "module.py").write_text("x = 1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    assert sys.prefix in readable()
    assert any(path.endswith("/lintml") for path in readable())
    assert not any(str(tmp_path) in path for path in (*readable(), *import_path()))


def test_another_import_folder_shows_its_modules_and_nothing_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TOKEN=1")
    (tmp_path / "data").mkdir()
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "module.py").write_text("")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    shown = {os.path.relpath(path, tmp_path) for path in readable() if path.startswith(str(tmp_path))}
    assert shown == {"package", "module.py"}


def test_nothing_of_the_environment_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    assert "secret" not in environment("cpu", "/w").values()
    assert environment("cpu", "/w")["OMP_NUM_THREADS"] == "1"


def test_a_tree_deeper_than_any_path_is_wiped_and_links_are_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "link").symlink_to(precious)
    home = os.open(".", os.O_RDONLY)
    os.chdir(scratch)
    try:
        for _ in range(1500):
            os.mkdir("deep")
            os.chdir("deep")
            Path("file").write_text("x")
        os.mkdir("locked", 0)
    finally:
        os.fchdir(home)
        os.close(home)
    scratch.chmod(0)
    wipe(str(scratch))
    assert list(scratch.iterdir()) == []
    assert (precious / "file").read_text() == "keep"
