"""Tries a fix of an optimizer or a schedule: both versions take the same steps."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from lintml.model import Claim
from lintml.verify import Options, Trial
from lintml.verify.judge import optimizers, schedules
from lintml.verify.judge.claims import Proof, Refuted, Side, still_fails
from lintml.verify.judge.comparing import same_values
from lintml.verify.judge.modules import Judgement

Paths: TypeAlias = Mapping[str, optimizers.Steps | schedules.Rates]

_PLAIN = "at its defaults"


def prove(trial: Trial, before: Side, after: Side, options: Options) -> Proof:
    """The proof of the claim of a fix; raises Refuted."""
    new = _paths(after, trial, options)
    if before.error is None:
        old = _paths(before, trial, options)
    else:
        old = dict.fromkeys(new, optimizers.Steps(error=before.error))
    failed = new[_PLAIN].error
    if failed is not None:
        raise still_fails(old[_PLAIN].error, failed, "parses")
    match trial.claim:
        case Claim.SAME:
            if old[_PLAIN].error is not None:
                raise Refuted("failed", "runs", "the old code does not run", old[_PLAIN].error)
            _unchanged(old, new)
        case Claim.REPAIRS:
            if not any(path.error is None and _raised(old, way) for way, path in new.items()):
                raise Refuted("failed", "runs", "the old code runs as well: there was nothing to repair")
            _unchanged(old, new)
        case Claim.CHANGES:
            return _changed(trial, before, after, options)
    judgement = _judged(after, trial, options)
    if judgement is not None and judgement.matches:
        return Proof("matches", judgement.reference, judgement.worst, reason=judgement.note)
    return Proof("runs")


def _raised(paths: Paths, way: str) -> bool:
    return way in paths and paths[way].error is not None


def _unchanged(old: Paths, new: Paths) -> None:
    """Wherever the old code got through, the new one gets through to the same values."""
    for way, path in old.items():
        if path.error is not None or way not in new:
            continue
        if new[way].error is not None:
            raise Refuted("failed", "runs", f"the fixed code raises where the old one ran: {way}", new[way].error)
        if not same_values(list(path.values), list(new[way].values)):
            raise Refuted("failed", "runs", f"values change where the old code ran: {way}")


def _changed(trial: Trial, before: Side, after: Side, options: Options) -> Proof:
    new = _judged(after, trial, options)
    if new is None:
        raise Refuted("skipped", "runs", "it runs; there is no reference to hold it against")
    if not new.matches:
        raise Refuted("failed", "runs", f"the fixed code does not match {new.reference}: {new.note}")
    old = _judged(before, trial, options) if before.error is None else None
    if old is not None and old.matches and old.note == new.note:
        raise Refuted("failed", "matches", f"the old code matches {new.reference} as well")
    return Proof("matches", new.reference, new.worst, reason=new.note)


def _judged(side: Side, trial: Trial, options: Options) -> Judgement | None:
    if side.kind == "scheduler":
        return _rates(side, trial, options).judge(trial.reference)
    return _steps(side, trial, options).judge(_settings(side), trial.reference)


def _paths(side: Side, trial: Trial, options: Options) -> Paths:
    if side.kind == "scheduler":
        return _rates(side, trial, options).ways()
    return _steps(side, trial, options).ways(_settings(side))


def _rates(side: Side, trial: Trial, options: Options) -> schedules.Bench:
    return schedules.Bench(side.session, trial.snippet, trial.subject, options.seed)


def _steps(side: Side, trial: Trial, options: Options) -> optimizers.Bench:
    return optimizers.Bench(side.session, trial.snippet, trial.subject, options.seed)


def _settings(side: Side) -> list[str]:
    """The constructor's parameters after the first, which takes the parameters to optimise."""
    settings: Any = side.report["settings"]
    return [str(name) for name in settings[1:]]
