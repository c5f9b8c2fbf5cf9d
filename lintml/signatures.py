"""What the analysis knows of each class and function, in words: shapes in and out, conditions, what was lost."""

import ast
from collections.abc import Iterator

from lintml.analysis.explore import Entry
from lintml.analysis.facts import Facts
from lintml.analysis.values import Application, Items, Tensor, Value
from lintml.documents import locate, span_of
from lintml.model import Page, ShapedLine, Signature, Snippet


def signatures(page: Page) -> list[Signature]:
    """The signature of every module class and function of a page, in document order."""
    facts = Facts(page)
    return [_signature(entry, facts) for entry in facts.program.entries]


def shaped_lines(page: Page) -> list[ShapedLine]:
    """The shapes of what each line makes, in the likeliest run; a line that is run twice shows the first time."""
    facts = Facts(page)
    found: dict[tuple[int | None, int], dict[ast.AST, str]] = {}
    for application in facts.program.applications:
        for tensor in application.outputs[:1]:
            if tensor.shape is None or not hasattr(application.node, "lineno"):
                continue
            place = _place(application.node, facts.snippet(application.node))
            found.setdefault(place, {}).setdefault(application.node, str(tensor.shape))
    return [ShapedLine(row, tuple(shapes.values()), cell) for (cell, row), shapes in found.items()]


def _signature(entry: Entry, facts: Facts) -> Signature:
    run = entry.primary
    snippet = entry.function.snippet if entry.cls is None else entry.cls.snippet
    node = entry.function.node if entry.cls is None else entry.cls.node
    inputs = tuple((name, _spelt(value)) for name, value in run.inputs.items() if isinstance(value, Tensor))
    equations = [clash.condition for clash in entry.clashes() if clash.condition is not None]
    conditions = {frozenset((each.left, each.right)): str(each) for each in reversed(equations)}
    return Signature(
        entry.name,
        snippet.index,
        _place(node, snippet)[1],
        tuple(entry.parameters),
        inputs,
        _spelt(run.output),
        tuple(reversed(conditions.values())),
        entry.fails,
        tuple(_lost(run.trace.applications, facts)),
        entry.cls is not None,
    )


def _spelt(value: Value) -> str:
    match value:
        case Tensor(shape=shape):
            return str(shape) if shape is not None else ""
        case tuple():
            return f"({', '.join(_spelt(part) or '?' for part in value)})"
        case Items(exact=True, names=None):
            return f"[{', '.join(_spelt(part) or '?' for part in value.values)}]"
        case None:
            return "None"
    return ""


def _lost(applications: list[Application], facts: Facts) -> Iterator[tuple[int, str]]:
    """Where a known shape goes into an operator and none comes out."""
    for application in applications:
        known = all(tensor is not None and tensor.shape is not None for tensor in application.inputs)
        if known and application.outputs and application.outputs[0].shape is None:
            row = _place(application.node, facts.snippet(application.node))[1]
            given = ", ".join(str(tensor.shape) for tensor in application.inputs if tensor is not None)
            yield row, f"{application.path} of {given or 'numbers'} gives a shape that is not known"


def _place(node: ast.AST, snippet: Snippet) -> tuple[int | None, int]:
    location = locate(snippet, span_of(snippet, node))
    return location.cell, location.row
