"""What became of names and keywords: gone, only raising or deprecated, since when, and what to write instead."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, TypeAlias

from lintml.torch_api import names
from lintml.torch_api.history_forms import KeywordChange, Replacement, Rewrite
from lintml.torch_api.history_functions import ANCIENT, FUNCTORCH_MOVED, PUBLIC, QUIET, REPLACEMENTS
from lintml.torch_api.history_keywords import EXPLICIT, deprecated_keyword, is_sound, reduction
from lintml.torch_api.history_vision import FATES, vision_release
from lintml.torch_api.names import NEWEST, OLDEST, Version

__all__ = [
    "EXPLICIT",
    "PUBLIC",
    "Change",
    "KeywordChange",
    "Replacement",
    "Rewrite",
    "change",
    "keyword_change",
    "reduction",
    "replacement_of",
    "rewritten",
]

State: TypeAlias = Literal["gone", "raises", "deprecated", "private"]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """What became of a name in a version: its state, since when, torch's own words, and the replacement there is.

    A "private" name is not deprecated, but has had a public one since then. ``quiet`` says that nobody is warned who
    does not read the documentation.
    """

    path: str
    state: State
    since: Version
    message: str = ""
    replacement: Replacement | None = None
    quiet: bool = False

    @property
    def release(self) -> str:
        """Since which release, in words; empty where that is before all that is known."""
        if self.path.startswith("torchvision."):
            return f"torchvision {vision_release(self.since)}" if self.since > OLDEST else ""
        return f"torch {self.since[0]}.{self.since[1]}" if self.since > OLDEST else ""


def change(path: str, version: Version = NEWEST) -> Change | None:
    """What became of a name up to a version; None for one that is as good as ever, or that no table has.

    A replacement that the version does not have yet is not given.
    """
    if path in PUBLIC:
        public = names.lookup(PUBLIC[path])
        if public is None or not names.exists(public.path, version):
            return None
        return Change(path, "private", public.since, "", Replacement(public.path, drop_in=True), quiet=True)
    if names.is_steady(path):
        return None
    found = names.lookup(path)
    if found is None:
        return _unlisted(path, version)
    replacement = replacement_of(found.path, version)
    if found.until and version >= found.until:
        return Change(found.path, "gone", found.until, "", replacement)
    if message := found.raises_in(version):
        since = next(span[0] for span, _ in found.raising if names.within(span, version))
        return Change(found.path, "raises", since, message, replacement)
    if told := found.deprecated_in(version):
        return Change(found.path, "deprecated", *told, replacement, found.path.startswith(QUIET))
    return None


def _unlisted(path: str, version: Version) -> Change | None:
    """What became of a name that no table has: it went before the oldest version, or stands in another package."""
    if path in ANCIENT:
        return Change(path, "gone", OLDEST, ANCIENT[path].note, ANCIENT[path])
    if path in FATES:
        return _of_vision(path, version)
    if path.startswith("functorch.") and version >= FUNCTORCH_MOVED:
        replacement = replacement_of(path, version)
        return Change(path, "deprecated", FUNCTORCH_MOVED, "", replacement) if replacement else None
    return None


def _of_vision(path: str, version: Version) -> Change | None:
    fate = FATES[path]
    replacement = fate.replacement if version >= fate.new else None
    if fate.gone and version >= fate.gone:
        return Change(path, "gone", fate.gone, "", replacement)
    if fate.deprecated and version >= fate.deprecated:
        return Change(path, "deprecated", fate.deprecated, "", replacement)
    return None


def replacement_of(path: str, version: Version = NEWEST) -> Replacement | None:
    """What to write instead of a name in a version; None where nothing is known or the version does not have it yet."""
    found = REPLACEMENTS.get(path)
    return found if found and (not found.new or names.exists(found.new, version)) else None


def rewritten(replacement: Replacement, given: Mapping[str, str]) -> Rewrite | None:
    """The call written anew from the source of each given parameter; None where no rewriting takes just these.

    Arguments of ``*matrices`` are given together, as ``*matrices``.
    """
    for rewrite in replacement.rewrites:
        free = {name: text for name, text in given.items() if (name, text) not in rewrite.when}
        if len(given) - len(free) == len(rewrite.when) and set(free) == set(re.findall(r"{(.*?)}", rewrite.text)):
            return replace(rewrite, text=rewrite.text.format_map(free))
    return None


@cache
def keyword_change(path: str, keyword: str, version: Version | None = None) -> KeywordChange | None:
    """What became of a keyword up to a version; None where it is as good as ever, or never was one.

    A removal is read from the signatures, a deprecation from a default that says so or from a list.
    """
    version = version or NEWEST
    found = names.lookup(path)
    if found is None or is_sound(found, keyword, version):
        return None
    span = found.keyword_span(keyword)
    if span is None:
        return None
    known = deprecated_keyword(found, keyword) or KeywordChange(found.path, keyword)
    if span[1] and span[1] != found.until and version >= span[1]:
        return replace(known, removed=span[1])
    return known if known.deprecated and version >= known.deprecated else None
