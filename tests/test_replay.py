"""A fixed document without one of its fixes: the same as if that one had not been allowed."""

from pathlib import Path

import pytest

from lintml import documents, fixing, pipeline, replay, rewriting
from lintml.config import Settings
from lintml.model import Checked, Diagnostic, Document, Edit, Fixed, Span
from lintml.trials import key_of

TOUR = Path(__file__).parent.parent / "fixtures" / "documents" / "tour.md"
PAGE = """# A page

```python
one = a1 + a2
two = b1
```

> ```python
> three = a3
> ```
"""


def fixed_without(refused: frozenset[object], text: str, path: str) -> Fixed:
    """The whole way again, with some fixes refused."""
    document = documents.parse(text, path)

    def resolve(checked: Checked, found: Diagnostic) -> tuple[Edit, ...]:
        return pipeline.edits(checked, found)

    def allow(found: Diagnostic) -> bool:
        return key_of(found) not in refused

    return fixing.to_fixpoint(document, lambda now: pipeline.check(now, Settings()), resolve, rewritten, allow)


def rewritten(before: Document, edits: list[Edit]) -> Document:
    return documents.parse(documents.rewrite(before, edits), before.path, before.kind, before.bom)


def test_it_is_what_a_new_search_without_that_fix_finds():
    text = TOUR.read_text(encoding="utf8")
    whole = fixed_without(frozenset(), text, "tour.md")
    assert len(whole.applied) > 5
    for key in {key_of(found) for found in whole.applied}:
        found = replay.without(whole, lambda other, key=key: key_of(other) == key, rewritten)
        assert found is not None
        assert found.text == fixed_without(frozenset({key}), text, "tour.md").after.text
    assert replay.without(whole, lambda found: False, rewritten) == whole.after
    assert replay.without(whole, lambda found: True, rewritten).text == text


def passes(*steps: list[tuple[str, list[tuple[str, str]]]]) -> Fixed:
    """Fixes by name, pass by pass: each replaces the first place of some text, or inserts before it."""
    document = first = documents.parse(PAGE, "page.md")
    record = []
    for step in steps:
        taken = []
        for name, changes in step:
            edits = tuple(edit_of(document, old, new) for old, new in changes)
            location = documents.locate(document.snippets[0], Span(0, 1))
            taken.append((Diagnostic(name, name, "error", name, location, 0, Span(0, 1)), edits))
        record.append((document, tuple(taken)))
        document = rewritten(document, rewriting.merged(edit for _, edits in taken for edit in edits))
    return Fixed(first, document, (), Checked(document, ()), passes=tuple(record))


def edit_of(document: Document, old: str, new: str) -> Edit:
    snippet = next(snippet for snippet in document.snippets if old in snippet.text)
    start = snippet.text.index(old)
    return Edit(snippet.index, Span(start, start + (0 if new.endswith(old) and new != old else len(old))), new)


@pytest.mark.parametrize("gone", ["long", "later", "elsewhere"])
def test_what_comes_behind_a_fix_that_is_left_out_finds_its_place(gone: str):
    whole = passes([("long", [("a1", "something_long")]), ("elsewhere", [("a3", "c3")])], [("later", [("b1", "b2")])])
    found = replay.without(whole, lambda other: other.code == gone, rewritten)
    texts = {"long": ("a1", "something_long"), "later": ("b1", "b2"), "elsewhere": ("a3", "c3")}
    wanted = PAGE
    for name, (old, new) in texts.items():
        wanted = wanted if name == gone else wanted.replace(old, new)
    assert found is not None
    assert found.text == wanted


def test_a_fix_of_what_another_one_wrote_goes_with_it():
    whole = passes([("first", [("a1", "half_done")])], [("second", [("half", "fully"), ("b1", "b2")])])
    found = replay.without(whole, lambda other: other.code == "first", rewritten)
    assert found is not None
    assert found.text == PAGE


def test_what_is_built_on_a_fix_is_what_goes_with_it():
    whole = passes(
        [("first", [("a1", "half_done")]), ("beside", [("a3", "c3")])],
        [("second", [("half", "fully"), ("b1", "b2")])],
        [("third", [("fully", "wholly")])],
    )

    def built(name: str) -> list[str]:
        return [each.code for each in replay.built_on(whole, lambda other: other.code == name)]

    assert built("first") == ["second", "third"]
    assert built("second") == ["third"]
    assert built("third") == built("beside") == []
