"""Writing: whole files or nothing, with mode, links, BOM and line endings as they were."""

import os
import stat

import pytest

from lintml.documents import DocumentError, read, rewrite, write
from lintml.model import Edit, Span


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    path.write_bytes(b"\xef\xbb\xbf# T\r\n\r\n> ```python\r\n> a = 1\r\n> ```\r\n\r\nend")
    return path


def edit(document):
    return rewrite(document, [Edit(0, Span(0, 0), "import torch\n"), Edit(0, Span(4, 5), "é")])


def test_everything_but_the_edit_stays(page):
    os.chmod(page, 0o640)
    document = read(str(page))
    write(document, edit(document))
    assert page.read_bytes() == (
        b"\xef\xbb\xbf# T\r\n\r\n> ```python\r\n> import torch\r\n> a = \xc3\xa9\r\n> ```\r\n\r\nend"
    )
    assert stat.S_IMODE(page.stat().st_mode) == 0o640
    assert os.listdir(page.parent) == ["page.md"]


def test_a_link_stays_and_its_target_changes(page, tmp_path):
    link = tmp_path / "link.md"
    link.symlink_to("page.md")
    document = read(str(link))
    write(document, edit(document))
    assert link.is_symlink()
    assert b"import torch" in page.read_bytes()


def test_a_file_that_changed_meanwhile_is_left_alone(page):
    document = read(str(page))
    page.write_bytes(b"somebody else's")
    with pytest.raises(DocumentError, match="changed since it was read") as raised:
        write(document, edit(document))
    assert page.read_bytes() == b"somebody else's"
    assert raised.value.path == str(page)


def test_a_read_only_file_is_left_alone(page, monkeypatch):
    document = read(str(page))
    before = page.read_bytes()
    # Nothing is read-only to root, whom the system lets write regardless of a file's mode.
    os.chmod(page, 0o444)
    if os.geteuid() == 0:
        monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(DocumentError, match="read-only"):
        write(document, edit(document))
    assert page.read_bytes() == before


def test_a_file_that_went_away_is_not_made_again(page):
    document = read(str(page))
    page.unlink()
    with pytest.raises(DocumentError, match="not written: No such file"):
        write(document, edit(document))
    assert not page.exists()


def test_a_crash_leaves_the_old_file_and_no_litter(page, monkeypatch):
    document = read(str(page))
    before = page.read_bytes()

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        write(document, edit(document))
    assert page.read_bytes() == before
    assert os.listdir(page.parent) == ["page.md"]
