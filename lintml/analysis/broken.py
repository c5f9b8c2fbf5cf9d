"""What can be told of code that no parser reads."""

import re

from lintml.model import Snippet


def unread_code(snippet: Snippet) -> str:
    """The code of a snippet without a tree, as near to Python as it gets."""
    return (snippet.problem and snippet.problem.mended) or snippet.text


def seems_bound(name: str, code: str) -> bool:
    """Whether some code looks as if it bound a name."""
    if name not in code:
        return False
    binding = rf"(?m)\bimport\b.*\b{name}\b|\b(?:as|def|class|for)[ \t]+{name}\b|^[^#\n(]*\b{name}\b[^#\n(=]*=(?!=)"
    return re.search(binding, code) is not None
