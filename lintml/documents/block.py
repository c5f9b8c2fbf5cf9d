"""A block of code as it stands in its document, before anything is read out of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, repeat
from typing import NamedTuple

from lintml.documents.info import Info
from lintml.model import Apart, Line, Marker


@dataclass(slots=True)
class Block:
    """Lines of code with their places; the two lists run in parallel.

    ``unread`` is empty, or the reason why the block is not Python; ``tags`` are those of its cell or directive,
    ``before`` is the prose that leads to it. The other fields mean what they mean in a snippet.
    """

    lines: list[str]
    home: Sequence[Line]
    row: int
    info: Info
    ends_with_newline: bool
    prefix: str = ""
    newline: str = "\n"
    closed: bool = True
    editable: str = ""
    unread: str = ""
    cell: int | None = None
    cell_id: str | None = None
    group: str = ""
    alternatives: tuple[str, ...] = ()
    apart: Apart = ""
    heading: str = ""
    before: str = ""
    execute: str = ""
    tags: tuple[str, ...] = ()
    outputs: bool = False
    markers: list[Marker] = field(default_factory=list)


class Blocks(NamedTuple):
    """The blocks of a document.

    Of a notebook also what each cell says and where the JSON of that starts, of Markdown the offsets where it reads as
    if it began there.
    """

    blocks: list[Block]
    cells: tuple[str, ...] = ()
    sources: tuple[int, ...] = ()
    anew: tuple[int, ...] = ()


def places(starts: Iterable[int], lengths: Iterable[int], row: int, columns: Iterable[int] = repeat(1)) -> list[Line]:
    """The places of lines that follow each other from ``row`` on, made without a loop of ours: there are many."""
    return list(map(_line, zip(starts, lengths, count(row), columns, repeat(False))))


_line = partial(tuple.__new__, Line)
