"""Why a block does not read as Python, in the words a reader would use."""

import re

from lintml.model import Problem

_TRACEBACK = re.compile(r"^Traceback \(most recent call last\)|^\w+(?:Error|Exception|Warning): ", re.MULTILINE)
_SHELL = re.compile(r"\s*(?:\$ |pip3? install |conda |git |python3? [\w./-]+\.py|cd |export \w+=)")
_DIFF = re.compile(r"^(?:@@ |[-+](?![-+=\d.])\s*\S)", re.MULTILINE)
_HOLE = re.compile(r"\.\.\.|…|<[^<>=]+>|_{3,}|\?{2,}|\[\[.*\]\]|\{\{.*\}\}|TODO|YOUR CODE", re.IGNORECASE)


def describe(lines: list[str], error: Exception) -> Problem:
    """What stopped the parser: a kind of text that is no program, or the syntax error itself."""
    if not isinstance(error, SyntaxError):
        return Problem(f"syntax error: {error or type(error).__name__}")
    row = min(max(error.lineno or 1, 1), max(len(lines), 1))
    column = max(error.offset or 1, 1)
    line = lines[row - 1] if lines else ""
    text = "\n".join(lines)
    message = error.msg or "invalid syntax"
    if _TRACEBACK.search(text):
        reason = "output"
    elif _SHELL.match(text):
        reason = "shell commands"
    elif len(_DIFF.findall(text)) > 1 or text.startswith("@@ "):
        reason = "diff marks"
    elif message.startswith("expected an indented block") or _HOLE.search(line):
        reason = "placeholder"
    elif message.startswith("Missing parentheses in call to 'print'"):
        reason = "Python 2"
    else:
        reason = f"syntax error: {message}"
    mended = _mended(text) if reason.startswith(("syntax error", "placeholder")) and not text.isascii() else ""
    return Problem(f"syntax error: {message}" if mended else reason, row, column, mended)


def _mended(text: str) -> str:
    from lintml.documents.punctuation import in_ascii

    return in_ascii(text)
