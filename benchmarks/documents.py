"""Reading documents and writing an edit back, beside parsing the same code; give paths, or take the fixtures.

Documents that hold code are measured by what it costs to parse that code, by kind, and the Markdown and
reStructuredText among them as notebooks too. Those with a few lines of it or none are measured by their own length:
their cost is that of finding that there is nothing.

Reading and one edit together cost less than parsing does where code makes up most of the documents, and in notebooks:
0.5 of it for the fixtures in Markdown and 0.4 as notebooks, 0.7 and 0.4 for a long page of interview questions, 0.9 for
the notebooks of 45 packages about torch and 0.7 for their other documents as notebooks. It costs more where prose does:
1.7 for the Markdown of these packages, which has 16,000 characters of it for 80 lines of code, and 2.3 for their
reStructuredText. All but 0.2 and 0.3 of that is reading; documents with next to no code cost 5 to 17 ns a character.
"""

import ast
import gc
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from lintml.documents import DocumentError, find, load, rewrite
from lintml.documents.reading import parse
from lintml.model import Document, Edit, Span

ROUNDS = 30
LINES = 5


def main(paths: list[str]) -> None:
    """Print what reading and writing back cost in all, and as a multiple of ``ast.parse``."""
    warnings.simplefilter("ignore")
    gc.disable()
    texts = [(path, load(path)[0]) for path in find(paths) if isinstance(path, str)]
    documents = [document for path, text in texts if (document := _parsed(text, path))]
    full = [document for document in documents if _lines(document) >= LINES]
    kinds = sorted({document.kind for document in documents})
    for kind in kinds:
        _compare(kind, [document for document in full if document.kind == kind])
    _compare("the others as notebooks", [_as_notebook(each) for each in full if each.kind in ("markdown", "rest")])
    for kind in kinds:
        _alone(kind, [document for document in documents if document.kind == kind and _lines(document) < LINES])


def _lines(document: Document) -> int:
    return sum(code.count("\n") for code in _code(document))


def _compare(name: str, documents: list[Document]) -> None:
    """Reading and writing beside parsing."""
    if not documents:
        return
    code = [text for document in documents for text in _code(document)]
    parsing, reading, writing = _seconds(
        lambda: [ast.parse(text) for text in code],
        lambda: [_parsed(document.text, document.path) for document in documents],
        lambda: [_edited(document) for document in documents],
    )
    lines = sum(text.count("\n") for text in code)
    print(f"{name} with {LINES} lines of code or more: {len(documents)} documents, {_megabytes(documents):.2f} MB")
    print(f"  {lines} lines in {len(code)} snippets")
    alone = reading - parsing
    for what, seconds in (
        ("ast.parse", parsing),
        ("read, less parsing", alone),
        ("write one edit", writing),
        ("both", alone + writing),
    ):
        print(f"  {what:<18} {seconds * 1e3:8.1f} ms   {seconds / parsing:.2f}")


def _alone(kind: str, documents: list[Document]) -> None:
    """What documents with little code or none cost."""
    if documents:
        [reading] = _seconds(lambda: [_parsed(document.text, document.path) for document in documents])
        size, count = _megabytes(documents), len(documents)
        each = f"{reading / count * 1e6:.0f} µs each, {reading / size * 1e3:.0f} ns a character"
        print(f"{kind} with less than {LINES} lines: {count} documents, {size:.2f} MB, {each}")


def _code(document: Document) -> list[str]:
    return [snippet.text for snippet in document.snippets if snippet.tree]


def _megabytes(documents: list[Document]) -> float:
    return sum(len(document.text) for document in documents) / 1e6


def _as_notebook(document: Document) -> Document:
    """A notebook as Jupyter writes it, with a cell for each snippet and outputs of some length."""
    output = {"name": "stdout", "output_type": "stream", "text": [f"epoch {n}: loss 0.{n}\n" for n in range(20)]}
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [output],
            "source": code.rstrip("\n").splitlines(keepends=True),
        }
        for number, code in enumerate(_code(document), 1)
    ]
    return parse(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1), "a.ipynb")


def _seconds(*works: Callable[[], object]) -> list[float]:
    """The best time of each, taken in turns so that a busy machine is as busy for all."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            start = time.process_time()
            work()
            best[index] = min(best[index], time.process_time() - start)
    return best


def _parsed(text: str, path: str) -> Document | None:
    try:
        return parse(text, path)
    except DocumentError:
        return None


def _edited(document: Document) -> str:
    """The document with a line before its first statement."""
    for snippet in document.snippets:
        if snippet.tree and snippet.home and not snippet.editable:
            return rewrite(document, [Edit(snippet.index, Span(0, 0), "import torch\n")])
    return document.text


if __name__ == "__main__":
    main(sys.argv[1:] or [str(Path(__file__).parent.parent / "fixtures")])
