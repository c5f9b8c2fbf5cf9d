"""Every form in which people keep Python in documents: found, placed, and written back to the byte."""

import ast
import re
from pathlib import Path

import pytest

from lintml.documents import locate, read, rewrite, span_of
from lintml.model import Document, Edit, Snippet, Span

FORMS = Path(__file__).parent.parent / "fixtures" / "documents" / "forms"
CODE = sorted(path for path in FORMS.iterdir() if path.is_file() and path.suffix != ".ipynb")


def target(document: Document) -> tuple[Snippet, ast.Name]:
    """The one name that every fixture is about."""
    [found] = [
        (snippet, node)
        for snippet in document.snippets
        if snippet.tree
        for node in ast.walk(snippet.tree)
        if isinstance(node, ast.Name) and node.id == "before_here"
    ]
    return found


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_the_code_is_found_where_it_stands(path):
    document = read(str(path))
    snippet, name = target(document)
    place = locate(snippet, span_of(snippet, name))
    offset = document.text.index("before_here")
    row = document.text.count("\n", 0, offset) + 1
    column = offset - (document.text.rfind("\n", 0, offset) + 1) + 1
    assert (place.row, place.column) == (row, column)
    assert (place.end_row, place.end_column) == (row, column + len("before_here"))
    assert all(snippet.problem is None for snippet in document.snippets)


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_an_edit_changes_nothing_else(path):
    document = read(str(path))
    snippet, name = target(document)
    assert rewrite(document, []) == document.text
    edited = rewrite(document, [Edit(snippet.index, span_of(snippet, name), "after_it")])
    assert edited == document.text.replace("before_here", "after_it")


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.name)
def test_a_new_line_looks_like_its_neighbours(path):
    document = read(str(path))
    snippet, name = target(document)
    start = snippet.starts[name.lineno - 1]
    line = snippet.text[start:].split("\n", 1)[0]
    indent = line[: len(line) - len(line.lstrip())]
    edited = rewrite(document, [Edit(snippet.index, Span(start, start), f"{indent}mode = 1\n")])
    begin = document.text.rfind("\n", 0, document.text.index("before_here")) + 1
    end = document.text.index("\n", begin) + 1
    row = re.sub(r"In \[\d+\]", "In [ ]", document.text[begin:end])
    assert edited == document.text[:begin] + row.replace(line, f"{indent}mode = 1") + document.text[begin:]


@pytest.mark.parametrize("path", sorted((FORMS / "not_code").iterdir()), ids=lambda path: path.name)
def test_what_is_not_code_is_not_read(path):
    document = read(str(path))
    assert "before_here" in document.text
    assert not any(snippet.tree for snippet in document.snippets)
