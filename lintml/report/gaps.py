"""What was not judged in a document: where and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from lintml.model import Document, Marker, Problem, Snippet

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Gap:
    """A place from which nothing was reported, in words; rows and columns count as in findings."""

    reason: str
    row: int
    column: int = 1
    cell: int | None = None
    snippet: int | None = None


def gaps(document: Document) -> Iterator[Gap]:
    """The files that it takes in, the snippets that are no Python, and those in which nothing is to be said."""
    for other in document.elsewhere:
        yield Gap(f"takes in `{other.name}`, which is not read: names may come from there", other.row, 1, other.cell)
    for snippet in document.snippets:
        if snippet.problem is not None:
            yield _unread(snippet, snippet.problem)
            continue
        for marker in snippet.markers:
            if reason := _left_out(marker):
                row = marker.row if marker.verb == "wrong-lines" else snippet.row
                yield Gap(f"not judged: {reason}", row, 1, snippet.cell, snippet.index)


def _unread(snippet: Snippet, problem: Problem) -> Gap:
    lines = snippet.text.split("\n")
    index = min(max(problem.row, 1), len(snippet.home)) - 1
    row = snippet.home[index].row if snippet.home else snippet.row
    column = problem.column + (snippet.home[index].column - 1 if snippet.home else 0)
    shown = f": `{_short(lines[index])}`" if problem.reason.startswith(("syntax error", "placeholder")) else ""
    return Gap(f"not read as Python: {problem.reason}{shown}", row, column, snippet.cell, snippet.index)


def _left_out(marker: Marker) -> str:
    """Why nothing is said where a marker speaks, or nothing."""
    match marker.verb:
        case "framework":
            return f"written in {marker.text}"
        case "skip":
            return "skipped by a marker" + (f": {_short(marker.text)}" if marker.text else "")
        case "off":
            return "switched off" + (f" in line {marker.row}" if marker.row else "")
        case "wrong":
            return f"wrong on purpose: {_short(marker.text)}"
        case "wrong-lines" if marker.text == str(marker.row):
            return "wrong on purpose"
        case "wrong-lines":
            return f"wrong on purpose, up to line {marker.text}"
        case _:
            return ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
