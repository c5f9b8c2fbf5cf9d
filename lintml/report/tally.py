"""What a run found in all, counted as its documents pass, and the closing lines that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lintml.model import Checked, Diagnostic, Document, Severity
    from lintml.report.paint import Paint

LEAVING_OUT = ("framework", "skip", "off", "wrong")
"""The markers of snippets in which nothing is said, whatever is found."""

_WORDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}


@dataclass(slots=True)
class Tally:
    """Running counts.

    ``unsafe`` says whether unsafe fixes count as fixable. ``failed`` documents could not be read or written;
    ``foreign`` ones cannot be about torch and were not looked into. ``unread`` snippets are no Python, ``skipped`` ones
    are not to be judged. ``offered`` counts fixes of every kind but display.
    """

    unsafe: bool = False
    documents: int = 0
    foreign: int = 0
    snippets: int = 0
    unread: int = 0
    skipped: int = 0
    failed: int = 0
    crashes: int = 0
    fixed: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    fixable: Counter[str] = field(default_factory=Counter)
    offered: int = 0

    def watch(self, run: Iterable[Checked]) -> Iterator[Checked]:
        """Hand on each document's result, counted."""
        for checked in run:
            self.add(checked)
            yield checked

    def pass_over(self, snippets: int, unread: int, skipped: int, foreign: int) -> None:
        """Count a document of which it is known that nothing is to be found in it."""
        self.documents += not foreign
        self.foreign += foreign
        self.snippets += snippets
        self.unread += unread
        self.skipped += skipped

    def add(self, checked: Checked) -> None:
        """Count one document's result."""
        self.documents += 1
        self.snippets += len(checked.document.snippets)
        unread, skipped = left_out(checked.document)
        self.unread += unread
        self.skipped += skipped
        self.crashes += len(checked.crashes)
        for diagnostic in checked.diagnostics:
            self.severities[diagnostic.severity] += 1
            self.rules[diagnostic.code, diagnostic.name] += 1
            self.fixable[diagnostic.code] += fixable(diagnostic, self.unsafe)
            self.offered += fixable(diagnostic, unsafe=True)

    @property
    def findings(self) -> int:
        """Errors and warnings: what sets the exit code."""
        return self.severities["error"] + self.severities["warning"]


def fixable(diagnostic: Diagnostic, unsafe: bool) -> bool:
    """Whether a fix run would apply this diagnostic's fix."""
    fix = diagnostic.fix
    return fix is not None and fix.applicability in (("safe", "unsafe") if unsafe else ("safe",))


def left_out(document: Document) -> tuple[int, int]:
    """How many snippets could not be read as Python, and how many that could are not to be judged."""
    unread = sum(snippet.problem is not None for snippet in document.snippets)
    skipped = sum(
        snippet.problem is None and any(marker.verb in LEAVING_OUT for marker in snippet.markers)
        for snippet in document.snippets
    )
    return unread, skipped


def summary(tally: Tally, paint: Paint) -> Iterator[str]:
    """The closing lines of a text report, without line breaks."""
    snippets, documents = counted(tally.snippets, "snippet"), counted(tally.documents, "document")
    gaps = "; ".join(_gaps(tally))
    if tally.severities:
        fixed = f", {tally.fixed} fixed" if tally.fixed else ""
        yield f"{paint.bold(f'Found {_found(tally)}{fixed}')} in {documents} ({snippets})."
        if gaps:
            yield f"{gaps}."
        yield from _fixes(tally)
    elif tally.failed or tally.crashes:
        if tally.documents:
            yield f"Nothing found in {snippets} in {documents}{gaps and '; '}{gaps}."
    elif tally.documents:
        fixed = f" ({tally.fixed} fixed)" if tally.fixed else ""
        yield f"{paint.green('All checks passed')}{fixed}: {snippets} in {documents}{gaps and '; '}{gaps}."
    else:
        yield f"{paint.yellow('Nothing to check')}: {gaps or 'no documents found'}."
    if tally.failed or tally.crashes:
        trouble = [f"{counted(tally.failed, 'path')} could not be read or written"] if tally.failed else []
        trouble += [f"{counted(tally.crashes, 'check')} crashed"] if tally.crashes else []
        yield f"{paint.red('Incomplete')}: {', '.join(trouble)}; see above."


def statistics(tally: Tally) -> Iterator[str]:
    """ruff's ``--statistics``: a line for each rule, the most frequent first."""
    for (code, name), count in sorted(tally.rules.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count}\t{code}\t[{'*' if tally.fixable[code] else ' '}] {name}"


def statistics_rows(tally: Tally) -> list[dict[str, object]]:
    """ruff's ``--statistics --output-format json``."""
    return [
        {
            "code": code,
            "name": name,
            "count": count,
            "fixable": tally.fixable[code] > 0,
            "fixable_count": tally.fixable[code],
        }
        for (code, name), count in sorted(tally.rules.items(), key=lambda item: (-item[1], item[0]))
    ]


def counted(number: int, word: str) -> str:
    """``1 error``, ``2 errors``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def _found(tally: Tally) -> str:
    return ", ".join(counted(n, word) for severity, word in _WORDS.items() if (n := tally.severities[severity]))


def _gaps(tally: Tally) -> Iterator[str]:
    away = [f"{counted(tally.unread, 'snippet')} could not be read"] if tally.unread else []
    if tally.skipped:
        away.append(f"{counted(tally.skipped, 'snippet')} {'was' if tally.skipped == 1 else 'were'} left out")
    if away:
        listed = "it" if tally.unread + tally.skipped == 1 else "them"
        yield f"{' and '.join(away)} (`-v` lists {listed})"
    if tally.foreign:
        yield f"{counted(tally.foreign, 'document')} {'does' if tally.foreign == 1 else 'do'} not mention torch"


def _fixes(tally: Tally) -> Iterator[str]:
    now, more = tally.fixable.total(), tally.offered - tally.fixable.total()
    unsafe = f"{more} more with `--unsafe-fixes`" if more else ""
    command = f"`lintml fix --write{' --unsafe-fixes' if tally.unsafe else ''}`"
    if now:
        yield f"[*] {now} fixable with {command}{f' ({unsafe})' if unsafe else ''}."
    elif more:
        fixes = "1 unsafe fix" if more == 1 else f"{more} unsafe fixes"
        yield f"{fixes} available with `lintml fix --write --unsafe-fixes`."
