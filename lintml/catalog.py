"""Where the rules stand and how each is loaded: the built-in folder, installed or in a checkout, and a user's own."""

import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from pkgutil import iter_modules

from lintml.rule import Rule

PACKAGE = "lintml.rules"


class CatalogError(Exception):
    """A rule file that cannot be taken in; the text names the file and says why."""


@cache
def rules(folders: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """Every rule, by code: the built-in ones, and those in a user's folders."""
    found = list(_load(PACKAGE, built_in()))
    for folder in folders:
        path = Path(folder).resolve()
        found += _load(f"lintml_rules{re.sub(r'[^0-9A-Za-z]', '_', str(path))}", path)
    codes: dict[str, Rule] = {}
    for rule in found:
        if rule.code in codes:
            raise CatalogError(f"{rule.code} is declared by {codes[rule.code].name} and by {rule.name}")
        codes[rule.code] = rule
    return tuple(sorted(found, key=lambda rule: rule.code))


def rule(code_or_name: str, folders: tuple[str, ...] = ()) -> Rule | None:
    """The rule of this code or name, in any case."""
    wanted = code_or_name.casefold()
    return next((each for each in rules(folders) if wanted in (each.code.casefold(), each.name)), None)


def built_in() -> Path:
    """The folder of the built-in rules: inside the package where installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "rules"
    return installed if installed.is_dir() else here.parent / "rules"


def _load(package: str, folder: Path) -> Iterable[Rule]:
    if not folder.is_dir():
        raise CatalogError(f"{folder}: no such folder of rules")
    _register(package, folder)
    for info in iter_modules([str(folder)]):
        if not info.ispkg:
            yield from _rule(f"{package}.{info.name}", folder)
    for inner in sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isidentifier()):
        name = f"{package}.{inner.name}"
        _register(name, inner)
        for info in iter_modules([str(inner)]):
            yield from _rule(f"{name}.{info.name}", inner)


def _register(package: str, folder: Path) -> None:
    """Make a folder importable as a package without an ``__init__`` of its own."""
    if package not in sys.modules:
        spec = ModuleSpec(package, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        sys.modules[package] = module_from_spec(spec)


def _rule(name: str, folder: Path) -> Iterable[Rule]:
    try:
        module = import_module(name)
    except Exception as error:
        file = folder / f"{name.rpartition('.')[2]}.py"
        raise CatalogError(f"{file}: cannot be loaded: {type(error).__name__}: {error}") from error
    found = getattr(module, "rule", None)
    if isinstance(found, Rule):
        found.settle(module)
        yield found
