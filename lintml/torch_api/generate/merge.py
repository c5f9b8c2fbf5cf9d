"""Many versions of one library made into one table, each fact with the versions in which it holds."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from lintml.torch_api.generate.entries import Entry, Release
from lintml.torch_api.parameters import Parameter, Signature, parse_signature
from lintml.torch_api.table import HEADER, range_text, text_of

Key = tuple[str, str]
T = TypeVar("T")


def merge(library: str, releases: Sequence[Release]) -> str:
    """The table's text; ``releases`` may come in any order."""
    ordered = sorted(releases, key=lambda release: release.number)
    keys = {key for release in ordered for key in release.entries}
    loose = incidental(ordered, keys)
    lines = [f"{HEADER} {library} {' '.join(text_of(release.number) for release in ordered)}"]
    for namespace, name in sorted(keys | {(space, "*") for space in loose}):
        if name == "*":
            lines.append(f"{namespace} * {' '.join(sorted(loose[namespace]))}")
        else:
            lines += Merged((namespace, name), ordered).lines()
    return "\n".join(lines) + "\n"


def incidental(ordered: Sequence[Release], keys: set[Key]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for release in ordered:
        for namespace, names in release.incidental.items():
            found.setdefault(namespace, set()).update(n for n in names if (namespace, n) not in keys)
    return {namespace: names for namespace, names in found.items() if names}


class Merged:
    """One name through all releases."""

    def __init__(self, key: Key, ordered: Sequence[Release]) -> None:
        self.key = key
        self.numbers = [release.number for release in ordered]
        found = [release.find(key) for release in ordered]
        there = [i for i, r in enumerate(ordered) if found[i] or r.binds(key)]
        self.first, self.last = there[0], there[-1]
        self.newest = next(e for e in reversed(found) if e)
        self.entries = list(self.filled(found))

    def filled(self, found: Sequence[Entry | None]) -> Iterator[Entry]:
        """One entry for each release of the name; one that could not be read is taken to be as the next one."""
        for i in range(self.first, self.last + 1):
            following = next((e for e in found[i:] if e), None)
            yield following or next(e for e in reversed(found[:i]) if e)

    def span(self, begin: int, end: int) -> str:
        """The versions of entries ``begin`` to ``end`` (exclusive) as the table writes them."""
        until = self.first + end
        return range_text(
            (self.numbers[self.first + begin], self.numbers[until] if until < len(self.numbers) else None)
        )

    def lines(self) -> Iterator[str]:
        newest = self.newest
        whole = self.span(0, len(self.entries))
        marks = ("?" if newest.open else "") + ("!" if newest.native else "")
        head = f"{self.key[0]} {self.key[1]} {newest.kind}{marks} {whole}"
        if newest.alias:
            yield f"{head} = {newest.alias}"
            return
        yield head
        if newest.bases:
            yield "\t<" + " ".join(newest.bases)
        lists = [merged_overloads(e.signatures) for e in strengthened(self.entries)]
        for begin, end, overloads in runs(lists, lambda overloads: tuple(str(bare(s)) for s in overloads)):
            where = self.span(begin, end)
            yield from (f"\t{where if where != whole else ''}{overload}" for overload in overloads)
        for mark, messages in (("!", [e.raises for e in self.entries]), ("~", [e.deprecated for e in self.entries])):
            for begin, end, message in runs(messages, bool):
                if message:
                    yield f"\t{mark}{self.span(begin, end)} {message}"


def strengthened(entries: Sequence[Entry]) -> Iterator[Entry]:
    """A docstring's signatures give way to a later schema's of about as many parameters, which has the true names."""
    for i, entry in enumerate(entries):
        later = next((e for e in entries[i:] if e.signatures and not e.weak), None) if entry.weak else None
        yield later if later and abs(commas(later) - commas(entry)) <= 1 else entry


def commas(entry: Entry) -> int:
    return max((s.count(",") for s in entry.signatures), default=0)


def merged_overloads(texts: Sequence[str]) -> tuple[Signature, ...]:
    """Overloads that differ in annotations alone become one that takes what either takes."""
    groups: dict[Signature, Signature] = {}
    for signature in map(parse_signature, texts):
        key = bare(signature)
        groups[key] = joined(groups[key], signature) if key in groups else signature
    return tuple(groups.values())


def bare(signature: Signature) -> Signature:
    return Signature(tuple(replace(p, annotation="") for p in signature.parameters))


def joined(one: Signature, other: Signature) -> Signature:
    return Signature(tuple(either(p, q) for p, q in zip(one.parameters, other.parameters, strict=True)))


def either(one: Parameter, other: Parameter) -> Parameter:
    if not one.annotation or not other.annotation:
        return replace(one, annotation="")
    words = {*one.annotation.split("|"), *other.annotation.split("|")}
    return replace(one, annotation="|".join(sorted(words, key=lambda word: (word == "None", word))))


def runs(values: Sequence[T], key: Callable[[T], Hashable]) -> Iterator[tuple[int, int, T]]:
    """Stretches of equal keys, with the last value of each."""
    begin = 0
    for i in range(1, len(values) + 1):
        if i == len(values) or key(values[i]) != key(values[begin]):
            yield begin, i, values[i - 1]
            begin = i
