"""Whole packages under the API and DEP rules: nothing is found in them but what was read and is right.

Of torch itself these are the packages that documents use, and all files of which something is listed; the rest of it,
transformers and lightning were read once and are listed as well. What test_corpus checks anyway is checked there.
"""

from pathlib import Path

import audits
import pytest
from test_corpus import FOLDERS

from lintml import documents, pipeline
from lintml.config import Settings

OF_TORCH = ("amp", "autograd", "cuda", "distributions", "linalg", "nn", "optim", "profiler", "special", "utils")


def sources() -> list[object]:
    """The files of each package that is here in the version that was read."""
    return [
        pytest.param(package, path, id=f"{package}-{path.relative_to(audits.folder(package))}")
        for package in ("torch", "torchvision", "timm")
        if audits.is_here(package)
        for path in sorted(audits.folder(package).rglob("*.py"))
        if is_asked(package, path.relative_to(audits.folder(package)))
    ]


def is_asked(package: str, file: Path) -> bool:
    below = ".".join((package, *file.parent.parts))
    if any(f"{below}.".startswith(f"{each}.") for each in FOLDERS):
        return False
    return package != "torch" or len(file.parts) == 1 or file.parts[0] in OF_TORCH or str(file) in audits.files("torch")


@pytest.mark.parametrize(("package", "path"), sources())
def test_only_what_is_listed_is_found(package: str, path: Path) -> None:
    settings = Settings(select=audits.FAMILIES, torch_version=audits.release_of("torch"))
    checked = pipeline.check(documents.parse(path.read_text(encoding="utf8"), str(path)), settings)
    assert checked.crashes == ()
    assert audits.found(checked) == audits.listed(package, str(path.relative_to(audits.folder(package))))


def test_the_list_covers_what_the_rules_are_held_to() -> None:
    assert set(audits.RELEASES) >= {"torch", "torchvision", "timm", "pytorch_lightning", "transformers"}
