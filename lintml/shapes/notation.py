"""How a line of the notation is read: parameters, and one pattern of axes for each input and output."""

import re
from dataclasses import dataclass
from typing import Any, Final

from lintml.shapes import verbs
from lintml.shapes.expression import Expression, parse

REQUIRED: Final = object()

_HEAD: Final = re.compile(
    r"(?P<names>[\w.|]+)\((?P<parameters>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*(?:\((?P<forward>[^()]*)\)\s*)?(?P<body>.*)"
)


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One axis of a pattern: an expression over words, maybe broadcast, maybe absent; ``plain`` if just a word."""

    word: str
    value: Expression | None
    broadcast: bool = False
    optional: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The axes of one input or output: ``ahead``, then any axes of the word ``star``, then ``behind``; ``()`` is none.

    ``name`` is the parameter that an input belongs to, where it is not the next one; ``when`` the setting that must be
    true for an output to be there. ``many`` says that an output is a list of tensors.
    """

    behind: tuple[Token, ...]
    star: str | None = None
    ahead: tuple[Token, ...] = ()
    spread: bool = False
    each: bool = False
    dtype: str = ""
    verb: Expression | None = None
    name: str = ""
    when: str = ""
    many: bool = False

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All axes that are words of their own."""
        return self.ahead + self.behind


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """The parts of a line."""

    names: tuple[str, ...]
    parameters: dict[str, Any]
    forward: dict[str, Any]
    inputs: tuple[Pattern, ...]
    outputs: tuple[Pattern, ...]
    operator: str


def entries(table: str) -> list[str]:
    """The lines of a table; one that begins with a space goes on with the one before."""
    return [line for line in re.split(r"\n(?! )", table) if line]


def names(line: str) -> list[str]:
    """The operators that a line declares; a name without a dot stands where the one before it does."""
    found: list[str] = []
    home = ""
    for name in map(str.strip, line.partition("(")[0].split("|")):
        if "." in name:
            home = name.rpartition(".")[0]
            found.append(name)
        else:
            found.append(f"{home}.{name}")
    return found


def parsed(line: str) -> Parsed:
    """The parts of a line; ValueError where it is none."""
    line = " ".join(line.split()).replace(" |", "|")
    found = _HEAD.fullmatch(line)
    if not found:
        raise ValueError(f"no signature: {line!r}")
    left, _, right = found["body"].partition("->")
    left, _, operator = left.partition("!")
    return Parsed(
        tuple(names(line)),
        _parameters(found["parameters"]),
        _parameters(found["forward"] or ""),
        tuple(_pattern(part, False) for part in split(left, ",")),
        tuple(_pattern(part, True) for part in split(right, ",")),
        operator.strip(),
    )


def _parameters(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in split(text, ","):
        name, has_default, default = part.partition("=")
        found[name.strip()] = _literal(default.strip()) if has_default else REQUIRED
    return found


def _literal(text: str) -> Any:
    known = {"None": None, "True": True, "False": False}
    if text in known:
        return known[text]
    if text.startswith("("):
        return tuple(_literal(part) for part in split(text[1:-1], ","))
    if text[:1] in "'\"":
        return text[1:-1]
    try:
        return int(text)
    except ValueError:
        return float(text)


def _pattern(text: str, output: bool) -> Pattern:
    words = split(text, " ")
    dtype = words.pop()[1:] if words and words[-1].startswith(":") else ""
    name = words.pop(0)[:-1] if words and words[0].endswith(":") else ""
    when = words.pop(0)[:-1] if words and words[0].endswith("?") else ""
    each = bool(words) and words[0] == "each"
    words = [word for word in words[each:] if word != "()"]
    verb = words[0].partition("(")[0] if output and len(words) == 1 and "(" in words[0] else ""
    if verb and verb not in verbs.SIZES:
        return Pattern((), dtype=dtype, verb=parse(words[0]), when=when, many=verb in verbs.LISTS)
    star = next((at for at, word in enumerate(words) if word.lstrip("#").startswith("*")), None)
    if star is None:
        return Pattern(tuple(map(_token, words)), each=each, dtype=dtype, name=name, when=when)
    return Pattern(
        tuple(map(_token, words[star + 1 :])),
        words[star].lstrip("#*"),
        tuple(map(_token, words[:star])),
        words[star].startswith("#"),
        each,
        dtype,
        None,
        name,
        when,
    )


def _token(text: str) -> Token:
    optional = text.startswith("[")
    text = text.strip("[]") if optional else text
    broadcast = text.startswith("#")
    text = text.lstrip("#")
    return Token(text, parse(text) if text != "_" else None, broadcast, optional, text.isidentifier() and text != "_")


def split(text: str, at: str) -> list[str]:
    """Cut at a separator that stands outside all brackets; empty pieces are dropped."""
    pieces, depth, piece = [], 0, ""
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == at and depth == 0:
            pieces.append(piece.strip())
            piece = ""
        else:
            piece += character
    pieces.append(piece.strip())
    return [piece for piece in pieces if piece]
