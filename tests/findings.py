"""Findings made by hand on real documents, for the tests of what is done with findings."""

from collections.abc import Callable, Iterable

from lintml import documents
from lintml.model import (
    Applicability,
    Checked,
    Claim,
    Diagnostic,
    Document,
    Edit,
    Fix,
    Note,
    Severity,
    Snippet,
    Span,
)
from lintml.report.paint import PLAIN, Paint
from lintml.report.tally import Tally
from lintml.report.view import View

Place = tuple[str, int]
"""A piece of a snippet's text, and which of its occurrences (from 0) in the document's snippets is meant."""


class Page:
    """A document with findings on it."""

    def __init__(self, text: str, path: str = "page.md") -> None:
        self.document: Document = documents.parse(text, path)
        self.diagnostics: list[Diagnostic] = []
        self._edits: dict[Fix, tuple[Edit, ...]] = {}

    def find(
        self,
        place: Place,
        message: str = "a message",
        code: str = "SHP001",
        severity: Severity = "error",
        because: Iterable[tuple[Place, str]] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        snippet, span = self.at(place)
        notes = tuple(self._note(where, text) for where, text in because)
        location = documents.locate(snippet, span)
        found = Diagnostic(code, "a-name", severity, message, location, snippet.index, span, notes, fix)
        self.diagnostics.append(found)
        return found

    def fix(self, *edits: tuple[Place, str], applicability: Applicability = "safe") -> Fix:
        """A fix that puts other text in place of what stands at each place."""
        fix = Fix("Do it right", (), Claim.REPAIRS, applicability)
        placed = [(*self.at(place), text) for place, text in edits]
        self._edits[fix] = tuple(Edit(snippet.index, span, text) for snippet, span, text in placed)
        return fix

    def at(self, place: Place) -> tuple[Snippet, Span]:
        text, occurrence = place
        for snippet in self.document.snippets:
            here = snippet.text.count(text)
            if occurrence < here:
                start = -1
                for _ in range(occurrence + 1):
                    start = snippet.text.index(text, start + 1)
                return snippet, Span(start, start + len(text))
            occurrence -= here
        raise ValueError(f"{text!r} does not stand in the document")

    @property
    def checked(self) -> Checked:
        return Checked(self.document, tuple(self.diagnostics))

    def edits(self, _: Checked, found: Diagnostic) -> tuple[Edit, ...]:
        return self._edits[found.fix] if found.fix else ()

    def _note(self, place: Place, text: str) -> Note:
        snippet, span = self.at(place)
        return Note(documents.locate(snippet, span), text, snippet.index, span)


def shown(name: str, *pages: Page, paint: Paint = PLAIN, unsafe: bool = False, quiet: bool = False) -> str:
    """The pages in one of the output formats."""
    from lintml.report.formats import load

    tally = Tally(unsafe)
    view = View(paint, tally, _edits_of(pages), lambda code: None, "/nowhere", quiet)
    return "".join(load(name)(tally.watch(page.checked for page in pages), view))


def _edits_of(pages: Iterable[Page]) -> Callable[[Checked, Diagnostic], tuple[Edit, ...]]:
    by_document = {page.document: page for page in pages}
    return lambda checked, found: by_document[checked.document].edits(checked, found)


CELLS = """{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["# A notebook"]},
  {
   "cell_type": "code",
   "execution_count": null,
   "metadata": {},
   "outputs": [],
   "source": [
    "import torch\\n",
    "x = torch.ones(2)\\n",
    "y = \\"a\\" if x.sum() else \\"b\\""
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
"""
