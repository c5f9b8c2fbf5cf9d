"""All modules of a library: what a path in it leads to, through imports and aliases."""

import ast

from lintml.torch_api.generate.bindings import Binding, Function, Module
from lintml.torch_api.generate.known import CLOSED
from lintml.torch_api.generate.source import Source
from lintml.torch_api.generate.statements import Reader, binds_at_run_time


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
