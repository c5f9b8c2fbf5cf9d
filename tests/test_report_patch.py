"""Differences: those of one fix, whose rows must be right, and unified ones, which must apply."""

import os
import subprocess
from pathlib import Path

import pytest
from findings import CELLS, Page
from hypothesis import given, reject
from hypothesis import strategies as st

from lintml import documents
from lintml.model import Edit, Span
from lintml.report.paint import COLOUR, PLAIN
from lintml.report.patch import coloured, inline, unified
from lintml.report.source import Source

TEXT = """# Title

```python
a = 1
b = 2

c = 3
d = 4
```

> - quoted
>
>   ```python
>   e = 5
>
>   f = 6
>   ```
"""


@given(st.data())
def test_an_inline_diff_is_what_the_document_becomes(data: st.DataObject):
    document = documents.parse(TEXT, "page.md")
    edits = []
    for snippet in document.snippets:
        end = data.draw(st.integers(0, len(snippet.text.rstrip("\n"))))
        start = data.draw(st.integers(0, end))
        text = data.draw(st.sampled_from(["", "x = 0", "y\nz", "import torch\n\n"]))
        edits.append(Edit(snippet.index, Span(start, end), text))
        if data.draw(st.booleans()):
            edits.insert(-1, Edit(snippet.index, Span(start, start), "first = 1\n"))
    try:
        after = documents.rewrite(document, edits).split("\n")
    except documents.DocumentError:
        reject()
    for hunk in inline(Source(document), edits):
        rows = [line.row for line in hunk if line.row is not None]
        assert rows == sorted(set(rows))
        for line in hunk:
            if line.row is not None:
                assert after[line.row - 1].rstrip() == line.text.rstrip()
            else:
                assert line.text in TEXT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("```python\na = 1\n```\n", "```python\na = 2\n```\n"),
        ("```python\na = 1\n```", "```python\na = 2\n```"),
        ("a\r\n```python\r\na = 1\r\n```\r\nb\r\n", "a\r\n```python\r\nimport torch\r\na = 1\r\n```\r\nb\r\n"),
        ("```python\na = '\x0c\u2028'\n```\n", "```python\nb = '\x0c\u2028'\n```\n"),
    ],
    ids=["plain", "no newline at the end", "CRLF", "line breaks that are none"],
)
def test_a_unified_diff_applies(before: str, after: str, tmp_path: Path):
    diff = "".join(unified(documents.parse(before, "page.md"), documents.parse(after, "page.md"), "page.md"))
    page = tmp_path / "page.md"
    page.write_bytes(before.encode())
    command = ["git", "apply", "-p0", "--unidiff-zero", "-"]
    subprocess.run(command, input=diff.encode(), cwd=tmp_path, check=True, env={**os.environ, "GIT_DIR": "none"})
    assert page.read_bytes() == after.encode()


def test_nothing_changed_is_no_diff():
    document = documents.parse(TEXT, "page.md")
    assert list(unified(document, document, "page.md")) == []


def test_the_diff_of_a_notebook_is_that_of_its_cells():
    before = documents.parse(CELLS, "n.ipynb")
    after = documents.parse(CELLS.replace("ones(2)", "ones(3)"), "n.ipynb")
    assert "".join(unified(before, after, "n.ipynb")) == (
        """\
--- n.ipynb:cell 2
+++ n.ipynb:cell 2
@@ -1,3 +1,3 @@
 import torch
-x = torch.ones(2)
+x = torch.ones(3)
 y = "a" if x.sum() else "b"
\\ No newline at end of file
"""
    )


def test_a_coloured_diff_shows_what_a_terminal_would_obey():
    page = Page(TEXT)
    after = documents.parse(TEXT.replace("a = 1", "a = '\x1b[2J'"), "page.md")
    lines = list(unified(page.document, after, "page.md"))
    assert list(coloured(lines, PLAIN)) == lines
    assert "\x1b[2J" not in "".join(coloured(lines, COLOUR))
    assert "\x1b[32m+a = '␛[2J'\x1b[0m\n" in list(coloured(lines, COLOUR))
