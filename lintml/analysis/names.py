"""Where every name of a page is bound, what torch name it stands for, and which names nothing binds."""

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lintml.analysis.broken import seems_bound
from lintml.analysis.tree import children, walk
from lintml.model import Page
from lintml.torch_api.conventional import CONVENTIONAL, conventions

BUILTINS: Final = frozenset(dir(builtins)) | frozenset(
    "__file__ __name__ __doc__ __class__ display get_ipython reveal_type In Out".split()
)
RIVALS: Final = ("tensorflow", "keras", "paddle", "mxnet", "jax", "flax", "mindspore", "tinygrad", "chainer", "oneflow")

_FUNCTIONS = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda])
_COMPREHENSIONS = frozenset([ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp])
_YIELDS = frozenset([ast.Yield, ast.YieldFrom])
# Statements and patterns that bind names, or say where a name is bound.
_BINDING = frozenset(
    [
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal),
        *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    ]
)


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A block with names of its own; ``names`` are those it binds, ``owner`` its function, class or comprehension."""

    owner: ast.AST | None
    parent: "Scope | None"
    names: frozenset[str]
    snippet: int

    @property
    def is_class(self) -> bool:
        return isinstance(self.owner, ast.ClassDef)

    def visible(self) -> Iterator["Scope"]:
        """This scope and those around it that its code can see: class bodies are seen by nobody inside them."""
        yield self
        scope = self.parent
        while scope is not None:
            if not scope.is_class:
                yield scope
            scope = scope.parent

    def around(self, kind: type | tuple[type, ...]) -> ast.AST | None:
        """The nearest owner of a kind, from here outwards."""
        scope: Scope | None = self
        while scope is not None:
            if isinstance(scope.owner, kind):
                return scope.owner
            scope = scope.parent
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """A name that is read, where it is read, and whether it is called or is a base class there."""

    node: ast.Name
    scope: Scope
    role: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Undefined:
    """A name that nothing on the page binds: all of its uses in document order, the first one's node for a face."""

    name: str
    uses: tuple[Use, ...]

    @property
    def node(self) -> ast.Name:
        return self.uses[0].node


@dataclass(eq=False)
class Names:
    """The names of one page.

    ``imports`` maps a global name to the dotted path it was imported as; ``bound`` maps every global name to the
    snippets that bind it; ``open`` says that something (a star import of an unknown module, exec) may bind more names
    than are seen; ``generators`` are the functions that yield. ``aliases`` are the imports at module level, each with
    the dotted path that it asks for.
    """

    imports: dict[str, str] = field(default_factory=dict)
    bound: dict[str, list[int]] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    rebound: set[str] = field(default_factory=set)
    undefined: tuple[Undefined, ...] = ()
    open: bool = False
    paths: dict[ast.AST, str] = field(default_factory=dict)
    scopes: dict[ast.AST, Scope] = field(default_factory=dict)
    assumed: dict[str, str] = field(default_factory=dict)
    generators: set[ast.AST] = field(default_factory=set)
    aliases: list[tuple[ast.Import | ast.ImportFrom, ast.alias, str]] = field(default_factory=list)

    @property
    def rival(self) -> bool:
        """Whether the page imports another framework."""
        return any(module.partition(".")[0] in RIVALS for module in self.modules)

    @property
    def torch(self) -> bool:
        """Whether the page imports torch or something of it."""
        return any(module.partition(".")[0] == "torch" for module in self.modules)

    def path(self, node: ast.AST | None) -> str | None:
        """The dotted path that a name or attribute stands for by imports and conventions, or None."""
        return self.paths.get(node) if node is not None else None


def names_of(page: Page) -> Names:
    """Bind and resolve every name of a page, its snippets in order."""
    return _Reader(page).read()


