"""Code that runs every day: torch.nn, torchvision's models and timm raise no alarm but those that are listed."""

import re
from importlib.util import find_spec
from pathlib import Path

import audits
import pytest

from lintml import documents, pipeline
from lintml.config import Settings
from lintml.model import Document, Signature

FOLDERS = ("torch.nn.modules", "torchvision.models", "timm.layers", "timm.models")
ABOUT_SHAPES = ("SHP", "ATN002", "ATN004", "LOS006", "LOS007")
ANALYSED: dict[str, list[Signature]] = {}


def sources() -> list[tuple[str, Path]]:
    """The files of each package that is installed here; the package itself is never imported."""
    found = []
    for name in FOLDERS:
        top, *below = name.split(".")
        spec = find_spec(top)
        if spec is not None and spec.origin is not None:
            folder = Path(spec.origin).parent.joinpath(*below)
            found += [(name, path) for path in sorted(folder.rglob("*.py"))]
    return found


def absolute(path: Path) -> Document:
    """A file with its relative imports spelt out, as code outside of the package would have them."""
    package = path.parent.parts[path.parent.parts.index("site-packages") + 1 :]

    def spelt(found: re.Match[str]) -> str:
        above = package[: len(package) - len(found[1]) + 1]
        return f"from {'.'.join([*above, *filter(None, [found[2]])])} import"

    text = re.sub(r"from (\.+)([\w.]*) import", spelt, path.read_text(encoding="utf8"))
    return documents.parse(text, str(path))


@pytest.mark.parametrize(
    ("name", "path"), sources(), ids=lambda value: value.stem if isinstance(value, Path) else value
)
def test_a_file_that_runs_raises_no_alarm(name: str, path: Path) -> None:
    document, settings = absolute(path), Settings()
    checked = pipeline.check(document, settings)
    assert checked.crashes == ()
    assert [str(each) for each in checked.diagnostics if each.code.startswith(ABOUT_SHAPES)] == []
    package = name.partition(".")[0]
    if audits.is_here(package):
        assert audits.found(checked) == audits.listed(package, str(path.relative_to(audits.folder(package))))
    found = [each for each in pipeline.signatures(document, settings) if each.module]
    assert [each.name for each in found if each.fails] == []
    ANALYSED.setdefault(name, []).extend(found)


def test_contracts_are_known(record_property) -> None:
    if not ANALYSED:
        pytest.skip("it counts what the test above analysed")
    for name, found in ANALYSED.items():
        known = sum(each.known for each in found)
        record_property("counted", f"{name}: {known} of {len(found)} modules known to the last size")
        assert known
