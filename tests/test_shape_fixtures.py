"""Models as people write them: the right ones are silent and run, the wrong ones are found and fail."""

import ast
import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lintml import catalog, documents, pipeline
from lintml.config import Settings
from lintml.model import Document, SetArgument, Snippet

FOLDER = Path(__file__).parent.parent / "fixtures" / "shapes"
PAGES = sorted(FOLDER.glob("*.md"))
FAILURES = (RuntimeError, ValueError, IndexError, TypeError, AttributeError)
DRIVER = re.compile(r"^# run: (.+)$", re.MULTILINE)


def document(page: Path) -> Document:
    return documents.parse(page.read_text(encoding="utf-8"), page.name)


def wanted(snippet: Snippet) -> list[str]:
    """The codes that a fence's info string lists: ``python finds SHP001 SHP004``; none where it must be clean."""
    language, *words = snippet.info.split()
    assert language == "python"
    assert not words or words[0] == "finds"
    return sorted(words[1:])


def modules(snippet: Snippet) -> set[str]:
    """The classes that a fence defines, those inside functions apart."""
    assert snippet.tree is not None, snippet.problem
    return {node.name for node in snippet.tree.body if isinstance(node, ast.ClassDef)}


def driven(text: str) -> str:
    """The document with what its comments run as code of its own."""
    return DRIVER.sub(r"\1", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_right_is_silent_and_what_is_wrong_is_found(page: Path) -> None:
    checked = pipeline.check(document(page), Settings())
    assert not checked.crashes
    found: dict[int, list[str]] = {snippet.index: [] for snippet in checked.document.snippets}
    for each in sorted(checked.diagnostics, key=lambda each: each.code):
        found[each.snippet].append(each.code)
    assert found == {snippet.index: wanted(snippet) for snippet in checked.document.snippets}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_right_is_silent_with_a_driver_too(page: Path) -> None:
    checked = pipeline.check(documents.parse(driven(page.read_text(encoding="utf-8")), page.name), Settings())
    assert not checked.crashes
    right = {snippet.index for snippet in checked.document.snippets if not wanted(snippet)}
    assert [(each.location.row, each.message) for each in checked.diagnostics if each.snippet in right] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_torch_agrees(page: Path) -> None:
    torch = pytest.importorskip("torch")
    if "einops" in page.read_text(encoding="utf-8"):
        pytest.importorskip("einops")
    names: dict[str, Any] = {"__name__": "page"}
    raising = {rule.code for rule in catalog.rules() if rule.severity == "error"}
    for snippet in document(page).snippets:
        torch.manual_seed(0)
        drivers = DRIVER.findall(snippet.text)
        fails = bool(wanted(snippet)) and set(wanted(snippet)) <= raising
        with pytest.raises(FAILURES) if fails and not drivers else contextlib.nullcontext():
            exec(compile(snippet.text, f"{page.name}:{snippet.row}", "exec"), names)
        if not wanted(snippet):
            with called(torch) as seen:
                for driver in drivers:
                    eval(driver, names)
            layers = {name for name in modules(snippet) if issubclass(names[name], torch.nn.Module)}
            assert not layers - seen, "nothing runs these"
        for driver in drivers if fails else ():
            with pytest.raises(FAILURES):
                eval(driver, names)


@contextlib.contextmanager
def called(torch: Any) -> Iterator[set[str]]:
    """The names of the classes of all modules that are called meanwhile, with those of their bases."""
    seen: set[str] = set()

    def note(module: Any, *_: Any) -> None:
        seen.update(base.__name__ for base in type(module).__mro__)

    handle = torch.nn.modules.module.register_module_forward_hook(note)
    try:
        yield seen
    finally:
        handle.remove()


@pytest.mark.parametrize(("given", "fixed"), [("2 * dim", "dim"), ("3 * dim", "dim")])
def test_a_layer_that_another_class_makes_is_given_its_size_there(given: str, fixed: str) -> None:
    inner = "class Inner(nn.Module):\n    def __init__(self, dim):\n        super().__init__()\n"
    inner += "        self.fc = nn.Linear(dim, 3)\n\n    def forward(self, x):\n        return self.fc(x)\n\n\n"
    outer = "class Outer(nn.Module):\n    def __init__(self, dim):\n        super().__init__()\n"
    outer += f"        self.a = nn.Linear(9, dim)\n        self.b = Inner({given})\n\n"
    outer += "    def forward(self, x):\n        return self.b(self.a(x))\n"
    text = f"```python\nimport torch.nn as nn\n\n\n{inner}{outer}```\n"
    (found,) = pipeline.check(documents.parse(text, "page.md"), Settings()).diagnostics
    assert (found.code, found.location.row) == ("SHP001", text[: text.index("Inner(" + given)].count("\n") + 1)
    assert found.fix is not None
    assert [change.value for change in found.fix.changes if isinstance(change, SetArgument)] == [fixed]


def test_there_are_enough_of_both() -> None:
    snippets = [snippet for page in PAGES for snippet in document(page).snippets]
    right = sum(len(modules(snippet)) for snippet in snippets if not wanted(snippet))
    wrong = sum(len(wanted(snippet)) for snippet in snippets)
    assert right >= 120
    assert wrong >= 60
