"""Differences: the few lines that one fix changes, and the unified diff of a whole document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

from lintml import documents
from lintml.model import Document, Edit, Snippet
from lintml.report.columns import visible
from lintml.report.paint import Paint
from lintml.report.source import Source

CONTEXT = 1
NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Changed:
    """One line of an inline diff; ``row`` is None for a line that goes."""

    sign: str
    row: int | None
    text: str


def inline(source: Source, edits: Sequence[Edit]) -> list[list[Changed]]:
    """What the edits of one fix change, as hunks of document lines; rows are those after the fix."""
    hunks = []
    grown: dict[int | None, int] = {}
    for index in sorted({edit.snippet for edit in edits}):
        snippet = next(s for s in source.document.snippets if s.index == index)
        new = _applied(snippet.text, [edit for edit in edits if edit.snippet == index])
        hunks += _hunks(source, snippet, new, grown.get(snippet.cell, 0))
        grown[snippet.cell] = grown.get(snippet.cell, 0) + new.count("\n") - snippet.text.count("\n")
    return hunks


def render(hunks: list[list[Changed]], gutter: int, paint: Paint) -> Iterator[str]:
    """The lines of an inline diff under the gutter of its frame, each without its line break."""
    bar = paint.blue(" " * gutter + " |")
    yield bar
    for number, hunk in enumerate(hunks):
        if number:
            yield paint.blue("...")
        for line in hunk:
            row = paint.blue(f"{line.row if line.row else '':>{gutter}}")
            text = visible(line.text)
            match line.sign:
                case "-":
                    yield f"{row} {paint.red(f'- {text}'.rstrip())}"
                case "+":
                    yield f"{row} {paint.green(f'+ {text}'.rstrip())}"
                case _:
                    yield f"{row} {paint.blue('|')} {text}".rstrip()
    yield bar


def unified(before: Document, after: Document, path: str) -> Iterator[str]:
    """A unified diff that ``patch`` applies, line by line; for a notebook, one for each changed cell's source."""
    old, new = Source(before), Source(after)
    if before.kind != "notebook":
        yield from _unified(old.text(), new.text(), path)
        return
    for snippet in after.snippets:
        if snippet.cell is not None:
            yield from _unified(old.text(snippet.cell), new.text(snippet.cell), f"{path}:cell {snippet.cell}")


def coloured(lines: Iterable[str], paint: Paint) -> Iterator[str]:
    """The lines of a unified diff, made safe and coloured for a terminal; as they are where there is no colour."""
    for line in lines:
        if not paint.on:
            yield line
            continue
        text = visible(line.rstrip("\r\n"))
        brush = {"---": paint.bold, "+++": paint.bold}.get(text[:3])
        brush = brush or {"-": paint.red, "+": paint.green, "@": paint.cyan}.get(text[:1], str)
        yield brush(text) + "\n"


def _hunks(source: Source, snippet: Snippet, text: str, grown: int) -> list[list[Changed]]:
    """The hunks that turn a snippet into ``text``, where ``grown`` lines came before it."""
    old, new = (each.removesuffix("\n").split("\n") for each in (snippet.text, text))

    heads = [snippet.prefix + prompt for prompt in documents.prompts_of(snippet, text)] or [snippet.prefix] * len(new)

    def kept(index: int) -> str:
        return source.line(_row(snippet, index), snippet.cell)

    hunks = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        hunk: list[Changed] = []
        for kind, i, i_end, j, j_end in group:
            row = _row(snippet, i) + grown + j - i
            if kind == "equal":
                hunk += (Changed(" ", row + k - i, kept(k)) for k in range(i, i_end))
            else:
                hunk += (Changed("-", None, kept(k)) for k in range(i, i_end))
                hunk += (Changed("+", row + k - j, heads[k] + new[k]) for k in range(j, j_end))
        hunks.append(_without_blank_edges(hunk))
    return hunks


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    return "".join(pieces) + text[at:]


def _row(snippet: Snippet, index: int) -> int:
    """The document row of a snippet's line; past its end, the rows that follow."""
    last = len(snippet.home) - 1
    return snippet.home[min(index, last)].row + max(index - last, 0)


def _without_blank_edges(hunk: list[Changed]) -> list[Changed]:
    while hunk and hunk[0].sign == " " and not hunk[0].text.strip():
        hunk = hunk[1:]
    while hunk and hunk[-1].sign == " " and not hunk[-1].text.strip():
        hunk = hunk[:-1]
    return hunk


def _unified(old: str, new: str, name: str) -> Iterator[str]:
    if old == new:
        return
    for line in unified_diff(_lines(old), _lines(new), name, name):
        yield line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}"


def _lines(text: str) -> list[str]:
    """Lines with their endings, broken where ``patch`` breaks them and nowhere else."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines
