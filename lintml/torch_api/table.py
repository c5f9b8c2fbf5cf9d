"""The table of a library's names: sorted text that is searched where it lies and never parsed as a whole.

A record is a head line ``namespace name kind since:until`` and a line for each fact, which begins with a tab::

    torch.nn Conv2d class 1.8:
        <torch.nn.Module
        (in_channels: int, out_channels: int, …)

``since`` is the first version with the name, ``until`` the first without it; ``= path`` ends the head line of an alias.
Facts are the bases (``<``), signatures (``(``, after the versions they hold in where those are fewer), the message of
a function that always raises (``!``) and that of a deprecation (``~``), each with its versions. ``?`` after the kind
says that there are members no table can know, ``!`` that the name is compiled. ``namespace * …`` lists what a module
binds without meaning to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import TypeAlias

Version: TypeAlias = tuple[int, int]
Range: TypeAlias = tuple[Version, Version | None]

HEADER = "#lintml-names"
TAB = 9


@dataclass(frozen=True, slots=True)
class Record:
    """One name as the table has it; each fact is a line without its tab."""

    namespace: str
    name: str
    kind: str
    span: Range
    alias: str
    open: bool
    native: bool
    facts: tuple[str, ...]


class Table:
    """One library's table, as bytes or as a mapped file; ``versions`` are those it was made from, oldest first."""

    def __init__(self, blob: bytes | mmap) -> None:
        head = blob[: blob.find(b"\n")]
        mark, self.library, *versions = head.decode().split(" ")
        if mark != HEADER:
            raise ValueError("not a table of names")
        self.versions = tuple(version_of(text) for text in versions)
        self.blob = blob
        self.start = len(head) + 1

    def record(self, namespace: str, name: str) -> Record | None:
        key = f"{namespace} {name} ".encode()
        place = self.place(key)
        if self.blob[place : place + len(key)] != key:
            return None
        return record_of(self.blob[place : self.end(place)].decode())

    def records(self, namespace: str) -> Iterator[Record]:
        """Every name of one namespace, in order."""
        key = f"{namespace} ".encode()
        place = self.place(key)
        while self.blob[place : place + len(key)] == key:
            end = self.end(place)
            if self.blob[place + len(key)] != ord("*"):
                yield record_of(self.blob[place:end].decode())
            place = end

    def incidental(self, namespace: str) -> tuple[str, ...]:
        """What a module binds without meaning to: its imports and helpers."""
        key = f"{namespace} * ".encode()
        place = self.place(key)
        if self.blob[place : place + len(key)] != key:
            return ()
        return tuple(self.blob[place + len(key) : self.end(place) - 1].decode().split(" "))

    def bearers(self, name: str) -> Iterator[Record]:
        """Every record of that bare name, in any namespace."""
        key = f" {name} ".encode()
        found = self.blob.find(key, self.start)
        while found >= 0:
            begin = self.blob.rfind(b"\n", 0, found) + 1
            if self.blob[begin] != TAB and b" " not in self.blob[begin:found]:
                yield record_of(self.blob[begin : self.end(begin)].decode())
            found = self.blob.find(key, found + 1)

    def place(self, key: bytes) -> int:
        """Where the first record starts that is not before ``key``."""
        blob, low, high = self.blob, self.start, len(self.blob)
        while low < high:
            begin = max(blob.rfind(b"\n", low, (low + high) // 2) + 1, low)
            while blob[begin] == TAB:
                begin = max(blob.rfind(b"\n", low, begin - 1) + 1, low)
            if blob[begin : begin + len(key)] < key:
                low = self.end(begin)
            else:
                high = begin
        return low

    def end(self, begin: int) -> int:
        """Where the record after the one at ``begin`` starts."""
        end = begin
        while True:
            end = self.blob.find(b"\n", end) + 1 or len(self.blob)
            if end >= len(self.blob) or self.blob[end] != TAB:
                return end


def record_of(text: str) -> Record:
    head, *facts = text.rstrip("\n").split("\n\t")
    words, _, alias = head.partition(" = ")
    namespace, name, kind, span = words.split(" ")
    return Record(namespace, name, kind.rstrip("?!"), range_of(span), alias, "?" in kind, "!" in kind, tuple(facts))


def version_of(text: str) -> Version:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def text_of(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def range_of(text: str) -> Range:
    since, _, until = text.partition(":")
    return version_of(since), version_of(until) if until else None


def range_text(span: Range) -> str:
    return f"{text_of(span[0])}:{text_of(span[1]) if span[1] else ''}"
