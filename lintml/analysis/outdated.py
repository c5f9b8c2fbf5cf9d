"""Mentions of names that torch has removed, left to raise, or deprecated."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from lintml.analysis.invocations import Invocation
from lintml.analysis.names import Names
from lintml.analysis.tree import walk
from lintml.model import Page
from lintml.torch_api import history
from lintml.torch_api.history import Change
from lintml.torch_api.names import NEWEST, Version

_LIBRARIES: Final = ("torch.", "functorch.", "torchvision.")


@dataclass(frozen=True, slots=True, eq=False)
class Outdated:
    """A name of torch as the page imports or uses it, and what became of it.

    ``node`` is the import's alias, or the expression that names it; ``path`` is what the page writes in full, and
    ``call`` the call of it. Of an import, ``statement`` is the statement and ``uses`` are the names that it stands for.
    ``method`` says that it is reached through an object.
    """

    node: ast.expr | ast.alias
    path: str
    change: Change
    call: ast.Call | None = None
    statement: ast.Import | ast.ImportFrom | None = None
    uses: tuple[ast.Name, ...] = ()
    method: bool = False


def outdated(
    names: Names,
    page: Page,
    nodes: Iterable[ast.AST],
    parents: Callable[[ast.AST], Iterator[ast.AST]],
    invocations: Iterable[Invocation],
) -> Iterator[Outdated]:
    """Each import once, then what is named in full or through a star import, then methods of tensors and objects.

    What still works and is only handed on, by ``__all__`` or by a package, is for those to hear of who take it.
    """
    explained: set[ast.AST] = set()
    is_package = page.document.path.endswith("__init__.py")
    handed_on = _handed_on(nodes) if "__all__" in names.bound else frozenset()
    wanted = page.version or NEWEST
    for statement, alias, path in names.aliases:
        found = _change(path, wanted)
        if found is None:
            continue
        bound = alias.asname or alias.name.partition(".")[0]
        uses = tuple(n for n, p in names.paths.items() if isinstance(n, ast.Name) and n.id == bound and p == path)
        explained.update(uses)
        used = any(_is_used(each, parents) for each in uses)
        told = bound not in names.rebound and (used or not (uses or is_package or bound in handed_on))
        if found.state == "gone" or told:
            yield Outdated(alias, path, found, statement=statement, uses=uses)
    for node, path in names.paths.items():
        found = _change(path, wanted)
        if found is None or node in explained or not isinstance(node, ast.Name | ast.Attribute):
            continue
        if isinstance(node, ast.Attribute) and _change(names.paths.get(node.value, ""), wanted) is not None:
            continue
        if isinstance(node.ctx, ast.Load) and (found.state == "gone" or _is_used(node, parents)):
            parent = next(parents(node), None)
            call = parent if isinstance(parent, ast.Call) and parent.func is node else None
            yield Outdated(node, path, found, call)
    for each in invocations:
        if isinstance(each.node.func, ast.Attribute) and each.node.func not in names.paths:
            found = _change(each.path, wanted)
            if found is not None:
                yield Outdated(each.node.func, each.path, found, each.node, method=True)


@cache
def _change(path: str, version: Version) -> Change | None:
    return history.change(path, version) if path.startswith(_LIBRARIES) else None


def _handed_on(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that a page lists in ``__all__``."""
    lists = (
        each.value
        for each in nodes
        if isinstance(each, ast.Assign | ast.AugAssign | ast.AnnAssign) and "__all__" in map(_name, _targets(each))
    )
    listed = (node.value for each in lists if each is not None for node in walk(each) if isinstance(node, ast.Constant))
    return frozenset(name for name in listed if isinstance(name, str))


def _targets(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_used(node: ast.expr, parents: Callable[[ast.AST], Iterator[ast.AST]]) -> bool:
    """Whether a name is called, decorates or is derived from, rather than only spoken of."""
    match next(parents(node), None):
        case ast.Call(func=function):
            return function is node
        case ast.FunctionDef(decorator_list=listed) | ast.ClassDef(decorator_list=listed) if node in listed:
            return True
        case ast.ClassDef(bases=bases):
            return node in bases
    return False
