"""Import statements at the head of a snippet, in the order and beside the company that is usual."""

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from lintml.model import AddImport, Edit
from lintml.rewriting.layout import usual_gap
from lintml.rewriting.pieces import RewriteError, is_definition, parse_module
from lintml.rewriting.source import Source

_Import = ast.Import | ast.ImportFrom
_LATE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, order=True)
class _Key:
    """What imports are ordered by: ``import`` before ``from``, the module's name, then the whole statement."""

    is_from: bool
    module: str
    text: str

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    @property
    def is_standard(self) -> bool:
        return self.package in sys.stdlib_module_names


def add(source: Source, changes: Sequence[AddImport]) -> list[Edit]:
    """The import statements that ``changes`` ask for and the snippet does not have where they are needed."""
    keys: set[_Key] = set()
    for change in changes:
        text = change.statement.strip()
        statement = _read(text)
        if not _names(statement) <= {name for other in _in_reach(source, change.node) for name in _names(other)}:
            keys.add(_key(statement, text))
    if not keys:
        return []
    top = min(_top(source, change.node) for change in changes)
    block = _block_of_imports(source, source.tree.body[:top])
    if block:
        return [source.insert_lines(_line_among(source, block, key), key.text) for key in sorted(keys)]
    line = _head(source)
    edits = [source.insert_lines(line, key.text) for key in sorted(keys)]
    if blanks := _blanks_needed(source, line):
        edits.append(source.insert_lines(line, "\n" * (blanks - 1)))
    return edits


def _read(text: str) -> _Import:
    try:
        match parse_module(text).body:
            case [ast.Import() | ast.ImportFrom() as statement]:
                return statement
    except SyntaxError:
        pass
    raise RewriteError(f"{text!r} is not an import statement")


def _key(statement: _Import, text: str) -> _Key:
    if isinstance(statement, ast.ImportFrom):
        return _Key(True, "." * statement.level + (statement.module or ""), text)
    return _Key(False, statement.names[0].name, text)


def _names(statement: _Import) -> set[tuple[str, str]]:
    """What a statement gives: each name with what it stands for, and ``""`` with each module that it loads."""
    given: set[tuple[str, str]] = set()
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            module = "." * statement.level + (statement.module or "")
            given.add((alias.asname or alias.name, f"{module}.{alias.name}"))
        elif alias.asname:
            given.add((alias.asname, alias.name))
        else:
            package = alias.name.partition(".")[0]
            given |= {(package, package), ("", alias.name), ("", package)}
    return given


def _in_reach(source: Source, node: ast.AST) -> Iterator[_Import]:
    """The snippet's own imports that have run when ``node`` does."""
    body = source.tree.body
    if not isinstance(node, _LATE) and not any(isinstance(above, _LATE) for above in source.ancestors(node)):
        body = body[: _top(source, node)]
    return _imports_in(body)


def _imports_in(body: Iterable[ast.stmt]) -> Iterator[_Import]:
    for statement in body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                yield statement
            case ast.Try(body=inner) | ast.If(body=inner) | ast.With(body=inner):
                yield from _imports_in(inner)


def _top(source: Source, node: ast.AST) -> int:
    """The index of the snippet's statement that ``node`` is in."""
    while not isinstance(node, ast.Module):
        inner, (node, _) = node, source.parent(node)
        if isinstance(node, ast.Module):
            return node.body.index(inner)  # type: ignore[arg-type]
    return 0


def _block_of_imports(source: Source, body: Sequence[ast.stmt]) -> list[_Import]:
    """The imports that the snippet begins with, whatever is tried, chosen or masked between them."""

    def goes_on(statement: ast.stmt) -> bool:
        return isinstance(statement, _Import | ast.Try | ast.If) or _is_text(statement) or _is_masked(source, statement)

    return [
        statement
        for statement in takewhile(goes_on, body)
        if isinstance(statement, _Import) and not _is_future(statement) and not _is_masked(source, statement)
    ]


def _line_among(source: Source, block: Sequence[_Import], key: _Key) -> int:
    """Where the statement belongs: beside imports from the same package, else of the same kind."""
    keys = [(_key(statement, ast.unparse(statement)), statement) for statement in block]
    company = (
        [pair for pair in keys if pair[0].package == key.package]
        or [pair for pair in keys if pair[0].is_standard == key.is_standard]
        or keys
    )
    for other, statement in company:
        if key < other:
            return source.line(source.span(statement).start)
    return source.line(source.span(company[-1][1]).end) + 1


def _head(source: Source) -> int:
    """The line where the first import goes: below a docstring, ``from __future__``, magics, comments at the top."""
    line, first = 0, len(source.lines)
    for index, statement in enumerate(source.tree.body):
        if (index == 0 and _is_text(statement)) or _is_future(statement):
            line = source.line(source.span(statement).end) + 1
        elif not _is_masked(source, statement):
            first = source.line(source.span(statement).start)
            break
    if line:
        line += source.blanks_from(line)
    while line < first and source.is_comment(line):
        line += 1
    return max([line, *(masked + 1 for masked in range(line, first) if source.is_masked(masked))])


def _blanks_needed(source: Source, line: int) -> int:
    """How many blank lines part an import before ``line`` from a definition that follows."""
    for statement in source.tree.body:
        if source.line(source.span(statement).start) >= line and not _is_masked(source, statement):
            gap = usual_gap(source, source.tree.body, default=1)
            return max(0, gap - source.blanks_from(line)) if is_definition(statement) else 0
    return 0


def _is_masked(source: Source, statement: ast.stmt) -> bool:
    return source.is_masked(source.line(source.span(statement).start))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_future(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
