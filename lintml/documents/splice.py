"""Edits of snippets written back into their document: not one byte outside them changes."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from lintml.documents.again import Again, read_again
from lintml.documents.errors import DocumentError
from lintml.documents.lines import Splice, apply_splices, line_splices
from lintml.documents.positions import starts_in
from lintml.model import Document, Edit, Snippet, Span

_FENCED = ("markdown", "rest")


def rewrite(document: Document, edits: Sequence[Edit]) -> str:
    """The document's text after ``edits``, whose spans lie in the texts of their snippets.

    Inserted lines get the ending and the prefix (``"> "``, the indent of a list item) of their block; insertions at
    one offset stand in the order given. Raises DocumentError, and makes no edit, where two overlap, where one touches
    a masked line or a snippet that is not editable, and where the document would no longer read as meant.
    """
    if not edits:
        return document.text
    edited: dict[int, list[Edit]] = {}
    for edit in edits:
        edited.setdefault(edit.snippet, []).append(_below_options(document.snippets[edit.snippet], edit))
    ordered = {
        document.snippets[index]: sorted(group, key=lambda edit: (edit.span.start, edit.span.end))
        for index, group in sorted(edited.items())
    }
    try:
        for snippet, group in ordered.items():
            _refuse(snippet, group)
        expected = {snippet: _expected(document, snippet, group) for snippet, group in ordered.items()}
        if document.kind == "notebook":
            from lintml.documents.cells import cell_splice

            splices = [cell_splice(document, *of, expected[of[0]]) for of in ordered.items()]
            return apply_splices(document.text, _sorted(splices))
        splices = _sorted(_splices(document, ordered))
        text = apply_splices(document.text, splices)
        _compare(document, read_again(document, text, list(ordered)), expected)
    except DocumentError as error:
        error.path = document.path
        raise
    return text


def _below_options(snippet: Snippet, edit: Edit) -> Edit:
    """Lines inserted above the magics and options that a block must open with, moved below them."""
    leading = sum(1 for _ in takewhile(lambda line: line.masked, snippet.home))
    inserts_lines = edit.span.start == edit.span.end and edit.text.endswith("\n")
    starts = starts_in(snippet)
    if not inserts_lines or not 0 < leading < len(starts) or edit.span.start not in starts[:leading]:
        return edit
    return replace(edit, span=Span(starts[leading], starts[leading]))


def _expected(document: Document, snippet: Snippet, edits: list[Edit]) -> str:
    """The snippet's text after its edits; the last line of a fence always ends."""
    text = apply_splices(snippet.text, [(edit.span.start, edit.span.end, edit.text) for edit in edits])
    return f"{text}\n" if document.kind in _FENCED and text and not text.endswith("\n") else text


def _refuse(snippet: Snippet, edits: list[Edit]) -> None:
    """Raise where the edits cannot be made, whatever the format."""
    row = snippet.home[0].row if snippet.home else snippet.row
    if snippet.editable:
        raise DocumentError(f"not editable: {snippet.editable}", row=row)
    if not snippet.home:
        raise DocumentError("not editable: the block is empty", row=row)
    position = 0
    for edit in edits:
        if not 0 <= edit.span.start <= edit.span.end <= len(snippet.text):
            raise DocumentError("an edit lies outside its snippet", row=row)
        if edit.span.start < position:
            raise DocumentError("two edits overlap", row=row)
        position = edit.span.end


def _sorted(splices: list[Splice]) -> list[Splice]:
    """The splices in order; those of a docstring lie among those of its file."""
    splices = sorted(splices, key=lambda splice: splice[:2])
    if any(later[0] < earlier[1] for earlier, later in pairwise(splices)):
        raise DocumentError("two edits overlap")
    return splices


def _splices(document: Document, edited: dict[Snippet, list[Edit]]) -> list[Splice]:
    return [
        splice
        for snippet, edits in edited.items()
        for splice in line_splices(
            snippet,
            edits,
            [(line.start - line.column + 1, line.start + line.length) for line in snippet.home],
            keeps_last_newline=document.kind in _FENCED,
        )
    ]


def _compare(document: Document, again: Again, expected: dict[Snippet, str]) -> None:
    """Raise unless what was read again is the same as before, with the edited snippets as expected."""
    if len(again.code) != len(again.snippets):
        raise DocumentError("an edit would change where the document's code begins or ends")
    for index, (snippet, lines) in enumerate(zip(again.snippets, again.code, strict=True)):
        if document.docstrings and not snippet.group:
            continue  # Its docstrings are other snippets, compared for themselves.
        if (want := expected.get(snippet)) is not None:
            same = "\n".join(lines) == want.removesuffix("\n") or again.text(index) == want
        else:
            same = len(lines) == len(snippet.home) and all(
                new.endswith(document.text[old.start : old.start + old.length])
                for old, new in zip(snippet.home, lines, strict=True)
            )
        if not same:
            raise DocumentError("an edit would not read back as it was meant", row=snippet.row)
