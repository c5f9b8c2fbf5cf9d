"""What a document takes in from other files: every way to say so, and what only looks like one."""

import json

import pytest

from lintml.documents import parse

CODE = "\n\n```python\nx = 1\n```\n"


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("{{< include _setup.qmd >}}" + CODE, "a.qmd", "_setup.qmd"),
        ("```{include} setup.md\n```" + CODE, "a.md", "setup.md"),
        (":::{literalinclude} net.py\n:::" + CODE, "a.md", "net.py"),
        ('--8<-- "docs/net.py:part"' + CODE, "a.md", "docs/net.py:part"),
        ("{!docs/setup.md!}" + CODE, "a.md", "docs/setup.md"),
        (".. include:: setup.rst\n\n>>> x\n", "a.rst", "setup.rst"),
        ("```python\n%run setup.py\n```\n", "a.md", "setup.py"),
        ("```python\n%pylab inline\n```\n", "a.md", "pylab"),
        ("# MAGIC %run ./setup\nx = 1\n", "a.py", "./setup"),
        ("We include <stdio.h> and {!r}." + CODE, "a.md", None),
        ("s = '{{< include x >}}'\n", "a.py", None),
        ("Type `%run` or `{include}`." + CODE, "a.md", None),
    ],
)
def test_it_is_named_with_its_row(text: str, path: str, name: str | None):
    found = parse("\n\n" + text, path).elsewhere
    assert [(each.name, each.row, each.cell) for each in found] == (
        [(name, 3 + text.startswith("```python"), None)] if name else []
    )


def test_cells_have_rows_of_their_own():
    cells = [
        {"cell_type": "markdown", "source": "no code"},
        {"cell_type": "code", "source": ["x = 1\n", "%run -i 'my setup.ipynb'"]},
    ]
    [found] = parse(json.dumps({"cells": cells}), "a.ipynb").elsewhere
    assert (found.name, found.row, found.cell) == ("'my setup.ipynb'", 2, 2)
