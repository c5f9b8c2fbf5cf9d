"""Settings: where they are found, what they may say, and which rules they choose."""

from pathlib import Path

import pytest

from lintml.config import (
    READERS,
    ConfigError,
    Settings,
    chosen,
    parse,
    parse_option,
    read,
    settings_for,
    shown,
    unknown_selectors,
)


@pytest.mark.parametrize("name", ["lintml.toml", ".lintml.toml"])
def test_a_file_of_our_own_holds_settings_at_its_top(name: str, tmp_path: Path):
    (tmp_path / name).write_text('select = ["SHP"]\nunsafe-fixes = true\n')
    settings = settings_for(str(tmp_path))
    assert (settings.select, settings.unsafe_fixes) == (("SHP",), True)
    assert (settings.root, settings.source) == (str(tmp_path), str(tmp_path / name))


def test_the_nearest_file_that_speaks_of_us_counts(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text('[tool.lintml]\nignore = ["OPT"]\n')
    silent, speaking = tmp_path / "docs" / "deep", tmp_path / "notes" / "deep"
    silent.mkdir(parents=True)
    speaking.mkdir(parents=True)
    (silent / "pyproject.toml").write_text('[project]\nname = "other"\ndescription = "uses lintml"\n')
    (speaking.parent / "lintml.toml").write_text("seed = 7\n")
    (speaking.parent / "pyproject.toml").write_text("[tool.lintml]\nseed = 8\n")
    assert settings_for(str(silent)).ignore == ("OPT",)
    assert settings_for(str(speaking)) == settings_for(str(speaking.parent))
    assert (settings_for(str(speaking)).seed, settings_for(str(speaking)).ignore) == (7, ())


def test_a_file_named_explicitly_is_the_only_one(tmp_path: Path):
    (tmp_path / "lintml.toml").write_text("seed = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("seed = 2\n")
    assert settings_for(str(tmp_path), str(other)).seed == 2
    assert settings_for(str(tmp_path), isolated=True) == Settings()


def test_user_rules_are_found_from_the_file_that_names_them(tmp_path: Path):
    (tmp_path / "lintml.toml").write_text('rules = ["ours"]\n')
    assert read(tmp_path / "lintml.toml").rules == (str(tmp_path / "ours"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "unknown key `selct`; did you mean `select`?"),
        ("zzz = 1", "unknown key `zzz`; known are "),
        ('select = "SHP001"', "`select` is a list of strings, not 'SHP001'"),
        ("ignore = [1]", "`ignore` is a list of strings, not [1]"),
        ("unsafe-fixes = 1", "`unsafe-fixes` is true or false, not 1"),
        ("seed = -1", "`seed` is a whole number, 0 or more, not -1"),
        ("memory = true", "`memory` is a whole number, 256 or more, not True"),
        ("timeout = 0", "`timeout` is a number of seconds above 0, not 0"),
        ('device = "tpu"', "`device` is one of cpu, cuda, mps, auto, not 'tpu'"),
        ("torch-version = 2.4", '`torch-version` is a version such as "2.4", not 2.4'),
        ('per-file-ignores = ["a"]', "`per-file-ignores` is a table from a glob to a list of rules, not ['a']"),
        ("unsafe-sandbox = true", "unknown key `unsafe-sandbox`"),
        ("select = [", "(at end of document)"),
    ],
)
def test_what_cannot_be_followed_is_said_with_file_and_key(text: str, message: str, tmp_path: Path):
    path = tmp_path / "lintml.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_said(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nothing\.toml: cannot be read"):
        read(tmp_path / "nothing.toml")
    (tmp_path / "lintml.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "lintml.toml")


def test_every_key_of_a_file_is_a_setting_and_is_shown():
    assert {key.replace("-", "_") for key in READERS} <= set(Settings.__slots__)
    assert set(shown(Settings())) == set(READERS)
    assert parse_option("torch-version = '2.4'") == {"torch_version": "2.4"}
    assert parse({"per-file-ignores": {"*.md": ["ALL"]}}, "") == {"per_file_ignores": (("*.md", ("ALL",)),)}


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (["ALL"], [], True),
        ([], [], False),
        (["SHP"], [], True),
        (["OPT"], [], False),
        (["S"], ["SHP"], False),
        (["SHP0"], ["SHP"], True),
        (["SHP001"], ["SHP"], True),
        (["ALL"], ["linear-in-features"], False),
        (["linear-in-features"], ["SHP"], True),
        (["SHP001"], ["SHP001"], False),
        (["linear"], [], False),
        ([""], [], False),
    ],
)
def test_the_longest_selector_decides_and_ignore_wins_a_draw(select: list[str], ignore: list[str], expected: bool):
    settings = Settings(select=tuple(select), ignore=tuple(ignore))
    assert chosen(settings, "SHP001", "linear-in-features") is expected
    extended = Settings(select=(), extend_select=tuple(select), ignore=tuple(ignore))
    assert chosen(extended, "SHP001", "linear-in-features") is expected


@pytest.mark.parametrize(
    ("select", "expected"), [("ALL", False), ("SHP", False), ("SHP001", True), ("linear-in-features", True)]
)
def test_an_optional_rule_is_heard_only_by_its_own_name(select: str, expected: bool):
    assert chosen(Settings(select=(select,)), "SHP001", "linear-in-features", optional=True) is expected
    extended = Settings(extend_select=(select,))
    assert chosen(extended, "SHP001", "linear-in-features", optional=True) is expected


@pytest.mark.parametrize(
    ("pattern", "path", "ignored"),
    [
        ("*.md", "docs/a.md", True),
        ("docs", "docs/deep/a.md", True),
        ("docs/*.md", "docs/a.md", True),
        ("docs/*.md", "other/a.md", False),
        ("a.md", "docs/b.md", False),
    ],
)
def test_rules_are_ignored_file_by_file(pattern: str, path: str, ignored: bool, tmp_path: Path):
    settings = Settings(per_file_ignores=((pattern, ("SHP",)),), root=str(tmp_path))
    assert chosen(settings, "SHP001", "linear-in-features", str(tmp_path / path)) is not ignored
    assert chosen(settings, "OPT001", "optimizer-super-args", str(tmp_path / path))


def test_selectors_that_no_rule_answers_to_are_known():
    settings = Settings(
        select=("ALL", "SHP", "SHQ"), ignore=("linear-in-features",), per_file_ignores=(("*", ("X1",)),)
    )
    assert unknown_selectors(settings, lambda: [("SHP001", "linear-in-features")]) == ["SHQ", "X1"]
