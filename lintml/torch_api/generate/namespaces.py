"""What each module of a library binds, worked out from its statements alone."""

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from lintml.torch_api.generate.known import CLOSED
from lintml.torch_api.generate.source import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Binding:
    """One name of a module: an import (``target`` is an absolute dotted path) or a definition (``nodes``).

    A definition has one node, or one for each overload, with the function that they are of last. ``explicit`` says that
    the module re-exports the name by a star or by ``import x as x``; ``shown`` also where an ``__init__`` imports a
    plain name of its own package. ``bound`` functions are methods of the object that the module turns itself into.
    """

    module: str
    name: str
    nodes: list[ast.AST] = field(default_factory=list)
    target: str = ""
    shown: bool = True
    explicit: bool = False
    bound: bool = False


@dataclass(slots=True)
class Module:
    """A module's bindings; ``exports`` is its ``__all__`` where it has one.

    ``patches`` are attributes set on its classes from outside, ``deleted`` the names it binds only for a while,
    ``dynamic`` those its ``__getattr__`` answers to (None where the module has names that no statement tells).
    """

    name: str
    is_stub: bool
    bindings: dict[str, Binding] = field(default_factory=dict)
    exports: list[str] | None = None
    patches: dict[str, dict[str, ast.AST]] = field(default_factory=dict)
    deleted: dict[str, Binding] = field(default_factory=dict)
    dynamic: frozenset[str] | None = frozenset()

    def starred(self) -> list[str]:
        """The names that ``from module import *`` binds."""
        if self.exports is not None:
            return self.exports
        return [
            n for n, b in self.bindings.items() if n[0] != "_" and (not self.is_stub or (b.shown and not is_typing(b)))
        ]


