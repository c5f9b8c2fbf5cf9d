"""The analysis, and all rules, over code that is installed here, beside parsing it; and how many tensors are known.

Processor time, each the best of several rounds taken in turns. On one core, Python 3.11, as multiples of ``ast.parse``:
the analysis of torch.nn 0.7, torch.optim 1.2, torchvision's models 2.7, timm's layers 2.9 and timm's models 4.2 (which
build whole networks, layer by layer); ``check`` with all rules 2.6, 4.0, 6.9, 7.4 and 9.4. The sources of 45 packages
about torch, 1.3 million lines: 2.5 and 5.3. A short page of nothing but modules: 2.9 and 23.
"""

import ast
import gc
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from lintml import documents, pipeline
from lintml.analysis.facts import Facts
from lintml.analysis.program import Program
from lintml.config import Settings
from lintml.model import Document

PACKAGES = ("torch/nn/modules", "torch/optim", "torchvision/models", "timm/layers", "timm/models")
ROUNDS = 3


def main(paths: list[str]) -> None:
    """Print a line for each folder or document given, else for the packages and the tour."""
    warnings.simplefilter("ignore")
    print(f"{'multiples of ast.parse':33}analysis  check")
    for name, files in _chosen(paths):
        read = [documents.read(str(path)) for path in files]
        code = [snippet.text for document in read for snippet in document.snippets if snippet.tree]
        parsing, analysing, checking = _seconds(
            lambda code=code: [ast.parse(text) for text in code],  # type: ignore[misc]
            lambda read=read: [_analysed(document) for document in read],  # type: ignore[misc]
            lambda read=read: [pipeline.check(document, Settings()) for document in read],  # type: ignore[misc]
        )
        known, all_ = _expressions(read)
        lines = sum(text.count("\n") for text in code)
        share = f"{known} of {all_} tensors with a shape ({known / max(all_, 1):.0%})"
        print(f"{name:20}{lines:7} lines  {analysing / parsing:5.1f}{checking / parsing:7.1f}   {share}")


def _chosen(paths: list[str]) -> Iterator[tuple[str, list[Path]]]:
    if not paths:
        yield "tour.md", [Path(__file__).parents[1] / "fixtures" / "documents" / "tour.md"]
    for name in paths or PACKAGES:
        top, _, below = name.partition("/")
        spec = None if paths else find_spec(top)
        folder = Path(name) if spec is None or spec.origin is None else Path(spec.origin).parent / below
        files = [folder] if folder.is_file() else sorted(folder.rglob("*.py"))
        if files:
            yield name[-22:], files


def _analysed(document: Document) -> list[Program]:
    """A document's names and its classes, interpreted."""
    return [Facts(page).program for page in pipeline.pages_of(document)]


def _expressions(read: list[Document]) -> tuple[int, int]:
    """How many of the tensors that operators make have a shape that is known, and how many there are."""
    made = [
        tensor
        for document in read
        for program in _analysed(document)
        for application in program.applications
        for tensor in application.outputs
    ]
    return sum(tensor.shape is not None for tensor in made), len(made)


def _seconds(*works: Callable[[], object]) -> list[float]:
    best = [float("inf")] * len(works)
    gc.disable()
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            gc.collect()  # of what the work before left: memory asked for anew would count as work
            start = time.process_time()
            work()
            best[index] = min(best[index], time.process_time() - start)
    return best


if __name__ == "__main__":
    main(sys.argv[1:])
