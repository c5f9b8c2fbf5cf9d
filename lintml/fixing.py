"""Which fixes go together, and again until nothing moves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lintml.documents.errors import DocumentError
from lintml.model import Checked, Diagnostic, Document, Edit, Fixed
from lintml.rewriting import RewriteError, conflict, merged

Candidate: TypeAlias = tuple[Diagnostic, tuple[Edit, ...]]
Rewrite: TypeAlias = Callable[[Document, Sequence[Edit]], Document]


def to_fixpoint(
    document: Document,
    check: Callable[[Document], Checked],
    resolve: Callable[[Checked, Diagnostic], tuple[Edit, ...]],
    rewrite: Rewrite,
    allow: Callable[[Diagnostic], bool],
    passes: int = 10,
) -> Fixed:
    """A document with the allowed fixes made, the safe ones first, and checked anew until there is none left to make.

    ``resolve`` gives a diagnostic's fix as edits, or raises RewriteError. ``rewrite`` makes edits and reads the result
    again; it may raise DocumentError. A fix is refused, with the reason and for good, if it cannot be written, breaks
    the code, or comes back after it was made; so is whatever is still to be made after ``passes``.
    """
    journey = _Journey(document, rewrite)
    checked = check(document)
    moves = 0
    while True:
        candidates, unwritten = _candidates(checked, resolve, allow)
        candidates = journey.admitted(candidates)
        if not candidates or moves == passes:
            break
        if journey.make(choose(_safest(candidates))):
            checked = check(journey.document)
            moves += 1
    late = [(diagnostic, f"there was something to fix after {passes} passes") for diagnostic, _ in candidates]
    return Fixed(
        before=document,
        after=journey.document,
        applied=tuple(journey.applied),
        left=checked,
        refused=(*journey.refused.values(), *unwritten, *late),
        passes=tuple(journey.passes),
    )


def choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The fixes that can be made together, in document order; of two that overlap the first is taken, whole.

    Those at one place are taken in the order given. Edits overlap where both replace some text, or one inserts into
    what the other replaces; the same insertion may serve several fixes.
    """
    chosen: list[Candidate] = []
    taken: list[Edit] = []
    for diagnostic, edits in sorted(candidates, key=lambda candidate: _place(candidate[0])):
        if not conflict(edits, taken):
            chosen.append((diagnostic, edits))
            taken += edits
    return chosen


@dataclass(frozen=True, slots=True)
class _Key:
    """What makes a fix the same one in a later pass: its rule, the place of its finding, the text it brings."""

    code: str
    snippet: int
    start: int
    texts: tuple[str, ...]

    def after(self, edits: Iterable[Edit]) -> "_Key":
        """The key of the same fix once ``edits`` are made."""
        shift = sum(
            len(edit.text) - (edit.span.end - edit.span.start)
            for edit in edits
            if edit.snippet == self.snippet and edit.span.end <= self.start
        )
        return _Key(self.code, self.snippet, self.start + shift, self.texts)


@dataclass(slots=True)
class _Journey:
    """A document on its way, with what was made of it and what was refused."""

    document: Document
    rewrite: Rewrite
    applied: list[Diagnostic] = field(default_factory=list)
    refused: dict[_Key, tuple[Diagnostic, str]] = field(default_factory=dict)
    made: set[_Key] = field(default_factory=set)
    passes: list[tuple[Document, tuple[Candidate, ...]]] = field(default_factory=list)

    def admitted(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates that were not refused; one that was made before is refused now."""
        admitted = []
        for candidate in candidates:
            key = _key(candidate)
            if key in self.made and key not in self.refused:
                self.refuse(candidate, "it came back after it was made")
            if key not in self.refused:
                admitted.append(candidate)
        return admitted

    def make(self, chosen: Sequence[Candidate]) -> bool:
        """Make as many of ``chosen`` as the document bears; say whether it moved."""
        taken = list(chosen)
        after = self._try([edit for _, edits in taken for edit in edits])
        if not isinstance(after, Document):
            taken, after = self._make_one_by_one(chosen)
        if not taken:
            return False
        edits = merged(edit for _, edits in taken for edit in edits)
        self.passes.append((self.document, tuple(taken)))
        self.document = after
        self.applied += [diagnostic for diagnostic, _ in taken]
        self.made = {key.after(edits) for key in (*self.made, *map(_key, taken))}
        self.refused = {key.after(edits): refusal for key, refusal in self.refused.items()}
        return True

    def refuse(self, candidate: Candidate, reason: str) -> None:
        self.refused[_key(candidate)] = (candidate[0], reason)

    def _make_one_by_one(self, chosen: Sequence[Candidate]) -> tuple[list[Candidate], Document]:
        """Those that can be made on top of each other; one that breaks the code waits, unless it does so alone."""
        taken: list[Candidate] = []
        document = self.document
        for candidate in chosen:
            after = self._try([*(edit for _, edits in taken for edit in edits), *candidate[1]])
            if not isinstance(after, Document):
                if not taken:
                    self.refuse(candidate, after)
                continue
            taken.append(candidate)
            document = after
        return taken, document

    def _try(self, edits: Iterable[Edit]) -> Document | str:
        """The document with ``edits`` made, or why it cannot be."""
        try:
            after = self.rewrite(self.document, merged(edits))
        except DocumentError as error:
            return str(error)
        readable = [snippet.index for snippet in self.document.snippets if snippet.tree is not None]
        still = {snippet.index for snippet in after.snippets if snippet.tree is not None}
        return after if still.issuperset(readable) else "the result would not parse"


def _candidates(
    checked: Checked,
    resolve: Callable[[Checked, Diagnostic], tuple[Edit, ...]],
    allow: Callable[[Diagnostic], bool],
) -> tuple[list[Candidate], list[tuple[Diagnostic, str]]]:
    """The allowed fixes as edits, and those that cannot be written, with the reason."""
    candidates: list[Candidate] = []
    unwritten: list[tuple[Diagnostic, str]] = []
    for diagnostic in checked.diagnostics:
        if diagnostic.fix is None or diagnostic.fix.applicability == "display" or not allow(diagnostic):
            continue
        try:
            edits = resolve(checked, diagnostic)
        except RewriteError as error:
            unwritten.append((diagnostic, str(error)))
            continue
        if edits:
            candidates.append((diagnostic, edits))
        else:
            unwritten.append((diagnostic, "it would change nothing"))
    return candidates, unwritten


def _safest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The safe fixes, or all where there is none."""
    safe = [(d, edits) for d, edits in candidates if d.fix is not None and d.fix.applicability == "safe"]
    return safe or list(candidates)


def _place(diagnostic: Diagnostic) -> tuple[int, int, int]:
    return diagnostic.snippet, diagnostic.span.start, diagnostic.span.end


def _key(candidate: Candidate) -> _Key:
    diagnostic, edits = candidate
    return _Key(diagnostic.code, diagnostic.snippet, diagnostic.span.start, tuple(edit.text for edit in edits))
