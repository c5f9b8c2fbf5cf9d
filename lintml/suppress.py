"""What a document asks lintml not to say, and which of these requests ask for nothing."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lintml.documents import source_lines
from lintml.documents.markers import VERBS
from lintml.model import Diagnostic, Document, Location, Marker, Snippet, Span

# The pages of these stand with the rules; what they say is found here, once all other rules have spoken.
UNUSED = ("SUP001", "unused-suppression")
UNMET = ("SUP002", "unmet-expectation")
UNKNOWN = ("SUP003", "unknown-marker")

_WHOLE_BLOCK = frozenset({"skip", "wrong"})
_NAMED = frozenset({"ignore", "expect", "noqa"})
_MARKER = re.compile(r"(?:<!--+|\{/\*|#|\.\.)\s*(?:lintml:|noqa\b).*?(?:--+>|\*/\}|$)", re.IGNORECASE)


def kept(document: Document, diagnostics: Iterable[Diagnostic]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The diagnostics that stay, and those that a marker silences.

    A marker in a comment speaks for its statement, and for the whole statement below where it stands on a line of its
    own; ``off`` for all up to ``on``; one before a block for the block; ``file-ignore`` for the document.
    """
    scopes = list(_scopes(document))
    stay: list[Diagnostic] = []
    silenced: list[Diagnostic] = []
    for diagnostic in diagnostics:
        (silenced if any(scope.covers(diagnostic) for scope in scopes) else stay).append(diagnostic)
    return stay, silenced


def complaints(
    document: Document, diagnostics: Sequence[Diagnostic], ran: Callable[[str], bool]
) -> Iterator[Diagnostic]:
    """A diagnostic for each marker that silences nothing or is misspelled, and for each expectation that was not met.

    ``diagnostics`` are all that were found, silenced or not; ``ran`` says of a code or a name whether its rule spoke,
    so that nothing is said of rules that were not asked, nor of other tools' codes behind ``noqa``.
    """
    for scope in _scopes(document):
        marker = scope.marker
        if marker.verb not in _NAMED and marker.verb != "file-ignore":
            continue
        if marker.verb == "noqa" and not marker.codes:
            continue
        for code in [code for code in marker.codes if ran(code)] or ([""] if not marker.codes else []):
            if not any(scope.covers(diagnostic, code) for diagnostic in diagnostics):
                yield _complaint(document, scope, *_unfulfilled(marker, code))
    for snippet in document.snippets:
        for marker in snippet.markers:
            if meant := _meant(marker):
                message = f"`{marker.verb}` is nothing that lintml can be asked for; did you mean `{meant}`?"
                yield _complaint(document, _Scope(marker, snippet), UNKNOWN, message)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What one marker speaks of: in its snippet, or in all; on these rows of the document, or on all."""

    marker: Marker
    snippet: Snippet
    everywhere: bool = False
    rows: range | None = None

    def covers(self, diagnostic: Diagnostic, code: str = "") -> bool:
        """Whether the marker silences a diagnostic, by that code alone where one is given."""
        if not self.everywhere and diagnostic.snippet != self.snippet.index:
            return False
        codes = (code,) if code else self.marker.codes
        if codes and diagnostic.code not in codes and diagnostic.name not in codes:
            return False
        return self.rows is None or diagnostic.location.row in self.rows


def _scopes(document: Document) -> Iterator[_Scope]:
    for snippet in document.snippets:
        for marker in snippet.markers:
            match marker.verb:
                case "file-ignore":
                    yield _Scope(marker, snippet, everywhere=True)
                case "off":
                    yield _Scope(marker, snippet, rows=_until_on(snippet, marker))
                case "wrong-lines":
                    yield _Scope(marker, snippet, rows=range(marker.row, int(marker.text) + 1))
                case verb if verb in _WHOLE_BLOCK:
                    yield _Scope(marker, snippet)
                case verb if verb in _NAMED:
                    yield _Scope(marker, snippet, rows=_rows(snippet, marker))


def _inside(snippet: Snippet, marker: Marker) -> bool:
    return bool(snippet.home) and snippet.home[0].row <= marker.row <= snippet.home[-1].row


def _until_on(snippet: Snippet, marker: Marker) -> range | None:
    """The rows from ``off`` in the code to the ``on`` after it; all where ``off`` stands outside the block."""
    if not _inside(snippet, marker):
        return None
    ends = [other.row for other in snippet.markers if other.verb == "on" and other.row > marker.row]
    return range(marker.row, min(ends, default=snippet.home[-1].row + 1))


def _rows(snippet: Snippet, marker: Marker) -> range | None:
    """The document's rows that a marker speaks for; all where it stands outside the block."""
    if not _inside(snippet, marker):
        return None
    shift = snippet.home[0].row
    row = marker.row - shift
    lines = snippet.text.split("\n")
    own_line = _is_comment(lines[row]) and marker.verb != "noqa"
    if own_line:
        row = next((at for at in range(row + 1, len(lines)) if not _is_comment(lines[at])), row)
    first, last = _statement(snippet.tree, row + 1, whole=own_line)
    return range(first - 1 + shift, last + shift)


