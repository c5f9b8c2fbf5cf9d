"""Tabs and options: which of several namespaces a block belongs to."""

import re
from collections.abc import Iterable

from lintml.documents.block import Block

_TAG = r"""(?x)<(?P<close>/)?(?P<name>hfoption|TabItem|Tab|TabPanel|pt|tf|jax|flax)\b(?P<attributes>[^>]*)>
      | \{%-?\s*(?P<end>end)?tab\b(?P<jinja>[^%]*)%\}
      | \{\{[<%]\s*(?P<stop>/)?\s*tab\b(?P<hugo>[^>%]*)[>%]\}\}"""
_TITLE = r"""(?:\b(?:label|title|header)\s*=\s*\{?|^\s*)["']([^"']+)["']"""
_IDENTITY = r"""\b(?:id|value|name)\s*=\s*\{?["']([^"']+)["']"""
_TAB_KINDS = frozenset({"===", "tab", "tab-item", "tabbed", "group-tab", "code-tab"})
_SPELLINGS = {"pt": "pytorch", "torch": "pytorch", "tf": "tensorflow", "flax": "jax"}
_TAGGED = r"\s*(?:%%tab|#\s*@tab)\s+([\w, ]+?)\s*$"
_EVERYTHING = frozenset({"", "all"})


class TagTabs:
    """The tabs that are opened and closed by tags in the text: HTML, JSX, Liquid and Hugo."""

    def __init__(self) -> None:
        self._open: list[str] = []

    @property
    def label(self) -> str:
        """The innermost tab that is open."""
        return self._open[-1] if self._open else ""

    def read(self, text: str) -> None:
        """Go through the tags of some text."""
        for found in re.finditer(_TAG, text):
            if found["close"] or found["end"] or found["stop"]:
                del self._open[-1:]
            elif not (found["attributes"] or "").endswith("/"):
                words = found["attributes"] or found["jinja"] or found["hugo"] or ""
                named = re.search(_TITLE, words) or re.search(_IDENTITY, words)
                self._open.append(canonical(named[1] if named else found["name"] or words))


def canonical(label: str) -> str:
    """A tab's label as the name of a namespace."""
    label = " ".join(label.lower().split())
    return _SPELLINGS.get(label, label)


def tab_in_titles(titles: Iterable[tuple[str, str]]) -> str:
    """The innermost container that is a tab; each comes with its kind."""
    labels = [canonical(title) for kind, title in titles if kind in _TAB_KINDS]
    return labels[-1] if labels else ""


def tab_in_code(lines: list[str]) -> str:
    """The tab that a block's first line names (``%%tab pytorch``, ``#@tab pytorch, jax``); of several, ours."""
    first = next((line for line in lines if line.strip()), "")
    if "tab" not in first or not (found := re.match(_TAGGED, first)):
        return ""
    labels = [canonical(label) for label in found[1].split(",")]
    if _EVERYTHING.intersection(labels):
        return ""
    return "pytorch" if "pytorch" in labels else labels[0]


def set_alternatives(blocks: Iterable[Block]) -> None:
    """Tell each block in a tab which tabs stand beside it.

    Those are the ones that follow each other under one heading, until shared code or a label that was there before.
    """
    run: list[Block] = []
    for block in blocks:
        if not _continues(run, block):
            _close(run)
            run = []
        if block.group:
            run.append(block)
    _close(run)


def _continues(run: list[Block], block: Block) -> bool:
    if not run or not block.group or block.heading != run[-1].heading:
        return False
    return block.group == run[-1].group or all(block.group != other.group for other in run)


def _close(run: list[Block]) -> None:
    labels = tuple(dict.fromkeys(block.group for block in run))
    for block in run:
        block.alternatives = labels
