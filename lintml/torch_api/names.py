"""What names a library has, in which versions, and what they take: looked up in tables, never imported."""

import builtins
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Literal, TypeAlias, cast

from lintml.torch_api.conventional import CONVENTIONAL
from lintml.torch_api.parameters import Mismatch, Parameter, Signature, parse_signature
from lintml.torch_api.slips import within_edits
from lintml.torch_api.table import Range, Record, Table, Version, range_of

__all__ = [
    "CALLED",
    "CONVENTIONAL",
    "NEWEST",
    "OLDEST",
    "SHIPPED",
    "Kind",
    "Mismatch",
    "Name",
    "Parameter",
    "Signature",
    "Version",
    "close",
    "exists",
    "fold",
    "forget",
    "homes",
    "is_class",
    "is_steady",
    "lookup",
    "members",
    "nearest",
    "tables",
]

Kind: TypeAlias = Literal[
    "module", "class", "function", "method", "staticmethod", "classmethod", "property", "attribute", "constant", "dtype"
]
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Name:
    """A public name and what is known of it.

    ``path`` is its canonical home. ``since`` is the first version known to have it (``OLDEST`` also stands for older
    ones), ``until`` the first without it. ``texts`` holds the signatures of each stretch of versions as the table has
    them, oldest first; they are parsed when they are asked for, and none means that they are not known. ``raising``
    holds the messages of a function that can only raise, ``deprecations`` those of one that is deprecated. ``bases``
    are a class's public ones.
    """

    path: str
    kind: Kind
    since: Version
    until: Version | None
    texts: tuple[tuple[Range, tuple[str, ...]], ...] = ()
    native: bool = False
    raising: tuple[tuple[Range, str], ...] = ()
    deprecations: tuple[tuple[Range, str], ...] = ()
    bases: tuple[str, ...] = ()

    @property
    def history(self) -> tuple[tuple[Range, tuple[Signature, ...]], ...]:
        """The overloads of each stretch of versions, oldest first; a method's are without ``self``."""
        return tuple((span, _parsed(texts, self.native)) for span, texts in self.texts)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The overloads of the newest version that has the name; none where they are not known."""
        return _parsed(self.texts[-1][1], self.native) if self.texts else ()

    def at(self, version: Version | None) -> tuple[Signature, ...]:
        """The overloads of one version; None means the newest."""
        if version is None:
            return self.signatures
        return next((_parsed(texts, self.native) for span, texts in self.texts if within(span, version)), ())

    @property
    def raises(self) -> str:
        """What a call of it raises in the newest version that has it; empty for what can be called."""
        return self.raising[-1][1] if self.raising and self.raising[-1][0][1] == self.until else ""

    @property
    def deprecated(self) -> tuple[Version, str] | None:
        """Since when and why it is deprecated, unless that was taken back before it went or was made to raise."""
        if not self.deprecations:
            return None
        (since, until), message = self.deprecations[-1]
        ends = {None, self.until, *(span[0] for span, _ in self.raising)}
        return (since, message) if until in ends else None

    def raises_in(self, version: Version) -> str:
        """What a call of it raises in that version; empty for what can be called there."""
        return next((message for span, message in self.raising if within(span, version)), "")

    def deprecated_in(self, version: Version) -> tuple[Version, str] | None:
        """Since when and why it is deprecated in that version."""
        return next(((s[0], message) for s, message in self.deprecations if within(s, version)), None)

    def mismatch(
        self, positional: int, keywords: Sequence[str] = (), version: Version | None = None
    ) -> Mismatch | None:
        """Why no overload takes such a call; None where one does, or where none is known.

        Of several overloads the complaint is that of the one which comes closest: it knows the most of the keywords.
        """
        overloads = self.at(version)
        found = [s.accepts(positional, keywords) for s in overloads]
        if not found or None in found:
            return None
        scored = [(sum(s.keyword(k) is not None for k in keywords), -i) for i, s in enumerate(overloads)]
        return found[scored.index(max(scored))]

    def keyword_span(self, keyword: str) -> Range | None:
        """From which version until which a keyword was a parameter; None where it never was."""
        spans = [span for span, overloads in self.history if any(s.keyword(keyword) for s in overloads)]
        return (spans[0][0], spans[-1][1]) if spans else None


@cache
def lookup(path: str) -> Name | None:
    """The name that a dotted path leads to, through aliases and base classes; None where no table has it."""
    record = _find(path)
    if record is None:
        return None
    target = _find(record.alias) if record.alias else record
    return _name(target, record.span) if target else None


def is_steady(path: str) -> bool:
    """Whether a name is there in all versions from its first one on and was never deprecated."""
    record = _find(path)
    if record is None or record.span[1]:
        return False
    target = _find(record.alias) if record.alias else record
    return target is not None and not any(fact[0] in "!~" for fact in target.facts)


def exists(path: str, version: Version | None = None) -> bool | None:
    """Whether a library has that name in a version (default: the newest); None where no table can tell.

    ``version`` is torch's and says nothing of other libraries: of those the newest that was read counts. Private
    names, the members of anything but a closed module or class, and the members of what does not exist itself are
    never told.
    """
    version = _of_torch(path, version)
    record = _find(path)
    if record:
        return within(record.span, version) if version else record.span[1] is None
    namespace, _, name = path.rpartition(".")
    holder = _find(namespace)
    if holder and holder.alias:
        return exists(f"{holder.alias}.{name}", version)
    if holder is None:
        return None
    table = _table(path.partition(".")[0])
    if (table and name in table.incidental(namespace)) or _is_builtin_member(holder, name):
        return True
    return False if name[:1] != "_" and _is_closed(holder) else None


def is_class(path: str) -> bool:
    """Whether a path leads to a class."""
    found = lookup(path)
    return found is not None and found.kind == "class"


def members(path: str, version: Version | None = None) -> tuple[str, ...]:
    """The public names in a module or class, inherited ones included, in a version (default: the newest)."""
    version = _of_torch(path, version)
    found = (r.name for r in _records(path) if (within(r.span, version) if version else r.span[1] is None))
    return tuple(sorted(set(found)))


def fold(path: str, called: bool = True, version: Version | None = None) -> str | None:
    """The one public name of the namespace of a name that is not there, equal to it but for case and underscores.

    ``torch.nn.Conv2D`` gives ``torch.nn.Conv2d``. Of several, those win that are not deprecated, that are of the kind
    that is ``called``, and that end in an underscore just if ``path`` does; None where none or several are left.
    """
    namespace, _, name = path.rpartition(".")
    wanted = _folded(name)
    if exists(path, version):
        return None
    fitting = [m for m in members(namespace, version) if _folded(m) == wanted]
    return _one(namespace, name, fitting, called)


def close(path: str, called: bool = True, version: Version | None = None, distance: int = 1) -> str | None:
    """The one public name of the namespace of a name that is not there, within that many edits of it.

    None where none or several are nearest.
    """
    namespace, _, name = path.rpartition(".")
    for edits in range(1, distance + 1) if not exists(path, version) else ():
        fitting = [m for m in members(namespace, version) if within_edits(name, m, edits)]
        if fitting:
            return _one(namespace, name, fitting, called)
    return None


def nearest(word: str, candidates: Iterable[str], distance: int = 1) -> str | None:
    """The one of several words that is within that many edits of another; None where none or several are nearest."""
    listed = set(candidates)
    for edits in range(1, distance + 1):
        fitting = [each for each in listed if within_edits(word, each, edits)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def homes(name: str, version: Version | None = None) -> tuple[str, ...]:
    """The canonical paths of torch's public classes, functions and modules of that bare name, the best home first."""
    table = _table("torch")
    found = (r for r in table.bearers(name) if not r.alias and _is_module(r.namespace)) if table else ()
    there = (r for r in found if (within(r.span, version) if version else r.span[1] is None))
    return tuple(f"{r.namespace}.{r.name}" for r in sorted(there, key=lambda r: (r.namespace.count("."), r.namespace)))


def within(span: Range, version: Version) -> bool:
    """Whether a version lies in a span; what the oldest known version has is taken to be older still."""
    since, until = span
    return (version >= since or since == OLDEST) and (until is None or version < until)


def cache_folder() -> Path:
    """Where the tables of other libraries are kept, one file ``NAME.txt`` each."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(os.environ.get("LINTML_CACHE_DIR") or Path(base) / "lintml") / "api"


def tables() -> dict[str, tuple[Version, ...]]:
    """The libraries whose names are known, each with the versions that were read."""
    found = {path.stem for folder in (DATA, cache_folder()) for path in folder.glob("*.txt")}
    return {name: table.versions for name in sorted(found) if (table := _table(name)) is not None}


def forget() -> None:
    """Drop what was read, so that a table written since is seen."""
    for remembered in (lookup, _table, _find):
        remembered.cache_clear()


@cache
def _table(library: str) -> Table | None:
    for folder in (DATA, cache_folder()):
        try:
            with (folder / f"{library}.txt").open("rb") as file:
                return Table(mmap(file.fileno(), 0, access=ACCESS_READ))
        except (OSError, ValueError):
            continue
    return None


@cache
def _find(path: str) -> Record | None:
    """The record of a path: its own, that of the path its namespace stands for, or the nearest base class's."""
    table = _table(path.partition(".")[0])
    if table is None:
        return None
    namespace, _, name = path.rpartition(".")
    record = table.record(namespace, name)
    if record or not namespace:
        return record
    holder = _find(namespace)
    if holder is None:
        return None
    if holder.alias:
        return _find(f"{holder.alias}.{name}")
    return next((r for base in _bases(holder) if (r := _find(f"{base}.{name}"))), None)


