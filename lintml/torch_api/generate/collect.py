"""From one source to the entries of one release: which names are public, and which home of each is canonical."""

import ast
from collections.abc import Iterator

from lintml.torch_api.generate import definitions, signatures
from lintml.torch_api.generate.bindings import Binding, Function, Module
from lintml.torch_api.generate.classes import Member, constructor, read_class
from lintml.torch_api.generate.documentation import Documentation
from lintml.torch_api.generate.entries import Entry, Release
from lintml.torch_api.generate.known import (
    ABSENT,
    BOUND,
    HOMES,
    LEFT_OVER,
    MEANT,
    TRUSTED_CLASSES,
    TRUSTED_STUBS,
)
from lintml.torch_api.generate.namespaces import Library
from lintml.torch_api.generate.native import Schemas
from lintml.torch_api.generate.repairs import REPAIRS
from lintml.torch_api.generate.source import Source

DOCUMENTERS = {"_add_docstr", "add_docstr"}


class Collector:
    """Works out every public name of one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.library = Library(source)
        self.schemas = Schemas(source)
        self.documentation = Documentation(self.library)
        self.release = Release(source.version)
        self.canonical: dict[str, str] = {}

    def run(self) -> Release:
        modules = [m for name in self.source.public_modules() if (m := self.library.module(name))]
        homes: dict[str, list[str]] = {}
        public: list[tuple[str, str, Binding]] = []
        for module in modules:
            for name, binding in self.public_names(module):
                public.append((module.name, name, binding))
                homes.setdefault(home_of(binding), []).append(f"{module.name}.{name}")
        self.canonical = {home: HOMES.get(home) or best(paths, home) for home, paths in homes.items()}
        for module in modules:
            parent, _, name = module.name.rpartition(".")
            self.release.entries[parent, name] = Entry("module", open=module.dynamic is None)
        for namespace, name, binding in public:
            self.add(namespace, name, binding)
        self.amend()
        return self.release

    def public_names(self, module: Module) -> Iterator[tuple[str, Binding]]:
        """Names meant for use, resolved to their definitions; all others are set down as incidental."""
        incidental = self.release.incidental.setdefault(module.name, set())
        incidental.update(name for name in module.dynamic or () if name[0] != "_")
        for name, binding in module.bindings.items():
            path = f"{module.name}.{name}"
            if name[0] == "_" or (self.library.is_module(path) and binding.target in ("", path)):
                continue
            if self.library.is_module(binding.target):
                self.add_module_alias(module, name, binding)
                continue
            found = self.library.resolve(binding.target) if binding.target else self.local(module, binding)
            if module.exports is None:
                meant = not binding.target or binding.shown
            else:
                meant = name in module.exports or binding.explicit or path in MEANT
            if found and ABSENT.fullmatch(home_of(found)):
                continue
            # A function that can only raise is kept to be found by those who still look for it.
            meant = meant or bool(found and binding.shown and definitions.raised(self.library, found))
            if found and meant:
                yield name, found
            else:
                incidental.add(name)

    def local(self, module: Module, binding: Binding) -> Binding:
        return self.library.aliased(module, binding) or binding

    def add_module_alias(self, module: Module, name: str, binding: Binding) -> None:
        private = any(part[0] == "_" for part in binding.target.split("."))
        if binding.shown and not private and self.source.is_package(module.name):
            self.release.entries.setdefault((module.name, name), Entry("module", alias=binding.target))
        else:
            self.release.incidental[module.name].add(name)

    def add(self, namespace: str, name: str, binding: Binding) -> None:
        path = f"{namespace}.{name}"
        canonical = self.canonical[home_of(binding)]
        if path != canonical:
            self.release.entries[namespace, name] = Entry(self.kind(binding), alias=canonical)
        elif isinstance(binding.nodes[0], ast.ClassDef):
            self.add_class(namespace, name, binding)
        else:
            self.release.entries[namespace, name] = self.describe(path, binding)

    def amend(self) -> None:
        """What only C++ knows, where the namespace it belongs to is there."""
        for path, (kind, since) in BOUND.items():
            namespace, _, name = path.rpartition(".")
            parent, _, last = namespace.rpartition(".")
            if self.release.number >= since and (parent, last) in self.release.entries:
                bases = ("torch.Tensor",) if name.endswith("Tensor") else ()
                bound = Entry(kind.rstrip("?"), bases=bases, open=kind.endswith("?"))
                self.release.entries.setdefault((namespace, name), bound)
        space = f"{self.source.name}.return_types"
        for name in self.schemas.structures if space in self.release.incidental else ():
            self.release.entries.setdefault((space, name), Entry("class", bases=("tuple",), open=True))
        for path, repair in REPAIRS.items():
            namespace, _, name = path.rpartition(".")
            if found := self.release.entries.get((namespace, name)):
                found.signatures = repair(found.signatures)
        root = self.source.name
        for (namespace, name), entry in self.release.entries.items():
            function = self.release.entries.get((root, name))
            if namespace == f"{root}.Tensor" and entry.native and function and function.native:
                entry.deprecated = entry.deprecated or function.deprecated
        for namespace, names in LEFT_OVER.items():
            if namespace in self.release.incidental:
                self.release.incidental[namespace].update(names.split())

    def kind(self, binding: Binding) -> str:
        match binding.nodes[0]:
            case ast.ClassDef():
                return "class"
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return "function"
            case ast.Call(func) if signatures.last_name(func) in {"namedtuple", "NamedTuple"}:
                return "class"
            case ast.Call(func) if signatures.last_name(func) in {*DOCUMENTERS, "boolean_dispatch", "_make_deprecate"}:
                return "function"
            case ast.AnnAssign(_, kind) if signatures.last_name(kind) == "dtype":
                return "dtype"
        return "constant"

    def describe(self, path: str, binding: Binding) -> Entry:
        """The entry of anything but a class."""
        entry = Entry(self.kind(binding))
        node = binding.nodes[0]
        name = binding.name
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                entry.signatures = definitions.of_functions(binding.nodes, bound=binding.bound)
                entry.raises = definitions.raised(self.library, binding)
                entry.deprecated = definitions.deprecation(binding.nodes[-1], name)
                module = self.library.module(binding.module)
                entry.native = bool(module and module.is_stub and module.name.startswith(f"{self.source.name}._C"))
                if entry.native and binding.module not in TRUSTED_STUBS:
                    entry.signatures = ()
            case ast.Call(func, [target, *rest]) if signatures.last_name(func) in DOCUMENTERS:
                self.describe_native(entry, binding, target, rest)
            case ast.Call(func, _, keywords) if signatures.last_name(func) == "boolean_dispatch":
                entry.signatures = self.dispatched(binding, keywords)
            case ast.Call(func, [target]) if signatures.last_name(func) == "_make_deprecate":
                new = self.library.absolute(self.module(binding), target)
                entry.signatures = self.signatures_of(binding, target)
                entry.deprecated = f"`{path}` is deprecated in favor of `{new}`."
            case ast.Call(func, [_, listed, *_]) if entry.kind == "class":
                names = list(definitions.listed_names(listed))
                entry.bases, entry.open = ("tuple",), not names
                entry.signatures = (f"({', '.join(names)})",) if names else ()
                self.release.entries.update({(path, name): Entry("attribute") for name in names})
        if not entry.deprecated:
            entry.deprecated = definitions.documented(self.documentation.text(path), name)
        return entry

    def module(self, binding: Binding) -> Module:
        module = self.library.module(binding.module)
        assert module is not None
        return module

    def signatures_of(self, binding: Binding, expression: ast.expr) -> tuple[str, ...]:
        target = self.library.resolve(self.library.absolute(self.module(binding), expression))
        match target.nodes if target else []:
            case [ast.Call(func, _, keywords)] if target and signatures.last_name(func) == "boolean_dispatch":
                return self.dispatched(target, keywords)
        return definitions.of_functions(target.nodes, bound=False) if target else ()

    def dispatched(self, binding: Binding, keywords: list[ast.keyword]) -> tuple[str, ...]:
        """``boolean_dispatch`` chooses between two functions of the same parameters by a flag among them."""
        return self.signatures_of(binding, next(k.value for k in keywords if k.arg == "if_false"))

    def describe_native(self, entry: Entry, binding: Binding, target: ast.expr, rest: list[ast.expr]) -> None:
        """A compiled function under a documented name: its stub, its schema, or the head of its docstring."""
        entry.native = True
        doc = next((definitions.raw_text(node) for node in rest), "")
        entry.deprecated = definitions.documented(doc, binding.name)
        compiled = self.library.absolute(self.module(binding), target).rpartition(".")[2]
        stub = self.library.stub(binding.module)
        stubbed = stub.bindings.get(binding.name) if stub else None
        entry.signatures = self.schemas.signatures(compiled) or self.signatures_of(binding, target)
        if not entry.signatures and stubbed:
            entry.signatures = definitions.of_functions(stubbed.nodes, bound=False)
        if not entry.signatures:
            entry.signatures = tuple(signatures.of_docstring(doc, binding.name))
            entry.weak = True

    def add_class(self, namespace: str, name: str, binding: Binding) -> None:
        node = binding.nodes[0]
        found = read_class(self.library, binding, self.canonical)
        path = f"{namespace}.{name}"
        entry = Entry("class", bases=tuple(found.bases), open=found.open)
        entry.signatures = constructor(self.library, binding)
        entry.deprecated = definitions.deprecation(node, name)
        self.release.entries[namespace, name] = entry
        for member_name, member in found.members.items():
            if member_name[0] != "_":
                self.add_member(path, member_name, member)

    def add_member(self, path: str, name: str, member: Member) -> None:
        entry = Entry(member.kind)
        if member.kind == "class":
            inner = Binding(member.module, name, member.nodes)
            found = read_class(self.library, inner, self.canonical)
            self.release.entries[path, name] = Entry("class", bases=tuple(found.bases), open=found.open)
            for inner_name, inner_member in found.members.items():
                if inner_name[0] != "_" and inner_member.kind != "class":
                    self.release.entries[f"{path}.{name}", inner_name] = Entry(inner_member.kind)
            return
        nodes = member.nodes
        module = self.library.module(member.module)
        if member.kind == "attribute" and nodes and module and isinstance(nodes[0], ast.expr):
            target = self.library.resolve(self.library.absolute(module, nodes[0]))
            if target and isinstance(target.nodes[0], Function):
                entry.kind, nodes = "method", target.nodes
        if nodes and isinstance(nodes[0], Function) and entry.kind != "property":
            entry.signatures = definitions.of_functions(nodes, bound=True)
            raises = definitions.raised(self.library, Binding(member.module, name, nodes))
            # Other methods that only raise are there to be overridden.
            entry.raises = raises if definitions.GONE.search(raises) else ""
            entry.deprecated = definitions.deprecation(nodes[-1], name)
            entry.native = bool(module and module.is_stub)
            if entry.native and path not in TRUSTED_CLASSES:
                entry.signatures = ()
            if not entry.deprecated:
                entry.deprecated = definitions.documented(self.documentation.text(f"{path}.{name}"), name)
        self.release.entries[path, name] = entry


def home_of(binding: Binding) -> str:
    return f"{binding.module}.{binding.name}"


def best(paths: list[str], home: str) -> str:
    """The canonical one of several public paths: the shortest, of those the one its definition stands in."""
    return min(paths, key=lambda path: (path.count("."), path != home, path))
