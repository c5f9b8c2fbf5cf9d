"""How wide text stands in a terminal, and how to show what a terminal would obey instead of print."""

from unicodedata import category, combining, east_asian_width

TAB = 4


def visible(text: str) -> str:
    """The text as it may be printed: tabs widened, control and direction characters shown instead of obeyed."""
    return text if text.isascii() and text.isprintable() else "".join(map(_glyph, text))


def width(text: str) -> int:
    """Terminal columns that ``text`` takes once it is visible: wide East Asian characters two, combining ones none."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_columns, visible(text)))


def _glyph(character: str) -> str:
    if character == "\t":
        return " " * TAB
    if character < " ":
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "\u2421"
    # Direction overrides can make code read as what it is not (CVE-2021-42574).
    if (
        category(character) in ("Cc", "Cs", "Zl", "Zp")
        or character in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ):
        return "\ufffd"
    return character


def _columns(character: str) -> int:
    if combining(character) or category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
