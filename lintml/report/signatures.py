"""What goes into each class and function and what comes out, as lines, as a table, and beside the code."""

from collections.abc import Iterable, Iterator
from typing import Any

from lintml.model import Document, ShapedLine, Signature
from lintml.report.columns import visible
from lintml.report.paint import Paint


def table(path: str, signatures: Iterable[Signature], paint: Paint) -> str:
    """The signatures of one document under its path."""
    from tabulate import tabulate

    rows = [
        (each.row, visible(called(each)), visible(f"{inputs(each)} -> {each.output or '?'}"), visible(condition(each)))
        for each in signatures
    ]
    heads = ("row", "class", "shapes", "only if")
    drawn = tabulate(rows, heads, tablefmt="simple", colalign=("right", "left", "left", "left"), disable_numparse=True)
    body = "\n".join(f"  {line}".rstrip() for line in drawn.splitlines())
    return f"{paint.bold(visible(path))}\n\n{body}\n"


def called(signature: Signature) -> str:
    """``Name(parameters)``, the name alone for what takes none."""
    return f"{signature.name}({', '.join(signature.parameters)})" if signature.parameters else signature.name


def inputs(signature: Signature) -> str:
    """The shapes of the inputs, ``?`` for what is not tracked."""
    return ", ".join(shape or "?" for _, shape in signature.inputs) or "()"


def condition(signature: Signature) -> str:
    """What must hold, or that nothing makes it run."""
    return "never runs" if signature.fails else ", ".join(signature.conditions)


def beside(document: Document, lines: Iterable[ShapedLine], paint: Paint) -> Iterator[str]:
    """Every line of code that has tensors, with their shapes to its right."""
    from lintml.documents import source_lines

    found = sorted(lines, key=lambda line: (line.cell or 0, line.row))
    texts = [source_lines(document, line.row, line.row, line.cell)[0].rstrip() for line in found]
    width = min(max((len(text) for text in texts), default=0), 88)
    for line, text in zip(found, texts, strict=True):
        yield f"{line.row:>5}  {visible(text):<{width}}  {paint.cyan(', '.join(line.shapes))}"


def rows(signatures: Iterable[Signature], filename: str) -> Iterator[dict[str, Any]]:
    """A row for each signature, as plain data."""
    for each in signatures:
        yield {
            "filename": filename,
            "snippet": each.snippet,
            "location": {"row": each.row},
            "name": each.name,
            "parameters": list(each.parameters),
            "inputs": [{"name": name, "shape": shape or None} for name, shape in each.inputs],
            "output": each.output or None,
            "conditions": list(each.conditions),
            "runs": not each.fails,
            "unknown": [{"row": row, "reason": reason} for row, reason in each.unknown],
        }