def _records(path: str) -> Iterator[Record]:
    table = _table(path.partition(".")[0])
    holder = _find(path)
    if table is None or holder is None:
        return
    if holder.alias:
        yield from _records(holder.alias)
        return
    yield from table.records(path)
    for base in _bases(holder):
        yield from _records(base)


def _bases(record: Record) -> tuple[str, ...]:
    first = record.facts[0] if record.facts else ""
    return tuple(first[1:].split(" ")) if first.startswith("<") else ()


def _is_closed(record: Record) -> bool:
    """Whether the table has every member of a module or class."""
    if record.kind not in ("module", "class") or record.open:
        return False
    return all(hasattr(builtins, base) or ((r := _find(base)) and _is_closed(r)) for base in _bases(record))


def _is_builtin_member(record: Record, name: str) -> bool:
    bases = _bases(record)
    if any(hasattr(getattr(builtins, base, None), name) for base in bases):
        return True
    return any(_is_builtin_member(r, name) for base in bases if (r := _find(base)))


def _of_torch(path: str, version: Version | None) -> Version | None:
    return version if path.partition(".")[0] in SHIPPED else None


def _is_module(path: str) -> bool:
    record = _find(path)
    return record is not None and record.kind == "module"


@cache
def _parsed(texts: tuple[str, ...], native: bool) -> tuple[Signature, ...]:
    return tuple(parse_signature(text, native) for text in texts)


def _name(record: Record, span: Range) -> Name:
    stretches: dict[Range, list[str]] = {}
    messages: dict[str, list[tuple[Range, str]]] = {"!": [], "~": []}
    for fact in record.facts:
        if fact[0] in messages:
            where, _, message = fact[1:].partition(" ")
            messages[fact[0]].append((range_of(where), message))
        elif fact[0] != "<":
            where, opening, rest = fact.partition("(")
            place = range_of(where) if where else record.span
            stretches.setdefault(place, []).append(opening + rest)
    return Name(
        f"{record.namespace}.{record.name}".lstrip("."),
        cast(Kind, record.kind),
        *span,
        tuple((place, tuple(overloads)) for place, overloads in stretches.items()),
        record.native,
        tuple(messages["!"]),
        tuple(messages["~"]),
        _bases(record),
    )


def _one(namespace: str, name: str, fitting: Sequence[str], called: bool) -> str | None:
    """Of several candidates the one left when the less likely ones are dropped, reason by reason."""
    candidates = {m: found for m in fitting if (found := lookup(f"{namespace}.{m}"))}
    reasons: tuple[Callable[[str, Name], bool], ...] = (
        lambda _, found: not found.deprecated and not found.raises,
        lambda _, found: (found.kind in CALLED) == called,
        lambda m, _: m.endswith("_") == name.endswith("_"),
    )
    for reason in reasons:
        candidates = {m: found for m, found in candidates.items() if reason(m, found)} or candidates
    return f"{namespace}.{next(iter(candidates))}" if len({c.path for c in candidates.values()}) == 1 else None


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()


CALLED = ("class", "function", "method", "staticmethod", "classmethod")
SHIPPED = frozenset({"torch"})
OLDEST: Version = (1, 8)
NEWEST: Version = (2, 15)
