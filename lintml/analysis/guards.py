"""Whether code itself expects that a name of torch may not be there, or that it warns."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final

from lintml.analysis.names import Names
from lintml.analysis.tree import walk

_VERSION: Final = re.compile(r"[<>=!~ ]*\d+\.\d+(\.\d+)?([a-z+.].*)?")
_ASKING: Final = frozenset({"hasattr", "getattr"})
_KINDS: Final = frozenset({"isinstance", "issubclass", "type", "callable"})
_EXPECTING: Final = frozenset(
    "raises warns deprecated_call assertRaises assertRaisesRegex assertWarns suppress".split()
)
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS: Final = ("body", "orelse", "finalbody")


class Guards:
    """The tests that decide on a page whether a node is reached."""

    def __init__(self, names: Names, nodes: Iterable[ast.AST], parents: Callable[[ast.AST], Iterator[ast.AST]]) -> None:
        self._names = names
        self._nodes = nodes
        self._parents = parents

    def expects(self, node: ast.AST, instead: str = "") -> bool:
        """Whether a ``try`` with handlers, ``hasattr`` or a question for the version stands before a node.

        So does any test whose other way out is ``instead``, the path of what replaces the node.
        """
        child = node
        for parent in self._parents(node):
            if isinstance(parent, ast.Try) and parent.handlers:
                return True
            for decision, test in _decisions(parent, child):
                if self._decides(test) or (instead and self._offers(decision, instead)):
                    return True
            if _expected(parent):
                return True
            child = parent
        return False

    def silences(self, node: ast.AST) -> bool:
        """Whether warnings are caught around a node."""
        return any(
            isinstance(parent, ast.With)
            and any(self._path(item.context_expr) == "warnings.catch_warnings" for item in parent.items)
            for parent in self._parents(node)
        )

    def asked_for(self, name: str) -> bool:
        """Whether the page asks some object for an attribute of that name."""
        return name in self._attributes

    def narrows(self, node: ast.AST) -> bool:
        """Whether the code asks what kind of object it has before it gets to a node."""
        child = node
        for parent in self._parents(node):
            for _, test in _decisions(parent, child):
                if any(isinstance(each, ast.Name) and each.id in _KINDS for each in walk(test)):
                    return True
            child = parent
        return False

    def is_never_run(self, node: ast.AST) -> bool:
        """Whether a node is part of an annotation that Python does not evaluate."""
        inner = node
        for parent in self._parents(node):
            match parent:
                case ast.AnnAssign(annotation=annotation) if annotation is inner:
                    scope = next((each for each in self._parents(parent) if isinstance(each, _SCOPES)), None)
                    return self._postponed or isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef)
                case (
                    ast.arg(annotation=annotation)
                    | ast.FunctionDef(returns=annotation)
                    | ast.AsyncFunctionDef(returns=annotation)
                ) if annotation is inner:
                    return self._postponed
                case ast.stmt():
                    return False
            inner = parent
        return False

    @cached_property
    def _postponed(self) -> bool:
        """Whether the page asks Python to leave all annotations unevaluated."""
        return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in self._nodes)

    @cached_property
    def _attributes(self) -> frozenset[str]:
        """The attributes that ``hasattr`` and ``getattr`` are asked for by name."""
        found = set()
        for node in self._nodes:
            match node:
                case ast.Call(func=ast.Name(id=asking), args=[_, ast.Constant(value=str(name)), *_]):
                    if asking in _ASKING:
                        found.add(name)
        return frozenset(found)

    def _path(self, node: ast.expr) -> str | None:
        return self._names.path(node.func if isinstance(node, ast.Call) else node)

    def _offers(self, decision: ast.AST, path: str) -> bool:
        return any(self._names.path(node) == path for node in walk(decision))

    def _decides(self, test: ast.AST) -> bool:
        for node in walk(test):
            match node:
                case ast.Name(id=name) if name in _ASKING or name in self._versions:
                    return True
                case ast.Constant(value=str(text)) if _VERSION.fullmatch(text):
                    return True
                case ast.Name() | ast.Attribute() if _asks(self._names.path(node)):
                    return True
        return False

    @cached_property
    def _versions(self) -> frozenset[str]:
        """The names of the page that hold torch's version, or whether it is new enough."""
        found: set[str] = set()
        statements = [node for node in self._nodes if isinstance(node, ast.Assign | ast.FunctionDef)]
        before = -1
        while before != len(found):
            before = len(found)
            for node in statements:
                made = [node.name] if isinstance(node, ast.FunctionDef) else _targets(node)
                if not found.issuperset(made) and any(self._tells(each, found) for each in walk(node)):
                    found.update(made)
        return frozenset(found)

    def _tells(self, node: ast.AST, found: set[str]) -> bool:
        if isinstance(node, ast.Name) and (node.id in found or node.id in _ASKING):
            return True
        return isinstance(node, ast.Name | ast.Attribute) and _asks(self._names.path(node))


def _asks(path: str | None) -> bool:
    if path is None:
        return False
    return path in ("torch.__version__", "typing.TYPE_CHECKING") or f"{path}.".startswith("torch.version.")


def _targets(node: ast.Assign) -> list[str]:
    return [each.id for target in node.targets for each in walk(target) if isinstance(each, ast.Name)]


def _decisions(parent: ast.AST, child: ast.AST) -> Iterator[tuple[ast.AST, ast.expr]]:
    """What must come out one way for ``child`` to be reached in ``parent``, each with the test that it makes."""
    match parent:
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if test is not child:
            yield parent, test
        case ast.BoolOp(values=values) if child in values:
            yield from ((each, each) for each in values[: values.index(child)])
        case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
            yield from ((each, each) for each in decorators if each is not child)
    for field in _BLOCKS:
        block = getattr(parent, field, None)
        if isinstance(block, list) and child in block:
            for statement in block[: block.index(child)]:
                match statement:
                    case ast.Assert(test=test):
                        yield statement, test
                    case ast.If(test=test, body=[*_, ast.Return() | ast.Raise() | ast.Continue()]):
                        yield statement, test


def _expected(parent: ast.AST) -> bool:
    """Whether a ``with`` waits for what goes wrong in it, as tests do."""
    return isinstance(parent, ast.With) and any(
        isinstance(item.context_expr, ast.Call) and _last(item.context_expr.func) in _EXPECTING for item in parent.items
    )


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
