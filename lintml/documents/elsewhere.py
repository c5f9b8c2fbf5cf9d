"""Code that a document takes in from other files, which are not read: what it defines there, nobody here knows."""

import re
from collections.abc import Iterator

from lintml.model import TakenIn

# Each begins with a character that few lines have, for then ``re`` searches at its fastest.
_HINTS = (r"%(?:run |load |pylab)", r"\{(?:!|\{<|(?:literal)?include\})", r":(?<=include:):", r"8(?=<-)")
_TAKEN_IN = r"""(?x)
      \{\{<[ ]*include[ ]+(?P<quarto>[^\s>]+)
    | ^[ \t>]*(?:`{3,}|~{3,}|:{3,})[ ]*\{(?:literal)?include\}[ ]*(?P<myst>\S+)
    | ^[ \t]*\.\.[ ]+(?:literal)?include::[ ]*(?P<rest>\S+)
    | ^[ \t]*(?:;?-+8<-+)[ ]*"(?P<snippets>[^"\n]+)"
    | \{!>?[ ]*(?P<mkdocs>[^\s!}]+)[^}\n]*!\}
    | ^[ \t]*(?:\#[ ]MAGIC[ ])?%(?:run|load)[ ]+(?:-\w[ ]+)*(?P<magic>[^\n]*\S)
    | ^[ \t]*%(?P<pylab>pylab)\b
"""


def taken_in(text: str, cell: int | None = None) -> Iterator[TakenIn]:
    """The files that some text takes in; that of a cell has rows of its own."""
    for start in sorted({text.rfind("\n", 0, at) + 1 for hint in _HINTS for at in _places(text, hint)}):
        end = text.find("\n", start)
        if found := re.search(_TAKEN_IN, text[start : end if end >= 0 else len(text)]):
            yield TakenIn(found[found.lastgroup or 0], text.count("\n", 0, start) + 1, cell)


def _places(text: str, hint: str) -> Iterator[int]:
    return (found.start() for found in re.finditer(hint, text))
