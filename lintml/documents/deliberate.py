"""Code that the document itself calls wrong: in a comment, the heading, the sentence before, or by how it ends."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from lintml.documents.between import last_paragraph
from lintml.documents.block import Block
from lintml.documents.markers import comments
from lintml.documents.text import has_any
from lintml.model import Line, Marker

_CROSS = "❌✗✘🚫⛔👎"
_WHAT = r"(?:way|example|code|practice|version|idea|usage|approach|style|pattern|implementation|answer)s?"
_CHINESE = "错误的?(?:示例|写法|代码|做法|示范|用法|例子)|反例|反面(?:教材|例子)|不要这样"
_LABEL = "|".join(
    (
        f"[{_CROSS}]",
        rf"(?:wrong|bad|incorrect|broken|buggy)(?=\s*(?:$|[:.!,;—–()-])|\s+{_WHAT}\b)",
        r"(?:don['’]?t|do not|never) do (?:this|that|it|so)\b",
        r"don['’]?t(?=\s*(?:$|[:.!]))",
        r"anti-?patterns?\b",
        r"this is (?:wrong|bad|incorrect|broken|a bug|a mistake)\b",
        _CHINESE,
        r"错误(?=\s*(?:$|[:：!！]))",
    )
)
_FAILS = (
    r"is (?:wrong|incorrect|broken)|(?:will )?(?:fails?|crash(?:es)?|error(?:s)? out)|will not run"
    r"|(?:will )?(?:raises?|throws?) (?:an? |the )?\w*(?:error|exception)"
    r"|(?:does not|doesn['’]t|won['’]t|will not) work"
)
_SPACE = f"[^\\w{_CROSS}]*"
_COMMENT = rf"(?i){_SPACE}(?:{_LABEL})"
_HEADING = rf"(?i){_SPACE}(?:the )?(?:{_LABEL}).{{0,40}}$"
_OPENS_SENTENCE = (
    rf"(?i)(?:^|.*[.!?。！？]\s+){_SPACE}(?:(?:here|this) is (?:an? |the )?)?(?:{_LABEL})"
    r"(?:[^.。]{0,60}[:：]|\W*(?:\w+\W*){0,2})$"
)
_SAYS_IT_FAILS = (
    rf"(?i)(?:^|.*[.!?]\s+)(?!if\b)[^.!?]*\b(?:this|following|below|next)\b[^.!?]*\b(?:{_FAILS})\b[^.!?]*:$"
    rf"|.*(?:{_CHINESE})[^。]*[:：]$"
)
_TRAILING = (
    rf"(?i)#{_SPACE}(?:[{_CROSS}]|(?:wrong|incorrect|bad)(?=\s*(?:$|[:!.,—-]))|(?:raises|throws) \w*Error\b"
    r"|\w*Error\b\s*(?:$|[:!])|错误)"
)
_RIGHT = (
    r"(?i)[^\w]*(?:[✅✓✔👍]|(?:right|good|correct|better|fix(?:ed)?|instead|do this|now|after|works?|ok)\b"
    r"|正确|推荐|应该)"
)
_RAISES = r"(?i)raises.exception|error:"
_HINTS = (
    "wrong", "bad", "incorrect", "broken", "buggy", "do this", "do that", "do it", "do so", "don't",
    "anti-pattern", "antipattern", "error", "exception", "fail", "crash", "not work", "n't work",
    "not run", "mistake",
)  # fmt: skip
_OTHER_HINTS = ("don’t", "n’t work", "错误", "反例", "反面", "不要", *_CROSS)
_IN_LINE = re.compile("#.*")


def wrong_markers(block: Block, execute: str, code: str, lines: list[str], home: Sequence[Line]) -> list[Marker]:
    """The markers of what is wrong on purpose; ``code`` joins ``lines``, which stand at ``home``.

    ``execute`` is what keeps the block from being run, which may be that it fails.
    ``wrong`` speaks of the whole block; ``wrong-lines`` of the rows from its own to the one that its text names.
    """
    if "wrong" in block.info.words:
        return [Marker("wrong", (), "info string", block.row)]
    if said := _said_before(block):
        return [Marker("wrong", (), said, 0)]
    if execute and re.search(_RAISES, execute):
        return [Marker("wrong", (), execute, block.row)]
    if "Traceback (" in (code if lines is block.lines else "".join(block.lines)):
        return list(_traced_back(block, home))
    # Finding the comments for certain costs as much as parsing, so some line must look as if it had one of ours.
    if "#" not in code or not _hints("\n".join(_IN_LINE.findall(code))) or not any(map(_may_open, lines)):
        return []
    return _in_comments(code, lines, home)


def _may_open(line: str) -> bool:
    """Whether a line calls something wrong if one of the signs in it begins a comment."""
    at = line.find("#")
    if at < 0 or not _hints(line[at:]):
        return False
    after = line[at:].split("#")[1:]
    rests = ["#".join(after[start:]) for start in range(len(after))]
    return any(re.match(_COMMENT, rest) or re.match(_TRAILING, f"#{rest}") for rest in rests)


def _traced_back(block: Block, home: Sequence[Line]) -> Iterator[Marker]:
    """In a session, each statement whose output is a traceback."""
    begin = 0
    for row, line in enumerate(block.lines):
        if line.lstrip().startswith((">>>", "In [")):
            begin = row
        elif line.lstrip().startswith("Traceback (") and begin < row:
            yield Marker("wrong-lines", (), str(home[row - 1].row), home[begin].row)


def _said_before(block: Block) -> str:
    """The heading or the paragraph that calls the block wrong, or nothing."""
    if _is_heading_of_wrong(block.heading):
        return block.heading
    if not block.before or block.before.isspace():
        return ""
    before = last_paragraph(block.before) if _hints(block.before) else ""
    says_so = _hints(before) and (re.match(_OPENS_SENTENCE, before) or re.match(_SAYS_IT_FAILS, before))
    return before if says_so else ""


@lru_cache(maxsize=1)
def _is_heading_of_wrong(heading: str) -> bool:
    return _hints(heading) and re.match(_HEADING, heading) is not None


def _hints(text: str) -> bool:
    """Whether it is worth asking the patterns, which are slow."""
    if text.isascii():
        return has_any(_HINTS, text.lower())
    text = text.lower()
    return has_any(_HINTS, text) or has_any(_OTHER_HINTS, text)


def _in_comments(code: str, lines: list[str], home: Sequence[Line]) -> list[Marker]:
    """The parts that comments on lines of their own open, up to one that says right; and single lines."""
    first = next((row for row, line in enumerate(lines) if line.strip()), 0)
    parts: list[tuple[int, int]] = []
    opened: int | None = None
    for row, column, comment in comments(code):
        if lines[row][:column].strip():
            if opened is None and re.match(_TRAILING, comment):
                parts.append((row, row))
        elif re.match(_COMMENT, comment[1:]):
            opened = row if opened is None else opened
        elif opened is not None and re.match(_RIGHT, comment[1:]):
            parts.append((opened, row - 1))
            opened = None
    if opened is not None:
        if opened == first and not parts:
            return [Marker("wrong", (), lines[opened].strip(), home[opened].row)]
        parts.append((opened, len(lines) - 1))
    return [Marker("wrong-lines", (), str(home[last].row), home[start].row) for start, last in parts]
