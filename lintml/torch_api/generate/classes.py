"""The members of a class, its own and those of its private bases, and how it is constructed."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from lintml.torch_api.generate import signatures
from lintml.torch_api.generate.bindings import Binding, Function, continues
from lintml.torch_api.generate.definitions import decorated, of_constructor
from lintml.torch_api.generate.known import COMPLETE, CONSTRUCTORS
from lintml.torch_api.generate.namespaces import Library

# Bases that add nothing a document could call.
HOLLOW = {"object", "ABC", "Generic", "Protocol", "Iterable", "Iterator", "Sized", "Hashable", "Container", "Callable"}
STANDING_FOR = {"NamedTuple": "tuple", "TypedDict": "dict"}
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
    module = library.module(binding.module)
    home = f"{binding.module}.{binding.name}"
    if not isinstance(node, ast.ClassDef) or home in seen or module is None:
        return
    seen.add(home)
    for name, member in own_members(node, binding.module):
        found.members.setdefault(name, member)
    for name, value in module.patches.get(binding.name, {}).items():
        found.members.setdefault(name, Member("attribute", binding.module, [value]))
    found.open |= is_open(node) and home != "torch.nn.modules.module.Module"
    found.open |= module.is_stub and home not in COMPLETE
    for keyword in node.keywords:
        if keyword.arg == "metaclass":
            add_metaclass(library, library.absolute(module, keyword.value), found)
    for expression in node.bases:
        path = library.absolute(module, expression)
        base = library.resolve(path)
        if base is None or not base.nodes or not isinstance(base.nodes[0], ast.ClassDef):
            last = path.rpartition(".")[2]
            foreign = STANDING_FOR.get(last) or path.removeprefix("builtins.")
            if hasattr(builtins, foreign) and last not in HOLLOW:
                found.bases.append(foreign)
            found.open |= not hasattr(builtins, foreign) and last not in HOLLOW
        elif canonical := public.get(f"{base.module}.{base.name}"):
            found.bases.append(canonical)
        else:
            visit(library, base, public, found, seen)


def add_metaclass(library: Library, path: str, found: Class) -> None:
    """What a metaclass defines, the class has."""
    meta = library.resolve(path)
    if meta is None:
        found.open |= path.rpartition(".")[2] not in ("ABCMeta", "EnumMeta", "type")
        return
    inner = Class()
    visit(library, meta, {}, inner, set())
    for name, member in inner.members.items():
        if name not in vars(type):
            found.members.setdefault(name, member)


def own_members(node: ast.ClassDef, module: str) -> Iterator[tuple[str, Member]]:
    found: dict[str, Member] = {}
    for statement in flat(node.body):
        match statement:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                before = found.get(name)
                if before and continues(before.nodes):
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


def constructor(library: Library, binding: Binding) -> tuple[str, ...]:
    """The signatures of a class when it is called; none where they cannot be told."""
    return found if (found := inherited_constructor(library, binding, frozenset())) is not None else ("()",)


def inherited_constructor(library: Library, binding: Binding, seen: frozenset[str]) -> tuple[str, ...] | None:
    """The first constructor along the bases: None where there is none up to ``object``, empty where it is unknown."""
    node = binding.nodes[0]
    module = library.module(binding.module)
    home = f"{binding.module}.{binding.name}"
    if not isinstance(node, ast.ClassDef) or module is None or home in seen:
        return ()
    if home in CONSTRUCTORS:
        return (CONSTRUCTORS[home],)
    if module.is_stub and home not in COMPLETE:
        return ()
    for name in ("__init__", "__new__"):
        functions = [s for s in flat(node.body) if isinstance(s, Function) and s.name == name]
        if functions:
            return of_constructor(functions)
    if decorated(node, "dataclass"):
        return (written_constructor(library, binding),)
    for expression in node.bases:
        path = library.absolute(module, expression)
        base = library.resolve(path)
        last = path.rpartition(".")[2]
        if base:
            found = inherited_constructor(library, base, seen | {home})
            if found is not None:
                return found
        elif last == "NamedTuple":
            return (written_constructor(library, binding),)
        elif last in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"):
            return ("(value)",)
        elif last not in HOLLOW:
            return ()
    return () if module.is_stub else None


def written_constructor(library: Library, binding: Binding) -> str:
    """What ``dataclass`` or ``NamedTuple`` writes from the annotated fields."""
    positional: dict[str, str] = {}
    keyword: dict[str, str] = {}
    for name, (text, by_keyword) in fields(library, binding).items():
        (keyword if by_keyword else positional)[name] = text
    return f"({', '.join([*positional.values(), *(['*'] if keyword else []), *keyword.values()])})"


def fields(library: Library, binding: Binding) -> dict[str, tuple[str, bool]]:
    """Each field of a class as a parameter, and whether it is keyword-only; those of its bases come first."""
    node = binding.nodes[0]
    module = library.module(binding.module)
    found: dict[str, tuple[str, bool]] = {}
    if not isinstance(node, ast.ClassDef) or module is None:
        return found
    for expression in reversed(node.bases):
        base = library.resolve(library.absolute(module, expression))
        if base and isinstance(base.nodes[0], ast.ClassDef) and decorated(base.nodes[0], "dataclass"):
            found |= fields(library, base)
    options = [k for d in node.decorator_list if isinstance(d, ast.Call) for k in d.keywords]
    by_keyword = any(is_true(k.value) for k in options if k.arg == "kw_only")
    for statement in node.body:
        match statement:
            case ast.AnnAssign(ast.Name("_"), annotation) if "KW_ONLY" in ast.unparse(annotation):
                by_keyword = True
            case ast.AnnAssign(ast.Name(name), annotation, value) if "ClassVar" not in ast.unparse(annotation):
                given: dict[str | None, ast.expr] = {}
                if isinstance(value, ast.Call) and signatures.last_name(value.func) == "field":
                    given = {k.arg: k.value for k in value.keywords}
                    value = given.get("default") or given.get("default_factory")
                if "init" not in given or is_true(given["init"]):
                    only = is_true(given["kw_only"]) if "kw_only" in given else by_keyword
                    found[name] = signatures.parameter(ast.arg(name, annotation), value), only
    return found


def is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
