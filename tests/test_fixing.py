"""Which fixes go together, and how a document comes to rest, on documents of plain words with rules of two lines."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from lintml.documents.errors import DocumentError
from lintml.fixing import choose, to_fixpoint
from lintml.model import (
    Applicability,
    Checked,
    Claim,
    Diagnostic,
    Document,
    Edit,
    Fix,
    Fixed,
    Location,
    Snippet,
    Span,
)
from lintml.rewriting import RewriteError, apply, conflict

Said = tuple[Diagnostic, tuple[Edit, ...]]
Rule = Callable[[Document], Iterator[Said]]


def document_of(*texts: str) -> Document:
    return Document("page.md", "markdown", "\n".join(texts), tuple(map(_snippet, range(len(texts)), texts)))


def _snippet(index: int, text: str) -> Snippet:
    try:
        return Snippet(index, text, (), ast.parse(text))
    except SyntaxError:
        return Snippet(index, text, (), None)


def said(code: str, start: int, *edits: Edit, snippet: int = 0, how: Applicability = "safe") -> Said:
    fix = Fix(code, (), Claim.SAME, how)
    return Diagnostic(code, "", "error", "", Location(1, 1, 1, 1), snippet, Span(start, start + 1), (), fix), edits


def edit(start: int, end: int, text: str, snippet: int = 0) -> Edit:
    return Edit(snippet, Span(start, end), text)


def swaps(code: str, old: str, new: str, how: Applicability = "safe") -> Rule:
    """A rule that finds the word ``old`` and puts ``new`` in its place."""

    def rule(document: Document) -> Iterator[Said]:
        for snippet in document.snippets:
            for found in re.finditer(rf"\b{old}\b", snippet.text):
                start, end = found.span()
                yield said(code, start, edit(start, end, new, snippet.index), snippet=snippet.index, how=how)

    return rule


def fixed(
    document: Document,
    *rules: Rule,
    passes: int = 10,
    allow: Callable[[Diagnostic], bool] = lambda _: True,
    refuse: str = "",
) -> Fixed:
    """The document at rest under ``rules``; a text that has the word ``refuse`` in it cannot be written."""
    edits: dict[Diagnostic, tuple[Edit, ...]] = {}

    def check(current: Document) -> Checked:
        edits.update(pair for rule in rules for pair in rule(current))
        return Checked(current, tuple(d for rule in rules for d, _ in _again(edits, rule(current))))

    def rewrite(current: Document, changes: Sequence[Edit]) -> Document:
        texts = [apply(s.text, [e for e in changes if e.snippet == s.index]) for s in current.snippets]
        if refuse and any(refuse in text for text in texts):
            raise DocumentError(f"{refuse} cannot be written")
        return document_of(*texts)

    def resolve(checked: Checked, diagnostic: Diagnostic) -> tuple[Edit, ...]:
        if diagnostic.code == "BAD":
            raise RewriteError("no place")
        return edits[diagnostic]

    return to_fixpoint(document, check, resolve, rewrite, allow, passes)


def _again(edits: dict[Diagnostic, tuple[Edit, ...]], pairs: Iterable[Said]) -> Iterator[Said]:
    for diagnostic, own in pairs:
        edits[diagnostic] = own
        yield diagnostic, own


def texts(result: Fixed) -> list[str]:
    return [snippet.text for snippet in result.after.snippets]


def refusals(result: Fixed) -> list[tuple[str, str]]:
    return [(diagnostic.code, reason) for diagnostic, reason in result.refused]


def codes(diagnostics: Iterable[Diagnostic]) -> list[str]:
    return [diagnostic.code for diagnostic in diagnostics]


def test_of_fixes_that_overlap_the_first_in_the_document_is_chosen_whole() -> None:
    late = said("A", 5, edit(5, 6, "x"))
    wide = said("B", 2, edit(0, 1, "y"), edit(4, 6, "z"))
    early = said("C", 0, edit(1, 2, "w"))
    assert choose([late, wide, early]) == [early, wide]


def test_at_one_place_the_order_given_decides() -> None:
    one, other = said("B", 3, edit(3, 4, "x")), said("A", 3, edit(3, 4, "y"))
    assert choose([one, other]) == [one]
    assert choose([other, one]) == [other]


def test_fixes_that_share_an_insertion_or_touch_go_together() -> None:
    one = said("A", 3, edit(0, 0, "import torch\n"), edit(3, 4, "x"))
    other = said("B", 4, edit(0, 0, "import torch\n"), edit(4, 4, "y"))
    elsewhere = said("C", 3, edit(3, 4, "z", snippet=1), snippet=1)
    assert choose([one, other, elsewhere]) == [one, other, elsewhere]


SPANS = st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))
CANDIDATES = st.lists(st.tuples(st.integers(0, 12), st.lists(SPANS, min_size=1, max_size=2)), max_size=6)


@settings(derandomize=True, deadline=None)
@given(CANDIDATES)
def test_a_choice_can_be_made_whole_and_nothing_more_could_be(drawn: list[tuple[int, list[tuple[int, int]]]]) -> None:
    candidates = [
        said(str(number), start, *(edit(*span, f"{number}") for span in spans))
        for number, (start, spans) in enumerate(drawn)
        if not any(conflict([edit(*a, "")], [edit(*b, "")]) for i, a in enumerate(spans) for b in spans[:i])
    ]
    chosen = choose(candidates)
    apply("." * 20, [edit for _, edits in chosen for edit in edits])
    for diagnostic, edits in candidates:
        if (diagnostic, edits) not in chosen:
            assert any(conflict(edits, other) for _, other in chosen)


def test_fixes_are_made_until_none_is_left() -> None:
    result = fixed(document_of("one + one", "one"), swaps("A", "one", "two"), swaps("B", "two", "three"))
    assert texts(result) == ["three + three", "three"]
    assert codes(result.applied) == ["A", "A", "A", "B", "B", "B"]
    assert result.left.document is result.after
    assert result.left.diagnostics == ()
    assert result.refused == ()


def test_what_overlaps_waits_for_the_next_pass() -> None:
    def wraps(document: Document) -> Iterator[Said]:
        text = document.snippets[0].text
        if "g" not in text:
            yield said("B", 1, edit(0, len(text), f"g({text})"))

    result = fixed(document_of("f(one)"), swaps("A", "f", "h"), wraps)
    assert texts(result) == ["g(h(one))"]
    assert codes(result.applied) == ["A", "B"]


def test_safe_fixes_are_made_before_unsafe_ones() -> None:
    result = fixed(document_of("one"), swaps("A", "one", "two", "unsafe"), swaps("B", "one", "three"))
    assert texts(result) == ["three"]
    result = fixed(document_of("one + five"), swaps("A", "one", "two", "unsafe"), swaps("B", "five", "six"))
    assert texts(result) == ["two + six"]
    assert codes(result.applied) == ["B", "A"]


def test_only_what_is_allowed_is_made_and_what_is_for_display_never() -> None:
    rules = swaps("A", "one", "two"), swaps("B", "three", "four"), swaps("C", "five", "six", "display")
    result = fixed(document_of("one + three + five"), *rules, allow=lambda diagnostic: diagnostic.code != "A")
    assert texts(result) == ["one + four + five"]
    assert codes(result.left.diagnostics) == ["A", "C"]
    assert result.refused == ()


def test_a_document_without_fixes_is_left_as_it_is() -> None:
    document = document_of("one")
    result = fixed(document, swaps("A", "two", "three"))
    assert result.before is result.after is document
    assert result.applied == ()


def test_a_fix_that_cannot_be_written_is_refused_with_the_reason() -> None:
    result = fixed(document_of("one"), swaps("BAD", "one", "two"), swaps("A", "one", "three"))
    assert texts(result) == ["three"]
    assert result.refused == ()
    result = fixed(document_of("one"), swaps("BAD", "one", "two"))
    assert refusals(result) == [("BAD", "no place")]
    result = fixed(document_of("one"), lambda document: iter([said("A", 0)]))
    assert refusals(result) == [("A", "it would change nothing")]


def test_a_fix_that_breaks_the_code_is_refused_and_the_rest_is_made() -> None:
    result = fixed(document_of("one + five", "one"), swaps("A", "one", "two"), swaps("B", "five", "(", "safe"))
    assert texts(result) == ["two + five", "two"]
    assert refusals(result) == [("B", "the result would not parse")]
    assert codes(result.left.diagnostics) == ["B"]


def test_a_document_that_cannot_be_written_back_refuses_the_fix() -> None:
    result = fixed(document_of("one + five"), swaps("A", "one", "two"), swaps("B", "five", "```"), refuse="```")
    assert texts(result) == ["two + five"]
    assert refusals(result) == [("B", "``` cannot be written")]


def test_fixes_that_break_the_code_only_together_are_made_one_after_the_other() -> None:
    def adds(code: str, name: str) -> Rule:
        def rule(document: Document) -> Iterator[Said]:
            text = document.snippets[0].text
            if f"{name}=" not in text:
                comma = "" if text == "f()" else ", "
                yield said(code, 0, edit(len(text) - 1, len(text) - 1, f"{comma}{name}=1"))

        return rule

    result = fixed(document_of("f()"), adds("A", "a"), adds("B", "b"))
    assert texts(result) == ["f(a=1, b=1)"]
    assert result.refused == ()


def test_a_snippet_that_could_not_be_read_before_does_not_count_against_a_fix() -> None:
    result = fixed(document_of("one", "if one"), swaps("A", "one", "two"))
    assert texts(result) == ["two", "if two"]


def test_a_fix_that_comes_back_is_refused() -> None:
    def restless(document: Document) -> Iterator[Said]:
        text = document.snippets[0].text
        yield said("A", text.index("one"), edit(0, 0, "new\n"))

    result = fixed(document_of("x = one"), restless)
    assert texts(result) == ["new\nx = one"]
    assert refusals(result) == [("A", "it came back after it was made")]


def test_two_fixes_that_undo_each_other_come_to_rest() -> None:
    result = fixed(
        document_of("zero + one"), swaps("A", "one", "two"), swaps("B", "two", "one"), swaps("C", "zero", "nothing")
    )
    assert texts(result) == ["nothing + one"]
    assert codes(result.applied) == ["A", "C", "B"] or codes(result.applied) == ["C", "A", "B"]
    assert refusals(result) == [("A", "it came back after it was made")]


def test_the_same_fix_elsewhere_is_another_one() -> None:
    def one_at_a_time(document: Document) -> Iterator[Said]:
        for pair in swaps("A", "one", "eleven")(document):
            yield pair
            return

    result = fixed(document_of("one + one + one"), one_at_a_time)
    assert texts(result) == ["eleven + eleven + eleven"]
    assert result.refused == ()


def test_what_is_still_to_be_made_after_the_last_pass_is_said() -> None:
    def grows(document: Document) -> Iterator[Said]:
        text = document.snippets[0].text
        yield said("A", 0, edit(0, len(text), f"{text} + {len(text)}"))

    result = fixed(document_of("1"), grows, passes=3)
    assert texts(result) == ["1 + 1 + 5 + 9"]
    assert refusals(result) == [("A", "there was something to fix after 3 passes")]
    assert len(result.left.diagnostics) == 1


WORDS = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6)
RULES = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["a", "b", "c", "d", "ab"])), max_size=5)


@settings(derandomize=True, deadline=None)
@given(WORDS, RULES)
def test_every_set_of_rules_comes_to_rest(words: list[str], drawn: list[tuple[str, str]]) -> None:
    rules = [swaps(f"R{number}", old, new) for number, (old, new) in enumerate(drawn) if old != new]
    result = fixed(document_of(" + ".join(words)), *rules)
    left = {(d.code, d.span.start) for d in result.left.diagnostics}
    assert left <= {(d.code, d.span.start) for d, _ in result.refused}
    assert len(words) == len(result.after.text.split(" + "))
