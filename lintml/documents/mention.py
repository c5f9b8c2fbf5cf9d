"""Whether a document can be about torch at all, asked before any parser is loaded."""

import re

_WORDS = re.compile(
    r"[tT]orch|\bnn\.|\boptim\b|\boptimizer\b|lightning|einops|\bF\.[a-z]|\.backward\(|\.cuda\(|\bModule\b|timm|accelerate"
)


def mentions_torch(text: str) -> bool:
    """Whether a word stands in ``text`` that documents about torch do not do without.

    A snippet may use ``nn.Linear`` in a document that never says torch; a word too many only costs time.
    """
    return _WORDS.search(text) is not None
