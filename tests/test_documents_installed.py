"""Documents that others wrote: whatever is installed here survives an edit and its taking back to the byte."""

from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from lintml.documents import load, parse, rewrite
from lintml.model import Edit, Span

ENDINGS = (".md", ".rst", ".ipynb", ".markdown")
LINE = "x = 1\n"


def shipped() -> list[Path]:
    files = [
        Path(str(file.locate())) for each in distributions() for file in each.files or () if file.suffix in ENDINGS
    ]
    return sorted({file for file in files if file.is_file()})[:200]


def modules() -> list[Path]:
    spec = find_spec("torch")
    return sorted(Path(spec.origin).parent.glob("nn/modules/*.py")) if spec and spec.origin else []


@pytest.mark.parametrize("path", shipped(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_shipped_document(path):
    survives(path, docstrings=False)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.stem)
def test_the_docstrings_of_a_module_of_torch(path):
    survives(path, docstrings=True)


def survives(path: Path, *, docstrings: bool) -> None:
    text, bom = load(str(path))
    document = parse(text, str(path), bom=bom, docstrings=docstrings)
    assert rewrite(document, []) == text
    places = {
        snippet.index: snippet.starts[snippet.tree.body[0].lineno - 1]
        for snippet in document.snippets
        if snippet.tree and snippet.tree.body and not snippet.editable
    }
    edited = rewrite(document, [Edit(index, Span(at, at), LINE) for index, at in places.items()])
    again = parse(edited, str(path), bom=bom, docstrings=docstrings)
    back = rewrite(again, [Edit(index, Span(at, at + len(LINE)), "") for index, at in places.items()])
    assert back == text
