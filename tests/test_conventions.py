"""The laws of the house, held by reading the imports, calls and docstrings of every file that it has."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import lintml

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "lintml"
RULES = ROOT / "rules"

# The rooms from the ground up: one may import from its own floor and from those below it.
FLOORS = (
    ("model",),
    ("rule",),
    ("documents", "shapes", "torch_api", "verify", "config", "catalog"),
    ("analysis",),
    ("rewriting", "suppress", "fixing", "replay", "contracts", "proposals", "renewal", "signatures", "wording"),
    ("engine", "trials"),
    ("pipeline",),
    ("report", "cache"),
    ("commands",),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# Who opens files, beside the room of the documents, and which.
OPENERS = {
    "lintml.config": "the settings",
    "lintml.cache": "its own files",
    "lintml.commands.new_rule": "the rule that it writes",
    "lintml.commands.check": "the report that --output-file asks for",
    "lintml.torch_api.names": "the tables of names that are shipped",
    "lintml.torch_api.generate": "the packages that it reads, the tables that it writes",
    "lintml.verify": "what the sandbox needs of the system",
}
OPENING = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}

WORKER = "lintml.verify.worker"
LIMIT = 350


@dataclass(frozen=True)
class Import:
    """One imported module or name: from where, what, and whether the importing module cannot be loaded without it."""

    importer: str
    name: str
    line: int
    at_load: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.name}"


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @property
    def room(self) -> str:
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf8"))


@cache
def house() -> dict[str, Module]:
    """The modules of lintml by name, the rules left out."""
    modules = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[1:2] != ("rules",):
            name = ".".join(parts).removesuffix(".__init__")
            modules[name] = Module(name, path)
    return modules


@cache
def rule_files() -> tuple[Module, ...]:
    return tuple(Module(f"rules.{path.stem}", path) for path in sorted(RULES.rglob("*.py")) if path.stem != "__init__")


def imports_of(module: Module) -> Iterator[Import]:
    """Every import of a module, wherever it stands; those of a name from a package are said with the name."""
    package = module.name if module.path.stem == "__init__" else module.name.rpartition(".")[0]
    yield from _imports_in(module.tree, module.name, package, at_load=True, for_types=False)


def _imports_in(node: ast.AST, importer: str, package: str, *, at_load: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        loaded = at_load and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typed = for_types or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
        match child:
            case ast.Import():
                names = [alias.name for alias in child.names]
            case ast.ImportFrom():
                base = package.split(".")[: len(package.split(".")) - child.level + 1] if child.level else []
                origin = ".".join([*base, *([child.module] if child.module else [])])
                names = [f"{origin}.{alias.name}" for alias in child.names]
            case _:
                names = []
        for name in names:
            yield Import(importer, name, getattr(child, "lineno", 0), loaded and not typed, typed)
        yield from _imports_in(child, importer, package, at_load=loaded, for_types=typed)


@cache
def all_imports() -> tuple[Import, ...]:
    return tuple(found for module in house().values() for found in imports_of(module))


def module_of(name: str) -> str:
    """The module of ours that an imported name is or stands in; empty if it is not ours."""
    while name and name not in house():
        name = name.rpartition(".")[0]
    return name


def packages_of(name: str) -> Iterator[str]:
    """The packages that are loaded before a module is."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def room_of(name: str) -> str:
    """The room that an imported name stands in; empty for what is said at the door."""
    module = module_of(name)
    return house()[module].room if module else ""


def of(package: str, imports: Iterable[Import]) -> list[str]:
    return [str(found) for found in imports if found.name.split(".")[0] == package]


def in_room(*rooms: str) -> list[Import]:
    return [found for found in all_imports() if room_of(found.importer) in rooms]


def is_generator(name: str) -> bool:
    return "generate" in name.split(".")


def test_this_test_sees_the_house() -> None:
    assert {"lintml", "lintml.model", "lintml.rewriting.concrete"} <= set(house())
    assert any(found.name == "lintml.model.Edit" for found in all_imports())
    assert all(room in {module.room for module in house().values()} for room in FLOOR)
    assert rule_files()


def test_every_room_has_a_floor() -> None:
    assert {module.room for module in house().values()} - {""} <= set(FLOOR)


def test_the_nouns_import_nothing_of_ours() -> None:
    assert of("lintml", in_room("model")) == []


def test_mathematics_and_tables_know_neither_trees_nor_torch() -> None:
    pure = [found for found in in_room("shapes", "torch_api") if not is_generator(found.importer)]
    assert [*of("ast", pure), *of("libcst", pure), *of("torch", pure)] == []
    generators = [found for found in in_room("torch_api") if is_generator(found.importer)]
    assert [*of("libcst", generators), *of("torch", generators)] == []


def test_only_a_command_may_ask_for_the_generator_of_the_tables() -> None:
    asking = [
        found for found in all_imports() if is_generator(module_of(found.name)) and not is_generator(found.importer)
    ]
    assert [str(found) for found in asking if room_of(found.importer) != "commands"] == []


def test_only_rewriting_knows_libcst() -> None:
    assert of("libcst", [found for found in all_imports() if room_of(found.importer) != "rewriting"]) == []


def test_libcst_is_loaded_only_when_something_is_rewritten() -> None:
    knowing = {found.importer: str(found) for found in all_imports() if found.name.split(".")[0] == "libcst"}
    outside = {name for name in house() if room_of(name) != "rewriting"}
    loaded = reachable({*outside, "lintml.rewriting"}, [found for found in all_imports() if found.at_load])
    assert [text for name, text in knowing.items() if name in loaded] == []


