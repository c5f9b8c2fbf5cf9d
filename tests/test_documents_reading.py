"""Reading: what a path holds, where a snippet stands, and one clear sentence for what cannot be read."""

import ast
import contextlib
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lintml.documents import (
    DocumentError,
    kind_of,
    locate,
    mentions_torch,
    parse,
    raw_row,
    read,
    rewrite,
    source_lines,
    span_of,
)
from lintml.model import Edit, Location, Span


@pytest.mark.parametrize(
    ("path", "kind"),
    [("a.md", "markdown"), ("a.txt", "markdown"), ("a", "markdown"), ("A.IPYNB", "notebook"), ("d/a.py", "script")],
)
def test_kind_of(path, kind):
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("data", "message", "row", "column"),
    [
        (b"fine\nnot \xff fine", "not UTF-8: byte 0xff at offset 9 (row 2, column 5)", 2, 5),
        ("é\xff".encode("latin-1"), "not UTF-8: byte 0xe9 at offset 0 (row 1, column 1)", 1, 1),
        ("hello".encode("utf-16"), "not UTF-8: UTF-16 at offset 0 (row 1, column 1)", 1, 1),
    ],
)
def test_bytes_that_are_not_utf8(tmp_path, data, message, row, column):
    path = tmp_path / "a.md"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as raised:
        read(str(path))
    assert (str(raised.value), raised.value.row, raised.value.column) == (message, row, column)
    assert raised.value.path == str(path)


def test_a_missing_file_and_a_directory(tmp_path):
    with pytest.raises(DocumentError, match="no such file"):
        read(str(tmp_path / "none.md"))
    with pytest.raises(DocumentError, match="directory"):
        read(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a notebook: an object is missing (row 1, column 1)"),
        ("# Title", "not a notebook: an object is missing (row 1, column 1)"),
        ('{"metadata": {}}', "not a notebook: it has no cells (row 1, column 1)"),
        ('{"cells":\n [{"source": 1}]}', "not a notebook: the source of a cell is text (row 2, column 14)"),
        ('{"cells": [}', "not a notebook: an object is missing (row 1, column 12)"),
        ('{"cells": []} x', "not a notebook: something follows the notebook (row 1, column 15)"),
        ('{"cells": [{"source": "a" "b"}]}', "not a notebook: a comma is missing (row 1, column 27)"),
        ('{"cells": [{"a": }]}', "not a notebook: Expecting value (row 1, column 18)"),
    ],
)
def test_a_notebook_that_is_none(text, message):
    with pytest.raises(DocumentError) as raised:
        parse(text, "a.ipynb")
    assert str(raised.value) == message
    assert raised.value.path == "a.ipynb"


def test_a_notebook_nested_beyond_reason():
    with pytest.raises(DocumentError, match="nested too deeply"):
        parse('{"cells": [], "metadata": ' + "[" * 100_000, "a.ipynb")


def test_the_places_of_a_snippet_in_a_list():
    document = parse("# One\n\n1. do\n\n   ~~~Python title=x\n   a = 'é' + b\n   ~~~\n", "a.md")
    [snippet] = document.snippets
    assert snippet.text == "a = 'é' + b\n"
    assert (snippet.row, snippet.prefix, snippet.info) == (5, "   ", "Python title=x")
    name = snippet.tree.body[0].value.right
    span = span_of(snippet, name)
    assert snippet.text[span.start : span.end] == "b"
    assert locate(snippet, span) == Location(6, 14, 6, 15)
    assert source_lines(document, 6, 6) == ["   a = 'é' + b"]


def test_the_places_of_a_cell():
    text = (
        '{"cells": [\n {"cell_type": "markdown", "source": ["x"]},\n'
        ' {"cell_type": "code", "id": "k", "source": [\n  "a = 1\\n",\n  "b = \\"é\\"; c"\n ]}]}'
    )
    document = parse(text, "a.ipynb")
    [snippet] = document.snippets
    assert (snippet.cell, snippet.cell_id, snippet.index) == (2, "k", 0)
    span = span_of(snippet, snippet.tree.body[2])
    assert locate(snippet, span) == Location(2, 10, 2, 11, cell=2)
    assert source_lines(document, 1, 2, cell=2) == ["a = 1", 'b = "é"; c']
    assert [raw_row(document, snippet, row) for row in (1, 2)] == [4, 5]
    assert [text[line.start : line.start + line.length] for line in snippet.home] == ["a = 1", 'b = \\"é\\"; c']


