"""What a document asks not to be told, and what of it asks for nothing."""

import ast
import json

import pytest

from lintml.documents import locate, parse, span_of
from lintml.model import Diagnostic, Document
from lintml.suppress import complaints, kept


def diagnose(document: Document, *names: str, code: str = "SHP001") -> list[Diagnostic]:
    """One diagnostic for each call of one of ``names``, or of ``f``."""
    found = []
    for snippet in document.snippets:
        for node in ast.walk(snippet.tree) if snippet.tree else ():
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in (names or ("f",)):
                    span = span_of(snippet, node)
                    place = locate(snippet, span)
                    found.append(Diagnostic(code, "linear-in-features", "error", name, place, snippet.index, span))
    return found


def left(code: str, *names: str) -> list[str]:
    """What is still said of the calls in some code."""
    document = parse(f"```python\n{code}\n```\n", "page.md")
    return [diagnostic.message for diagnostic in kept(document, diagnose(document, *names))[0]]


@pytest.mark.parametrize(
    "code",
    [
        "f(x)  # noqa",
        "f(x)  # noqa: SHP001",
        "f(x)  # NOQA: E501, shp001",
        "f(x)  # lintml: ignore",
        "f(x)  # lintml: ignore[SHP001]",
        "f(x)  # lintml: ignore[OPT001, linear-in-features] as in the paper",
        "# lintml: ignore[SHP001]\nf(x)",
        "# lintml: ignore[SHP001]\n# and why\n\nf(x)",
        "# lintml: ignore[SHP001]\ndef g():\n    y = 1\n    return f(x)",
        "# lintml: ignore[SHP001]\n@decorated\nclass A:\n    y = f(x)",
        "y = g(1,\n      f(x),\n      2)  # noqa",
        "y = g(1,  # noqa\n      f(x))",
        "y = g(\n    # lintml: ignore\n    f(x),\n)",
        "if f(x):  # noqa\n    y = 1",
        "# lintml: skip\ny = 1\nf(x)",
        "# lintml: off\nf(x)\n# lintml: on",
        "# lintml: off\nf(x)",
        "f(x)\n# lintml: file-ignore[SHP001]",
        "# lintml: expect[SHP001]\nf(x)",
        "# wrong\nf(x)",
        "y = 1\n# wrong\nf(x)\n# right\ny = 2",
    ],
)
def test_silenced(code):
    assert left(code) == []


@pytest.mark.parametrize(
    "code",
    [
        "f(x)  # noqa: E501",
        "f(x)  # lintml: ignore[OPT001]",
        "'# noqa'; f(x)",
        "# noqa\nf(x)",
        "y = 1  # noqa\nf(x)",
        "# lintml: ignore[SHP001]\ny = 1\nf(x)",
        "if y:  # noqa\n    f(x)",
        "# lintml: off\ny = 1\n# lintml: on\nf(x)",
        "f(x)\n# lintml: off",
        "# lintml: file-ignore[OPT001]\nf(x)",
        "# wrong\ny = 1\n# right\nf(x)",
    ],
)
def test_still_said(code):
    assert left(code) == ["f"]


def test_markers_before_a_block_speak_for_the_block():
    text = "<!-- lintml: ignore[SHP001] -->\n\n```python\nf(x)\nf(y)\n```\n\n```python\nf(z)\n```\n"
    document = parse(text, "page.md")
    stay, silenced = kept(document, diagnose(document))
    assert [diagnostic.location.row for diagnostic in stay] == [9]
    assert [diagnostic.location.row for diagnostic in silenced] == [4, 5]


def test_a_row_of_one_cell_is_not_a_row_of_another():
    cells = [{"cell_type": "code", "source": source} for source in ("f(x)  # noqa", "f(x)")]
    document = parse(json.dumps({"cells": cells}), "page.ipynb")
    stay, _ = kept(document, diagnose(document))
    assert [diagnostic.location.cell for diagnostic in stay] == [2]


