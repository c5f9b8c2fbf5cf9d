"""``lintml api``: tables of the names that other libraries have, read from what is installed."""

import os
import sys
from pathlib import Path

import click

from lintml.commands.session import Refusal


@click.group("api", short_help="Keep tables of other libraries' names.")
def command() -> None:
    """Keep tables of the names that other libraries have, beside torch's own.

    A table is made by reading a library's files. Nothing of it is imported or run.
    """


@command.command("add")
@click.argument("name")
@click.argument("sources", nargs=-1, metavar="[WHEEL|FOLDER]...", type=click.Path(exists=True, path_type=Path))
@click.option("--python", metavar="PATH", help="Another interpreter, or its environment's folder, to look in.")
def add(name: str, sources: tuple[Path, ...], python: str | None) -> None:
    """Read library NAME (such as torchvision) and keep its names.

    It is looked for in the active environment and beside lintml, unless wheels or folders are given, one for each
    version.
    """
    from lintml.torch_api import names
    from lintml.torch_api.generate import SourceError, library

    package = name.replace("-", "_")
    if package in names.SHIPPED:
        raise Refusal(f"{package}: its table comes with lintml")
    try:
        path = library(package, sources or _found(package, python))
    except SourceError as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from None
    print(f"{path}: {package} {_versions(names.tables()[package])}")


@command.command("list")
def listed() -> None:
    """List the libraries whose names are known, with their versions."""
    from lintml.torch_api import names

    for name, versions in names.tables().items():
        print(f"{name} {_versions(versions)}" + (" (comes with lintml)" if name in names.SHIPPED else ""))


def _found(package: str, python: str | None) -> tuple[Path, ...]:
    """The folder of packages that holds the library; none where lintml's own interpreter is to look."""
    places = [python] if python is not None else [os.environ.get("VIRTUAL_ENV"), os.environ.get("CONDA_PREFIX")]
    for place in filter(None, places):
        for folder in _site_packages(Path(place)):
            if (folder / package / "__init__.py").is_file():
                return (folder,)
    if python is not None:
        raise Refusal(f"{python}: no package {package} in its environment")
    return ()


def _site_packages(place: Path) -> list[Path]:
    """The folders of packages of an environment, or of the one that an interpreter stands in.

    The interpreter's name must not be followed where it is a link: it leads out of the environment.
    """
    root = place if place.is_dir() else place.absolute().parent.parent
    patterns = ("lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages")
    windows = root / "Lib" / "site-packages"
    found = [folder for pattern in patterns for folder in sorted(root.glob(pattern), reverse=True)]
    return [*found, windows] if sys.platform == "win32" else found


def _versions(versions: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{major}.{minor}" for major, minor in versions)