def test_the_span_of_a_node_without_a_place():
    [snippet] = parse("```py\ndef f(a, *, b=1): return [x for x in y]\n```", "a.md").snippets
    function = snippet.tree.body[0]
    texts = []
    for node in (function.args, function.body[0].value.generators[0], snippet.tree):
        span = span_of(snippet, node)
        texts.append(snippet.text[span.start : span.end])
    assert texts == ["a, *, b=1", "x in y", snippet.text]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="aé名😀 \t", max_size=6), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_spans_and_places_hold_for_any_text(strings, newline):
    code = [f"{'x' * i} = f({string!r}, y)" for i, string in enumerate(strings, 1)]
    document = parse(newline.join(["- ```python", *("  " + line for line in code), "  ```"]), "a.md")
    [snippet] = document.snippets
    rows = document.text.split(newline)
    for node in ast.walk(snippet.tree):
        if isinstance(node, ast.Name | ast.Constant):
            span = span_of(snippet, node)
            assert snippet.text[span.start : span.end] == ast.get_source_segment(snippet.text, node)
            place = locate(snippet, span)
            assert rows[place.row - 1][place.column - 1 : place.end_column - 1] == snippet.text[span.start : span.end]


def test_line_endings_that_python_does_not_know_do_not_count():
    [snippet] = parse("```python\nx = '\x0b\x0c\u2028\x85'\ny = 1\n```\n", "a.md").snippets
    assert len(snippet.home) == 2
    span = span_of(snippet, snippet.tree.body[1].targets[0])
    assert locate(snippet, span).row == 3


def test_a_lone_carriage_return_ends_a_line():
    [snippet] = parse("```python\rx = 1\ry = 2\r```\r", "a.md").snippets
    assert snippet.text == "x = 1\ny = 2\n"
    assert snippet.newline == "\r"


def test_an_unclosed_fence_runs_to_the_end_and_says_so():
    document = parse("text\n\n```python\nx = 1\n", "a.md")
    [snippet] = document.snippets
    assert (snippet.text, snippet.closed, snippet.row) == ("x = 1\n", False, 3)


def test_an_empty_document():
    for path in ("a.md", "a.py"):
        document = parse("", path)
        assert all(not snippet.text for snippet in document.snippets)
    assert locate(parse("", "a.py").snippets[0], Span(0, 0)) == Location(1, 1, 1, 1)


PIECES = st.sampled_from(
    [
        "```", "~~~", ":::", "python", "{code-cell}", "{note}", "{.python}", "\n", "\n\n", "    ", "\t", "> ", "- ", "1. ", "!!! note",
        '=== "Tab"', "<!-- lintml: ", "off", " -->", "<hfoption id='a'>", "</hfoption>", "<pre>", "# ", ">>> ", "... ", "In [1]: ", "%%",
        "%time ", "!ls", "x = f(1)", "def f():", '\"\"\"', "'", "(", "\\", ".. code-block:: python", "::", "{/*", "*/}", "---", "\r\n", "\r",
        "\0", "é", "\ud800", "#| eval: false", "# noqa", "# %%", "wrong", ":tags: [a]", "import jax", "{{< tab 'x' >}}",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(["a.md", "a.mdx", "a.rst", "a.py"]))
def test_no_text_crashes_a_reader(text, path):
    document = parse(text, path, docstrings=True)
    for snippet in document.snippets:
        assert len(snippet.home) == len(snippet.starts)
        lines = snippet.text.split("\n")
        for line, code in zip(snippet.home, lines, strict=False):
            if not line.masked:
                assert document.text[line.start : line.start + line.length] == code


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_notebook_crashes_the_reader(data):
    text = '{"cells": [{"cell_type": "code", "source": ["a\\n", "b"], "metadata": {"tags": ["x"]}}], "metadata": {}}'
    at = data.draw(st.integers(0, len(text)))
    text = (
        text[:at]
        + data.draw(st.text(alphabet='[]{},:"\\u0n1 ', max_size=4))
        + text[at + data.draw(st.integers(0, 3)) :]
    )
    with contextlib.suppress(DocumentError):
        document = parse(text, "a.ipynb")
        same = [Edit(s.index, Span(0, len(s.text)), s.text) for s in document.snippets if s.home and s.tree]
        assert rewrite(document, same) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch", True),
        ("nn.Linear(3, 4)", True),
        ("PyTorch", True),
        ("cats and dogs", False),
        ("inn.", False),
        ("DIFF.", False),
        ("F.relu(x)", True),
        ("a Module", True),
        ("Modules", False),
    ],
)
def test_mentions_torch(text, expected):
    assert mentions_torch(text) is expected


def test_reading_an_ordinary_page_loads_no_parser_of_markdown(tmp_path):
    path = tmp_path / "a.md"
    path.write_text("# T\n\n```python\nimport torch\n```\n", encoding="utf-8")
    code = (
        "import sys; from lintml.documents import read; read(sys.argv[1]);"
        "print(sorted({'markdown_it', 'libcst', 'torch', 'json', 'tempfile'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, env=environment)
    assert done.stdout.strip() == "[]", done.stderr
