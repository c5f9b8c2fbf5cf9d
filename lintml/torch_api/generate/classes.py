"""The members of a class, its own and those of its private bases, and how it is constructed."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from lintml.torch_api.generate import signatures
from lintml.torch_api.generate.definitions import decorated, of_functions
from lintml.torch_api.generate.namespaces import Binding, Function, Library, is_overload

# Bases that add nothing a document could call.
HOLLOW = {"object", "ABC", "Generic", "Protocol", "NamedTuple", "TypedDict", "type"}
REGISTERS = {"register_buffer", "register_parameter", "register_module", "add_module"}


@dataclass(slots=True)
class Member:
    """One attribute of a class and the module in which it is written."""

    kind: str
    module: str
    nodes: list[ast.AST]


@dataclass(slots=True)
class Class:
    """A class as far as it is private to its library: ``bases`` are the public or foreign classes that it stands on."""

    members: dict[str, Member] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)
    open: bool = False


def read_class(library: Library, binding: Binding, public: dict[str, str]) -> Class:
    """Members and bases; ``public`` maps the home of each public class to its canonical path."""
    found = Class()
    visit(library, binding, public, found, set())
    return found


def visit(library: Library, binding: Binding, public: dict[str, str], found: Class, seen: set[str]) -> None:
    node = binding.nodes[0]
    home = f"{binding.module}.{binding.name}"
    module = library.module(binding.module)
    if not isinstance(node, ast.ClassDef) or home in seen or module is None:
        return
    seen.add(home)
    for name, member in own_members(node, binding.module):
        found.members.setdefault(name, member)
    for name, value in module.patches.get(binding.name, {}).items():
        found.members.setdefault(name, Member("attribute", binding.module, [value]))
    found.open |= is_open(node) and home != "torch.nn.modules.module.Module"
    for expression in node.bases:
        path = library.absolute(module, expression)
        base = library.resolve(path)
        if base is None or not base.nodes or not isinstance(base.nodes[0], ast.ClassDef):
            foreign = path.removeprefix("builtins.")
            if foreign.rpartition(".")[2] not in HOLLOW:
                found.bases.append(foreign)
                found.open |= not hasattr(builtins, foreign)
        elif canonical := public.get(f"{base.module}.{base.name}"):
            found.bases.append(canonical)
        else:
            visit(library, base, public, found, seen)


def own_members(node: ast.ClassDef, module: str) -> Iterator[tuple[str, Member]]:
    found: dict[str, Member] = {}
    for statement in flat(node.body):
        match statement:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                before = found.get(name)
                if before and is_overload(statement):
                    before.nodes.append(statement)
                elif not decorated(statement, "setter", "deleter"):
                    found[name] = Member(function_kind(statement), module, [statement])
                for attribute in assigned(statement):
                    found.setdefault(attribute, Member("attribute", module, []))
            case ast.ClassDef(name):
                found[name] = Member("class", module, [statement])
            case ast.AnnAssign(ast.Name(name), _, value):
                found[name] = Member("attribute", module, [value or statement])
            case ast.Assign(targets, value):
                for target in targets:
                    for inner in ast.walk(target):
                        if isinstance(inner, ast.Name):
                            same = found.get(value.id) if isinstance(value, ast.Name) else None
                            found[inner.id] = same or Member("attribute", module, [value])
    yield from found.items()


def flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If):
            yield from flat([*statement.orelse, *statement.body])
        elif isinstance(statement, ast.Try):
            yield from flat([*statement.body, *statement.orelse, *statement.finalbody])
        else:
            yield statement


def function_kind(node: Function) -> str:
    if decorated(node, "staticmethod"):
        return "staticmethod"
    if decorated(node, "classmethod") or node.name in ("__init_subclass__", "__class_getitem__"):
        return "classmethod"
    if decorated(node, "property", "cached_property", "lazy_property", "classproperty", "_NormalizedConstraint"):
        return "property"
    return "method"


def assigned(node: Function) -> Iterator[str]:
    """The instance attributes that a method sets, buffers and parameters registered by name among them."""
    me = node.args.args[0].arg if node.args.args else ""
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(ast.Name(owner), name, ast.Store()) if owner == me:
                yield name
            case ast.Call(ast.Attribute(ast.Name(owner), register), [ast.Constant(str(name)), *_]) if owner == me:
                if register in REGISTERS:
                    yield name


def is_open(node: ast.ClassDef) -> bool:
    """Whether its instances may have attributes that no statement names."""
    for method in node.body:
        match method:
            case ast.FunctionDef("__getattr__" | "__getattribute__"):
                return True
            case ast.FunctionDef("__init__"):
                for inner in ast.walk(method):
                    match inner:
                        case ast.Call(ast.Name("setattr"), [ast.Name("self"), *_]) | ast.Attribute(
                            ast.Name("self"), "__dict__"
                        ):
                            return True
    return False


def constructor(library: Library, binding: Binding, seen: frozenset[str] = frozenset()) -> tuple[str, ...] | None:
    """The signatures of a class when it is called; None where they cannot be told."""
    node = binding.nodes[0]
    module = library.module(binding.module)
    home = f"{binding.module}.{binding.name}"
    if not isinstance(node, ast.ClassDef) or module is None or home in seen:
        return None
    if module.is_stub and binding.module.rpartition(".")[2] != "return_types" and not node.bases:
        default: tuple[str, ...] | None = None
    else:
        default = ("()",)
    if any(k.arg == "metaclass" and not isinstance(k.value, ast.Name | ast.Attribute) for k in node.keywords):
        return None
    if decorated(node, "dataclass", "dataclass_transform") and not module.is_stub:
        return fields(library, binding)
    for name in ("__init__", "__new__"):
        functions = [s for s in flat(node.body) if isinstance(s, Function) and s.name == name]
        if module.is_stub or not any(not is_overload(f) for f in functions):
            chosen = functions
        else:
            chosen = [f for f in functions if not is_overload(f)][-1:]
        if chosen:
            return of_functions(chosen, bound=True)
    for expression in node.bases:
        path = library.absolute(module, expression)
        base = library.resolve(path)
        if base and base.nodes and isinstance(base.nodes[0], ast.ClassDef):
            found = constructor(library, base, seen | {home})
            if found != ("()",):
                return found
        elif path.rpartition(".")[2] == "NamedTuple":
            return fields(library, binding)
        elif path.rpartition(".")[2] not in {"object", "ABC", "Generic", "Protocol"}:
            return None
    return default


def fields(library: Library, binding: Binding) -> tuple[str, ...] | None:
    """The constructor that ``dataclass`` or ``NamedTuple`` writes."""
    texts: dict[str, str] = {}
    keyword_only = not collect_fields(library, binding, texts)
    return (f"({'*, ' if keyword_only and texts else ''}{', '.join(texts.values())})",)


def collect_fields(library: Library, binding: Binding, texts: dict[str, str]) -> bool:
    node = binding.nodes[0]
    module = library.module(binding.module)
    positional = True
    if not isinstance(node, ast.ClassDef) or module is None:
        return positional
    for expression in node.bases:
        base = library.resolve(library.absolute(module, expression))
        if base and base.nodes and isinstance(base.nodes[0], ast.ClassDef) and decorated(base.nodes[0], "dataclass"):
            positional = collect_fields(library, base, texts)
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and any(k.arg == "kw_only" for k in decorator.keywords):
            positional = False
    for statement in node.body:
        match statement:
            case ast.AnnAssign(ast.Name(name), kind, value) if signatures.last_name(kind) not in ("ClassVar",):
                if "ClassVar" in ast.unparse(kind):
                    continue
                default = value
                if isinstance(value, ast.Call) and signatures.last_name(value.func) == "field":
                    given = {k.arg: k.value for k in value.keywords}
                    if isinstance(given.get("init"), ast.Constant) and given["init"].value is False:
                        continue
                    default = given.get("default") or given.get("default_factory")
                texts[name] = signatures.parameter(ast.arg(name, kind), default)
    return positional