def test_torch_is_imported_only_by_the_worker_and_what_it_alone_loads() -> None:
    knowing = {found.importer: str(found) for found in all_imports() if found.name.split(".")[0] == "torch"}
    assert [text for name, text in knowing.items() if room_of(name) != "verify"] == []
    outside = {name for name in house() if room_of(name) != "verify"}
    loaded = reachable(outside, [found for found in all_imports() if not found.for_types])
    assert [text for name, text in knowing.items() if name in loaded and name != WORKER] == []


def reachable(start: set[str], imports: Iterable[Import]) -> set[str]:
    """The modules that are loaded with those in ``start`` along ``imports``, what the worker loads left out."""
    edges: dict[str, set[str]] = {}
    for found in imports:
        if target := module_of(found.name):
            edges.setdefault(found.importer, set()).update((target, *packages_of(target)))
    seen, ahead = set(start), list(start)
    while ahead:
        name = ahead.pop()
        fresh = edges.get(name, set()) - seen if name != WORKER else set()
        seen |= fresh
        ahead += fresh
    return seen


def test_nothing_imports_upwards() -> None:
    up = []
    for found in all_imports():
        here, there = room_of(found.importer), room_of(found.name)
        if here and there and FLOOR.get(there, 0) > FLOOR.get(here, 0):
            up.append(str(found))
    assert up == []


def test_the_door_is_for_rules() -> None:
    through = [found for found in all_imports() if module_of(found.name) == "lintml" and found.importer != "lintml"]
    assert [str(found) for found in through if found.name not in ("lintml", "lintml.__version__")] == []


def test_no_circles_of_modules_at_load() -> None:
    edges: dict[str, set[str]] = {}
    for found in all_imports():
        target = module_of(found.name)
        if found.at_load and target not in ("", found.importer):
            edges.setdefault(found.importer, set()).add(target)
    assert circle_in(edges) == []


def test_no_circles_of_rooms_at_any_time() -> None:
    edges: dict[str, set[str]] = {}
    for found in all_imports():
        here, there = room_of(found.importer), room_of(found.name)
        if here and there and here != there and not found.for_types:
            edges.setdefault(here, set()).add(there)
    assert circle_in(edges) == []


def circle_in(edges: dict[str, set[str]]) -> list[str]:
    """The names of one circle, or none."""
    done: set[str] = set()

    def follow(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(edges.get(name, ())):
            if found := follow(target, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(edges) if (found := follow(name, []))), [])


def test_a_circle_would_be_seen() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle_in({"a": {"b", "c"}, "b": {"c"}}) == []


def test_only_documents_opens_documents() -> None:
    assert [name for name in OPENERS if module_of(name) != name] == []
    opened = []
    for module in house().values():
        if module.room == "documents" or any(name in OPENERS for name in (module.name, *packages_of(module.name))):
            continue
        opened += [f"{module.name}:{line}" for line in _openings(module.tree)]
    assert opened == []


def _openings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="open")):
                yield node.lineno
            case ast.Call(func=ast.Attribute(value=value, attr=attribute)) if attribute in OPENING:
                if not (node.args and ast.unparse(value) == "os" and ast.unparse(node.args[0]) == "os.devnull"):
                    yield node.lineno


def test_nothing_imports_the_rules_by_name() -> None:
    found = [*all_imports(), *(found for rule in rule_files() for found in imports_of(rule))]
    assert [str(each) for each in found if re.match(r"(lintml\.)?rules(\.|$)", each.name)] == []


def test_a_rule_imports_the_door_and_the_standard_library() -> None:
    said_at_the_door = {f"lintml.{name}" for name in lintml.__all__}
    strange = []
    for rule in rule_files():
        for found in imports_of(rule):
            if found.name not in said_at_the_door and found.name.split(".")[0] not in sys.stdlib_module_names:
                strange.append(str(found))
    assert strange == []


def test_a_file_of_code_is_short() -> None:
    long = []
    for module in (*house().values(), *rule_files()):
        lines = module.path.read_text(encoding="utf8").count("\n")
        if lines > LIMIT and not re.search(r"\btables?\b", ast.get_docstring(module.tree) or ""):
            long.append(f"{module.path.relative_to(ROOT)}: {lines} lines")
    assert long == []


def test_a_module_says_what_it_is_in_one_sentence() -> None:
    """The first paragraph is the caption; the grammar of a notation, or the format of a file, may follow."""
    wordy = []
    for module in house().values():
        caption = " ".join((ast.get_docstring(module.tree) or "").partition("\n\n")[0].split())
        if not caption.endswith(".") or re.search(r"[.!?] [A-Z]", caption):
            wordy.append(f"{module.path.relative_to(ROOT)}: {caption!r}")
    assert wordy == []


def test_a_rule_has_a_code_of_its_own_and_shows_wrong_and_right() -> None:
    codes: dict[str, str] = {}
    for rule in rule_files():
        name = str(rule.path.relative_to(ROOT))
        page = ast.get_docstring(rule.tree) or ""
        code = next(_codes(rule.tree), "")
        assert re.fullmatch(r"[A-Z]{3}\d{3}", code), f"{name} declares the code {code!r}"
        assert code not in codes, f"{name} and {codes[code]} declare {code}"
        codes[code] = name
        for kind in ("python wrong", "python right"):
            assert re.search(rf"^(```+|~~~+){kind}\b", page, re.MULTILINE), f"{name} has no fence tagged {kind!r}"


def _codes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Rule"), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                        yield str(keyword.value.value)
