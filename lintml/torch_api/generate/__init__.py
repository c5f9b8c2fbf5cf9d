"""The tool that reads a library without importing it and writes its table of names.

The table that is shipped was made from one macOS wheel of each minor version, 1.8.1 to 2.15.0, which
``pip download --no-deps --platform macosx_14_0_arm64 --python-version 3.11 torch==VERSION`` brings without CUDA::

    python -m lintml.torch_api.generate WHEEL… -o lintml/torch_api/data/torch.txt
"""

import importlib.util
from collections.abc import Iterable
from pathlib import Path

from lintml.torch_api import names
from lintml.torch_api.generate.collect import Collector
from lintml.torch_api.generate.merge import merge
from lintml.torch_api.generate.source import Source, SourceError

__all__ = ["SourceError", "library", "table"]


def table(name: str, sources: Iterable[Path]) -> str:
    """The table of a library from wheels or folders, one for each version; of two of one version the last counts.

    Raises ``SourceError`` for a path that does not hold the library.
    """
    releases = [Collector(Source(path, name)).run() for path in sources]
    return merge(name, list({release.number: release for release in releases}.values()))


def library(name: str, sources: Iterable[Path] = (), folder: Path | None = None) -> Path:
    """Write a library's table where lookups find it, and return its path.

    ``sources`` are wheels or folders; without any, the library is looked for among the installed packages and read,
    but never imported. Raises ``SourceError`` where it is not there.
    """
    places = list(sources) or [installed(name)]
    target = (folder or names.cache_folder()) / f"{name}.txt"
    text = table(name, places)
    names.forget()  # lest the old table still be open, and cannot be written over
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    names.forget()
    return target


def installed(name: str) -> Path:
    """The folder of an installed package."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise SourceError(f"{name} is not installed as a package")
    return Path(places[0])
