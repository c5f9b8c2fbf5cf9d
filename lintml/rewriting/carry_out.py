"""A fix is carried out: its changes, sorted by what they rewrite, become edits that are tried before they are given."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from lintml.model import (
    AddDecorator,
    AddImport,
    AddParameter,
    Change,
    Edit,
    Fix,
    Insert,
    Place,
    Remove,
    RemoveArgument,
    Rename,
    Replace,
    SetArgument,
    SetBases,
    Snippet,
)
from lintml.rewriting import imports, names, statements
from lintml.rewriting.pieces import RewriteError, parse_module
from lintml.rewriting.source import Source, source_of
from lintml.rewriting.splice import apply

_T = TypeVar("_T")
_K = TypeVar("_K")


def edits(fix: Fix, snippet_of: Callable[[ast.AST], Snippet]) -> tuple[Edit, ...]:
    """The edits of the snippets' texts that make the changes of ``fix``; none where all is as it asks already.

    Raises ``RewriteError`` where a change cannot be made, where two of them meet, or where the result would not parse.
    """
    made: list[Edit] = []
    for snippet, changes in _grouped(fix.changes, lambda change: _home(change, snippet_of)):
        if snippet.editable:
            raise RewriteError(snippet.editable)
        source = source_of(snippet)
        here = [
            edit for edit in _carry_out(source, changes) if source.text[edit.span.start : edit.span.end] != edit.text
        ]
        _try(source, here)
        made += here
    return tuple(made)


def _carry_out(source: Source, changes: Sequence[Change]) -> Iterator[Edit]:
    """The edits of one snippet; what several changes do to one call, signature or block is one piece of work."""
    yield from imports.add(source, [change for change in changes if isinstance(change, AddImport)])
    if arguments := [change for change in changes if isinstance(change, SetArgument | RemoveArgument)]:
        from lintml.rewriting import calls

        for call, of_call in _grouped(arguments, lambda change: change.call):
            yield from calls.rewrite(source, call, of_call)
    if parameters := [change for change in changes if isinstance(change, AddParameter)]:
        from lintml.rewriting import definitions

        for function, of_function in _grouped(parameters, lambda change: change.function):
            yield from definitions.add_parameters(source, function, of_function)
    for change in changes:
        yield from _carry_out_alone(source, change)
    removed = [change.node for change in changes if isinstance(change, Remove)]
    yield from statements.remove(source, removed, [change.node for change in changes if isinstance(change, Insert)])


def _carry_out_alone(source: Source, change: Change) -> Sequence[Edit]:
    """The edits of a change that no other change has a part in."""
    match change:
        case Replace(node=Place(span=span), text=text):
            return [source.edit(span.start, span.end, text)]
        case Replace(node=ast.expr() as node, text=text):
            from lintml.rewriting import expressions

            return [expressions.replace(source, node, text)]
        case Replace(node=ast.stmt() as node, text=text):
            return statements.replace(source, node, text)
        case Replace(node=ast.AST() as node, text=text):
            span = source.span(node)
            return [source.edit(span.start, span.end, text)]
        case Rename(node=node, name=name):
            return [names.rename(source, node, name)]
        case Insert():
            return statements.insert(source, change)
        case AddDecorator():
            return [statements.decorate(source, change)]
        case SetBases():
            from lintml.rewriting import definitions

            return definitions.set_bases(source, change)
    return []


def _try(source: Source, edits: Sequence[Edit]) -> None:
    for edit in edits:
        source.check(edit)
    try:
        parse_module(apply(source.text, edits))
    except SyntaxError as error:
        raise RewriteError(f"the result would not parse: {error.msg}") from None
    except ValueError:
        raise RewriteError("two changes of the fix rewrite the same text") from None


def _home(change: Change, snippet_of: Callable[[ast.AST], Snippet]) -> Snippet:
    """The snippet that a change is for."""
    match change:
        case SetArgument(call=node) | RemoveArgument(call=node) | AddParameter(function=node):
            return snippet_of(node)
        case _:
            return change.node.snippet if isinstance(change.node, Place) else snippet_of(change.node)


def _grouped(items: Iterable[_T], key: Callable[[_T], _K]) -> Iterable[tuple[_K, list[_T]]]:
    groups: dict[_K, list[_T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups.items()