def _is_comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _statement(tree: ast.Module | None, row: int, *, whole: bool) -> tuple[int, int]:
    """The first and last row of the innermost statement on ``row``, counted from 1.

    Of a compound statement only the head counts, unless the ``whole`` one that begins on ``row`` is asked for.
    """
    best = row, row
    statements = list(tree.body) if tree else []
    while statements:
        statement = statements.pop()
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        last = statement.end_lineno or first
        if not first <= row <= last:
            continue
        if whole and first == row:
            return first, last
        body = getattr(statement, "body", None)
        if body:
            last = max(statement.lineno, body[0].lineno - 1)
        if first <= row <= last:
            best = first, last
        statements = list(_inner(statement))
    return best


def _inner(statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements directly in a compound one, in all its parts."""
    for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            yield from getattr(part, name, ())


def _meant(marker: Marker) -> str:
    """The verb that a misspelled one is nearest to; empty for verbs that there are, and for words that are prose."""
    from lintml.torch_api.slips import edits

    if marker.verb in (*VERBS, *_WHOLE_BLOCK, "noqa", "framework", "wrong-lines"):
        return ""
    nearest = min(VERBS, key=lambda verb: edits(marker.verb, verb))
    far = edits(marker.verb, nearest)
    alone = bool(marker.codes) or not marker.text
    slipped = alone or len(nearest) > 3 if far == 1 else far == 2 and alone and len(nearest) > 4
    return nearest if slipped else ""


def _unfulfilled(marker: Marker, code: str) -> tuple[tuple[str, str], str]:
    """The rule that speaks of a marker which came to nothing, and what it says."""
    if marker.verb == "expect":
        return UNMET, f"{code or 'a finding'} is expected here and was not found"
    return UNUSED, f"{marker.verb} silences nothing: {f'{code} was not found' if code else 'nothing was found'}"


def _complaint(document: Document, scope: _Scope, about: tuple[str, str], message: str) -> Diagnostic:
    (rule, name), marker, snippet = about, scope.marker, scope.snippet
    row = marker.row or (snippet.home[0].row if snippet.home else snippet.row)
    [line] = source_lines(document, row, row, snippet.cell) or [""]
    found = _MARKER.search(line)
    column, end = (found.start() + 1, found.end() + 1) if found and marker.row else (1, len(line) + 1)
    span = Span(0, 0)
    if _inside(snippet, marker):
        start = snippet.starts[marker.row - snippet.home[0].row] if snippet.starts else 0
        span = Span(start, start)
    location = Location(row, column, row, end, snippet.cell)
    return Diagnostic(rule, name, "warning", message, location, snippet.index, span)
