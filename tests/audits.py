"""What whole packages are known to be found guilty of: tests/audited.txt, read."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from lintml.model import Checked

FAMILIES = ("API", "DEP")
Places = Counter[tuple[str, str]]


def _read() -> Iterator[tuple[str, str, str, str, str]]:
    """Package, version, code, file and line of each place; the last three are empty where a package opens."""
    package = release = code = ""
    for line in (Path(__file__).parent / "audited.txt").read_text(encoding="utf8").splitlines():
        if line.startswith("    "):
            file, _, text = line.strip().partition(": ")
            yield package, release, code, file, text
        elif re.match(r"[A-Z]{3}\d{3} \S", line):
            code = line[:6]
        elif line and not line.startswith("#"):
            package, release = line.split()
            yield package, release, "", "", ""


PLACES = list(_read())
RELEASES = {package: release for package, release, *_ in PLACES}


def release_of(package: str) -> str:
    """The version that is installed, without what it was built for; empty where there is none."""
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return ""


def is_here(package: str) -> bool:
    """Whether the very version is installed that was read."""
    return release_of(package) == RELEASES[package]


def folder(package: str) -> Path:
    """Where a package stands; it is not imported."""
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def listed(package: str, file: str) -> Places:
    """The codes and lines that are listed for a file."""
    return Counter((code, text) for name, _, code, place, text in PLACES if (name, place) == (package, file))


def files(package: str) -> set[str]:
    """The files of a package of which something is listed."""
    return {place for name, _, _, place, _ in PLACES if name == package and place}


def found(checked: Checked) -> Places:
    """The codes of the audited families in a document, with the lines that they stand on."""
    lines = checked.document.text.split("\n")
    told = (each for each in checked.diagnostics if each.code.startswith(FAMILIES))
    return Counter((each.code, lines[each.location.row - 1].strip()) for each in told)
