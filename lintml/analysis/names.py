"""Where every name of a page is bound, what torch name it stands for, and which names nothing binds."""

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from lintml.analysis.broken import seems_bound, unread_code
from lintml.analysis.tree import annotation_parts, children
from lintml.model import Page
from lintml.torch_api.conventional import CONVENTIONAL, conventions

BUILTINS: Final = frozenset(dir(builtins)) | frozenset(
    "__file__ __name__ __doc__ __class__ display get_ipython reveal_type In Out".split()
)
RIVALS: Final = ("tensorflow", "keras", "paddle", "mxnet", "jax", "flax", "mindspore", "tinygrad", "chainer", "oneflow")


@dataclass(slots=True, eq=False)
class Scope:
    """A block with names of its own; ``names`` are those it binds, ``owner`` its function, class or comprehension."""

    owner: ast.AST | None
    parent: "Scope | None"
    snippet: int
    names: set[str] = field(default_factory=set)

    @property
    def is_class(self) -> bool:
        return isinstance(self.owner, ast.ClassDef)

    def sees(self, name: str) -> bool:
        """Whether this scope or one around it binds a name, short of the page: class bodies hide theirs from within."""
        scope = self
        while scope.parent is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return True
            scope = scope.parent
        return False

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
    """Reads each tree once: what binds a name goes to its scope; what reads one is resolved when all is bound."""

    def __init__(self, page: Page) -> None:
        self.trees = [(s.index, s.tree) for s in page.snippets if s.tree is not None]
        self.unread = "\n".join(unread_code(s) for s in page.snippets if s.tree is None)
        # What is taken in from other files may define any name.
        self.names = Names(open=bool(page.document.elsewhere))
        self.waiting: dict[str, list[Use]] = {}
        self.uses: list[tuple[ast.Name, Scope, str, list[ast.Attribute]]] = []
        self.elsewhere: list[tuple[Scope, ast.Global | ast.Nonlocal]] = []

    def read(self) -> Names:
        for index, tree in self.trees:
            top = Scope(None, None, index)
            self._block(tree.body, top)
            for name in top.names:
                self.names.bound.setdefault(name, []).append(index)
        for scope, statement in self.elsewhere:
            scope.names.difference_update(statement.names)
            if isinstance(statement, ast.Global):
                for name in statement.names:
                    self.names.bound.setdefault(name, []).append(scope.snippet)
        self._assume()
        for node, scope, role, chain in self.uses:
            if not scope.sees(node.id):
                self._resolve(node, scope, role, chain)
        self.names.undefined = tuple(Undefined(name, tuple(uses)) for name, uses in self.waiting.items())
        return self.names

    def _block(self, body: Iterable[ast.AST], scope: Scope) -> None:
        """Read nodes of one scope and all that is in them, in document order."""
        stack = list(body)
        stack.reverse()
        while stack:
            node = stack.pop()
            read = _READING.get(node.__class__)
            inner = children(node) if read is None else read(self, node, scope)
            if inner:
                inner.reverse()
                stack += inner

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if node.ctx.__class__ is ast.Load:
            self.uses.append((node, scope, "", []))
        else:
            self._bind(node.id, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> list[ast.AST] | None:
        chain, inner = [node], node.value
        while isinstance(inner, ast.Attribute):
            chain.append(inner)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return [inner]
        chain.reverse()
        self.uses.append((inner, scope, "attribute", chain))
        return None

    def _call(self, node: ast.Call, scope: Scope) -> list[ast.AST]:
        inner = self._reading([node.func], scope, "called")
        inner += node.args
        inner += [keyword.value for keyword in node.keywords]
        return inner

    def _reading(self, nodes: Iterable[ast.AST], scope: Scope, role: str) -> list[ast.AST]:
        """Note the names among expressions as used in a role; what is left to read are the others."""
        left = []
        for node in nodes:
            if isinstance(node, ast.Name):
                self.uses.append((node, scope, role, []))
            else:
                left.append(node)
        return left

    def _annotated(self, nodes: Iterable[ast.AST | None], scope: Scope) -> list[ast.AST]:
        parts = [part for node in nodes if node is not None for part in annotation_parts(node)]
        return self._reading(parts, scope, "annotation")

    def _annotation(self, node: ast.AnnAssign, scope: Scope) -> list[ast.AST]:
        # Those of a function's own names are never evaluated.
        evaluated = scope.parent is None or scope.is_class
        read = self._annotated([node.annotation], scope) if evaluated else [node.annotation]
        return [*read, *([node.value] if node.value is not None else []), node.target]

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._bind(node.name, scope)
        self._block(self._reading(node.decorator_list, scope, "called"), scope)
        self._block(self._reading(node.bases, scope, "base"), scope)
        self._block([keyword.value for keyword in node.keywords], scope)
        inner = self.names.scopes[node] = Scope(node, scope, scope.snippet)
        self._block(node.body, inner)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Scope) -> None:
        arguments = node.args
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        outside: list[ast.AST | None] = [*arguments.defaults, *arguments.kw_defaults]
        if not isinstance(node, ast.Lambda):
            self._bind(node.name, scope)
            outside += self._reading(node.decorator_list, scope, "called")
            outside += self._annotated([node.returns, *[argument.annotation for argument in listed]], scope)
        self._block([each for each in outside if each is not None], scope)
        inner = self.names.scopes[node] = Scope(node, scope, scope.snippet)
        inner.names.update([argument.arg for argument in listed])
        inner.names.update([extra.arg for extra in (arguments.vararg, arguments.kwarg) if extra])
        self._block([node.body] if isinstance(node, ast.Lambda) else node.body, inner)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope) -> None:
        first, *others = node.generators
        self._block([first.iter], scope)
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._block([first.target, *first.ifs, *others, *made], Scope(node, scope, scope.snippet))

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> list[ast.AST]:
        while scope.parent is not None and scope.owner.__class__ in _COMPREHENSIONS:
            scope = scope.parent
        self._bind(node.target.id, scope)
        return [node.value]

    def _yield(self, node: ast.Yield | ast.YieldFrom, scope: Scope) -> list[ast.AST]:
        if scope.owner is not None:
            self.names.generators.add(scope.owner)
        return children(node)

    def _handler(self, node: ast.ExceptHandler, scope: Scope) -> list[ast.AST]:
        if node.name is not None:
            scope.names.add(node.name)
        return children(node)

    def _pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping, scope: Scope) -> list[ast.AST]:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            scope.names.add(name)
        return children(node)

    def _elsewhere(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        self.elsewhere.append((scope, node))

    def _bind(self, name: str, scope: Scope) -> None:
        scope.names.add(name)
        if scope.parent is None:
            self.names.rebound.add(name)

    def _plain_import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            scope.names.add(name)
            if scope.parent is None:
                self.names.modules.add(alias.name)
                self.names.aliases.append((node, alias, alias.name))
                self._declare(name, alias.name if alias.asname else name)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        names, module, is_top = self.names, node.module or "", scope.parent is None
        outside = bool(module) and not node.level
        if is_top and outside:
            names.modules.add(module)
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name == "*":
                scope.names |= self._star(module)
                names.open = names.open or (is_top and not outside)
                continue
            scope.names.add(name)
            if is_top and outside:
                names.aliases.append((node, alias, f"{module}.{alias.name}"))
                self._declare(name, f"{module}.{alias.name}")
            elif is_top:
                names.rebound.add(name)

    def _star(self, module: str) -> set[str]:
        from lintml.torch_api import names as api

        members = api.members(module) if module.partition(".")[0] == "torch" else ()
        if not members:
            self.names.open = True
        for name in members:
            self._declare(name, f"{module}.{name}")
        return set(members)

    def _declare(self, name: str, path: str) -> None:
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

    def _resolve(self, node: ast.Name, scope: Scope, role: str, chain: list[ast.Attribute]) -> None:
        names, name = self.names, node.id
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


_COMPREHENSIONS: Final = frozenset([ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp])
# How nodes are read that bind a name, read one, or have a scope of their own; they give what is left to read in theirs.
_READING: Final[dict[type, Callable[[_Reader, Any, Scope], list[ast.AST] | None]]] = {
    ast.Name: _Reader._name,
    ast.Attribute: _Reader._attribute,
    ast.AnnAssign: _Reader._annotation,
    ast.Call: _Reader._call,
    ast.ClassDef: _Reader._class,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Lambda: _Reader._function,
    **dict.fromkeys(_COMPREHENSIONS, _Reader._comprehension),
    ast.NamedExpr: _Reader._walrus,
    ast.Yield: _Reader._yield,
    ast.YieldFrom: _Reader._yield,
    ast.ExceptHandler: _Reader._handler,
    ast.MatchAs: _Reader._pattern,
    ast.MatchStar: _Reader._pattern,
    ast.MatchMapping: _Reader._pattern,
    ast.Global: _Reader._elsewhere,
    ast.Nonlocal: _Reader._elsewhere,
    ast.Import: _Reader._plain_import,
    ast.ImportFrom: _Reader._import_from,
}
