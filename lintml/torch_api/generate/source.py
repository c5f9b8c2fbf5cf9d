"""A library on disk or in a wheel, read as text and never imported."""

import ast
import re
import warnings
import zipfile
from functools import cached_property
from pathlib import Path

from lintml.torch_api.table import Version

# Headers, vendored copies and the library's own tests hold nothing that a document would name.
SKIPPED = {"lib", "include", "test", "tests", "examples", "conftest", "conda", "setup"}
VERSION_FILES = ("version.py", "_version.py", "__version__.py", "__about__.py", "__init__.py")


class SourceError(Exception):
    """A path that holds no library, said in one sentence."""


class Source:
    """One version of one library: ``name`` is its top-level package, ``version`` its (major, minor)."""

    def __init__(self, path: Path, name: str = "torch") -> None:
        self.files = open_files(path, name)
        self.name = name
        if f"{name}/__init__.py" not in self.files.paths:
            raise SourceError(f"{path}: no package {name} in it")
        self.version = self.read_version(path)

    @cached_property
    def modules(self) -> dict[str, str]:
        """Dotted name -> path of each module's source."""
        return self.dotted(".py")

    @cached_property
    def stubs(self) -> dict[str, str]:
        """Dotted name -> path of each module's stub file."""
        return self.dotted(".pyi")

    def is_package(self, module: str) -> bool:
        path = self.modules.get(module) or self.stubs.get(module, "")
        return path.rpartition("/")[2].startswith("__init__.")

    def tree(self, path: str) -> ast.Module:
        """The parsed file; empty where this Python cannot parse it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(self.files.read(path))
        except (SyntaxError, ValueError):
            return ast.Module([], [])

    def text(self, path: str) -> str:
        """A file's text; empty where the library ships no such file."""
        return self.files.read(path) if path in self.files.paths else ""

    def public_modules(self) -> list[str]:
        """Every module without a private or skipped part in its name, packages before what they hold."""
        names = set(self.modules) | set(self.stubs)
        return sorted(name for name in names if not any(p[0] == "_" or p in SKIPPED for p in name.split(".")[1:]))

    def dotted(self, ending: str) -> dict[str, str]:
        found = {}
        for path in self.files.paths:
            if path.startswith(self.name + "/") and path.endswith(ending):
                parts = path[: -len(ending)].split("/")
                if parts[-1] == "__init__":
                    parts.pop()
                if all(part.isidentifier() for part in parts):
                    found[".".join(parts)] = path
        return found

    def read_version(self, path: Path) -> Version:
        told = re.compile(rf"{re.escape(self.name)}-(\d+)\.(\d+).*(?:\.whl|\.dist-info/METADATA)")
        found = next(filter(None, map(told.fullmatch, [path.name, *self.files.paths])), None)
        for name in VERSION_FILES:
            text = self.text(f"{self.name}/{name}")
            found = found or re.search(r"""^__version__[^=\n]*=\s*["'](\d+)\.(\d+)""", text, re.MULTILINE)
        if not found:
            raise SourceError(f"{path}: cannot tell the version of {self.name}")
        return int(found[1]), int(found[2])


class Wheel:
    """The files of a wheel, or of any zip file laid out as one."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.paths = dict.fromkeys(self.archive.namelist())

    def read(self, path: str) -> str:
        return self.archive.read(path).decode("utf-8", errors="replace")


class Folder:
    """The files of one package in a folder of installed packages."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        patterns = (f"{name}/**/*.py", f"{name}/**/*.pyi", f"{name}-*.dist-info/METADATA", "torchgen/**/*.yaml")
        self.paths = {p.relative_to(root).as_posix(): None for pattern in patterns for p in sorted(root.glob(pattern))}

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8", errors="replace")


def open_files(path: Path, name: str) -> Wheel | Folder:
    if path.is_dir():
        return Folder(path.parent if (path / "__init__.py").exists() else path, name)
    if not zipfile.is_zipfile(path):
        raise SourceError(f"{path}: neither a wheel nor a folder")
    return Wheel(path)
