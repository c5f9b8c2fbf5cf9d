"""A module's statements, run as far as names go."""

import ast
import importlib
import sys
from collections.abc import Iterator
from typing import Protocol

from lintml.torch_api.generate.bindings import Binding, Function, Module, continues


class Modules(Protocol):
    """The other modules of the library."""

    def module(self, name: str) -> Module | None: ...

    def absolute(self, module: Module, expression: ast.expr) -> str: ...


class Reader:
    """Runs a module's statements as far as names go; of two branches that bind a name the first one counts."""

    def __init__(self, library: Modules, module: Module, is_package: bool) -> None:
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
        """Of what is there for type checkers alone count the stars, which stand for what C++ adds at run time.

        All of it counts where the other branch makes the module lazy: then it tells what the module gives on demand.
        """
        text = ast.unparse(test)
        if self.module.is_stub or not text.endswith("TYPE_CHECKING"):
            self.run(body)
            self.otherwise(orelse)
        elif text.startswith("not "):
            self.run(body)
        else:
            lazy = any(makes_lazy(node) for statement in orelse for node in ast.walk(statement))
            self.run([s for s in body if lazy or (isinstance(s, ast.ImportFrom) and s.names[0].name == "*")])
            self.run(orelse)

    def otherwise(self, body: list[ast.stmt]) -> None:
        before = dict(self.module.bindings)
        self.run(body)
        self.module.bindings.update(before)

    def define(self, name: str, node: ast.AST) -> None:
        self.module.bindings[name] = Binding(self.module.name, name, [node])

    def define_function(self, name: str, node: Function) -> None:
        if name == "__getattr__":
            self.module.dynamic = answered(node, self.module)
        if self.module.exports is not None and any(map(registers, node.decorator_list)):
            self.module.exports.append(name)
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
                if not (isinstance(value, ast.Name) and value.id == name):
                    self.define(name, value)
            case ast.Tuple(elements):
                for element in elements:
                    self.assign(element, value)
            case ast.Attribute(ast.Name(owner), name):
                self.module.patches.setdefault(owner, {})[name] = value
            case ast.Subscript(ast.Call(ast.Name("globals")), ast.Constant(str(name))):
                self.define(name, value)
            case ast.Attribute(ast.Subscript(ast.Attribute(ast.Name("sys"), "modules")), "__class__"):
                self.replace(value.id if isinstance(value, ast.Name) else "")
            case ast.Subscript(ast.Attribute(ast.Name("sys"), "modules"), ast.Name("__name__")):
                self.replace(value.func.id if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) else "")

    def replace(self, name: str) -> None:
        """The module becomes an instance of one of its classes, which still answers for the module's own names."""
        binding = self.module.bindings.get(name)
        if binding is None or binding.target:
            self.module.dynamic = None
            return
        for node in binding.nodes:
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


def standard(module: str) -> list[str]:
    """What a star brings from a module of the standard library; nothing from any other."""
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return []
    return list(vars(importlib.import_module(module)).get("__all__", ()))


def binds_at_run_time(node: ast.AST) -> bool:
    """``globals()[name] = …`` or a call that is handed the module itself, for names that no statement tells."""
    match node:
        case ast.Assign([ast.Subscript(ast.Call(ast.Name("globals")), key)]):
            return not isinstance(key, ast.Constant)
        case ast.Call(
            ast.Name(), [ast.Subscript(ast.Attribute(ast.Name("sys"), "modules"), ast.Name("__name__")), *rest]
        ):
            return bool(rest) or (isinstance(node.func, ast.Name) and node.func.id.startswith("install"))
    return False


def makes_lazy(node: ast.AST) -> bool:
    """Whether a module answers for names that it does not bind: by ``__getattr__`` or an object in its place."""
    match node:
        case ast.FunctionDef("__getattr__"):
            return True
        case ast.Subscript(ast.Attribute(ast.Name("sys"), "modules"), ast.Name("__name__"), ast.Store()):
            return True
    return False


def registers(decorator: ast.expr) -> bool:
    """Whether a decorator adds what it decorates to a registry, and so to ``__all__``: as timm's ``register_model``."""
    return isinstance(decorator, ast.Name) and decorator.id == "register_model"


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
