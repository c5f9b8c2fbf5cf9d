"""Write-back that reads only what stands around an edit: it agrees with reading all of the document again."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lintml.documents import DocumentError, parse, rewrite
from lintml.model import Document, Edit, Span

MARKDOWN = st.sampled_from(
    [
        "", "   ", "text", "x = 1", "    indented", "# heading", "===", "---", "- item", "1. one", "> quote", ">",
        "```python", "```python", "```", "```", "````python", "````", "~~~ py", "~~~", "  ```python", "  ```",
        "- ```python", "> ```python", "> ```", "<!-- a", "<!-- a -->", "-->", "<div>", "</div>", "<pre>", "</pre>",
        "::: note", ":::", ":::{code-cell}", "!!! note", '=== "Tab"', "    ```python", "    ```", "[a]: b '", "'",
        "## another", "#", "   # in a list", "```{note}", "```{code-cell}", ":tags: a", "%time x", ">>> y",
    ]
)  # fmt: skip
REST = st.sampled_from(
    [
        "", "", "text", "Title", "=====", ".. code-block:: python", "   :linenos:", "   x = 1", "   y", "  z", ">>> a",
        "... b", "   >>> c", "like this::", "- item::", "      deep", ".. note::", "   .. code-block:: python",
        ".. tab:: A", "   .. code:: python", "", ".. comment", "..", "   text", ".. testoutput::", "\x0c", "\t\ttabs",
    ]
)  # fmt: skip
NEW = st.sampled_from(
    [
        "", "x", "new = 1\n", "\n", "\n\n", "```\n", "```python\n", "~~~\n", "# comment\n", "<!-- x\n", "-->\n", ":::\n",
        "</pre>\n", "  y\n", "\nz", ">>> q\n", "out\n", "\n\nword\n", ".. note::\n", "like::\n", "---\n",
    ]
)  # fmt: skip


@st.composite
def edited(draw, rows, path, ends):
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    front = draw(st.sampled_from([[], [], ["---", "a: b", "---"], ["---"]]))
    lines = [*front, *draw(st.lists(rows, min_size=4, max_size=24))]
    document = parse(newline.join([*lines, *draw(ends)]), path)
    snippets = [snippet for snippet in document.snippets if snippet.home]
    assume(snippets)
    edits = []
    for snippet in draw(st.lists(st.sampled_from(snippets), min_size=1, max_size=2, unique=True)):
        places = sorted(draw(st.lists(st.integers(0, len(snippet.text)), min_size=2, max_size=4)))
        edits += [Edit(snippet.index, Span(a, b), draw(NEW)) for a, b in list(pairwise(places))[::2]]
    return document, edits


def outcome(document: Document, edits: list[Edit]) -> str:
    try:
        return rewrite(document, edits)
    except DocumentError as error:
        return f"refused: {error}"


@settings(max_examples=600, deadline=None)
@given(edited(MARKDOWN, "page.md", st.sampled_from([[], [""]])))
def test_what_stands_around_an_edit_of_markdown_is_enough(case):
    document, edits = case
    assert outcome(document, edits) == outcome(replace(document, anew=()), edits)


@settings(max_examples=600, deadline=None)
@given(edited(REST, "page.rst", st.just(["", "The end."])))
def test_what_stands_around_an_edit_of_restructured_text_is_enough(case):
    document, edits = case
    # Where this directive is named anywhere, all is read again.
    all_again = parse(document.text.replace("The end.", "highlight:: it."), "page.rst")
    assert outcome(document, edits).replace("The end.", "highlight:: it.") == outcome(all_again, edits)


@pytest.mark.parametrize("title", ["Title", "highlight::"])
def test_options_of_one_directive_do_not_forbid_edits_of_another(title):
    text = f"{title}\n\n.. code::\n   :number-lines:\n\n   x\n\n.. code:: python\n   :number-lines:\n\n   y\n\n>>> z\n"
    document = parse(text, "page.rst")
    assert rewrite(document, [Edit(1, Span(0, 1), "new")]) == text.replace("z", "new")
