"""The engine: what hears what, what gives way, and what a rule that fails costs."""

import ast
from collections.abc import Callable, Iterator

from lintml import documents, engine
from lintml.analysis.facts import Facts
from lintml.analysis.values import PageClass
from lintml.model import Finding, Page
from lintml.rule import Rule


def page(*blocks: str) -> Page:
    document = documents.parse("\n".join(f"```python\n{block}\n```" for block in blocks), "page.md")
    return Page(document, document.snippets)


def rule(code: str, check: Callable[..., Iterator[Finding]], over: tuple[str, ...] = ()) -> Rule:
    made = Rule(code=code, severity="error", over=over)
    made.check(check)
    return made


def name(node: ast.Name, facts: Facts) -> Iterator[Finding]:
    yield Finding(node, f"name {node.id}")


def call(node: ast.Call, facts: Facts) -> Iterator[Finding]:
    yield Finding(node, "call")


def either(node: ast.Call | ast.Name, facts: Facts) -> Iterator[Finding]:
    yield Finding(node, type(node).__name__)


def broken(node: ast.Call, facts: Facts) -> Iterator[Finding]:
    raise ZeroDivisionError("no")
    yield


def test_findings_come_in_document_order_whatever_snippet_they_are_in() -> None:
    found, _ = engine.run(page("b", "a"), [rule("TST001", name)])
    assert [(each.message, each.location.row) for each in found] == [("name b", 2), ("name a", 5)]


def test_a_union_hears_each_of_its_kinds() -> None:
    found, _ = engine.run(page("f(x)"), [rule("TST001", either)])
    assert sorted(each.message for each in found) == ["Call", "Name", "Name"]


def test_a_fact_is_heard_by_its_type() -> None:
    def cls(fact: PageClass, facts: Facts) -> Iterator[Finding]:
        yield Finding(fact.node, fact.name)

    found, _ = engine.run(page("import torch\nclass A: pass"), [rule("TST001", cls)])
    assert [each.message for each in found] == ["A"]


def test_a_rule_that_fails_is_named_with_its_place_and_stops_nothing() -> None:
    found, crashes = engine.run(page("1\nf(x)"), [rule("TST001", broken), rule("TST002", name)])
    assert [each.code for each in found] == ["TST002", "TST002"]
    (crash,) = crashes
    assert (crash.who, crash.location.row, crash.error) == ("TST001 ", 3, "ZeroDivisionError: no")


def test_a_finding_gives_way_to_one_that_speaks_of_the_same_place() -> None:
    found, _ = engine.run(page("f(x)\ny"), [rule("TST001", call, over=("TST002",)), rule("TST002", name)])
    assert [(each.code, each.message) for each in found] == [("TST001", "call"), ("TST002", "name y")]


def test_a_finding_speaks_of_what_it_covers_too() -> None:
    def covering(node: ast.Call, facts: Facts) -> Iterator[Finding]:
        tree = facts.page.snippets[0].tree
        assert tree is not None
        yield Finding(node, "call", covers=(tree.body[-1],))

    found, _ = engine.run(page("f(x)\ny"), [rule("TST001", covering, over=("TST002",)), rule("TST002", name)])
    assert [each.code for each in found] == ["TST001"]


def test_the_same_thing_is_said_once() -> None:
    def twice(node: ast.Call, facts: Facts) -> Iterator[Finding]:
        yield Finding(node, "call")
        yield Finding(node, "call")

    assert len(engine.run(page("f()"), [rule("TST001", twice)])[0]) == 1
