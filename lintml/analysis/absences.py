"""Names of torch that a page reads, imports or calls, and that torch does not have."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintml.torch_api.names import NEWEST, Version, exists

if TYPE_CHECKING:
    from lintml.analysis.facts import Facts


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """A name that torch does not have in the page's version: read, imported, or a method of a torch object.

    ``path`` is the whole name, ``call`` the call of it if there is one; ``assumed`` says that the page takes the module
    for granted without an import, ``by_value`` that an object is asked for it, ``own`` that its class is one of the
    page which derives from torch's, ``run`` that Python comes to it, which it does not in some annotations.
    """

    node: ast.Attribute | ast.alias
    path: str
    version: Version
    call: ast.Call | None = None
    assumed: bool = False
    by_value: bool = False
    own: bool = False
    run: bool = True

    @property
    def namespace(self) -> str:
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    @property
    def called(self) -> bool:
        """Whether a class or function is meant, as far as can be seen."""
        return self.call is not None or isinstance(self.node, ast.alias)


def absences(facts: "Facts") -> Iterator[Absent]:
    """Each name of torch that is not there, unless the page itself puts it there or reckons with that."""
    for absent in (*_read(facts), *_imported(facts), *_reached(facts)):
        if facts.guards.asked_for(absent.name) or facts.guarded(absent.node):
            continue
        if not facts.additions.have(absent.path, by_value=absent.by_value):
            yield absent


def _is_absent(path: str, version: Version | None) -> bool:
    """Whether torch does not have a name, but has the module or class that it is looked for in."""
    if not path.startswith("torch.") or exists(path, version) is not False:
        return False
    return exists(path.rpartition(".")[0], version) is not False


def _read(facts: "Facts") -> Iterator[Absent]:
    version = facts.page.version
    for node, path in facts.names.paths.items():
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and _is_absent(path, version):
            assumed, run = _is_assumed(facts, node), not facts.guards.is_never_run(node)
            yield Absent(node, path, version or NEWEST, _call(facts, node), assumed, run=run)


def _imported(facts: "Facts") -> Iterator[Absent]:
    version = facts.page.version
    for node in (*facts.each(ast.Import), *facts.each(ast.ImportFrom)):
        match node:
            case ast.Import(names=names):
                found = [(alias, alias.name) for alias in names]
            case ast.ImportFrom(module=str(module), names=names, level=0) if _is_absent(module, version):
                found = [(names[0], module)]
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found = [(alias, f"{module}.{alias.name}") for alias in names if alias.name != "*"]
            case _:
                continue
        yield from (Absent(alias, path, version or NEWEST) for alias, path in found if _is_absent(path, version))


def _reached(facts: "Facts") -> Iterator[Absent]:
    """The methods that are called of objects which do not have them."""
    version = facts.page.version
    for call, callee in facts.program.reached.items():
        function, path = call.func, callee.path
        if not isinstance(function, ast.Attribute) or function in facts.names.paths:
            continue
        if _is_absent(path, version) and not facts.guards.narrows(call):
            yield Absent(function, path, version or NEWEST, call, by_value=True, own=callee.own)


def _call(facts: "Facts", node: ast.Attribute) -> ast.Call | None:
    parent = next(facts.parents(node), None)
    return parent if isinstance(parent, ast.Call) and parent.func is node else None


def _is_assumed(facts: "Facts", node: ast.Attribute) -> bool:
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name) and inner.id not in facts.names.bound