def said(text: str, path: str = "page.md") -> list[tuple[str, str, int, int]]:
    document = parse(text, path)
    ran = {"SHP001", "linear-in-features", "OPT001"}.__contains__
    return [
        (each.code, each.message, each.location.row, each.location.column)
        for each in complaints(document, diagnose(document), ran)
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("y = 1  # lintml: ignore[SHP001]", "ignore silences nothing: SHP001 was not found"),
        ("y = 1  # lintml: ignore", "ignore silences nothing: nothing was found"),
        ("f(x)  # lintml: ignore[SHP001, OPT001]", "ignore silences nothing: OPT001 was not found"),
        ("y = 1  # noqa: SHP001", "noqa silences nothing: SHP001 was not found"),
        ("y = 1  # lintml: file-ignore[SHP001]", "file-ignore silences nothing: SHP001 was not found"),
    ],
)
def test_a_suppression_that_silences_nothing_is_found(line, message):
    assert said(f"```python\n{line}\n```\n") == [("SUP001", message, 2, line.index("#") + 1)]


def test_an_expectation_that_is_not_met_is_found():
    text = "<!-- lintml: expect[SHP001] -->\n```python\ny = 1\n```\n"
    assert said(text) == [("SUP002", "SHP001 is expected here and was not found", 1, 1)]


@pytest.mark.parametrize(
    "line",
    [
        "f(x)  # lintml: ignore[SHP001]",
        "f(x)  # lintml: expect[linear-in-features]",
        "y = 1  # noqa",
        "y = 1  # noqa: E501",
        "y = 1  # lintml: ignore[DEV001]",
        "# lintml: skip",
        "# wrong\ny = 1",
    ],
)
def test_what_is_used_or_not_ours_is_not_complained_of(line):
    assert said(f"```python\n{line}\n```\n") == []


def test_a_complaint_in_a_notebook_names_the_cell():
    cells = [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "source": "y = 1\nz = 2 # noqa: SHP001"}]
    document = parse(json.dumps({"cells": cells}), "page.ipynb")
    [found] = complaints(document, [], lambda code: True)
    assert (found.location.cell, found.location.row, found.location.column) == (2, 2, 7)


def misspelled(text: str) -> list[str]:
    """What is said of the markers of a document that ask for nothing known."""
    found = complaints(parse(text, "page.md"), [], lambda code: False)
    return [each.message for each in found if each.code == "SUP003"]


@pytest.mark.parametrize(
    ("marker", "meant"),
    [
        ("skp", "skip"),
        ("Skpi", "skip"),
        ("ignor[SHP001]", "ignore"),
        ("ignored[SHP001] as in the paper", "ignore"),
        ("fileignore[SHP001]", "file-ignore"),
        ("expects[SHP001]", "expect"),
        ("same_as torch.nn.functional.gelu", "same-as"),
        ("require cuda", "requires"),
        ("of", "off"),
    ],
)
def test_a_misspelled_marker_is_told(marker: str, meant: str) -> None:
    message = (
        f"`{marker.split('[')[0].split()[0].lower()}` is nothing that lintml can be asked for; did you mean `{meant}`?"
    )
    assert misspelled(f"<!-- lintml: {marker} -->\n\n```python\nf(x)\n```\n") == [message]
    assert misspelled(f"```python\nf(x)  # lintml: {marker}\n```\n") == [message]


@pytest.mark.parametrize(
    "words",
    ["skip", "on", "off", "try f(x)", "setup import torch", "requires cuda", "same-as torch.relu", "file-ignore[SHP001]",
     "one of the checks", "of course", "reads this file", "see the documentation", "https://example.org", ""],
)  # fmt: skip
def test_known_markers_and_prose_are_not_told(words: str) -> None:
    assert misspelled(f"<!-- lintml: {words} -->\n\n```python\nf(x)\n```\n") == []
    assert misspelled(f"```python\nf(x)  # lintml: {words}\n```\n") == []


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("lintml-skp", "skip"),
        ("lintml-ignor-SHP001", "ignore"),
        ("lintml-fileignore-SHP001", "file-ignore"),
        ("lintml-skip", None),
        ("lintml-ignore-SHP001", None),
        ("lintml", None),
        ("lintml-notes-for-week-3", None),
        ("skp", None),
    ],
)
def test_a_misspelled_tag_of_a_cell_is_told(tag: str, meant: str | None) -> None:
    cell = {"cell_type": "code", "source": "f(x)", "metadata": {"tags": [tag]}, "outputs": [], "execution_count": None}
    text = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found = [each for each in complaints(parse(text, "page.ipynb"), [], lambda code: False) if each.code == "SUP003"]
    assert [each.message.endswith(f"did you mean `{meant}`?") for each in found] == ([True] if meant else [])
    assert all(each.location.cell == 1 for each in found)
