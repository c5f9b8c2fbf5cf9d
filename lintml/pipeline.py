"""One document's journey: checked, fixed, tried."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lintml.analysis.tree import walk
from lintml.config import Settings, chosen
from lintml.documents import mentions_torch, parse
from lintml.model import (
    Checked,
    Crash,
    Diagnostic,
    Document,
    Edit,
    Fixed,
    Page,
    ShapedLine,
    Signature,
    Snippet,
    Verdict,
)

if TYPE_CHECKING:
    from lintml.trials import Prover


def check(document: Document, settings: Settings) -> Checked:
    """What the rules say of a document. Nothing of it is run, and torch is not needed."""
    if not mentions_torch(document.text):
        return Checked(document, ())
    from lintml import catalog, engine

    rules = [
        rule
        for rule in catalog.rules(settings.rules)
        if chosen(settings, rule.code, rule.name, document.path, optional=rule.optional)
    ]
    found: list[list[Diagnostic]] = []
    crashes: list[Crash] = []
    pages = [_asked(page, settings) for page in pages_of(document)]
    for page in pages:
        diagnostics, failed = engine.run(page, rules)
        found.append(diagnostics)
        crashes += failed
    merged = found[0] if len(found) == 1 else list(_agreed(pages, found))
    if any(snippet.markers for snippet in document.snippets):
        from lintml import suppress

        merged, silenced = suppress.kept(document, merged)
        ran = {word for rule in rules for word in (rule.code, rule.name)}
        complaints = suppress.complaints(document, [*merged, *silenced], ran.__contains__)
        merged += (each for each in complaints if each.code in ran)
        merged.sort(key=lambda each: (each.snippet, each.span.start, each.code))
    if len(pages) > 1:
        merged.sort(key=lambda each: (each.location.cell or 0, each.location.row, each.location.column))
    return Checked(document, tuple(merged), tuple(crashes))


def pages_of(document: Document) -> list[Page]:
    """The namespaces of a document: one for each tab or option, code outside of tabs in all of them.

    A file that the document writes has one of its own. So has a docstring, behind what is shared; which imports its
    code needs is for its reader to know. Hidden code that sets a page up may import what is well known.
    """
    ours = [snippet for snippet in document.snippets if not _foreign(snippet)]
    shared = [snippet for snippet in ours if not snippet.apart]
    tabs = dict.fromkeys(snippet.group for snippet in shared if snippet.group)
    hidden = any(marker.verb == "setup" for snippet in shared for marker in snippet.markers)
    pages = [
        Page(document, tuple(s for s in shared if _shown(s, group)), group, imports=hidden) for group in tabs or [""]
    ]
    for group, apart in dict.fromkeys((snippet.group, snippet.apart) for snippet in ours if snippet.apart):
        around = pages[0].snippets if apart == "docstring" else ()
        own = tuple(snippet for snippet in ours if snippet.group == group)
        pages.append(Page(document, around + own, group, imports=apart == "docstring"))
    return pages if len(pages) == 1 else [page for page in pages if page.snippets]


def edits(checked: Checked, diagnostic: Diagnostic) -> tuple[Edit, ...]:
    """A diagnostic's fix as edits of its document's snippets; none if it has no fix or the fix cannot be written."""
    if diagnostic.fix is None:
        return ()
    from lintml import rewriting

    homes = _homes(checked.document)
    try:
        return rewriting.edits(diagnostic.fix, homes.__getitem__)
    except rewriting.RewriteError:
        return ()


def fix(document: Document, settings: Settings, *, unsafe: bool, verify: "Prover | None" = None) -> Fixed:
    """A document with its fixes made until none is left; ``verify`` rolls back those that fail their trial."""
    from lintml import fixing, rewriting
    from lintml.documents import rewrite
    from lintml.trials import Mending, key_of, told_of

    wanted = ("safe", "unsafe") if unsafe else ("safe",)

    def resolved(checked: Checked, diagnostic: Diagnostic) -> tuple[Edit, ...]:
        return rewriting.edits(diagnostic.fix, _homes(checked.document).__getitem__) if diagnostic.fix else ()

    def rewritten(before: Document, changes: Sequence[Edit]) -> Document:
        return parse(rewrite(before, changes), before.path, before.kind, before.bom, docstrings=before.docstrings)

    def again(current: Document) -> Checked:
        return check(current, settings)

    def mended(refused: frozenset[tuple[str, int, str, str]] = frozenset()) -> Fixed:
        def allowed(diagnostic: Diagnostic) -> bool:
            fix = diagnostic.fix
            return fix is not None and fix.applicability in wanted and key_of(diagnostic) not in refused

        return fixing.to_fixpoint(document, again, resolved, rewritten, allowed)

    if verify is None:
        return mended()
    fixed = verify.proved(Mending(mended, rewritten, pages_of), settings)
    left = tuple(told_of(fixed.left.diagnostics, fixed))
    return replace(fixed, left=replace(fixed.left, diagnostics=left))


def tried(document: Document, settings: Settings, prover: "Prover") -> Checked:
    """What the rules say of a document, each fix with the verdict of its trial; may raise VerifyError."""
    from lintml.trials import told_of

    checked = check(document, settings)
    if all(diagnostic.fix is None for diagnostic in checked.diagnostics):
        return checked
    fixed = fix(document, settings, unsafe=True, verify=prover)
    return replace(checked, diagnostics=tuple(told_of(checked.diagnostics, fixed)))


def verify(
    documents: Iterable[Document], settings: Settings, jobs: int = 1
) -> Iterator[tuple[Document, list[Verdict]]]:
    """How far every class and function of each document gets when it is run; may raise VerifyError."""
    from lintml import trials

    yield from trials.verdicts(documents, pages_of, settings, jobs)


def signatures(document: Document, settings: Settings) -> list[Signature]:
    """What each class and function of a document takes and gives."""
    from lintml import signatures as reading

    found = {(each.snippet, each.row): each for page in pages_of(document) for each in reading.signatures(page)}
    return sorted(found.values(), key=lambda each: (each.snippet, each.row))


def shaped_lines(document: Document, settings: Settings) -> list[ShapedLine]:
    """The shapes of the tensors that each line of a document makes."""
    from lintml import signatures as reading

    found = {(each.cell, each.row): each for page in pages_of(document) for each in reading.shaped_lines(page)}
    return list(found.values())


def _shown(snippet: Snippet, group: str) -> bool:
    """Whether a reader who chose a tab sees a snippet; among tabs that do not offer the choice, the first is seen."""
    if snippet.group in ("", group):
        return True
    return group not in snippet.alternatives and snippet.group in snippet.alternatives[:1]


def _asked(page: Page, settings: Settings) -> Page:
    """A page with what the settings say of it."""
    words = settings.torch_version.split(".")
    version = (int(words[0]), int(words[1])) if settings.torch_version else None
    return replace(page, version=version, imports=page.imports or settings.imports == "assume")


def _foreign(snippet: Snippet) -> bool:
    return any(marker.verb == "framework" and marker.text != "torch" for marker in snippet.markers)


def _agreed(pages: Sequence[Page], found: Sequence[list[Diagnostic]]) -> Iterator[Diagnostic]:
    """What every page that speaks for a snippet says of it, once."""
    said = [{_key(each) for each in diagnostics} for diagnostics in found]
    speaks = [_speaks_for(page) for page in pages]
    seen = set()
    for diagnostics, own in zip(found, speaks, strict=True):
        for each in diagnostics:
            key = _key(each)
            if each.snippet not in own or key in seen:
                continue
            if all(key in words for words, theirs in zip(said, speaks, strict=True) if each.snippet in theirs):
                seen.add(key)
                yield each


def _speaks_for(page: Page) -> set[int]:
    """The snippets that a page may say something of: not those around a docstring, which have a page of their own."""
    apart = any(snippet.apart for snippet in page.snippets)
    return {snippet.index for snippet in page.snippets if snippet.apart or not apart}


def _key(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    return diagnostic.code, diagnostic.snippet, diagnostic.span.start, diagnostic.message


@lru_cache(maxsize=2)
def _homes(document: Document) -> dict[ast.AST, Snippet]:
    return {node: snippet for snippet in document.snippets if snippet.tree for node in walk(snippet.tree)}
