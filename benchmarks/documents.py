"""Reading documents and writing an edit back, beside parsing the same code; give paths, or take the fixtures."""

import ast
import gc
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from lintml.documents import DocumentError, find, load, rewrite
from lintml.documents.reading import parse
from lintml.model import Document, Edit, Span

ROUNDS = 30


def main(paths: list[str]) -> None:
    """Print what reading and writing back cost in all, and as a multiple of ``ast.parse``."""
    texts = [(path, load(path)[0]) for path in find(paths) if isinstance(path, str)]
    documents = [document for path, text in texts if (document := _parsed(text, path))]
    code = [snippet.text for document in documents for snippet in document.snippets if snippet.tree]
    warnings.simplefilter("ignore")
    gc.disable()
    parsing, reading, writing = _seconds(
        lambda: [ast.parse(text) for text in code],
        lambda: [_parsed(document.text, document.path) for document in documents],
        lambda: [_edited(document) for document in documents],
    )
    lines, size = sum(text.count("\n") for text in code), sum(len(document.text) for document in documents)
    print(f"{len(documents)} documents, {size / 1e6:.2f} MB, {lines} lines of code in {len(code)} snippets")
    print(f"ast.parse          {parsing * 1e3:8.1f} ms   1.00")
    print(f"read, less parsing {(reading - parsing) * 1e3:8.1f} ms   {(reading - parsing) / parsing:.2f}")
    print(f"write one edit     {writing * 1e3:8.1f} ms   {writing / parsing:.2f}")


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
