"""Notebooks in every layout that tools give them: cells found and placed, edits spliced into the raw JSON."""

import ast
import json
import re
from pathlib import Path

import pytest

from lintml.documents import locate, parse, raw_row, read, rewrite, span_of
from lintml.model import Document, Edit, Snippet, Span

FOLDER = Path(__file__).parent.parent / "fixtures" / "documents" / "notebooks"
NOTEBOOKS = pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)


def target(document: Document) -> tuple[Snippet, ast.Name]:
    [found] = [
        (snippet, node)
        for snippet in document.snippets
        if snippet.tree
        for node in ast.walk(snippet.tree)
        if isinstance(node, ast.Name) and node.id == "before_here"
    ]
    return found


@NOTEBOOKS
def test_a_cell_is_found_where_it_stands(path):
    document = read(str(path))
    snippet, name = target(document)
    place = locate(snippet, span_of(snippet, name))
    assert (place.row, place.column, place.end_row, place.end_column) == (4, 9, 4, 20)
    assert "before_here" in document.cells[place.cell - 1].split("\n")[place.row - 1]
    assert raw_row(document, snippet, place.row) == document.text[: document.text.index("before_here")].count("\n") + 1


@NOTEBOOKS
def test_the_other_cells_are_read_too(path):
    document = read(str(path))
    last = document.snippets[-1]
    assert last.text == "layer(x)\npass\nlayer.weight;"
    assert [line.masked for line in last.home] == [False, True, False]
    assert last.heading == "Widths 宽度"
    assert [snippet.problem.reason for snippet in document.snippets if snippet.problem] == (
        ["cell magic %md", "cell magic %sql"] if path.stem == "databricks" else []
    )


@NOTEBOOKS
def test_an_edit_changes_nothing_else(path):
    document = read(str(path))
    snippet, name = target(document)
    edited = rewrite(document, [Edit(snippet.index, span_of(snippet, name), "after_it")])
    assert edited == document.text.replace("before_here", "after_it")


@NOTEBOOKS
def test_new_lines_get_the_layout_and_the_escapes_of_the_file(path):
    document = read(str(path))
    snippet, name = target(document)
    start = snippet.starts[name.lineno - 1]
    edited = rewrite(document, [Edit(snippet.index, Span(start, start), "mode = 'é'\n")])
    new = "mode = '\\u00e9'\\n" if path.stem == "escapes" else "mode = 'é'\\n"
    if path.stem == "string_sources":
        assert edited == document.text.replace("layer = before_here", new + "layer = before_here")
        return
    joint, line = re.search(r'(?<=\\n")(,\s*)("layer = before_here)', document.text).groups()
    assert edited == document.text.replace(line, f'"{new}"{joint}{line}')


@NOTEBOOKS
def test_lines_come_and_go_at_the_end_of_a_cell(path):
    document = read(str(path))
    snippet, _ = target(document)
    end = len(snippet.text)
    longer = parse(rewrite(document, [Edit(snippet.index, Span(end, end), "\nlayer.eval()")]), str(path))
    assert target(longer)[0].text == snippet.text + "\nlayer.eval()"
    back = rewrite(longer, [Edit(snippet.index, Span(end, end + len("\nlayer.eval()")), "")])
    assert back == document.text


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        ('["a\\n", "b"]', (0, 2, ""), '["b"]'),
        ('["a\\n", "b"]', (2, 3, ""), '["a\\n"]'),
        ('["a\\n", "b"]', (1, 2, ""), '["ab"]'),
        ('["a\\n", "b\\n"]', (4, 4, "c\n"), '["a\\n", "b\\n", "c\\n"]'),
        ('["a\\n", "b\\n"]', (2, 4, ""), '["a\\n"]'),
        ('["a"]', (1, 1, "\nb"), '["a\\n", "b"]'),
        ('["a"]', (0, 0, "b\n"), '["b\\n", "a"]'),
        ('["a = 1\\n", "b = 2"]', (4, 5, "[\n1]"), '["a = [\\n", "1]\\n", "b = 2"]'),
        ('["a\\n",\n  "\\u00e9\\t;b"]', (4, 5, "'\\\\'"), '["a\\n",\n  "\\u00e9\\t\'\\\\\\\\\'b"]'),
        ('"a\\nb"', (2, 3, "\\"), '"a\\n\\\\"'),
        ('"\\ud83d\\ude00 = 1"', (4, 5, "2"), '"\\ud83d\\ude00 = 2"'),
    ],
)
def test_strings_are_split_and_joined_as_jupyter_does(before, edit, after):
    start, end, text = edit
    notebook = '{{"cells": [{{"cell_type": "code", "source": {}}}]}}'
    document = parse(notebook.format(before), "a.ipynb")
    assert rewrite(document, [Edit(0, Span(start, end), text)]) == notebook.format(after)


