"""The verdicts of one page: what was defined, what runs, what matches its reference."""

import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import inf
from typing import Any

from lintml.model import Outcome, Tier, Verdict
from lintml.verify import Block, Meant, Options, Request, laws
from lintml.verify.inputs.apart import at_its_own_size
from lintml.verify.inputs.spec import Made, Recipe, Spec
from lintml.verify.judge import changes, devices, modules, optimizers, schedules
from lintml.verify.judge.closure import bound
from lintml.verify.judge.comparing import finite
from lintml.verify.judge.probe import Failure, Probe
from lintml.verify.judge.session import Lost, Session
from lintml.verify.judge.twin import Twin, Wanted, share, worth_it
from lintml.verify.references.declare import ChangeReference, OptimizerReference, Reference, ScheduleReference, Seen
from lintml.verify.references.named import named
from lintml.verify.sandbox import Sandbox

_WHOLE = "<module>"
# What other settings than those made up here may cure.
_OF_VALUES = ("ArithmeticError", "AssertionError", "IndexError", "TypeError", "ValueError", "ZeroDivisionError")
_DEVICES = {"cuda": "cuda", "gpu": "cuda", "mps": "mps", "cpu": "cpu"}


def verdicts(sandbox: Sandbox, request: Request, options: Options, twin: Twin | None = None) -> list[Verdict]:
    """A verdict of each class and function of a page, and of each snippet that defines none, in document order.

    ``failed`` is said of what certainly does not do what stands there: it raises whatever it is given (a name that is
    not defined, an attribute that is not there), or on the inputs that its own sizes ask for, or on the device; or it
    is a known computation by its structure and differs from the reference. A reference that is only likely never
    fails anything, and neither does a law: it is told in ``reason``. ``skipped`` is what nobody can say: a file, a
    package, a name left to the reader; no inputs found, or only such as have an axis of size 1.

    A ``twin`` judges its share of a long page.
    """
    wanted, kept = runnable(request.blocks, options)
    helper = twin if twin is not None and worth_it(request) else None
    if helper is not None:
        helper.begin(request)
    with Session(sandbox, wanted, options.seed, _unbound(kept)) as session:
        judge = _PageJudge(session, request, options)
        theirs = (
            share(session.reports, {block.index: block.text for block in request.blocks}) if helper is not None else []
        )
        if helper is not None:
            helper.take(theirs)
        done = {at: judge.verdict(report) for at, report in enumerate(session.reports) if at not in theirs}
        done |= zip(theirs, (helper.verdicts() if helper is not None else None) or (), strict=False)
        found = [done[at] if at in done else judge.verdict(report) for at, report in enumerate(session.reports)]
        found += [judge.tried(text, row) for text, row in request.tries]
        found += [_lost(block, session.lost[block.index], options) for block in wanted if block.index in session.lost]
    found += [_withheld(block, reason, options) for block, reason in kept]
    found += [_about_nothing(meant, options) for meant in request.meant if not meant.subject]
    # What a document keeps from its readers is of interest only where it fails.
    shown = (verdict for verdict in found if verdict.snippet >= 0 or verdict.outcome == "failed")
    return sorted(shown, key=lambda verdict: (verdict.snippet, verdict.row))


def share_of(sandbox: Sandbox, request: Request, options: Options, wanted: Wanted) -> list[Verdict]:
    """What a twin gives: the verdicts of the definitions that it is told to judge once it has run the page."""
    blocks, kept = runnable(request.blocks, options)
    with Session(sandbox, blocks, options.seed, _unbound(kept)) as session:
        judge = _PageJudge(session, request, options)
        return [judge.verdict(session.reports[at]) for at in wanted()]


def runnable(blocks: Sequence[Block], options: Options) -> tuple[list[Block], list[tuple[Block, str]]]:
    """The blocks that are to be run here, and the others with the reason of each."""
    said = [(block, block.execute or _lacking(block.requires, options)) for block in blocks]
    return [block for block, reason in said if not reason], [(block, reason) for block, reason in said if reason]


