"""The patterns of ``.gitignore`` files and of globs, as regular expressions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One line: what it matches below its folder, whether it takes back, whether only folders are meant."""

    regex: re.Pattern[str]
    negated: bool
    folders_only: bool


def parse_gitignore(text: str) -> tuple[Pattern, ...]:
    """The patterns of a file, in order; the last one that matches decides."""
    return tuple(pattern for line in text.splitlines() if (pattern := _pattern(line)))


def decision(patterns: Iterable[Pattern], path: str, *, folder: bool) -> bool | None:
    """Whether ``path``, relative to the patterns' folder, is ignored (True), taken back (False) or not spoken of."""
    result: bool | None = None
    for pattern in patterns:
        if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path):
            result = not pattern.negated
    return result


@cache
def glob_regex(glob: str) -> re.Pattern[str]:
    """What a glob of ``include`` and ``exclude`` matches: a path, or a name at any depth where it has no slash."""
    glob = glob.removeprefix("./")
    anchored = "/" in glob.rstrip("/")
    inner = _translate(glob.strip("/"))
    return re.compile((inner if anchored else rf"(?:.*/)?{inner}") + r"(?:/.*)?", re.DOTALL)


def _pattern(line: str) -> Pattern | None:
    line = re.sub(r"(?<!\\)[ \t]+$", "", line)
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    line = line[negated:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    inner = _translate(line.removeprefix("/"))
    try:
        return Pattern(re.compile(inner if anchored else rf"(?:.*/)?{inner}", re.DOTALL), negated, folders_only)
    except re.error:
        return None


_PIECE = re.compile(
    r"""(?P<all>^\*\*$) | (?P<leading>^\*\*/) | (?P<middle>/\*\*/) | (?P<trailing>/\*\*$) | (?P<stars>\*+) | (?P<one>\?)
      | (?P<set>\[!?\]?[^\]]*\]) | \\(?P<escaped>.) | (?P<plain>.)""",
    re.DOTALL | re.VERBOSE,
)


def _translate(glob: str) -> str:
    pieces = []
    for found in _PIECE.finditer(glob):
        match found.lastgroup:
            case "all":
                pieces.append(r".*")
            case "leading":
                pieces.append(r"(?:.*/)?")
            case "middle":
                pieces.append(r"/(?:.*/)?")
            case "trailing":
                pieces.append(r"/.*")
            case "stars":
                pieces.append(r"[^/]*")
            case "one":
                pieces.append(r"[^/]")
            case "set":
                inside = found["set"][1:-1]
                inverted = inside.startswith(("!", "^"))
                inside = inside[inverted:].replace("\\", r"\\").replace("[", r"\[")
                pieces.append(f"[{'^/' if inverted else ''}{inside}]")
            case "escaped" | "plain":
                pieces.append(re.escape(found[found.lastgroup]))
    return "".join(pieces)
