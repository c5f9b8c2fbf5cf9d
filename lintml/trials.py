"""What static analysis knows, made into requests to the judge: a page's code, its classes' contracts, a fix's claim."""

import ast
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from lintml import replay
from lintml.analysis.explore import Entry
from lintml.analysis.facts import Facts
from lintml.config import Settings
from lintml.contracts import contract_of
from lintml.model import Diagnostic, Document, Edit, Fixed, Marker, Page, Snippet, Verdict
from lintml.verify import Block, Contract, Meant, Options, Request, Trial

if TYPE_CHECKING:
    from lintml.verify.client import Judge

Key: TypeAlias = tuple[str, int, str, str]
Mend: TypeAlias = Callable[[frozenset[Key]], Fixed]
PagesOf: TypeAlias = Callable[[Document], Sequence[Page]]


def verdicts(
    documents: Iterable[Document], pages: PagesOf, settings: Settings, jobs: int = 1
) -> Iterator[tuple[Document, list[Verdict]]]:
    """How far every class and function of each document gets; raises VerifyError where nothing can be run."""
    from lintml.verify.judges import Judges

    with Judges(options(settings), jobs) as judges:
        asked = ((document, list(map(request, pages(document)))) for document in documents)
        for document, answers in judges.verify(asked):
            found: dict[tuple[int, str], Verdict] = {}
            for verdict in (verdict for answer in answers for verdict in answer):
                found.setdefault((verdict.snippet, verdict.subject), verdict)
            yield document, sorted(found.values(), key=lambda verdict: (verdict.snippet, verdict.row))


@dataclass(frozen=True, slots=True)
class Mending:
    """How one document is fixed: with all fixes but the refused ones, and how edits and pages are made of it."""

    mend: Mend
    rewrite: Callable[[Document, Sequence[Edit]], Document]
    pages: PagesOf

    def sides(self, whole: Fixed, diagnostic: Diagnostic, refused: frozenset[Key]) -> tuple[Document, Document]:
        """The document without one fix and with it; both without those that are built on it, and what is refused."""
        key = key_of(diagnostic)
        built = frozenset(map(key_of, replay.built_on(whole, lambda other: key_of(other) == key)))
        return self._without(whole, built | {key}, refused), self._without(whole, built, refused)

    def _without(self, whole: Fixed, gone: frozenset[Key], refused: frozenset[Key]) -> Document:
        if not gone:
            return whole.after
        found = replay.without(whole, lambda other: key_of(other) in gone, self.rewrite)
        return found if found is not None else self.mend(refused | gone).after


class Prover:
    """Tries the fixes of one document after the other, in one judge for as long as the settings ask for the same.

    A context manager. ``told`` hears of each trial before it begins: its number, and how many there are so far.
    """

    def __init__(self, told: Callable[[int, int], None] = lambda number, of: None) -> None:
        self._told = told
        self._judge: Judge | None = None
        self._options: Options | None = None

    def proved(self, mending: "Mending", settings: Settings) -> Fixed:
        """A document with the fixes that keep what they claim; raises VerifyError where nothing can be run.

        Each fix is tried in the company of all the others: the page with every fix against the page with every fix but
        this one. Alone, a fix cannot show that a class with two faults runs.
        """
        refused: dict[Key, tuple[Diagnostic, Verdict]] = {}
        while True:
            whole = mending.mend(frozenset(refused))
            tried = list(self._tried(whole, mending, frozenset(refused), settings))
            failed = {key_of(each): (each, verdict) for each, verdict in tried if verdict.outcome == "failed"}
            if not failed:
                reasons = [(each, _failure(verdict)) for each, verdict in refused.values()]
                shown = (*tried, *refused.values())
                return replace(whole, refused=(*whole.refused, *reasons), verdicts=shown)
            refused |= failed

    def close(self) -> None:
        """End the judge."""
        if self._judge is not None:
            self._judge.close()
        self._judge = None

    def __enter__(self) -> "Prover":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tried(
        self, whole: Fixed, mending: "Mending", refused: frozenset[Key], settings: Settings
    ) -> Iterator[tuple[Diagnostic, Verdict]]:
        applied = list(_once(whole.applied))
        for number, each in enumerate(applied, 1):
            judge = self._for(options(settings))
            self._told(number, len(applied))
            verdict = _try(judge, *mending.sides(whole, each, refused), each, mending.pages)
            if verdict is not None:
                yield each, verdict

    def _for(self, wanted: Options) -> "Judge":
        from lintml.verify.client import Judge

        if self._judge is None or self._options != wanted:
            self.close()
            self._judge, self._options = Judge(wanted), wanted
        return self._judge


def told_of(diagnostics: Iterable[Diagnostic], fixed: Fixed) -> Iterator[Diagnostic]:
    """Findings with what the trials of their fixes showed."""
    known = {key_of(each): verdict for each, verdict in fixed.verdicts}
    for each in diagnostics:
        yield replace(each, verdict=known.get(key_of(each))) if each.fix is not None else each


def key_of(diagnostic: Diagnostic) -> Key:
    """What makes a fix the same one in another run over the document."""
    fix = diagnostic.fix
    return diagnostic.code, diagnostic.snippet, fix.title if fix else "", fix.subject if fix else ""


