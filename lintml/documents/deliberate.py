"""Code that the document itself calls wrong: in a comment, in the heading, in the sentence before."""

import re

from lintml.documents.block import Block
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
_COMMENT = re.compile(f"{_SPACE}(?:{_LABEL})", re.IGNORECASE)
_HEADING = re.compile(f"{_SPACE}(?:the )?(?:{_LABEL}).{{0,40}}$", re.IGNORECASE)
_OPENS_SENTENCE = re.compile(
    rf"(?:^|.*[.!?。！？]\s+){_SPACE}(?:(?:here|this) is (?:an? |the )?)?(?:{_LABEL})"
    r"(?:[^.。]{0,60}[:：]|\W*(?:\w+\W*){0,2})$",
    re.IGNORECASE,
)
_SAYS_IT_FAILS = re.compile(
    rf"(?:^|.*[.!?]\s+)(?!if\b)[^.!?]*\b(?:this|following|below|next)\b[^.!?]*\b(?:{_FAILS})\b[^.!?]*:$"
    rf"|.*(?:{_CHINESE})[^。]*[:：]$",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    rf"#{_SPACE}(?:[{_CROSS}]|(?:wrong|incorrect|bad)(?=\s*(?:$|[:!.,—-]))|(?:raises|throws) \w*Error\b"
    r"|\w*Error\b\s*(?:$|[:!])|错误)",
    re.IGNORECASE,
)
_RIGHT = re.compile(
    r"[^\w]*(?:[✅✓✔👍]|(?:right|good|correct|better|fix(?:ed)?|instead|do this|now|after|works?|ok)\b|正确|推荐|应该)",
    re.IGNORECASE,
)
_HINT = re.compile(
    f"wrong|bad|incorrect|broken|buggy|this|that|never|don|anti|throws|error|[{_CROSS}]|错误|反|不要", re.IGNORECASE
)


def wrong_markers(block: Block, lines: list[str], home: list[Line]) -> list[Marker]:
    """The markers of what is wrong on purpose.

    ``wrong`` speaks of the whole block; ``wrong-lines`` of the rows from its own to the one that its text names.
    """
    if "wrong" in block.info.words:
        return [Marker("wrong", (), "info string", block.row)]
    if block.heading and _HEADING.match(block.heading):
        return [Marker("wrong", (), block.heading, 0)]
    if block.before and (_OPENS_SENTENCE.match(block.before) or _SAYS_IT_FAILS.match(block.before)):
        return [Marker("wrong", (), block.before, 0)]
    if not any("#" in line and _HINT.search(line) for line in lines):
        return []
    return _in_comments(lines, home)


def _in_comments(lines: list[str], home: list[Line]) -> list[Marker]:
    """The parts that comments on lines of their own open, up to one that says right; and single lines."""
    first = next((row for row, line in enumerate(lines) if line.strip()), 0)
    parts: list[tuple[int, int]] = []
    opened: int | None = None
    for row, line in enumerate(lines):
        code, hash_sign, comment = line.partition("#")
        if not hash_sign:
            continue
        if code.strip():
            if opened is None and _TRAILING.search(line):
                parts.append((row, row))
        elif _COMMENT.match(comment):
            opened = row if opened is None else opened
        elif opened is not None and _RIGHT.match(comment):
            parts.append((opened, row - 1))
            opened = None
    if opened is not None:
        if opened == first and not parts:
            return [Marker("wrong", (), lines[opened].strip(), home[opened].row)]
        parts.append((opened, len(lines) - 1))
    return [Marker("wrong-lines", (), str(home[last].row), home[start].row) for start, last in parts]
