"""Which documents some paths mean."""

import os
from collections.abc import Iterable, Iterator, Sequence

from lintml.documents.errors import DocumentError
from lintml.documents.gitignore import Pattern, decision, glob_regex, parse_gitignore

ENDINGS = (".md", ".markdown", ".mdx", ".qmd", ".rmd", ".myst", ".rst", ".py", ".ipynb")
VENDORED = frozenset(
    {"node_modules", "__pycache__", "__pypackages__", "site-packages", "venv", "build", "_build", "dist"}
)


def find(
    paths: Iterable[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    respect_gitignore: bool = True,
    force_exclude: bool = False,
) -> Iterator[str | DocumentError]:
    """The documents that ``paths`` mean: a file as given, a folder with all that stands in it, sorted, each once.

    In folders, hidden and vendored ones are left out, so is what ``.gitignore`` names, and only known endings count,
    or those that ``include`` globs name. ``exclude`` globs leave out files and folders; files named explicitly obey
    them with ``force_exclude``. A folder without documents gives a DocumentError in its place.
    """
    walk = _Walk(include, exclude, respect_gitignore)
    seen: set[str] = set()
    for path in paths:
        if not os.path.isdir(path):
            found: Iterable[str] = () if force_exclude and walk.excluded(path) else (path,)
        elif not (found := list(walk.folder(path))) and not (force_exclude and walk.excluded(path)):
            yield DocumentError("no documents in this directory", path)
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


class _Walk:
    """The rules of one search."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str], respect_gitignore: bool) -> None:
        self.include = [glob_regex(glob) for glob in include]
        self.exclude = [glob_regex(glob) for glob in exclude]
        self.respect_gitignore = respect_gitignore

    def excluded(self, path: str) -> bool:
        """Whether an ``exclude`` glob names a path or a folder above it."""
        path = _relative(path)
        return any(regex.fullmatch(path) for regex in self.exclude)

    def folder(self, path: str) -> Iterator[str]:
        """The documents below a folder."""
        return self._below(path, _ignores_above(path) if self.respect_gitignore else ())

    def _below(self, folder: str, ignores: tuple[tuple[str, tuple[Pattern, ...]], ...]) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            return
        if self.respect_gitignore and any(entry.name == ".gitignore" for entry in entries):
            ignores = (*ignores, (os.path.abspath(folder), _patterns(folder)))
        for entry in entries:
            is_folder = entry.is_dir(follow_symlinks=False)
            if not is_folder and not self._is_document(entry):
                continue
            if is_folder and (entry.name.startswith(".") or entry.name in VENDORED or _is_environment(entry.path)):
                continue
            if self.excluded(entry.path) or _ignored(ignores, entry.path, folder=is_folder):
                continue
            if is_folder:
                yield from self._below(entry.path, ignores)
            else:
                yield entry.path

    def _is_document(self, entry: "os.DirEntry[str]") -> bool:
        if self.include:
            path = _relative(entry.path)
            return any(regex.fullmatch(path) for regex in self.include) and entry.is_file()
        return entry.name.lower().endswith(ENDINGS) and entry.is_file()


def _relative(path: str) -> str:
    return os.path.normpath(os.path.relpath(path) if os.path.isabs(path) else path).replace(os.sep, "/")


def _is_environment(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "pyvenv.cfg"))


def _ignores_above(folder: str) -> tuple[tuple[str, tuple[Pattern, ...]], ...]:
    """The ``.gitignore`` files above a folder, up to the top of its repository."""
    above: list[tuple[str, tuple[Pattern, ...]]] = []
    folder = os.path.abspath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ()
        folder = parent
        above.append((folder, _patterns(folder)))
    return tuple(reversed(above))


def _patterns(folder: str) -> tuple[Pattern, ...]:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
            return parse_gitignore(file.read())
    except OSError:
        return ()


def _ignored(ignores: tuple[tuple[str, tuple[Pattern, ...]], ...], path: str, *, folder: bool) -> bool:
    """What the innermost ``.gitignore`` that speaks of a path says of it."""
    if not ignores:
        return False
    absolute = os.path.abspath(path)
    for root, patterns in reversed(ignores):
        relative = os.path.relpath(absolute, root).replace(os.sep, "/")
        if (result := decision(patterns, relative, folder=folder)) is not None:
            return result
    return False