class _Reader:
    def __init__(self, page: Page) -> None:
        self.trees = [(s.index, s.tree) for s in page.snippets if s.tree is not None]
        self.unread = "\n".join(s.text for s in page.snippets if s.tree is None)
        # What is taken in from other files may define any name.
        self.names = Names(open=bool(page.document.elsewhere))
        self.waiting: dict[str, list[Use]] = {}
        self.uses: list[tuple[ast.Name, Scope, str, list[ast.Attribute]]] = []

    def read(self) -> Names:
        tops = []
        for index, tree in self.trees:
            scope = Scope(None, None, frozenset(self._bindings(tree.body, index, top=True)), index)
            for name in scope.names:
                self.names.bound.setdefault(name, []).append(index)
            self._declare_imports(tree)
            tops.append((tree, scope))
        for tree, scope in tops:
            self._block(tree.body, scope)
        self._assume()
        for node, scope, role, chain in self.uses:
            self._resolve(node, scope, role, chain)
        self.names.undefined = tuple(Undefined(name, tuple(uses)) for name, uses in self.waiting.items())
        return self.names

    def _declare_imports(self, tree: ast.Module) -> None:
        for node in _statements(tree.body):
            match node:
                case ast.Import():
                    for alias in node.names:
                        self.names.modules.add(alias.name)
                        self.names.aliases.append((node, alias, alias.name))
                        name = alias.asname or alias.name.partition(".")[0]
                        self._import(name, alias.name if alias.asname else name)
                case ast.ImportFrom(module=str(module), level=0):
                    self.names.modules.add(module)
                    for alias in node.names:
                        if alias.name != "*":
                            self.names.aliases.append((node, alias, f"{module}.{alias.name}"))
                            self._import(alias.asname or alias.name, f"{module}.{alias.name}")
                case ast.ImportFrom():
                    for alias in node.names:
                        self.names.open = self.names.open or alias.name == "*"
                        self.names.rebound.add(alias.asname or alias.name)

    def _import(self, name: str, path: str) -> None:
        if self.names.imports.setdefault(name, path) != path:
            self.names.rebound.add(name)

    def _assume(self) -> None:
        if self.names.rival:
            return
        for name, path in conventions().items():
            # A star import may bring a class of its own under a known name; a module's alias it leaves as it is.
            alias = CONVENTIONAL[name].startswith("import")
            if name not in self.names.bound and (alias or not self.names.open):
                self.names.assumed[name] = path

    def _bindings(
        self, body: Iterable[ast.stmt], index: int, *, top: bool = False, function: ast.AST | None = None
    ) -> set[str]:
        """The names that statements bind in their own scope, however deep in loops and branches."""
        found: set[str] = set()
        excluded: set[str] = set()
        for node in _statements(body):
            kind = node.__class__
            if kind is ast.Name:
                if node.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined]
                    found.add(node.id)  # type: ignore[attr-defined]
                    if top:
                        self.names.rebound.add(node.id)  # type: ignore[attr-defined]
                continue
            if kind not in _BINDING:
                if kind in _YIELDS and function is not None:
                    self.names.generators.add(function)
                continue
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                    if top:
                        self.names.rebound.add(name)
                case ast.Import():
                    found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
                case ast.ImportFrom():
                    if any(alias.name == "*" for alias in node.names):
                        found |= self._star(node.module or "")
                    found.update(alias.asname or alias.name for alias in node.names if alias.name != "*")
                case ast.Global(names=listed) | ast.Nonlocal(names=listed):
                    excluded.update(listed)
                    if isinstance(node, ast.Global):
                        for name in listed:
                            self.names.bound.setdefault(name, []).append(index)
                case ast.ExceptHandler(name=str(name)):
                    found.add(name)
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    found.add(name)
        return found - excluded

    def _star(self, module: str) -> set[str]:
        from lintml.torch_api import names as api

        members = api.members(module) if module.partition(".")[0] == "torch" else ()
        if not members:
            self.names.open = True
        for name in members:
            self._import(name, f"{module}.{name}")
        return set(members)

    def _block(self, body: Iterable[ast.AST], scope: Scope) -> None:
        for node in body:
            self._visit(node, scope)

    def _visit(self, node: ast.AST, scope: Scope, role: str = "") -> None:
        kind = type(node)
        if kind is ast.Name:
            if isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]
                self.uses.append((node, scope, role, []))  # type: ignore[arg-type]
        elif kind is ast.Attribute:
            self._attribute(node, scope, role)  # type: ignore[arg-type]
        elif kind is ast.Call:
            self._visit(node.func, scope, "called")  # type: ignore[attr-defined]
            self._block(node.args, scope)  # type: ignore[attr-defined]
            for keyword in node.keywords:  # type: ignore[attr-defined]
                self._visit(keyword.value, scope)
        elif kind is ast.ClassDef:
            self._class(node, scope)  # type: ignore[arg-type]
        elif kind in _FUNCTIONS:
            self._function(node, scope)  # type: ignore[arg-type]
        elif kind in _COMPREHENSIONS:
            self._comprehension(node, scope)  # type: ignore[arg-type]
        else:
            for child in children(node):
                self._visit(child, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope, role: str) -> None:
        chain = [node]
        inner = node.value
        while isinstance(inner, ast.Attribute):
            chain.append(inner)
            inner = inner.value
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load):
            self.uses.append((inner, scope, "attribute", chain[::-1]))
        else:
            self._visit(inner, scope)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._block(node.decorator_list, scope)
        for base in node.bases:
            self._visit(base, scope, "base")
        self._block([keyword.value for keyword in node.keywords], scope)
        inner = Scope(node, scope, frozenset(self._bindings(node.body, scope.snippet)), scope.snippet)
        self.names.scopes[node] = inner
        self._block(node.body, inner)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        arguments = node.args
        outside: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        bound = {argument.arg for argument in listed}
        bound.update(extra.arg for extra in (arguments.vararg, arguments.kwarg) if extra)
        if isinstance(node, ast.Lambda):
            body: list[ast.AST] = [node.body]
        else:
            outside += [*node.decorator_list, node.returns, *(argument.annotation for argument in listed)]
            bound |= self._bindings(node.body, scope.snippet, function=node)
            body = list(node.body)
        self._block([each for each in outside if each is not None], scope)
        inner = Scope(node, scope, frozenset(bound), scope.snippet)
        self.names.scopes[node] = inner
        self._block(body, inner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope) -> None:
        first, *others = node.generators
        self._visit(first.iter, scope)
        bound = {name.id for each in node.generators for name in walk(each.target) if isinstance(name, ast.Name)}
        inner = Scope(node, scope, frozenset(bound), scope.snippet)
        self._block([*first.ifs, *others], inner)
        if isinstance(node, ast.DictComp):
            self._block([node.key, node.value], inner)
        else:
            self._visit(node.elt, inner)

    def _resolve(self, node: ast.Name, scope: Scope, role: str, chain: list[ast.Attribute]) -> None:
        name = node.id
        for seen in scope.visible():
            if seen.parent is not None and name in seen.names:
                return
        names = self.names
        if name in names.imports and name not in names.rebound:
            path = names.imports[name]
        elif name in names.bound:
            return
        else:
            if name not in BUILTINS and not names.open and not seems_bound(name, self.unread):
                self.waiting.setdefault(name, []).append(Use(node, scope, role))
            if name not in names.assumed:
                return
            path = names.assumed[name]
        names.paths[node] = path
        for attribute in chain:
            path = f"{path}.{attribute.attr}"
            names.paths[attribute] = path


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node in statements but for the insides of nested functions, classes and comprehensions' own names."""
    stack = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        kind = type(node)
        if kind is ast.ClassDef or kind in _FUNCTIONS:
            continue
        if kind in _COMPREHENSIONS:
            # Only a walrus binds outside of a comprehension.
            stack.extend(walrus.target for walrus in walk(node) if isinstance(walrus, ast.NamedExpr))
            continue
        stack.extend(reversed(children(node)))
