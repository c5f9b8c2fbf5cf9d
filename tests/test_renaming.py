"""No finding rests on what a document calls its own things: renamed throughout, it gets the same ones."""

import ast
import io
import tokenize
from pathlib import Path

import pytest

from lintml import catalog, documents, pipeline
from lintml.config import Settings

FIXTURES = Path(__file__).parents[1] / "fixtures"
# What torch calls, and what it is misspelt as.
SPECIAL = {"forward", "step", "self", "cls", "call", "foward", "forwrad", "Forward", "_init_"}


def own_names(tree: ast.Module) -> set[str]:
    """The variables, parameters, attributes, functions and classes that code makes up and hands to nobody by keyword."""
    made: set[str] = set()
    kept = set(SPECIAL)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                made.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
            case ast.Attribute(attr=name, value=ast.Name(id="self"), ctx=ast.Store()):
                made.add(name)
            case ast.Attribute(attr=name, value=owner) if root(owner) != "self":
                kept.add(name)
            case ast.keyword(arg=str(name)) | ast.Constant(value=str(name)):
                kept.add(name)
            case ast.ImportFrom(module=str(path)):
                kept.update(path.split("."))
            case ast.alias(name=name, asname=asname):
                kept |= {name, asname or ""}
    return {n for n in made - kept if n.isascii() and not n.startswith(("self", "__"))}


def root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with, empty if it begins with something else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def renamed(code: str) -> str:
    names = {name: f"zq{number}" for number, name in enumerate(sorted(own_names(ast.parse(code))))}
    lines = code.splitlines(keepends=True)
    for token in reversed(list(tokenize.generate_tokens(io.StringIO(code).readline))):
        if token.type == tokenize.NAME and token.string in names:
            row, start = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:start] + names[token.string] + line[token.end[1] :]
    return "".join(lines)


def findings(code: str) -> list[tuple[str, int, str]]:
    checked = pipeline.check(documents.parse(f"```python\n{code}```\n", "page.md"), Settings())
    assert not checked.crashes
    return [(d.code, d.location.row, d.severity) for d in checked.diagnostics]


def pages() -> list[str]:
    """Every fence of every rule's page, and of every rule's odd cases."""
    texts = {rule.code: rule.page for rule in catalog.rules()}
    texts |= {path.stem: path.read_text(encoding="utf8") for path in sorted((FIXTURES / "rules").glob("*.md"))}
    return [
        pytest.param(snippet.text, id=f"{name}-{number}")
        for name, text in texts.items()
        for number, snippet in enumerate(documents.parse(text, "page.md").snippets)
        if snippet.tree is not None
    ]


def whole_pages() -> list[object]:
    """Pages whose fences build on each other, each as one piece of code."""
    found: list[object] = []
    for path in sorted((FIXTURES / "shapes").glob("*.md")):
        snippets = documents.parse(path.read_text(encoding="utf8"), path.name).snippets
        found.append(pytest.param("\n".join(snippet.text for snippet in snippets), id=path.stem))
    return found


@pytest.mark.parametrize("code", [*pages(), *whole_pages()])
def test_renaming_everything_changes_no_finding(code: str) -> None:
    again = renamed(code)
    assert ast.dump(ast.parse(again)) != ast.dump(ast.parse(code)) or not own_names(ast.parse(code))
    assert findings(again) == findings(code)
