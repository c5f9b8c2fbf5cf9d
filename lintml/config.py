"""What a run was asked to do: defaults, then the nearest configuration file, then the command line."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

Imports: TypeAlias = Literal["report", "assume"]
Isolation: TypeAlias = Literal["auto", "docker"]
Device: TypeAlias = Literal["cpu", "cuda", "mps", "auto"]

ALL = "ALL"
FILES = (".lintml.toml", "lintml.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's settings.

    ``select``, ``extend_select`` and ``ignore`` hold codes, prefixes of codes, rule names or ``ALL``; ``exclude`` and
    the patterns of ``per_file_ignores`` are globs relative to ``root``. ``docstrings`` reads the code in the docstrings
    of scripts, too. ``imports`` says whether a missing import of a well-known alias is reported or assumed.
    ``torch_version`` is empty for the newest known. ``timeout`` is in seconds and ``memory`` in MiB, each for one
    document; ``unsafe_sandbox`` runs documents without isolation, and no file may ask for it; ``sandbox`` is the
    system's own or a container of ``docker_image``. ``rules`` are folders of
    the user's own rules, ``references`` names and where the user's own references stand: ``FILE_OR_MODULE:OBJECT``.
    """

    select: tuple[str, ...] = (ALL,)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    extend_include: tuple[str, ...] = ()
    docstrings: bool = False
    rules: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    torch_version: str = ""
    imports: Imports = "report"
    unsafe_fixes: bool = False
    device: Device = "cpu"
    timeout: float = 60.0
    memory: int = 2048
    seed: int = 0
    unsafe_sandbox: bool = False
    sandbox: Isolation = "auto"
    docker_image: str = "pytorch/pytorch:latest"
    root: str = ""
    source: str = ""


class ConfigError(Exception):
    """A configuration that cannot be followed; its text names the file and the key."""


def settings_for(folder: str, file: str | None = None, isolated: bool = False) -> Settings:
    """The settings for documents in ``folder``: those of ``file`` if given, else of the nearest configuration file.

    Raises ConfigError for a file that cannot be read, is no TOML, or says something unknown.
    """
    if isolated:
        return Settings()
    return _nearest(Path(folder).absolute()) if file is None else read(Path(file))


