"""What earlier runs found out: documents in which there was nothing, as long as neither they nor lintml change."""

import json
import os
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias

from lintml.config import Settings

FOLDER = ".lintml_cache"
TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# https://bford.info/cachedir/\n"

State: TypeAlias = tuple[int, int]
"""When a file was last changed, in nanoseconds, and its size in bytes."""

Counts: TypeAlias = tuple[int, int, int, int]
"""Snippets, those that could not be read, those left out, and 1 for a document that cannot be about torch."""


class Cache:
    """Clean documents by their path, for each combination of lintml, its rules and the settings."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FOLDER / "clean.json"
        self._known: dict[str, dict[str, list[int]]] = {}
        self._changed = False
        with suppress(OSError, ValueError):
            known = json.loads(self.file.read_text(encoding="utf8"))
            self._known = {key: dict(clean) for key, clean in known.items() if key.startswith(_lintml())}

    def recall(self, path: str, settings: Settings) -> Counts | None:
        """What was counted in a document in which nothing was found, unless it has changed since."""
        entry = self._known.get(_key(settings), {}).get(os.path.abspath(path))
        state = _state(path)
        if entry is None or state is None or entry[:2] != [*state]:
            return None
        snippets, unread, skipped, foreign = entry[2:]
        return snippets, unread, skipped, foreign

    def state_of(self, path: str) -> State | None:
        """The state of a file, to be asked for before it is read."""
        return _state(path)

    def keep(self, path: str, settings: Settings, state: State | None, counts: Counts) -> None:
        """Remember that nothing was found in a document that was in this state before it was read."""
        if state is not None:
            self._known.setdefault(_key(settings), {})[os.path.abspath(path)] = [*state, *counts]
            self._changed = True

    def save(self) -> None:
        """Write what was learned, if anything; a folder that cannot be written to is no cause for complaint."""
        if not self._changed:
            return
        with suppress(OSError):
            if not self.file.parent.exists():
                self.file.parent.mkdir()
                (self.file.parent / ".gitignore").write_text("*\n", encoding="utf8")
                (self.file.parent / "CACHEDIR.TAG").write_text(TAG, encoding="utf8")
            # Of two runs at once the last one wins, whole.
            beside = self.file.with_suffix(f".{os.getpid()}")
            beside.write_text(json.dumps(self._known, separators=(",", ":")), encoding="utf8")
            beside.replace(self.file)


def _state(path: str) -> State | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@cache
def _key(settings: Settings) -> str:
    """What else the result depends on."""
    from lintml.torch_api import names

    tables = sorted(names.cache_folder().glob("*.txt"))
    seen = [
        repr(settings),
        *(f"{path}{_state(str(path))}" for path in tables),
        *(f"{path}{_state(path)}" for folder in settings.rules for path in _sources(folder)),
    ]
    return _lintml() + _digest(seen)


@cache
def _lintml() -> str:
    from lintml import catalog

    folders = (os.path.dirname(__file__), str(catalog.built_in()))
    return _digest([sys.version, *(f"{path}{_state(path)}" for folder in folders for path in _sources(folder))])


def _sources(folder: str) -> list[str]:
    return sorted(
        os.path.join(where, name)
        for where, _, names in os.walk(folder)
        for name in names
        if not name.endswith((".pyc", ".pyi"))
    )


def _digest(parts: list[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
