"""A class or function that is used before the document defines it.

Code runs in the order in which it stands, so that the line raises a NameError. A reader who goes through a notebook
from the top meets it, and whoever has run the later cell once does not.

```python wrong
import torch

model = Net()


class Net(torch.nn.Module):
    def forward(self, x):
        return x
```

```python right
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x


model = Net()
```

Where a later snippet has the definition it is only a note: a document may show on purpose how something is used before
it shows how it is made.
"""

import ast
from collections.abc import Iterator

from lintml import Facts, Finding, Page, Reason, Rule, Snippet

rule = Rule(code="SNP008", severity="error")

LATER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


@rule.check
def too_early(page: Page, facts: Facts) -> Iterator[Finding]:
    made = dict(_definitions(page))
    early = [node for node in facts.each(ast.Name) if _is_early(node, made, facts)] if made else []
    if not early or facts.names.open or _takes_in_anything(facts):
        return
    told = {name for node in facts.nodes for name in _bound(node, made)}
    unread = "\n".join(snippet.text for snippet in page.snippets if snippet.tree is None)
    for node in early:
        home, definition = made[node.id]
        if node.id in told or node.id in unread or not _runs_at_once(node, definition, facts):
            continue
        told.add(node.id)
        yield Finding(
            node,
            f"`{node.id}` is used before it is defined",
            because=(Reason(definition, "it is defined here"),),
            severity=None if facts.snippet(node) is home else "info",
        )


def _is_early(node: ast.Name, made: dict[str, tuple[Snippet, ast.stmt]], facts: Facts) -> bool:
    """Whether a name is read above its definition, in code that is there to be run."""
    if node.id not in made or not isinstance(node.ctx, ast.Load):
        return False
    here, (home, definition) = facts.snippet(node), made[node.id]
    return not here.execute and (here.index, node.lineno) < (home.index, definition.lineno)


def _runs_at_once(node: ast.Name, definition: ast.stmt, facts: Facts) -> bool:
    """Whether Python comes to a name where it stands: in no function, no annotation, and not if that may fail."""
    inner: ast.AST = node
    for parent in facts.parents(node):
        if parent is definition or isinstance(parent, LATER):
            return False
        if isinstance(parent, ast.AnnAssign) and parent.annotation is inner:
            return False
        inner = parent
    return not facts.guarded(node)


def _definitions(page: Page) -> Iterator[tuple[str, tuple[Snippet, ast.stmt]]]:
    """The classes and functions that snippets define outside of any block, the first of each name counting."""
    seen = set()
    for snippet in page.snippets:
        for statement in snippet.tree.body if snippet.tree is not None else ():
            if (
                isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
                and statement.name not in seen
            ):
                seen.add(statement.name)
                yield statement.name, (snippet, statement)


def _bound(node: ast.AST, made: dict[str, tuple[Snippet, ast.stmt]]) -> Iterator[str]:
    """The names that a node binds in another way than by the definition that counts."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            if name in made and made[name][1] is not node:
                yield name


def _takes_in_anything(facts: Facts) -> bool:
    """Whether the page takes in names that nobody sees: by a star, or by running text as code."""
    if any(alias.name == "*" for node in facts.each(ast.ImportFrom) for alias in node.names):
        return True
    return any(node.id in ("exec", "globals") for node in facts.each(ast.Name))