def read(path: Path) -> Settings:
    """The settings that one file holds: ``[tool.lintml]`` of a pyproject.toml, or the whole of another file."""
    try:
        text = path.read_text(encoding="utf8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    table = _toml(text, str(path))
    where = f"{path}:"
    if path.name == "pyproject.toml":
        table, where = table.get("tool", {}).get("lintml", {}), f"{path}: [tool.lintml]"
    found = parse(table, where)
    found["rules"] = tuple(str(path.parent / folder) for folder in found.get("rules", ()))
    found["references"] = tuple((name, _placed(path.parent, place)) for name, place in found.get("references", ()))
    return Settings(**found, root=str(path.parent), source=str(path))


def parse(table: Mapping[str, object], where: str) -> dict[str, Any]:
    """The fields of Settings that a table of TOML sets; ``where`` opens the message of a ConfigError."""
    found = {}
    for key, value in table.items():
        reader = READERS.get(key)
        if reader is None:
            raise ConfigError(f"{where} unknown key `{key}`{_suggestion(key, READERS)}")
        try:
            found[key.replace("-", "_")] = reader(value)
        except ValueError as error:
            raise ConfigError(f"{where} `{key}` {error}, not {value!r}") from None
    return found


def parse_option(text: str) -> dict[str, Any]:
    """The one setting that a ``KEY = VALUE`` of the command line makes."""
    return parse(_toml(text, "--config"), "--config:")


def chosen(settings: Settings, code: str, name: str, path: str = "", *, optional: bool = False) -> bool:
    """Whether a rule is to be heard in the document at ``path``; the longest selector decides, then ``ignore``.

    One that is ``optional`` must be selected by its own code or name.
    """
    wanted = max((_weight(s, code, name) for s in settings.select + settings.extend_select), default=-1)
    refused = max((_weight(s, code, name) for s in settings.ignore), default=-1)
    if wanted < (len(code) if optional else 0) or refused >= wanted:
        return False
    return not any(
        _weight(selector, code, name) >= 0
        for pattern, selectors in settings.per_file_ignores
        if path and matches(path, pattern, settings.root)
        for selector in selectors
    )


def unknown_selectors(settings: Settings, rules: Callable[[], Iterable[tuple[str, str]]]) -> list[str]:
    """The selectors that no rule, as (code, name), answers to; ``rules`` is not called where none needs looking up."""
    asked = settings.select + settings.extend_select + settings.ignore
    asked += tuple(selector for _, selectors in settings.per_file_ignores for selector in selectors)
    named = [selector for selector in dict.fromkeys(asked) if selector != ALL]
    known = list(rules()) if named else []
    return [selector for selector in named if not any(_weight(selector, *rule) >= 0 for rule in known)]


def matches(path: str, pattern: str, root: str) -> bool:
    """Whether a glob, relative to ``root``, names the path or a folder that it is in."""
    from lintml.documents.gitignore import glob_regex

    relative = os.path.relpath(path, root or None).replace(os.sep, "/")
    return glob_regex(pattern).fullmatch(relative) is not None


def shown(settings: Settings) -> dict[str, Any]:
    """The settings under the names that a configuration file gives them."""
    values = {f.name.replace("_", "-"): getattr(settings, f.name) for f in fields(settings)}
    tables = ("per-file-ignores", "references")
    return {key: dict(value) if key in tables else value for key, value in values.items() if key in READERS}


@cache
def _nearest(folder: Path) -> Settings:
    for name in FILES:
        path = folder / name
        if path.is_file() and (name != "pyproject.toml" or _speaks_of_us(path)):
            return read(path)
    return _nearest(folder.parent) if folder != folder.parent else Settings()


def _speaks_of_us(path: Path) -> bool:
    # A TOML parser costs more than the whole check of a small document, and most of these files do not name us.
    try:
        return b"lintml" in path.read_bytes() and "lintml" in _toml(path.read_text("utf8"), str(path)).get("tool", {})
    except (OSError, UnicodeDecodeError):
        return False


def _toml(text: str, where: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from None
    return table


def _weight(selector: str, code: str, name: str) -> int:
    """How closely a selector names a rule: -1 not at all, 0 as one of all, else more for longer."""
    if selector == ALL:
        return 0
    if selector in (code, name):
        return len(code)
    return len(selector) if selector and code.startswith(selector) else -1


def _suggestion(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known are {', '.join(sorted(known))}"


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("is a list of strings")
    return tuple(value)


def _ignores(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("is a table from a glob to a list of rules")
    return tuple((pattern, _strings(selectors)) for pattern, selectors in value.items())


def _places(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or not all(isinstance(place, str) and ":" in place for place in value.values()):
        raise ValueError('is a table from a name to a place such as "ours.py:gelu"')
    return tuple(value.items())


def _placed(folder: Path, place: str) -> str:
    """A file relative to the configuration's folder; a module stays as it is."""
    home, _, name = place.rpartition(":")
    return f"{(folder / home).absolute()}:{name}" if home.endswith(".py") else place


def _version(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d+\.\d+(\.\d+)?|", value):
        raise ValueError('is a version such as "2.4"')
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is true or false")
    return value


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ValueError("is a number of seconds above 0")
    return float(value)


def _whole(least: int) -> Callable[[object], int]:
    def reader(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"is a whole number, {least} or more")
        return value

    return reader


def _image(value: object) -> str:
    # What begins with a dash would be an option of docker's.
    if not isinstance(value, str) or not re.fullmatch(r"[\w][\w./:@-]*", value):
        raise ValueError('is a name such as "pytorch/pytorch:latest"')
    return value


def _one_of(*words: str) -> Callable[[object], str]:
    def reader(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"is one of {', '.join(words)}")
        return value

    return reader


READERS: dict[str, Callable[[object], object]] = {
    "select": _strings,
    "extend-select": _strings,
    "ignore": _strings,
    "per-file-ignores": _ignores,
    "exclude": _strings,
    "extend-include": _strings,
    "docstrings": _flag,
    "rules": _strings,
    "references": _places,
    "torch-version": _version,
    "imports": _one_of("report", "assume"),
    "unsafe-fixes": _flag,
    "device": _one_of("cpu", "cuda", "mps", "auto"),
    "timeout": _seconds,
    "memory": _whole(256),
    "seed": _whole(0),
    "sandbox": _one_of("auto", "docker"),
    "docker-image": _image,
}
