"""Runs the snippets of a page in a sandbox, and says how far each class and function got."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lintml.model import Claim, Verdict
from lintml.verify.contract import Contract

__all__ = [
    "Block",
    "Contract",
    "Meant",
    "Options",
    "Request",
    "Trial",
    "VerifyError",
    "device_for",
    "try_fixes",
    "verify",
]


class VerifyError(Exception):
    """Nothing can be verified: torch or the device is not there, or no sandbox strong enough."""


@dataclass(frozen=True, slots=True)
class Block:
    """One snippet of a page: its text, its index, the document row of its first line, and why it must not be run.

    ``requires`` are the device and the packages without which it is not to be run. Code that the document keeps from
    its readers has an index below zero.
    """

    text: str
    index: int
    row: int
    execute: str = ""
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meant:
    """What a document says of one of its classes or functions: it is the same as a reference, named or torch's.

    ``subject`` is empty where the snippet defines nothing that the words could be about; ``row`` is theirs.
    """

    snippet: int
    subject: str
    reference: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """One page: its snippets in order, what is known of its classes by name, the calls that it asks to try.

    ``meant`` is what the document itself says its definitions are the same as.
    """

    blocks: tuple[Block, ...]
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    tries: tuple[tuple[str, int], ...] = ()
    meant: tuple[Meant, ...] = ()

    def same_as(self, subject: str, snippet: int) -> str:
        """The reference that the document names for a class or function, empty where it names none."""
        named = (one.reference for one in self.meant if (one.snippet, one.subject) == (snippet, subject))
        return next(named, "")

    def contract(self, name: str, snippet: int) -> Contract | None:
        """What is known of the class or function that a snippet defines under a name."""
        return self.contracts.get(f"{snippet}:{name}") or self.contracts.get(name)


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the device (cpu, cuda, mps, auto), the seed, the seconds and MiB of one call into the sandbox.

    ``references`` are the user's own: pairs of a name and where its object stands, ``MODULE_OR_FILE:OBJECT``.
    ``image`` is that of the container to run in, empty for the sandbox of this system. ``pair`` lets two processes
    share a long page.
    """

    device: str = "cpu"
    seed: int = 0
    timeout: float = 20.0
    memory: int = 2048
    unsafe_sandbox: bool = False
    references: tuple[tuple[str, str], ...] = ()
    image: str = ""
    pair: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """A fix to try: the page without it and with it, the class or function it changes, and what it claims.

    ``snippet`` is the index of the block that holds the subject; ``reference`` names what the fixed one should match;
    ``witness`` gives values to constructor parameters for which the old code fails (REPAIRS).
    """

    before: Request
    after: Request
    subject: str
    snippet: int
    claim: Claim
    reference: str = ""
    witness: Mapping[str, int] | None = None


def verify(requests: Iterable[Request], options: Options) -> Iterator[list[Verdict]]:
    """For each page, a verdict of each class, function, and snippet that defines none; raises VerifyError."""
    from lintml.verify.client import Judge

    with Judge(options) as judge:
        for request in requests:
            yield judge.verify(request)


def try_fixes(trials: Iterable[Trial], options: Options) -> Iterator[Verdict]:
    """Whether each fix does what it claims; raises VerifyError."""
    from lintml.verify.client import Judge

    with Judge(options) as judge:
        for trial in trials:
            yield judge.try_fix(trial)


def device_for(name: str) -> str:
    """The device that ``name`` means on this machine (``auto`` takes the best there is); raises VerifyError."""
    from lintml.verify.client import Judge

    with Judge(Options(device=name), probe=True) as judge:
        return judge.device
