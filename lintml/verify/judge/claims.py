"""What a trial comes to: a proof, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lintml.model import Outcome, Tier
from lintml.verify.judge.probe import Error
from lintml.verify.judge.session import Session


class Refuted(Exception):
    """The claim is not kept (``failed``), or could not be tried (``skipped``): how far the fixed code got, and why."""

    def __init__(self, outcome: Outcome, tier: Tier | None, reason: str, error: Error | None = None) -> None:
        self.outcome: Outcome = outcome
        self.tier: Tier | None = tier
        self.reason = reason
        self.error = error
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim that was kept: how far the fixed code got, and what it was held against."""

    tier: Tier = "runs"
    reference: str | None = None
    worst: float | None = None
    laws: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """The page before or after a fix: its session, and what came of defining the subject."""

    session: Session
    report: Mapping[str, Any]

    @property
    def error(self) -> Error | None:
        """Why the subject is not there, None where it is."""
        if self.report["state"] == "ran":
            return None
        error = self.report.get("error") or ("Skipped", self.report.get("reason", ""))
        return str(error[0]), str(error[1])

    @property
    def kind(self) -> str:
        """What the subject is, empty where it is not there."""
        return str(self.report.get("kind", ""))


def still_fails(before: Error | None, after: Error, tier: Tier) -> Refuted:
    """Fixed code that raises: refuted where it raises what the old code did, undecided where it met another fault."""
    if before is not None and before != after:
        return Refuted("skipped", tier, "this fault is gone, but another one is left", after)
    return Refuted("failed", tier, "the fixed code fails", after)
