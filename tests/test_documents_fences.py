"""Fences: the quick scanner agrees with markdown-it-py wherever it answers, and markdown-it finds the rest."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lintml.documents.commonmark import commonmark_fences
from lintml.documents.fences import margin_fences
from lintml.documents.text import split_lines

LINES = st.sampled_from(
    [
        "", "   ", "text", "x = 1", "    indented", "\tx", "# heading", "===", "---", "- item", "  - nested", "1. one",
        "> quote", ">", "```python", "```", "````", "````python", "~~~ py", "~~~", "``` a`b", "  ```python", "  ```",
        "    ```", "- ```python", "> ```python", "> ```", "<!-- a", "<!-- a -->", "-->", " <!-- b", "<div>", "</div>",
        "<pre>", "</pre>", "<a b='c'>", "<?x", "?>", "::: note", ":::", "!!! note", '=== "Tab"', "[a]: b", "[a]: <",
        "``` ", "```python title=\"x\"", "```\t", "`````", "| a |", "***", "\\", "<b", "text <!--", "```{note}",
    ]
)  # fmt: skip


def shape(fences):
    return [(f.row, f.end, f.info.text, f.lines, f.prefixes, f.closed) for f in fences]


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=14), st.booleans())
def test_the_quick_scanner_agrees_with_markdown_it(lines, ends_with_newline):
    rows = split_lines("\n".join(lines) + ("\n" if ends_with_newline else ""))
    quick = margin_fences(rows)
    if quick is not None and (ends_with_newline or not lines or lines[-1].strip()):
        assert shape(quick) == shape(commonmark_fences(rows))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~:>-+ \t\n<!-=\"'{}[]pyx1.\\", max_size=80))
def test_no_text_crashes_either_reader(text):
    margin_fences(split_lines(text))
    commonmark_fences(split_lines(text))
