"""Code that a document takes in from other files, which are not read: what it defines there, nobody here knows."""

import re
from collections.abc import Iterator

from lintml.model import TakenIn

_HINTS = ("include", "--8<--", "{!", "%run", "%load", "%pylab")
_TAKEN_IN = r"""(?mx)
      \{\{<[ ]*include[ ]+(?P<quarto>[^\s>]+)
    | ^[ \t>]*(?:`{3,}|~{3,}|:{3,})[ ]*\{(?:literal)?include\}[ ]*(?P<myst>\S+)
    | ^[ \t]*\.\.[ ]+(?:literal)?include::[ ]*(?P<rest>\S+)
    | ^[ \t]*(?:;?-+8<-+)[ ]*"(?P<snippets>[^"\n]+)"
    | \{!>?[ ]*(?P<mkdocs>[^\s!}]+)[^}\n]*!\}
    | ^[ \t]*%(?:run|load)[ ]+(?:-\w[ ]+)*(?P<magic>[^\n]*\S)
    | ^[ \t]*%(?P<pylab>pylab)\b
"""


def taken_in(text: str, cell: int | None = None) -> Iterator[TakenIn]:
    """The files that some text takes in; that of a cell has rows of its own."""
    if any(hint in text for hint in _HINTS):
        for found in re.finditer(_TAKEN_IN, text):
            name = found.lastgroup or 0
            yield TakenIn(found[name], text.count("\n", 0, found.start(name)) + 1, cell)
