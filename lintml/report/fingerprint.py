"""Names for findings that stay the same when lines above them come or go."""

from collections import Counter
from hashlib import sha256

from lintml.model import Diagnostic


class Fingerprints:
    """Tells equal findings of one document apart by their order."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def of(self, path: str, found: Diagnostic) -> str:
        """Sixteen hexadecimal digits for one finding in the document at ``path``."""
        key = (path, found.code, found.message)
        self._seen[key] += 1
        return sha256("\0".join((*key, str(self._seen[key]))).encode()).hexdigest()[:16]