def _once(applied: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    yield from {key_of(each): each for each in applied}.values()


def _try(judge: "Judge", before: Document, after: Document, diagnostic: Diagnostic, pages: PagesOf) -> Verdict | None:
    fix = diagnostic.fix
    old, new = _page(before, diagnostic.snippet, pages), _page(after, diagnostic.snippet, pages)
    if fix is None or old is None or new is None:
        return None
    home = _home(new, fix.subject, diagnostic.snippet)
    asked = request(_around(new, home))
    reference = fix.reference or asked.same_as(fix.subject, home)
    earlier = _unconditional(request(_around(old, home)))
    return judge.try_fix(Trial(earlier, asked, fix.subject, home, fix.claim, reference))


def _around(page: Page, snippet: int) -> Page:
    """A page with only what a trial of one snippet runs: that, and what its names come from."""
    from lintml.verify.judge.closure import needed

    kept = {block.index if block.index >= 0 else -1 - block.index for block in needed(list(_blocks(page)), snippet)}
    return replace(page, snippets=tuple(each for each in page.snippets if each.index in kept))


def _home(page: Page, subject: str, snippet: int) -> int:
    """The snippet that defines the subject of a trial: the finding's own, else the last one that does."""
    homes = [
        each.index
        for each in page.snippets
        if each.tree is not None and any(getattr(node, "name", None) == subject for node in each.tree.body)
    ]
    return snippet if snippet in homes or not homes else homes[-1]


def _unconditional(asked: Request) -> Request:
    """A page before its fix, without the equations that it needs: sizes for which it fails are wanted."""
    kept = {
        key: replace(contract, conditions=tuple(each for each in contract.conditions if "%" in each))
        for key, contract in asked.contracts.items()
    }
    return replace(asked, contracts=kept)


def _failure(verdict: Verdict) -> str:
    words = verdict.reason or "it does not keep what it claims"
    return f"{words} ({verdict.error[0]}: {verdict.error[1]})" if verdict.error else words


def _page(document: Document, snippet: int, pages: PagesOf) -> Page | None:
    return next((page for page in pages(document) if any(s.index == snippet for s in page.snippets)), None)


def options(settings: Settings) -> Options:
    """The judge's options for a run's settings."""
    return Options(
        settings.device,
        settings.seed,
        settings.timeout,
        settings.memory,
        settings.unsafe_sandbox,
        settings.references,
        settings.docker_image if settings.sandbox == "docker" else "",
    )


def request(page: Page) -> Request:
    """A page as the judge takes it: its code, and what is known of its classes and functions."""
    return Request(tuple(_blocks(page)), contracts(page), tuple(_tries(page)), tuple(_meant(page)))


def contracts(page: Page) -> dict[str, Contract]:
    """The contract of each class and function that was understood, as the judge looks them up."""
    try:
        entries = Facts(page).program.entries
    except Exception:  # An analysis that fails must not keep code from being run: the judge finds inputs of its own.
        return {}
    return {f"{_snippet(entry)}:{entry.name}": contract_of(entry) for entry in entries}


def _snippet(entry: Entry) -> int:
    return (entry.cls or entry.function).snippet.index


def _blocks(page: Page) -> Iterator[Block]:
    for snippet in page.snippets:
        row = snippet.home[0].row if snippet.home else snippet.row
        skipped = snippet.execute or ("wrong on purpose" if any(m.verb == "wrong" for m in snippet.markers) else "")
        said = [(marker.verb, _said(marker)) for marker in snippet.markers]
        hidden = "\n".join(textwrap.dedent(words) for verb, words in said if verb == "setup")
        if hidden:
            yield Block(hidden, -1 - snippet.index, row)
        needs = tuple(word for verb, words in said if verb == "requires" for word in words.replace(",", " ").split())
        yield Block(snippet.text, snippet.index, row, skipped, needs)


def _said(marker: Marker) -> str:
    return marker.text or " ".join(marker.codes)


def _tries(page: Page) -> Iterator[tuple[str, int]]:
    for snippet in page.snippets:
        yield from ((marker.text, marker.row) for marker in snippet.markers if marker.verb == "try")


def _meant(page: Page) -> Iterator[Meant]:
    """What the page says its definitions are the same as."""
    for snippet in page.snippets:
        for marker in snippet.markers:
            if marker.verb == "same-as" and (name := _said(marker)):
                yield Meant(snippet.index, _definition(snippet, marker.row), name, marker.row)


def _definition(snippet: Snippet, row: int) -> str:
    """The class or function that words on a row of the document are about, empty where there is none.

    In the code it is the one that begins there or comes next; before the code, the last one.
    """
    body = snippet.tree.body if snippet.tree is not None else ()
    made = [each for each in body if isinstance(each, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    first, last = (snippet.home[at].row for at in (0, -1)) if snippet.home else (0, 0)
    if first <= row <= last:
        line = row - first + 1
        made = [each for each in made if (each.body[0].lineno - 1 if each.lineno < line else each.lineno) >= line][:1]
    return made[-1].name if made else ""
