"""One walk, one table: every node and every fact of a page is told to the checks that hear its type."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lintml.analysis.facts import Facts
from lintml.documents import locate, span_of
from lintml.model import Crash, Diagnostic, Finding, Location, Note, Page
from lintml.rule import Check, Rule


def run(page: Page, rules: Sequence[Rule]) -> tuple[list[Diagnostic], list[Crash]]:
    """What rules say of a page, in document order, and what failed: a crash never stops the rest."""
    facts = Facts(page)
    table: dict[type, list[tuple[Rule, Check]]] = defaultdict(list)
    for rule in rules:
        for check in rule.checks:
            for kind in check.hears:
                table[kind].append((rule, check))
    found: list[tuple[Rule, Finding]] = []
    crashes: dict[tuple[str, str], Crash] = {}
    for node, listeners in _heard(facts, table, crashes):
        for rule, check in listeners:
            try:
                found += [(rule, finding) for finding in check.run(node, facts)]
            except Exception as error:
                _note(crashes, f"{rule.code} {rule.name}", error, facts, node if isinstance(node, ast.AST) else None)
    diagnostics = [_diagnostic(rule, finding, facts) for rule, finding in found]
    diagnostics = sorted(_yielding(diagnostics, rules), key=lambda d: (d.snippet, d.span.start, d.code))
    return diagnostics, list(crashes.values())


def _heard(
    facts: Facts,
    table: dict[type, list[tuple[Rule, Check]]],
    crashes: dict[tuple[str, str], Crash],
) -> Iterator[tuple[object, list[tuple[Rule, Check]]]]:
    nodes = {kind: heard for kind, heard in table.items() if issubclass(kind, ast.AST)}
    if nodes:
        for kind, heard in nodes.items():
            for node in facts.each(kind):
                yield node, heard
    for kind, heard in table.items():
        if kind in nodes:
            continue
        try:
            known = list(facts.of(kind))
        except Exception as error:
            _note(crashes, "analysis", error, facts, None)
            continue
        for fact in known:
            yield fact, heard


def _note(
    crashes: dict[tuple[str, str], Crash], who: str, error: Exception, facts: Facts, node: ast.AST | None
) -> None:
    text = f"{type(error).__name__}: {error}"
    if (who, text) in crashes:
        return
    location, index = Location(1, 1, 1, 1), 0
    if node is not None and hasattr(node, "lineno"):
        snippet = facts.snippet(node)
        location, index = locate(snippet, span_of(snippet, node)), snippet.index
    crashes[who, text] = Crash(who, location, text, index)


def _diagnostic(rule: Rule, finding: Finding, facts: Facts) -> Diagnostic:
    snippet = facts.snippet(finding.node)
    span = span_of(snippet, finding.node)
    notes = []
    for reason in finding.because:
        home = facts.snippet(reason.node)
        place = span_of(home, reason.node)
        notes.append(Note(locate(home, place), reason.text, home.index, place))
    return Diagnostic(
        rule.code,
        rule.name,
        finding.severity or rule.severity,
        finding.message,
        locate(snippet, span),
        snippet.index,
        span,
        tuple(notes),
        finding.fix,
        tuple((home.index, span_of(home, node)) for node in finding.covers for home in (facts.snippet(node),)),
    )


def _yielding(diagnostics: list[Diagnostic], rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    """Without those that give way to another rule's word on the same code, and without repeats."""
    beats = {rule.code: rule.over for rule in rules if rule.over}
    seen: set[tuple[str, int, int, str]] = set()
    for each in diagnostics:
        key = (each.code, each.snippet, each.span.start, each.message)
        if key in seen or any(each.code in beats.get(other.code, ()) and _covers(other, each) for other in diagnostics):
            continue
        seen.add(key)
        yield each


def _covers(one: Diagnostic, other: Diagnostic) -> bool:
    """Whether what one finding speaks of overlaps the place of another."""
    return any(
        snippet == other.snippet and span.start < other.span.end and other.span.start < span.end
        for snippet, span in ((one.snippet, one.span), *one.covers)
    )
