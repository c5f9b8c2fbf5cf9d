"""The forms in which the history of names and keywords is written down."""

from dataclasses import dataclass
from typing import Literal

from lintml.torch_api.table import Version


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A call written anew, for calls that give just these parameters of the old function.

    ``text`` names them in braces, ``{*matrices}`` is a list of all that is left; ``when`` are parameters that must be
    given as that very source text, and that the new call no longer has. ``exact`` says that its value is the same as
    the old one's for every input that the old function took.
    """

    text: str
    when: tuple[tuple[str, str], ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Replacement:
    """What to write instead of a function or class.

    ``new`` is its path, empty where there is none. ``drop_in`` says that a call stays as it is but for the name and
    for what ``first`` puts before its arguments and ``last`` after them; ``by_name`` says that its own positional
    arguments must then be named. ``rewrites`` are tried in order on calls that are no drop-in. Of an old function that
    gave several results, ``result`` says what became of the first one: the new function gives it "alone", or "among"
    other ones. ``note`` says what a reader must know beyond that.
    """

    new: str
    drop_in: bool = False
    first: str = ""
    last: str = ""
    by_name: bool = False
    rewrites: tuple[Rewrite, ...] = ()
    result: Literal["", "alone", "among"] = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeywordChange:
    """What became of a keyword: in which version it was deprecated and removed, and the keyword to write instead.

    ``new`` is empty where the keyword is to be left out. None for ``deprecated`` or ``removed`` means not yet.
    """

    path: str
    keyword: str
    deprecated: Version | None = None
    removed: Version | None = None
    new: str = ""
    note: str = ""
