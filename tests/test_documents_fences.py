"""Fences: the quick scanner agrees with markdown-it-py, which reads the stretches where the scanner is in doubt."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lintml.documents.commonmark import commonmark_fences
from lintml.documents.fences import find_fences
from lintml.documents.markdown import markdown_fences
from lintml.documents.text import split_lines

LINES = st.sampled_from(
    [
        "", "   ", "text", "x = 1", "    indented", "\tx", "# heading", "===", "---", "- item", "  - nested", "1. one",
        "> quote", ">", "```python", "```", "````", "````python", "~~~ py", "~~~", "``` a`b", "  ```python", "  ```",
        "    ```", "- ```python", "> ```python", "> ```", "<!-- a", "<!-- a -->", "-->", " <!-- b", "<div>", "</div>",
        "<pre>", "</pre>", "<a b='c'>", "<?x", "?>", "::: note", ":::", "!!! note", '=== "Tab"', "[a]: b", "[a]: <",
        "``` ", "```python title=\"x\"", "```\t", "`````", "| a |", "***", "\\", "<b", "text <!--", "```{note}",
        "    ```python", "# heading", "#", "   # in a list", "> # in a quote", "    # in a tab", "::: {.x}", "::::",
        "```{code-cell}", "## another", "[a]: b '", "'", "::: torch.nn", "  ::: torch.nn",
    ]
)  # fmt: skip


def shape(fences):
    return [(f.row, f.end, f.info.text, f.lines, f.prefixes, f.closed, f.trusted, f.titles) for f in fences]


def whole(rows, first=0):
    """What the parser finds when it reads everything."""
    return shape(commonmark_fences(rows, first, len(rows))[0])


@settings(max_examples=1500, deadline=None)
@given(st.lists(LINES, max_size=20), st.booleans())
def test_the_quick_scanner_agrees_with_markdown_it(lines, ends_with_newline):
    rows = split_lines("\n".join(lines) + ("\n" if ends_with_newline else ""))
    if ends_with_newline or not lines or lines[-1].strip():
        assert shape(find_fences(rows, 0, commonmark_fences)) == whole(rows)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=14), st.sampled_from(["\n", "\r\n"]), st.sampled_from([[], ["---", "a: b", "---"]]))
def test_no_python_is_missed(lines, newline, front_matter):
    text = newline.join([*front_matter, *lines, ""])
    fences, _ = commonmark_fences(split_lines(text), len(front_matter), len(lines) + 9)
    found = [fence for fence in markdown_fences(text) if fence.info.python]
    assert shape(found) == shape(fence for fence in fences if fence.info.python)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="`~:>-+ \t\n<!-=\"'{}[]pyx1.\\#", max_size=80))
def test_no_text_crashes_either_reader(text):
    rows = split_lines(text)
    assert list(find_fences(rows, 0, commonmark_fences)) is not None
    commonmark_fences(rows, 0, len(rows))
