"""IPython's own syntax, seen through or masked so that the rest of a block reads as Python."""

import re

from lintml.documents.text import has_any
from lintml.model import Line

_SEEN_THROUGH_CELL = frozenset({
    "time", "timeit", "capture", "prun", "debug", "python", "python3", "pypy", "ipytest", "memit", "mprun", "lprun",
    "tab", "heat", "scalene", "wandb",
})  # fmt: skip
_CELL_MAGIC = re.compile(r"%%([A-Za-z][\w.!-]*)")
_WRITTEN = r"""%%(?:writefile|file)[ \t]+(?:-a[ \t]+|--append[ \t]+)?["']?([^"']*?\.py)["']?\s*$"""
_DATABRICKS = re.compile(r"%(?:md|md-sandbox|sql|sh|scala|r|fs)\s*$|%md(?= )")
_SIGNS = "%!?"
_LINE_OF_CODE = re.compile(r"%(?:time|timeit|prun|memit)[ \t]+(?!-)")
_MAGIC = re.compile(r"\s*(?:[%!?]|[\w.*]+\?{1,2}\s*$)")
_ASSIGNED = re.compile(r"(\s*[A-Za-z_][\w., \t]*=[ \t]*)[%!][^=\s]")
_BARE_COMMAND = re.compile(
    r"\s*(?:(?:pip3?|conda|mamba|uv|git|wget|curl|apt|apt-get|brew|cd|mkdir|unzip|nvidia-smi)[ \t]+[\w./~-]"
    r"|ls[ \t]*$|python3?[ \t]+[\w./-]+\.py\b|nvidia-smi[ \t]*$)"
)
_TOKEN = re.compile(
    r"""(?P<triple>\"{3}|'{3})|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\#.*|(?P<open>[(\[{])|(?P<close>[)\]}])"""
)


def written_file(lines: list[str]) -> str:
    """The Python file that a cell writes itself to (``%%writefile net.py``), or nothing."""
    first = next((line for line in lines if line.strip()), "")
    found = re.match(_WRITTEN, first) if first.startswith("%%") else None
    return found[1] if found else ""


def foreign_magic(lines: list[str]) -> str:
    """The magic that makes a whole cell something else than Python, or nothing."""
    first = next((line for line in lines if line.strip()), "")
    if found := _CELL_MAGIC.match(first):
        return "" if found[1] in _SEEN_THROUGH_CELL or written_file(lines) else found[0]
    found = _DATABRICKS.match(first)
    return found[0].strip() if found else ""


def mask_magics(lines: list[str], home: list[Line], *, commands: bool = False) -> bool:
    """Put Python in place of magics and shell lines, in both lists; say whether there was any.

    Only a line that begins a statement can be one: within brackets and strings a ``%`` formats. ``commands`` also
    takes the shell commands that IPython runs without being asked (``pip install torch``).
    """
    if not commands and not has_any(_SIGNS, "".join(lines)):
        return False
    depth, quote, continued, shell, changed = 0, "", False, False, False
    for index, line in enumerate(lines):
        if shell:
            masked: str | None = ""
        elif depth or quote or continued:
            masked = None
        else:
            masked = _masked(line, commands)
        if masked is None:
            depth, quote = advance(line, depth, quote)
            continued = line.endswith("\\")
            continue
        changed = True
        code = _LINE_OF_CODE.match(line)
        if code and not shell:
            lines[index], home[index] = line[code.end() :], _shift(home[index], code.end())
        else:
            shell = line.endswith("\\")
            lines[index], home[index] = masked, home[index]._replace(masked=True)
    return changed


def _masked(line: str, commands: bool) -> str | None:
    """What stands in place of ``line``, if anything must."""
    if assigned := _ASSIGNED.match(line):
        return f'{assigned[1]}eval("None")'
    if _MAGIC.match(line) or (commands and _BARE_COMMAND.match(line)):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return None


def _shift(line: Line, by: int) -> Line:
    return line._replace(start=line.start + by, length=line.length - by, column=line.column + by)


def advance(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How many brackets and which triple quote are open after ``line``, given those open before it."""
    position = 0
    while True:
        if quote:
            end = line.find(quote, position)
            while end > 0 and line[end - 1] == "\\":
                end = line.find(quote, end + 1)
            if end < 0:
                return depth, quote
            position, quote = end + 3, ""
        for found in _TOKEN.finditer(line, position):
            match found.lastgroup:
                case "open":
                    depth += 1
                case "close":
                    depth = max(0, depth - 1)
                case "triple":
                    quote, position = found[0], found.end()
                    break
        else:
            return depth, ""
