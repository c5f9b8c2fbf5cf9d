"""The table beside the code of torch itself: what it names is there, and what it calls fits."""

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from lintml.torch_api import names
from lintml.torch_api.generate.source import Source
from lintml.torch_api.table import Version

FOLDERS = (
    "nn",
    "optim",
    "distributions",
    "utils/data",
    "autograd",
    "ao/quantization",
    "distributed/optim",
    "fft",
    "sparse",
)


@pytest.fixture(scope="module")
def torch_folder() -> Path:
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        pytest.skip("torch is not installed")
    return Path(found.origin).parent


@pytest.fixture(scope="module")
def version(torch_folder: Path) -> Version:
    found = Source(torch_folder).version
    if not names.OLDEST <= found <= names.NEWEST:
        pytest.skip(f"no table of torch {found}")
    return found


@pytest.fixture(scope="module")
def uses(torch_folder: Path) -> list["Use"]:
    files = [*torch_folder.glob("*.py"), *(f for folder in FOLDERS for f in (torch_folder / folder).rglob("*.py"))]
    return [use for file in sorted(files) for use in Reader(file).uses()]


def test_every_name_that_torch_uses_is_there(uses: list["Use"], version: Version) -> None:
    assert len(uses) > 10_000
    assert [use for use in uses if names.exists(use.path, version) is False] == []


def test_every_call_that_torch_makes_fits(uses: list["Use"], version: Version) -> None:
    calls = [use for use in uses if use.keywords is not None]
    found = [(use, name) for use in calls if (name := names.lookup(use.path)) and name.kind in ("class", "function")]
    assert len(found) > 1_000
    wrong = [use for use, name in found if name.mismatch(use.positional, use.keywords or (), version)]
    assert wrong == []


class Use:
    """A place where a path of torch is named, with the shape of the call where it is called plainly."""

    def __init__(self, place: str, path: str, call: ast.Call | None = None) -> None:
        self.place, self.path = place, path
        self.positional = len(call.args) if call else 0
        self.keywords = [k.arg for k in call.keywords if k.arg] if call else None

    def __repr__(self) -> str:
        return f"{self.place}: {self.path}" + ("" if self.keywords is None else f" {self.positional} {self.keywords}")


class Reader:
    """The names that a file imports from torch and never binds to anything else."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tree = ast.parse(file.read_text(encoding="utf-8"))
        self.meant: dict[str, str] = {}
        bound = set()
        for node in ast.walk(self.tree):
            match node:
                case ast.Import(aliases):
                    self.meant.update(
                        {a.asname or "torch": a.name if a.asname else "torch" for a in aliases if is_torch(a.name)}
                    )
                case ast.ImportFrom(module, aliases, 0) if module and is_torch(module):
                    self.meant.update({a.asname or a.name: f"{module}.{a.name}" for a in aliases})
                case ast.Name(name, ast.Store()) | ast.arg(name) | ast.FunctionDef(name) | ast.ClassDef(name):
                    bound.add(name)
        self.meant = {name: path for name, path in self.meant.items() if name not in bound and name != "*"}

    def uses(self) -> Iterator[Use]:
        for node in ast.walk(self.tree):
            match node:
                case ast.Attribute(ctx=ast.Load()) if path := self.path(node):
                    yield Use(self.place(node), path)
                case ast.Call(function, arguments, keywords) if path := self.path(function):
                    if not any(isinstance(a, ast.Starred) for a in arguments) and all(k.arg for k in keywords):
                        yield Use(self.place(node), path, node)

    def path(self, node: ast.expr) -> str:
        match node:
            case ast.Name(name):
                return self.meant.get(name, "")
            case ast.Attribute(value, name) if head := self.path(value):
                return f"{head}.{name}"
        return ""

    def place(self, node: ast.expr) -> str:
        return f"{self.file}:{node.lineno}"


def is_torch(module: str) -> bool:
    return module.split(".")[0] == "torch"