def cell(source: str, **more: object) -> Snippet:
    text = json.dumps({"cells": [{"cell_type": "code", "source": source, **more}], "metadata": {}})
    [snippet] = parse(text, "a.ipynb").snippets
    return snippet


def test_tags_and_outputs():
    snippet = cell("x = 1", metadata={"tags": ["raises-exception", "lintml-ignore-SHP001", 7]}, outputs=[{}])
    assert snippet.execute == "raises-exception"
    assert snippet.outputs
    assert [(marker.verb, marker.codes) for marker in snippet.markers] == [("ignore", ("SHP001",)), ("wrong", ())]
    assert not cell("x = 1", outputs=[]).outputs


def test_markers_in_a_markdown_cell_speak_for_the_next_code_cell():
    cells = [
        {"cell_type": "markdown", "source": "## Part\n<!-- lintml: skip -->\n"},
        {"cell_type": "code", "source": "a = 1"},
        {"cell_type": "code", "source": "b = 1"},
    ]
    first, second = parse(json.dumps({"cells": cells}), "a.ipynb").snippets
    assert [marker.verb for marker in first.markers] == ["skip"]
    assert second.markers == ()
    assert second.heading == "Part"


@pytest.mark.parametrize("name", ["R", "julia"])
def test_another_kernel_is_named(name):
    text = json.dumps({"cells": [{"cell_type": "code", "source": "x"}], "metadata": {"language_info": {"name": name}}})
    [snippet] = parse(text, "a.ipynb").snippets
    assert snippet.problem.reason == f"written in {name}"


@pytest.mark.parametrize(
    "text",
    [
        '{"cells": [{"cell_type": "code", "metadata": {"source": ["x\\n", "y"]}, "sourc\\u0065": ["x\\n", "y"]}]}',
        '{"cells": [{"metadata": {"source": "z"}, "cell_type": "code", "source": ["x\\n", "y"]}]}',
        '{"cells": [{"cell_type": "code", "outputs": ["\\"source\\": [\\"x\\"]"], "source": ["x\\n", "y"]}]}',
        '{"cells": [{"cell_type": "code", "source": "z", "source": ["x\\n", "y"]}]}',
        '{"cells": [{"source": "z"}], "cells": [{"cell_type": "code", "source": ["x\\n", "y"]}]}',
        '{"metadata": {"source": 1}, "cells": [{"cell_type": "raw"}, {"source" : ["x\\n", "y"], "cell_type": "code"}]}',
        '{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x\\n", "y"]}]}]}',
        '{"cells": [{"cell_type": "code", "source": ["x\\\\n\\u000a",\n "y"]}]}',
        '{"cells": [{"cell_type": "code", "source": ["", "x\\n", "y"]}]}',
    ],
)
def test_the_source_is_found_whatever_looks_like_it(text):
    document = parse(text, "a.ipynb")
    [snippet] = document.snippets
    raw = [document.text[line.start :][: line.length] for line in snippet.home]
    assert [json.loads(f'"{line}"') for line in raw] == snippet.text.split("\n")
    end = len(snippet.text)
    before, _, after = text.rpartition('y"')
    assert rewrite(document, [Edit(0, Span(end - 1, end), "new")]) == f'{before}new"{after}'
