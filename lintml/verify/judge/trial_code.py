"""Tries a fix of free code: which statements run before and after it, and what they bind."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lintml.model import Claim
from lintml.verify import Block, Trial, tensors
from lintml.verify.judge.claims import Proof, Refuted, Side, still_fails
from lintml.verify.judge.closure import bound
from lintml.verify.judge.comparing import same_values
from lintml.verify.judge.probe import Error


def prove(trial: Trial, before: Side, after: Side) -> Proof:
    """The proof of the claim of a fix; raises Refuted.

    A fix answers for the statements that it changes and for those that run only without it, not for what else fails.
    """
    old, new = _Course.of(before), _Course.of(after)
    changed = _changed(trial)
    unreached = [fault for fault in new.faults if fault.text in changed and fault.error is None]
    if unreached and not changed - {fault.text for fault in unreached}:
        raise Refuted("skipped", "parses", unreached[0].reason)
    for fault in new.faults:
        if fault.text in changed and fault.error is not None and old.has(fault):
            raise Refuted("skipped", "parses", "another fault comes first, with the fix and without it", fault.error)
    worse = [fault for fault in new.faults if fault.error is not None and not old.has(fault)]
    if worse:
        raise still_fails(next(iter(old.errors(but=new)), None), worse[0].error or ("", ""), "parses")
    match trial.claim:
        case Claim.REPAIRS:
            _repaired(old, new, _bound(changed))
        case Claim.SAME:
            _same(trial, before, after, old)
        case Claim.CHANGES:
            raise Refuted("skipped", "runs", "it runs; there is no reference for free code")
    return Proof(reason=new.left_over())


@dataclass(frozen=True, slots=True)
class _Fault:
    """A statement that did not run to its end: what it raised on which line, or why it was not begun."""

    text: str
    line: str
    error: Error | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Course:
    """What of the free statements of one side did not run."""

    faults: tuple[_Fault, ...]

    @staticmethod
    def of(side: Side) -> "_Course":
        """As the sandbox reports it; of code that did not come that far, its one error."""
        told = side.report.get("faults", ())
        found = [_Fault(str(e["text"]), str(e["line"]), _error(e["error"]), str(e["reason"])) for e in told]
        if not found and side.error is not None:
            found.append(_Fault("", "", side.error, ""))
        return _Course(tuple(found))

    def has(self, fault: _Fault) -> bool:
        """Whether the same line fails here in the same way, be it in the same statement or not."""
        return any((one.line, one.error) == (fault.line, fault.error) for one in self.faults)

    def errors(self, but: "_Course | None" = None) -> list[Error]:
        """What the statements raise, without those that fail in the same way on the other side."""
        faults = [one for one in self.faults if but is None or not but.has(one)]
        return [one.error for one in faults if one.error is not None]

    def left_over(self) -> str:
        """What is to be said of faults that are there with the fix and without it."""
        return "".join(f"another fault is left: {kind}: {text}" for kind, text in self.errors()[:1])


def _repaired(old: _Course, new: _Course, bound: frozenset[str]) -> None:
    if old.errors(but=new):
        return
    behind = any(fault.error is None for fault in new.faults)
    for fault in new.faults:
        if fault.error is not None and behind and bound.isdisjoint(_read(fault.text)):
            raise Refuted("skipped", "parses", "another fault comes first, with the fix and without it", fault.error)
        if fault.error is not None:
            raise still_fails(fault.error, fault.error, "parses")
    raise Refuted("failed", "runs", "the old code runs as well")


def _same(trial: Trial, before: Side, after: Side, old: _Course) -> None:
    error = next((one.error for one in old.faults if one.error is not None and one.text in _changed(trial, True)), None)
    if error is not None:
        raise Refuted("failed", "runs", "the old code does not run", error)
    question = {"snippet": trial.snippet}
    theirs, mine = (
        tensors.unpack(*(reply[0]["names"], reply[1]))
        for reply in (after.session.ask("names", question), before.session.ask("names", question))
    )
    differ = [name for name in mine if name in theirs and not same_values(mine[name], theirs[name])]
    if differ:
        raise Refuted("failed", "runs", f"the value of {', '.join(differ[:4])} changes")


def _changed(trial: Trial, old: bool = False) -> frozenset[str]:
    """The statements of the snippet that only the fixed code has; of the ``old`` code, those that only that has."""
    before, after = (_statements(request.blocks, trial.snippet) for request in (trial.before, trial.after))
    return frozenset(before) - frozenset(after) if old else frozenset(after) - frozenset(before)


def _bound(statements: Iterable[str]) -> frozenset[str]:
    """The names that statements bind."""
    return frozenset(name for text in statements for name in bound(text))


def _read(text: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse(text))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _statements(blocks: Sequence[Block], index: int) -> list[str]:
    text = next((block.text for block in blocks if block.index == index), "")
    try:
        return [ast.unparse(statement) for statement in ast.parse(text).body]
    except (SyntaxError, ValueError):
        return []


def _error(claimed: object) -> Error | None:
    match claimed:
        case [str(kind), str(text)]:
            return kind, text
    return None
