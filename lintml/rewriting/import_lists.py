"""A ``from`` import whose names stand between brackets, on lines of their own: changed name by name."""

import ast
import re
from difflib import SequenceMatcher

from lintml.model import Edit
from lintml.rewriting.commas import Commas, Item
from lintml.rewriting.pieces import parse_module
from lintml.rewriting.source import Source

_BRACKET = re.compile(r"(?:[^#\n]|\\\n)*?\bimport(?:\s|\\\n)*\(")
_COMMA = re.compile(r"(?:\s|\\|#[^\n]*\n)*,")


def replace(source: Source, node: ast.ImportFrom, text: str) -> list[Edit] | None:
    """The imports of ``text`` in place of one over several lines, whose layout and comments stay.

    What ``text`` takes from another module stands below. None where the names are not between brackets over several
    lines, where none of the module is left, or where something else stands on the same lines.
    """
    span = source.span(node)
    opened = _BRACKET.match(source.text, span.start, span.end)
    new = parse_module(text).body
    kept = [each for each in new if _is_of(each, node)]
    if opened is None or "\n" not in source.text[opened.end() : span.end] or len(kept) != 1:
        return None
    rest = source.text[span.end : source.line_end(source.line(span.end))].strip()
    if not source.begins_line(span.start) or (rest and not rest.startswith("#")):
        return None
    edits = _changed(source, Commas(source, opened.end(), span.end - 1, _items(source, node)), node, kept[0])
    if edits is None:
        return None
    others = [ast.unparse(each) for each in new if each is not kept[0]]
    indent = source.indent(source.line(span.start))
    below = [source.insert_lines(source.line(span.end) + 1, "\n".join(f"{indent}{each}" for each in others))]
    return [*edits, *(below if others else [])]


def _is_of(statement: ast.stmt, node: ast.ImportFrom) -> bool:
    return isinstance(statement, ast.ImportFrom) and (statement.module, statement.level) == (node.module, node.level)


def _items(source: Source, node: ast.ImportFrom) -> tuple[Item, ...]:
    items = []
    for alias in node.names:
        span = source.span(alias)
        comma = _COMMA.match(source.text, span.end)
        items.append(Item(span.start, span.end, comma.end() if comma else None))
    return tuple(items)


def _changed(source: Source, commas: Commas, node: ast.ImportFrom, kept: ast.stmt) -> list[Edit] | None:
    """The edits that make of one list of names the other; None where no name stays in its place or is written anew."""
    old, new = _names(node), _names(kept)
    edits: list[Edit] = []
    gone: list[int] = []
    added: dict[int, list[str]] = {}
    for _, begin, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        shared = min(end - begin, last - first)
        for at in range(shared):
            if old[begin + at] != new[first + at]:
                item = commas.items[begin + at]
                edits.append(source.edit(item.start, item.end, new[first + at]))
        gone += range(begin + shared, end)
        if last > first + shared:
            added[end] = new[first + shared : last]
    if len(gone) == len(old):
        return None
    return edits + (commas.change(gone, added) if gone or added else [])


def _names(statement: ast.stmt) -> list[str]:
    return [ast.unparse(each) for each in getattr(statement, "names", ())]
