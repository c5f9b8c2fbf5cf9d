"""What static analysis knows, made into requests to the judge: a page's code, its classes' contracts, a fix's claim."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from lintml.analysis.facts import Facts
from lintml.config import Settings
from lintml.contracts import contract_of
from lintml.model import Diagnostic, Document, Page, Verdict
from lintml.verify import Block, Contract, Options, Request, Trial

if TYPE_CHECKING:
    from lintml.verify.client import Judge

PagesOf: TypeAlias = Callable[[Document], Sequence[Page]]


def verdicts(
    documents: Iterable[Document], pages: PagesOf, settings: Settings
) -> Iterator[tuple[Document, list[Verdict]]]:
    """How far every class and function of each document gets; raises VerifyError where nothing can be run."""
    from lintml.verify.client import Judge

    with Judge(options(settings)) as judge:
        for document in documents:
            found: dict[tuple[int, str], Verdict] = {}
            for page in pages(document):
                for verdict in judge.verify(request(page)):
                    found.setdefault((verdict.snippet, verdict.subject), verdict)
            yield document, sorted(found.values(), key=lambda verdict: (verdict.snippet, verdict.row))


class Bench:
    """A judge that tries the fixes of a run, started at the first of them."""

    def __init__(self, pages: PagesOf, settings: Settings) -> None:
        self._pages = pages
        self._settings = settings
        self._judge: Judge | None = None

    def __enter__(self) -> "Bench":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._judge is not None:
            self._judge.__exit__(kind, error, trace)

    def trial(self, before: Document, after: Document, diagnostic: Diagnostic) -> Verdict | None:
        """Whether a fix does what it claims; None where it has no claim to try."""
        fix = diagnostic.fix
        if fix is None:
            return None
        if self._judge is None:
            from lintml.verify.client import Judge

            self._judge = Judge(options(self._settings))
        old, new = self._page(before, diagnostic.snippet), self._page(after, diagnostic.snippet)
        if old is None or new is None:
            return None
        return self._judge.try_fix(
            Trial(request(old), request(new), fix.subject, diagnostic.snippet, fix.claim, fix.reference)
        )

    def _page(self, document: Document, snippet: int) -> Page | None:
        return next((p for p in self._pages(document) if any(s.index == snippet for s in p.snippets)), None)


def options(settings: Settings) -> Options:
    """The judge's options for a run's settings."""
    return Options(settings.device, settings.seed, settings.timeout, settings.memory, settings.unsafe_sandbox)


def request(page: Page) -> Request:
    """A page as the judge takes it: its code, and what is known of its classes and functions."""
    return Request(tuple(_blocks(page)), contracts(page), tuple(_tries(page)))


def contracts(page: Page) -> dict[str, Contract]:
    """The contract of each class and function that was understood, by name; a later definition wins."""
    try:
        entries = Facts(page).program.entries
    except Exception:  # An analysis that fails must not keep code from being run: the judge finds inputs of its own.
        return {}
    return {entry.name: contract_of(entry) for entry in entries}


def _blocks(page: Page) -> Iterator[Block]:
    for snippet in page.snippets:
        row = snippet.home[0].row if snippet.home else snippet.row
        skipped = snippet.execute or ("wrong on purpose" if any(m.verb == "wrong" for m in snippet.markers) else "")
        yield Block(snippet.text, snippet.index, row, skipped)


def _tries(page: Page) -> Sequence[str]:
    return [marker.text for snippet in page.snippets for marker in snippet.markers if marker.verb == "try"]
