"""Tries a fix: the page without it and the page with it, held to what the fix claims."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lintml.model import Verdict
from lintml.verify import Options, Trial
from lintml.verify.judge import trial_calls, trial_code, trial_steps
from lintml.verify.judge.claims import Proof, Refuted, Side, still_fails
from lintml.verify.judge.closure import home, needed
from lintml.verify.judge.desk import Desk
from lintml.verify.judge.page import runnable
from lintml.verify.judge.session import Lost, Session

Method = Callable[[Trial, Side, Side, Options], Proof]


def verdict(desk: Desk, trial: Trial, options: Options) -> Verdict:
    """Whether a fix does what it claims; ``skipped`` where that could not be tried, with the reason."""
    began = time.monotonic()
    trial = replace(trial, snippet=home(trial.after.blocks, trial.snippet, trial.subject))
    row = first = next((block.row for block in trial.after.blocks if block.index == trial.snippet), 1)
    proof, refuted = Proof(), None
    try:
        before, after = (
            desk.session(needed(runnable(request.blocks, options)[0], trial.snippet))
            for request in (trial.before, trial.after)
        )
        fixed = _side(after, trial)
        row = first + int(fixed.report.get("row", 1)) - 1
        proof = _prove(trial, _side(before, trial), fixed, options)
    except Refuted as refutation:
        refuted = refutation
    except Lost as lost:
        refuted = Refuted("failed", "parses", "the fixed code did not come to an end", (lost.kind, str(lost)))
    except Exception as error:  # A fault of ours must neither take a fix back nor end the run.
        refuted = Refuted("skipped", None, f"lintml failed to try it: {type(error).__name__}: {error}")
    return Verdict(
        trial.subject or "<module>",
        trial.snippet,
        row,
        "passed" if refuted is None else refuted.outcome,
        proof.tier if refuted is None else refuted.tier,
        proof.reference,
        proof.worst,
        proof.laws,
        None if refuted is None else refuted.error,
        proof.reason if refuted is None else refuted.reason,
        options.device,
        round(time.monotonic() - began, 4),
    )


def _prove(trial: Trial, before: Side, after: Side, options: Options) -> Proof:
    if not trial.subject:
        return trial_code.prove(trial, before, after)
    if after.report["state"] == "skipped":
        raise Refuted("skipped", "parses", str(after.report["reason"]))
    if after.error is not None:
        raise still_fails(before.error, after.error, "parses")
    return _method(after.kind)(trial, before, after, options)


def _method(kind: str) -> Method:
    match kind:
        case "module" | "function":
            return trial_calls.prove
        case "optimizer" | "scheduler":
            return trial_steps.prove
    raise Refuted("skipped", "parses", "nothing is known of how such a class is called")


def _side(session: Session, trial: Trial) -> Side:
    """What came of the subject; of a snippet that did not parse, the same for whatever it should define."""
    lost = session.lost.get(trial.snippet)
    if lost is not None:
        return Side(session, {"state": "failed", "error": (lost.kind, str(lost)), "kind": ""})
    mine = [report for report in session.reports if report["snippet"] == trial.snippet]
    named = [report for report in mine if report["name"] == trial.subject]
    whole = [report for report in mine if not report["name"]]
    if named:
        return Side(session, named[-1])
    if whole:
        return Side(session, whole[-1])
    failed = [report for report in mine if report["state"] != "ran"]
    return Side(session, failed[0] if failed and not trial.subject else _ABSENT if trial.subject else _RAN)


_RAN: Mapping[str, Any] = {"state": "ran", "kind": "", "error": None, "reason": ""}
_ABSENT: Mapping[str, Any] = {"state": "failed", "kind": "", "error": ("NameError", "it is not defined"), "reason": ""}