class Library:
    """All modules of one source, read on first use."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[str, Module] = {}

    def module(self, name: str) -> Module | None:
        """The module as it is at run time: its source, or its stub where it is compiled."""
        module = self.read(name, self.source.modules.get(name), False)
        stub = self.stub(name) if module is None or module.dynamic is None else None
        if module and stub:
            module.bindings = {**{n: b for n, b in stub.bindings.items() if not b.target}, **module.bindings}
            module.exports = None
        return module or stub

    def stub(self, name: str) -> Module | None:
        return self.read(name, self.source.stubs.get(name), True)

    def resolve(self, path: str, seen: frozenset[str] = frozenset()) -> Binding | None:
        """The definition that an absolute dotted path leads to, through re-exports and ``name = other``."""
        parent, _, name = path.rpartition(".")
        if not parent or path in seen:
            return None
        seen |= {path}
        module = self.module(parent)
        if module is None:
            owner = self.resolve(parent, seen)
            return self.class_member(owner, name) if owner else None
        binding = module.bindings.get(name)
        if binding is None or binding.target:
            return self.resolve(binding.target, seen) if binding else None
        return self.aliased(module, binding, seen) or binding

    def aliased(self, module: Module, binding: Binding, seen: frozenset[str] = frozenset()) -> Binding | None:
        """Where ``name = other.name`` leads, if it leads anywhere."""
        match binding.nodes:
            case [ast.Name() | ast.Attribute() as node]:
                return self.resolve(self.absolute(module, node), seen | {f"{module.name}.{binding.name}"})
        return None

    def class_member(self, owner: Binding, name: str) -> Binding | None:
        for node in owner.nodes:
            if isinstance(node, ast.ClassDef):
                for statement in node.body:
                    if isinstance(statement, Function) and statement.name == name:
                        return Binding(owner.module, f"{owner.name}.{name}", [statement])
        return None

    def is_module(self, path: str) -> bool:
        return path in self.source.modules or path in self.source.stubs

    def absolute(self, module: Module, expression: ast.expr) -> str:
        """The dotted path that a name or attribute expression means inside ``module``; empty for anything else."""
        match expression:
            case ast.Name(id):
                binding = module.bindings.get(id) or module.deleted.get(id)
                if binding is None:
                    return id
                return binding.target or f"{module.name}.{id}"
            case ast.Attribute(value, attr):
                head = self.absolute(module, value)
                return f"{head}.{attr}" if head else ""
            case ast.Subscript(value):
                return self.absolute(module, value)
        return ""

    def read(self, name: str, path: str | None, is_stub: bool) -> Module | None:
        if path is None:
            return None
        if path not in self.known:
            self.known[path] = module = Module(name, is_stub)
            tree = self.source.tree(path)
            Reader(self, module, self.source.is_package(name)).run(tree.body)
            if name in CLOSED:
                module.dynamic = module.dynamic or frozenset()
            elif any(map(binds_at_run_time, ast.walk(tree))):
                module.dynamic = None
        return self.known[path]


class Reader:
    """Runs a module's statements as far as names go; of two branches that bind a name the first one counts."""

    def __init__(self, library: Library, module: Module, is_package: bool) -> None:
        self.library = library
        self.module = module
        self.package = module.name if is_package else module.name.rpartition(".")[0]
        self.is_package = is_package
        self.root = module.name.split(".")[0]

    def run(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                self.define_function(name, node)
            case ast.ClassDef(name):
                self.define(name, node)
            case ast.Import(names):
                for alias in names:
                    top = alias.name.split(".")[0]
                    self.bring(alias.asname or top, alias.name if alias.asname else top, False)
            case ast.ImportFrom(names=names):
                self.import_from(node, names)
            case ast.Assign(targets, value):
                for target in targets:
                    self.assign(target, value)
            case ast.AnnAssign(target, _, value):
                self.assign(target, node if self.module.is_stub else value or node)
            case ast.AugAssign(ast.Name("__all__"), _, value):
                self.export(value)
            case ast.Expr(ast.Call() as call):
                self.call(call)
            case ast.Delete(targets):
                for target in targets:
                    if isinstance(target, ast.Name) and target.id in self.module.bindings:
                        self.module.deleted[target.id] = self.module.bindings.pop(target.id)
            case ast.If(test, body, orelse):
                self.condition(test, body, orelse)
            case ast.Try(body, handlers, orelse, finalbody):
                self.run(body)
                self.otherwise([*(s for h in handlers for s in h.body)])
                self.run([*orelse, *finalbody])
            case ast.For(target, _, body):
                self.assign(target, node)
                self.run(body)
            case ast.With(body=body) | ast.While(body=body):
                self.run(body)

    def condition(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        """Type-checking blocks count only for the stars in them: those stand for what C++ adds at run time."""
        text = ast.unparse(test)
        if text.endswith("TYPE_CHECKING") and not self.module.is_stub:
            if text.startswith("not "):
                self.run(body)
            else:
                self.run([s for s in body if isinstance(s, ast.ImportFrom) and s.names[0].name == "*"])
                self.run(orelse)
            return
        self.run(body)
        self.otherwise(orelse)

    def otherwise(self, body: list[ast.stmt]) -> None:
        before = dict(self.module.bindings)
        self.run(body)
        self.module.bindings.update(before)

    def define(self, name: str, node: ast.AST) -> None:
        self.module.bindings[name] = Binding(self.module.name, name, [node])

    def define_function(self, name: str, node: Function) -> None:
        if name == "__getattr__":
            self.module.dynamic = answered(node, self.module)
        before = self.module.bindings.get(name)
        if before and continues(before.nodes):
            before.nodes.append(node)
        else:
            self.define(name, node)

    def assign(self, target: ast.expr, value: ast.AST) -> None:
        match target:
            case ast.Name("__all__"):
                self.module.exports = []
                self.export(value)
            case ast.Name(name):
                self.define(name, value)
            case ast.Tuple(elements):
                for element in elements:
                    self.assign(element, value)
            case ast.Attribute(ast.Name(owner), name):
                self.module.patches.setdefault(owner, {})[name] = value
            case ast.Subscript(ast.Call(ast.Name("globals")), ast.Constant(str(name))):
                self.define(name, value)
            case ast.Subscript(ast.Attribute(ast.Name("sys"), "modules"), ast.Name("__name__")):
                if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                    self.replace(value.func.id)

    def replace(self, name: str) -> None:
        """The module becomes an instance of one of its classes, which still answers for the module's own names."""
        binding = self.module.bindings.get(name)
        for node in binding.nodes if binding else ():
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, ast.FunctionDef) and member.name == "__getattr__":
                        self.module.dynamic = None
                    if not (isinstance(member, Function) and member.name.startswith("__")):
                        self.statement(member)
                    if isinstance(member, Function) and member.name in self.module.bindings:
                        self.module.bindings[member.name].bound = True

    def call(self, call: ast.Call) -> None:
        match call:
            case ast.Call(ast.Attribute(ast.Name("__all__"), "append" | "extend"), [value]):
                self.export(value)
            case ast.Call(ast.Name("setattr"), [ast.Name(owner), ast.Constant(str(name)), value]):
                self.module.patches.setdefault(owner, {})[name] = value

    def export(self, value: ast.AST) -> None:
        self.module.exports = [*(self.module.exports or ()), *self.listed(value)]

    def listed(self, value: ast.AST) -> Iterator[str]:
        """The strings of a list, of sums of lists, and of another module's ``__all__``."""
        match value:
            case ast.Constant(str(text)):
                yield text
            case ast.List(elements) | ast.Tuple(elements):
                for element in elements:
                    yield from self.listed(element.value if isinstance(element, ast.Starred) else element)
            case ast.BinOp(left, ast.Add(), right):
                yield from self.listed(left)
                yield from self.listed(right)
            case ast.Call(ast.Name("list" | "sorted" | "tuple"), [inner]):
                yield from self.listed(inner)
            case ast.Attribute(owner, "__all__"):
                other = self.library.module(self.library.absolute(self.module, owner))
                yield from other.starred() if other else ()
            case ast.Name(name) if name in self.module.bindings:
                binding = self.module.bindings[name]
                if binding.target.endswith(".__all__"):
                    other = self.library.module(binding.target.removesuffix(".__all__"))
                    yield from other.starred() if other else ()
                for node in binding.nodes:
                    if isinstance(node, ast.List | ast.Tuple):
                        yield from self.listed(node)

    def import_from(self, node: ast.ImportFrom, names: list[ast.alias]) -> None:
        base = node.module or ""
        if node.level:
            parts = self.package.split(".")
            base = ".".join([*parts[: len(parts) - node.level + 1], *([base] if base else [])])
        for alias in names:
            if alias.name == "*":
                self.star(base)
            else:
                ours = self.is_package and base.split(".")[0] == self.root
                same = alias.asname == alias.name
                shown = same or (ours and not self.module.is_stub)
                self.bring(alias.asname or alias.name, f"{base}.{alias.name}", shown, same)

    def star(self, base: str) -> None:
        other = self.library.module(base)
        if other is None:
            names = standard(base)
            self.module.dynamic = self.module.dynamic if names else None
        else:
            names = other.starred() if other is not self.module else []
            self.module.dynamic = self.module.dynamic if other.dynamic is not None else None
        for name in names:
            if name[0] != "_":
                self.bring(name, f"{base}.{name}", True, True)

    def bring(self, name: str, target: str, shown: bool, explicit: bool = False) -> None:
        self.module.bindings[name] = Binding(self.module.name, name, [], target, shown, explicit)


def is_typing(binding: Binding) -> bool:
    """Whether a name only serves annotations: a type variable or an alias of a type."""
    match binding.nodes:
        case [ast.Call(ast.Name("TypeVar" | "ParamSpec" | "NewType"))]:
            return True
        case [ast.AnnAssign(annotation=ast.Name("TypeAlias"))]:
            return True
    return False


def standard(module: str) -> list[str]:
    """What a star brings from a module of the standard library; nothing from any other."""
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return []
    return list(vars(importlib.import_module(module)).get("__all__", ()))


def binds_at_run_time(node: ast.AST) -> bool:
    """``globals()[name] = …`` or ``setattr(sys.modules[__name__], name, …)`` with a name that no statement tells."""
    match node:
        case ast.Assign([ast.Subscript(ast.Call(ast.Name("globals")), key)]):
            return not isinstance(key, ast.Constant)
        case ast.Call(ast.Name("setattr"), [ast.Subscript(ast.Attribute(ast.Name("sys"), "modules")), *_]):
            return True
    return False


def continues(nodes: list[ast.AST]) -> bool:
    """Whether more overloads, or what they are of, may follow."""
    return bool(nodes) and isinstance(nodes[-1], Function) and is_overload(nodes[-1])


def is_overload(node: Function) -> bool:
    return any(ast.unparse(d).rpartition(".")[2] == "overload" for d in node.decorator_list)


def answered(node: Function, module: Module) -> frozenset[str] | None:
    """The names that a module's ``__getattr__`` knows: the strings in it and in the module's tables that it reads."""
    names: set[str] = set()
    trees: list[ast.AST] = [node]
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id in module.bindings:
            trees += module.bindings[inner.id].nodes
    for tree in trees:
        if not isinstance(tree, ast.ClassDef):
            found = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
            names.update(text for text in found if text.isidentifier())
    return frozenset(names) or None
