"""A block of code as it stands in its document, before anything is read out of it."""

from dataclasses import dataclass, field

from lintml.documents.info import Info
from lintml.model import Line, Marker


@dataclass(slots=True)
class Block:
    """Lines of code with their places; the two lists run in parallel.

    ``closed`` is false for a fence that runs to the end of the document because nothing closes it. ``unread`` is empty,
    or the reason why the block is not Python; ``row`` is where the block opens.
    """

    lines: list[str]
    home: list[Line]
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
    heading: str = ""
    markers: list[Marker] = field(default_factory=list)
