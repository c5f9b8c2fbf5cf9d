"""What keeps a block from being run: words of its fence, tags of its cell, options and comments in its code."""

import re

from lintml.documents.block import Block

_TAGS = frozenset(
    {"skip-execution", "raises-exception", "nbval-skip", "nbval-raises-exception", "no-execute", "noexec"}
)
_IN_CODE = r"""(?imx)^[ \t]*(?:>>>.*)?\#\s*(?P<nbval>NBVAL_(?:SKIP|RAISES_EXCEPTION))\b
      | ^\#\|\s*(?P<option>eval:\s*(?:false|no)|error:\s*(?:true|yes))\b
      | \#\s*doctest:.*?(?P<skip>\+SKIP)\b"""
_FALSE = frozenset({"false", "f", "no"})


def kept_from_running(block: Block, code: str) -> str:
    """Empty, or the reason: the word, tag, option or comment itself; ``code`` is the block's text as it stands."""
    if block.execute or block.info.execute:
        return block.execute or block.info.execute
    for key, value in block.info.attributes:
        if (key == "eval" and value.lower() in _FALSE) or (key == "test" and value.lower() == "skip"):
            return f"{key}={value}"
    if block.tags and (tag := next((tag for tag in block.tags if tag.lower().replace("_", "-") in _TAGS), "")):
        return tag
    if "#" not in code or ("NBVAL" not in code and "#|" not in code and "doctest:" not in code):
        return ""
    found = re.search(_IN_CODE, code)
    return found[found.lastgroup or 0] if found else ""
