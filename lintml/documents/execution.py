"""What keeps a block from being run: words of its fence, tags of its cell, options and comments in its code."""

import re
from collections.abc import Iterable

from lintml.documents.block import Block

_TAGS = frozenset(
    {"skip-execution", "raises-exception", "nbval-skip", "nbval-raises-exception", "no-execute", "noexec"}
)
_IN_CODE = re.compile(
    r"""^[ \t]*(?:>>>.*)?\#\s*(?P<nbval>NBVAL_(?:SKIP|RAISES_EXCEPTION))\b
      | ^\#\|\s*(?P<option>eval:\s*(?:false|no)|error:\s*(?:true|yes))\b
      | \#\s*doctest:.*?(?P<skip>\+SKIP)\b""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_FALSE = frozenset({"false", "f", "no"})


def kept_from_running(block: Block) -> str:
    """Empty, or the reason: the word, tag, option or comment itself."""
    if block.execute or block.info.execute:
        return block.execute or block.info.execute
    for key, value in block.info.attributes:
        if (key == "eval" and value.lower() in _FALSE) or (key == "test" and value.lower() == "skip"):
            return f"{key}={value}"
    if tag := next((tag for tag in block.tags if tag.lower().replace("_", "-") in _TAGS), ""):
        return tag
    return _in_code(block.lines)


def _in_code(lines: Iterable[str]) -> str:
    text = "\n".join(lines)
    found = _IN_CODE.search(text) if "#" in text else None
    return found[found.lastgroup or 0] if found else ""
