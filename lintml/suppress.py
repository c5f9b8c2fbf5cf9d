"""What a document asks lintml not to say: ``noqa``, ``ignore``, ``file-ignore``, ``skip``, ``off`` and ``expect``."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from lintml.model import Diagnostic, Document, Marker, Snippet

_WHOLE_BLOCK = frozenset({"skip", "off"})
_NAMED = frozenset({"ignore", "expect", "noqa"})


def kept(document: Document, diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The diagnostics that stay, and those that a marker silences.

    A marker in a comment speaks for its statement, and for the whole statement below where it stands on a line of its
    own; one before a block speaks for the block, ``file-ignore`` for the document.
    """
    scopes = [scope for snippet in document.snippets for scope in _scopes(snippet)]
    stay: list[Diagnostic] = []
    silenced: list[Diagnostic] = []
    for diagnostic in diagnostics:
        (silenced if any(scope.covers(diagnostic) for scope in scopes) else stay).append(diagnostic)
    return stay, silenced


@dataclass(frozen=True, slots=True)
class _Scope:
    """What one marker speaks of: these codes, in this snippet (or in all), on these rows of its text (or on all)."""

    codes: tuple[str, ...]
    snippet: int | None
    rows: range | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        if self.snippet is not None and diagnostic.snippet != self.snippet:
            return False
        if self.codes and diagnostic.code not in self.codes and diagnostic.name not in self.codes:
            return False
        return self.rows is None or diagnostic.location.row in self.rows


def _scopes(snippet: Snippet) -> list[_Scope]:
    scopes = []
    for marker in snippet.markers:
        if marker.verb == "file-ignore":
            scopes.append(_Scope(marker.codes, None, None))
        elif marker.verb in _WHOLE_BLOCK:
            scopes.append(_Scope((), snippet.index, None))
        elif marker.verb in _NAMED:
            scopes.append(_Scope(marker.codes, snippet.index, _rows(snippet, marker)))
    return scopes


def _rows(snippet: Snippet, marker: Marker) -> range | None:
    """The document's rows that a marker speaks for; none where it stands outside the block and speaks for all."""
    if not snippet.home or not snippet.home[0].row <= marker.row <= snippet.home[-1].row:
        return None
    index = marker.row - snippet.home[0].row
    lines = snippet.text.split("\n")
    first = index
    if lines[index].lstrip().startswith("#") and marker.verb != "noqa":
        first = next((at for at in range(index + 1, len(lines)) if not _is_comment(lines[at])), index)
        start, end = _statement(snippet.tree, first + 1, own_line=True)
    else:
        start, end = _statement(snippet.tree, first + 1, own_line=False)
    shift = snippet.home[0].row - 1
    return range(start + shift, end + shift + 1)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _statement(tree: ast.Module | None, row: int, *, own_line: bool) -> tuple[int, int]:
    """The first and last row of the innermost statement on ``row``; of a compound one only its head, unless asked."""
    best: tuple[int, int] = (row, row)
    smallest: int | None = None
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.stmt):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = node.end_lineno or first
        if own_line and first == row:
            return first, last
        body = getattr(node, "body", None)
        if body and not own_line:
            last = max(node.lineno, body[0].lineno - 1)
        if first <= row <= last and (smallest is None or last - first < smallest):
            best, smallest = (first, last), last - first
    return best
