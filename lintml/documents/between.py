"""What stands between the blocks of a document: headings, the paragraph that leads to a block, markers, tabs."""

import re
from dataclasses import dataclass, field

from lintml.documents.markers import parse_marker
from lintml.documents.tabs import TagTabs
from lintml.model import Marker

_HEADING = re.compile(r"\n {0,3}(?:#{1,6}[ \t]+(.*?)[ \t#]*|(?:=+|-+)[ \t]*)\r?(?=\n|\Z)")
_UNDERLINED = re.compile(r" {0,3}([^\s>|#`~=:-].*)")
_REST_UNDERLINE = re.compile(r"""\n([=\-~^"'`#*+.:_])\1{2,}[ \t]*\r?(?=\n|\Z)""")
_REST_UNDERLINED = re.compile(r"(?!\W*$)(\S.*)")
_COMMENT = r"(?ms)<!--+(.*?)--+>|\{/\*(.*?)\*/\}|^[ \t]*\.\.[ \t]+(?=lintml:|skip:)([^\n]*)"
# What begins a comment or a tag; each with one character that few lines have, for then ``re`` searches at its fastest.
_OPENS = re.compile(r"<(?:!--|/?(?:hfoption|Tab|pt|tf|jax|flax))")
_BRACE = re.compile(r"\{[/%{]")
_MARKER = re.compile(r":(?:(?<=lintml:)|(?<=skip:))")
_LINTML = r"(?s)\s*lintml:(.*)"
_NOT_RUN = (
    r"\s*(?:pytest\.mark\.skip\b|pytest-codeblocks:\s*(?:skip|importorskip)|(?:pmd-metadata:\s*)?notest\b"
    r"|skip(?:\s+doccmd\[\w+\])?:\s*next)"
)
_LEADING = 400
_MARKUP = r"[ \t>]*(?:$|<[^>]*>\s*$|:{3,}|`{3,}|~{3,}|!!!|\?\?\?|={3}|\.\. |\{%|\{\{)"
_DECORATION = re.compile(r"^[ \t>*+-]+|[*_`]+")


@dataclass(slots=True)
class Lead:
    """What leads to one block: ``before`` is the text directly before it, for ``last_paragraph`` to read."""

    heading: str = ""
    before: str = ""
    markers: list[Marker] = field(default_factory=list)
    execute: str = ""
    tab: str = ""


class Between:
    """Reads a document's gaps in order; a block takes what has gathered since the one before.

    Patterns that few documents need are strings here and in the modules around: ``re`` compiles them at first use.
    """

    def __init__(self, *, rest: bool = False) -> None:
        self._rest = rest
        self._heading = ""
        self._before = ""
        self._markers: list[Marker] = []
        self._execute = ""
        self._off: Marker | None = None
        self._tabs = TagTabs()

    def read(self, gap: str, row: int) -> None:
        """Go through the text before a block, which begins on ``row`` of the document (0: its rows do not count)."""
        heading = _last_heading_of_rest(gap) if self._rest else _last_heading(gap)
        if heading is not None:
            self._heading = _plain(heading)
        opens = [found[0] for found in _OPENS.finditer(gap)]
        brace = _BRACE.search(gap)
        if brace or any(tag != "<!--" for tag in opens):
            self._tabs.read(gap)
        if _MARKER.search(gap) or ((opens or brace) and ("skip" in gap or "notest" in gap)):
            for found in re.finditer(_COMMENT, gap):
                comment = next(filter(None, found.groups()), "")
                self._comment(comment, row and row + gap.count("\n", 0, found.start()))
        self._before = gap[-_LEADING:]

    def take(self) -> Lead:
        """What leads to the block that comes now."""
        markers = [*self._markers, self._off] if self._off else self._markers
        lead = Lead(self._heading, self._before, markers, self._execute, self._tabs.label)
        self._markers, self._execute, self._before = [], "", ""
        return lead

    def _comment(self, text: str, row: int) -> None:
        if re.match(_NOT_RUN, text):
            self._execute = text.strip()
        if not (found := re.match(_LINTML, text)) or not (marker := parse_marker(found[1], row)):
            return
        match marker.verb:
            case "off":
                self._off = marker
            case "on":
                self._off = None
            case _:
                self._markers.append(marker)


def _last_heading(gap: str) -> str | None:
    """The heading that is nearest to the end."""
    gap = f"\n{gap}"
    for found in reversed(list(_HEADING.finditer(gap))):
        if found[1] is not None:
            return found[1]
        if above := _UNDERLINED.fullmatch(_row_before(gap, found.start())):
            return above[1]
    return None


def _last_heading_of_rest(gap: str) -> str | None:
    """The same for reStructuredText."""
    gap = f"\n{gap}"
    for found in reversed(list(_REST_UNDERLINE.finditer(gap))):
        if above := _REST_UNDERLINED.fullmatch(_row_before(gap, found.start())):
            return above[1]
    return None


def _row_before(text: str, newline: int) -> str:
    return text[text.rfind("\n", 0, newline) + 1 : newline]


def last_paragraph(gap: str) -> str:
    """The last lines of prose in a gap, without their markup; nothing where a heading or a block stands between."""
    lines: list[str] = []
    for line in reversed(re.sub(_COMMENT, "", gap).split("\n")):
        stripped = line.strip()
        if stripped.startswith("#") or (lines and not stripped):
            break
        if stripped and not re.match(_MARKUP, line):
            lines.append(line)
    return _plain(" ".join(reversed(lines)))


def _plain(text: str) -> str:
    return _DECORATION.sub("", text).strip()