def _lacking(requires: Sequence[str], options: Options) -> str:
    for word in requires:
        device = _DEVICES.get(word.lower())
        if options.device != device if device is not None else not _installed(word):
            return f"requires {word}"
    return ""


def _installed(package: str) -> bool:
    try:
        return find_spec(package.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _unbound(kept: Sequence[tuple[Block, str]]) -> dict[str, str]:
    """The names that blocks would bind which are not run: using one is nobody's mistake."""
    return {
        name: f"needs {name!r}, which the code on row {block.row} would bind; that is not run: {reason}"
        for block, reason in kept
        for name in bound(block.text)
    }


class _PageJudge:
    def __init__(self, session: Session, request: Request, options: Options) -> None:
        self._session = session
        self._blocks = {block.index: block for block in request.blocks}
        self._request = request
        self._options = options

    def verdict(self, report: Mapping[str, Any]) -> Verdict:
        """The verdict of one definition or of the free code of a snippet."""
        began = time.monotonic()
        block = self._blocks[report["snippet"]]
        here = _Verdict(
            report["name"] or _WHOLE, block.index, block.row + int(report["row"]) - 1, self._options.device, began
        )
        if report["state"] == "failed":
            unread = report["error"][0] in ("SyntaxError", "IndentationError", "TabError")
            return here.failed(None if unread else "parses", (report["error"][0], report["error"][1]))
        if report["state"] == "skipped":
            return here.skipped("parses", report["reason"])
        if not report["name"]:
            return here.passed("runs")
        try:
            match report["kind"]:
                case "module" | "function":
                    return self._callable(here, report)
                case "optimizer":
                    return self._optimizer(here, report)
                case "scheduler":
                    return self._schedule(here, report)
                case "class" | "dataset":
                    return self._made(here, report)
        except Lost as lost:
            return here.failed("parses", (lost.kind, str(lost)))
        except Exception as error:  # A fault of ours costs one subject, not the run.
            return here.skipped("parses", f"lintml failed to judge it: {type(error).__name__}: {error}")
        return here.skipped("parses", "nothing is known of how it is called")

    def tried(self, text: str, row: int) -> Verdict:
        """The verdict of a call that the document itself asks to try, at the end of the page."""
        last = max(self._blocks, default=0)
        here = _Verdict(text, last, row or self._blocks[last].row, self._options.device, time.monotonic())
        try:
            payload, _ = self._session.ask("try", {"text": text, "device": self._options.device})
        except Lost as lost:
            return here.failed("parses", (lost.kind, str(lost)))
        if "error" in payload:
            return here.failed("parses", (str(payload["error"][0]), str(payload["error"][1])))
        return here.passed("runs")

    def _made(self, here: "_Verdict", report: Mapping[str, Any]) -> Verdict:
        """A class of which nobody knows how it is called; a dataset is asked for its length and its first item."""
        probe = Probe(self._session, report["snippet"], report["name"], report["kind"])
        recipes = probe.find(self._request.contract(report["name"], report["snippet"]))
        if isinstance(recipes, Failure):
            return self._not_found(here, recipes)
        changed = self._changed(report, recipes[0].arguments)
        if changed is not None:
            return here.judged(changed, (), "")
        if report["kind"] == "class":
            return here.passed("shapes", reason="made; nothing is known of how it is called")
        error = probe.smoke(recipes[0], self._options.device)
        return here.failed("shapes", error) if error is not None else here.passed("runs")

    def _callable(self, here: "_Verdict", report: Mapping[str, Any]) -> Verdict:
        probe = Probe(self._session, report["snippet"], report["name"], report["kind"])
        recipes = probe.find(self._request.contract(report["name"], report["snippet"]))
        if isinstance(recipes, Failure):
            return self._not_found(here, recipes)
        if recipes[0].degenerate:
            return here.skipped("parses", "runs only with an axis of size 1")
        error = probe.smoke(recipes[0], self._options.device)
        if error is not None:
            return here.failed("shapes", error)
        seen, judgement = self._judged(probe, recipes, self._request.same_as(report["name"], report["snippet"]))
        if judgement is None or not judgement.told:
            judgement = self._changed(report, (*recipes[0].inputs, *recipes[0].arguments)) or judgement
        # What a stand-in for a layer does to gradients and inputs says nothing of the module.
        alone = probe.kind == "module" and not any(isinstance(spec, Made) for _, spec in recipes[0].arguments)
        held = probe.laws(recipes, laws.applicable(seen.graph, seen.still)) if alone and seen is not None else []
        told = [self._elsewhere(probe, seen, recipes[0])] if seen is not None else []
        told += [f"needs {one} == {two}" for one, two in recipes[0].equal]
        told += [f"runs only where {one} == {two}" for one, two in recipes[0].tied]
        told += [law.seen for law in held if not law.held]
        laws_held, reason = [law.name for law in held if law.held], "; ".join(filter(None, told))
        if at_its_own_size(recipes[0]) and (judgement is None or not judgement.told):
            return here.passed("shapes", laws=tuple(laws_held), reason=reason)
        return here.judged(judgement, laws_held, reason)

    def _judged(
        self, probe: Probe, recipes: Sequence[Recipe], wanted: str
    ) -> tuple[Seen | None, modules.Judgement | None]:
        if not wanted:
            return modules.judge_calls(probe, recipes, self._options.seed)
        seen = probe.see(recipes)
        return seen, modules.judge_as(probe, seen, self._options.seed, wanted) if seen is not None else None

    def _changed(self, report: Mapping[str, Any], given: Sequence[tuple[str, Spec]]) -> modules.Judgement | None:
        """How something that takes a model compares with what changes one in place."""
        if not any(isinstance(spec, Made) and spec.what in ("model", "layer", "params") for _, spec in given):
            return None
        bench = changes.Bench(self._session, report["snippet"], report["name"], report["kind"], self._options.seed)
        wanted = self._wanted(report, ChangeReference)
        return _nearest([bench.judge(one) for one in wanted], self._said(report)) if wanted else bench.judge()

    def _elsewhere(self, probe: Probe, seen: Seen, recipe: Recipe) -> str:
        """How it differs on the device from what it gives on the CPU, where there is another device."""
        device = self._options.device
        return devices.differs(probe, seen, recipe, device, self._options.seed) if device != "cpu" else ""

    def _not_found(self, here: "_Verdict", failure: Failure) -> Verdict:
        if failure.reason:
            return here.skipped("parses", failure.reason)
        if failure.final:
            return here.failed("parses", failure.error)
        what = "inputs" if failure.made else "constructor arguments"
        tries = f"in {failure.tries} tries" if failure.tries > 1 else "that it runs with"
        return here.skipped("parses", f"no {what} found {tries}; the last error was {': '.join(failure.error)}")

    def _optimizer(self, here: "_Verdict", report: Mapping[str, Any]) -> Verdict:
        bench = optimizers.Bench(self._session, report["snippet"], report["name"], self._options.seed)
        steps = bench.steps({})
        if steps.error is not None and bench.guessed:
            return here.skipped("parses", f"no settings found that it steps with; {': '.join(steps.error)}")
        if steps.error is not None:
            return here.failed("parses", steps.error)
        settings, wanted = [str(name) for name in report["settings"][1:]], self._wanted(report, OptimizerReference)
        if wanted is None:
            return here.judged(bench.judge(settings), (), bench.note)
        judged = [bench.judge(settings, one) for one in wanted]
        return here.judged(_nearest(judged, self._said(report)), (), bench.note)

    def _schedule(self, here: "_Verdict", report: Mapping[str, Any]) -> Verdict:
        bench = schedules.Bench(self._session, report["snippet"], report["name"], self._options.seed)
        rates = next(iter(bench.ways().values()))
        if rates.error is not None and bench.guessed and rates.error[0] in _OF_VALUES:
            return here.skipped("parses", f"no settings found that it steps with; {': '.join(rates.error)}")
        if rates.error is not None:
            return here.failed("parses", rates.error)
        wanted = self._wanted(report, ScheduleReference)
        if wanted is None:
            return here.judged(bench.judge(), (), "")
        return here.judged(_nearest([bench.judge(one) for one in wanted], self._said(report)), (), "")

    def _said(self, report: Mapping[str, Any]) -> str:
        return self._request.same_as(report["name"], report["snippet"])

    def _wanted(self, report: Mapping[str, Any], kind: type[Reference]) -> list[str] | None:
        """The references of a kind that the document names for a definition; None where it names nothing."""
        said = self._said(report)
        return [one.name for one in named(said) if isinstance(one, kind)] if said else None


class _Verdict:
    """A verdict to be: where it stands and since when the clock runs."""

    def __init__(self, subject: str, snippet: int, row: int, device: str, began: float) -> None:
        self._subject = subject
        self._snippet = snippet
        self._row = row
        self._device = device
        self._began = began

    def passed(self, tier: Tier, **more: Any) -> Verdict:
        """It got as far as ``tier``."""
        return self._made("passed", tier, **more)

    def failed(self, tier: Tier | None, error: tuple[str, str] | None, **more: Any) -> Verdict:
        """It got as far as ``tier``, and then raised ``error``."""
        return self._made("failed", tier, error=error, **more)

    def skipped(self, tier: Tier | None, reason: str) -> Verdict:
        """Nobody can say."""
        return self._made("skipped", tier, reason=reason)

    def judged(self, judgement: modules.Judgement | None, laws: Sequence[str], reason: str) -> Verdict:
        """It runs; ``judgement`` says whether it is also right."""
        if judgement is None:
            return self.passed("runs", laws=tuple(laws), reason=reason)
        if not judgement.told:
            return self.passed("runs", laws=tuple(laws), reason="; ".join(filter(None, (judgement.note, reason))))
        notes = "; ".join(part for part in (judgement.note, reason) if part)
        more = {
            "reference": judgement.reference,
            "worst": finite([judgement.worst]),
            "laws": tuple(laws),
            "reason": notes,
        }
        if judgement.matches:
            return self.passed("matches", **more)
        return self.failed("runs", None, **more)

    def _made(self, outcome: Outcome, tier: Tier | None, **more: Any) -> Verdict:
        seconds = round(time.monotonic() - self._began, 4)
        return Verdict(
            self._subject, self._snippet, self._row, outcome, tier, device=self._device, seconds=seconds, **more
        )


def _nearest(judgements: Sequence[modules.Judgement | None], said: str) -> modules.Judgement:
    """What is told of the references that a document names: a match, else the nearest miss."""
    told = [one for one in judgements if one is not None]
    if not told:
        note = f"it cannot be set as {said} is" if judgements else f"there is no reference {said} for such a class"
        return modules.Judgement(said, inf, False, note, told=False)
    return min(told, key=lambda one: (not one.matches, one.worst))


def _about_nothing(meant: Meant, options: Options) -> Verdict:
    reason = f"nothing is defined here that could be the same as {meant.reference}"
    return Verdict(_WHOLE, meant.snippet, meant.row, "skipped", reason=reason, device=options.device)


def _lost(block: Block, lost: Lost, options: Options) -> Verdict:
    return Verdict(
        _WHOLE,
        block.index,
        block.row,
        "failed",
        "parses",
        error=(lost.kind, str(lost)),
        device=options.device,
        seconds=round(lost.seconds, 4),
    )


def _withheld(block: Block, reason: str, options: Options) -> Verdict:
    return Verdict(_WHOLE, block.index, block.row, "skipped", reason=reason, device=options.device)
