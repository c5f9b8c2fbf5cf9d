"""How far each class and snippet got when it was run, as a table and as rows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import Any

from lintml.model import Document, Fixed, Verdict
from lintml.report.columns import visible
from lintml.report.paint import Paint
from lintml.report.tally import counted

WIDEST = 64


def table(document: Document, verdicts: Iterable[Verdict], paint: Paint, laws: bool = False) -> str:
    """The verdicts of one document under its path; the laws that were tried are counted, or listed if wanted."""
    from tabulate import tabulate

    rows = [
        (
            row_of(document, verdict),
            visible(verdict.subject),
            _reached(verdict, paint),
            _evidence(verdict, laws),
            time_taken(verdict.seconds),
        )
        for verdict in verdicts
    ]
    heads = ("row", "subject", "reached", "evidence", "time")
    align = ("right", "left", "left", "left", "right")
    drawn = tabulate(rows, heads, tablefmt="simple", colalign=align, disable_numparse=True)
    body = "\n".join(f"  {line}".rstrip() for line in drawn.splitlines())
    return f"{paint.bold(visible(document.path))}\n\n{body}\n"


def row_of(document: Document, verdict: Verdict) -> str:
    """The row of a verdict, in a notebook behind its cell."""
    cell = cell_of(document, verdict)
    return str(verdict.row) if cell is None else f"cell {cell}:{verdict.row}"


def cell_of(document: Document, verdict: Verdict) -> int | None:
    """The cell that a verdict is of, None where the document has none."""
    return next((snippet.cell for snippet in document.snippets if snippet.index == verdict.snippet), None)


def trials(fixed: Fixed, paint: Paint, laws: bool = False) -> str:
    """What the trial of each fix of one document showed, under its path."""
    from tabulate import tabulate

    rows = [
        (
            found.location.row if found.location.cell is None else f"cell {found.location.cell}:{found.location.row}",
            found.code,
            visible(found.fix.title if found.fix else ""),
            _reached(verdict, paint),
            _evidence(verdict, laws),
            time_taken(verdict.seconds),
        )
        for found, verdict in fixed.verdicts
    ]
    heads = ("row", "rule", "fix", "proved", "evidence", "time")
    align = ("right", "left", "left", "left", "left", "right")
    drawn = tabulate(
        rows, heads, tablefmt="simple", colalign=align, disable_numparse=True, maxcolwidths=[None, None, 44]
    )
    body = "\n".join(f"  {line}".rstrip() for line in drawn.splitlines())
    return f"{paint.bold(visible(fixed.before.path))}\n\n{body}\n"


def summary(verdicts: Iterable[Verdict], documents: int, paint: Paint) -> str:
    """One line that counts what was proved, what failed, and what was not tried."""
    verdicts = list(verdicts)
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    matched = sum(verdict.outcome == "passed" and verdict.tier == "matches" for verdict in verdicts)
    parts = []
    if outcomes["passed"]:
        against = f" ({matched} {'matches' if matched == 1 else 'match'} a reference)" if matched else ""
        parts.append(paint.green(f"{outcomes['passed']} passed") + against)
    if outcomes["failed"]:
        parts.append(paint.red(f"{outcomes['failed']} failed"))
    if outcomes["skipped"]:
        parts.append(paint.yellow(f"{outcomes['skipped']} skipped"))
    devices = ", ".join(sorted({verdict.device for verdict in verdicts}))
    held = ", ".join(sorted({verdict.isolation for verdict in verdicts} - {""}))
    by = f", isolated by {held}" if held else ""
    seconds = sum(verdict.seconds for verdict in verdicts)
    where = f"in {counted(documents, 'document')}"
    if not parts:
        return f"Nothing to run {where}."
    return f"{', '.join(parts)} {where}, on {devices}{by}, in {seconds:.1f} s."


def rows(document: Document, verdicts: Iterable[Verdict], filename: str) -> Iterator[dict[str, Any]]:
    """A row for each verdict, as plain data."""
    for verdict in verdicts:
        yield {
            "filename": filename,
            "cell": cell_of(document, verdict),
            "snippet": verdict.snippet,
            "location": {"row": verdict.row},
            **plain(verdict),
            "seconds": round(verdict.seconds, 4),
        }


def plain(verdict: Verdict) -> dict[str, Any]:
    """A verdict without its place and its time, which is never the same twice, as plain data."""
    return {
        "subject": verdict.subject,
        "outcome": verdict.outcome,
        "tier": verdict.tier,
        "reference": verdict.reference,
        "worst": verdict.worst,
        "laws": list(verdict.laws),
        "error": None if verdict.error is None else dict(zip(("type", "message"), verdict.error, strict=True)),
        "reason": verdict.reason,
        "device": verdict.device,
        "isolation": verdict.isolation,
    }


def proof(verdict: Verdict, paint: Paint) -> str:
    """What the trial of a fix showed, in one line."""
    head = {"passed": paint.green("proof"), "failed": paint.red("no proof"), "skipped": paint.yellow("no proof")}
    told = "; ".join(evidence(verdict))
    return f"{head[verdict.outcome]}: {reached(verdict)}{f': {told}' if told else ''} (on {verdict.device})"


def reached(verdict: Verdict) -> str:
    """How far it got, in words."""
    ending = {"passed": "", "failed": "fails", "skipped": "skipped"}[verdict.outcome]
    return ", then ".join(filter(None, (verdict.tier, ending))) or verdict.outcome


def evidence(verdict: Verdict, laws: bool = False) -> list[str]:
    """What speaks for it or against it; the laws that held are counted, or listed if wanted."""
    parts = []
    if verdict.error:
        parts.append(": ".join(part for part in verdict.error if part))
    if verdict.reference:
        passed = verdict.outcome == "passed"
        worst = "" if verdict.worst is None else f", {'within' if passed else 'off by'} {verdict.worst:.1e}"
        worst = ", to the last bit" if passed and verdict.worst == 0 else worst
        parts.append(f"{'' if passed else 'not '}{verdict.reference}{worst}")
    if verdict.reason:
        parts.append(verdict.reason)
    if verdict.laws:
        count = len(verdict.laws)
        parts += verdict.laws if laws else [f"{counted(count, 'law')} {'holds' if count == 1 else 'hold'}"]
    return [visible(part) for part in parts]


def _reached(verdict: Verdict, paint: Paint) -> str:
    brush = {"passed": paint.green, "failed": paint.red, "skipped": paint.yellow}[verdict.outcome]
    return brush(reached(verdict))


def _evidence(verdict: Verdict, laws: bool) -> str:
    return "\n".join(line for part in evidence(verdict, laws) for line in wrap(part, WIDEST))


def time_taken(seconds: float) -> str:
    """Seconds as people read them."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
