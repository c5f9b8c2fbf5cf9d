"""Holds a reference to its task: right versions, however written, match it; plausible wrong ones do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent

from tabulate import tabulate
from verdicts import verdicts

from lintml.model import Verdict


@dataclass(frozen=True)
class Suite:
    """A reference with right versions by how they are written, and wrong ones by what is wrong with them.

    Where ``certain`` is set, a wrong version is recognised as meant to be the reference, and so fails.
    """

    reference: str
    right: Mapping[str, str]
    wrong: Mapping[str, str]
    certain: bool = True
    before: Sequence[str] = field(default=())


def told(suite: Suite) -> tuple[dict[str, Verdict], dict[str, Verdict]]:
    """The verdicts of the right and of the wrong versions; of each version the last class or function counts."""
    texts = [*suite.right.values(), *suite.wrong.values()]
    last = {found.snippet: found for found in verdicts(*suite.before, *texts)}
    numbered = [last[number] for number in range(len(suite.before) + 1, len(suite.before) + len(texts) + 1)]
    right = dict(zip(suite.right, numbered, strict=False))
    return right, dict(zip(suite.wrong, numbered[len(suite.right) :], strict=True))


def hold(suite: Suite) -> str:
    """Assert that the reference tells right from wrong; the table of how."""
    assert len(suite.right) >= 5
    assert len(suite.wrong) >= 5
    right, wrong = told(suite)
    lost = {note: found for note, found in right.items() if not _matches(found, suite)}
    assert not lost, f"right, but not matched: {lost}"
    missed = {note: found for note, found in wrong.items() if _matches(found, suite) or not _told(found, suite)}
    assert not missed, f"wrong, but not told: {missed}"
    return _table(suite, right, wrong)


def edited(text: str, *edits: tuple[str, str]) -> str:
    """``text`` with edits that must apply."""
    text = dedent(text)
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return text


def _matches(found: Verdict, suite: Suite) -> bool:
    return found.outcome == "passed" and found.tier == "matches" and found.reference == suite.reference


def _told(found: Verdict, suite: Suite) -> bool:
    return not suite.certain or (found.outcome == "failed" and found.reference == suite.reference)


def _table(suite: Suite, right: Mapping[str, Verdict], wrong: Mapping[str, Verdict]) -> str:
    rows = [
        (kind, note, found.tier, "" if found.worst is None else f"{found.worst:.1e}", found.reason[:60])
        for kind, side in (("right", right), ("wrong", wrong))
        for note, found in side.items()
    ]
    return f"\n{suite.reference}\n{tabulate(rows, ('', 'version', 'tier', 'off by', 'said'), tablefmt='simple')}\n"
