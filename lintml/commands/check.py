"""``lintml check``: say what is wrong, and mend it where asked to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

import click

from lintml.commands import options
from lintml.commands.session import STDIN, Refusal, Session, exit_code, rules_for, session_for
from lintml.report.formats import NAMES, load
from lintml.report.tally import statistics, statistics_rows
from lintml.report.view import View

if TYPE_CHECKING:
    from lintml.model import Checked, Diagnostic, Edit
    from lintml.rule import Rule


@click.command("check")
@options.paths
@click.option("--fix", is_flag=True, help="Apply fixes, and report what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--verify", is_flag=True, help="Run the code before and after each fix, and say what that proves.")
@options.unsafe_fixes
@options.selection
@options.output_format(NAMES)
@click.option("-o", "--output-file", type=click.Path(dir_okay=False), help="Write results there instead of to stdout.")
@click.option("--statistics", "counts", is_flag=True, help="Count findings by rule instead of showing them.")
@click.option("-e", "--exit-zero", is_flag=True, help="Exit with 0 even if something is found.")
@options.running
@options.cache
@options.configuration
def command(
    paths: tuple[str, ...],
    fix: bool,
    diff: bool,
    verify: bool,
    output_format: str,
    output_file: str | None,
    counts: bool,
    exit_zero: bool,
    **asked: Any,
) -> int:
    """Report PyTorch bugs in documents.

    PATHS are Markdown files, notebooks, scripts, and folders of them [default: .]; `-` reads standard input.
    """
    session = session_for(asked)
    paths = session.asked(paths)
    if diff:
        from lintml.commands.fix import preview

        return preview(session, paths, verify)
    # JUnit's readers want to see the documents in which nothing was found.
    session.no_cache |= output_format == "junit"
    tally = session.tally
    run = tally.watch(_run(session, paths, fix, verify))
    with _opened(output_file) as stream:
        # A fixed document takes standard output for itself.
        stream = sys.stderr if fix and STDIN in paths and not output_file else stream
        for piece in _pieces(run, _view(session, stream), output_format, counts):
            session.progress.clear()
            stream.write(piece)
    return exit_code(bool(tally.findings) and not exit_zero, bool(tally.failed or tally.crashes))


def _run(session: Session, paths: Iterable[str], fix: bool, verify: bool) -> Iterator[Checked]:
    if fix:
        return _mended(session, paths, verify)
    return _tried(session, paths) if verify else _checked(session, paths)


def _checked(session: Session, paths: Iterable[str]) -> Iterator[Checked]:
    for document, settings in session.documents(paths):
        from lintml import pipeline

        if (checked := session.attempt(pipeline.check, document, settings)) is not None:
            session.note(checked)
            yield checked


def _tried(session: Session, paths: Iterable[str]) -> Iterator[Checked]:
    from lintml import pipeline
    from lintml.commands.fix import proving

    with proving(session) as prover:
        for document, settings in session.documents(paths):
            work = partial(pipeline.tried, prover=prover)
            if (checked := session.attempt(work, document, settings)) is not None:
                session.note(checked)
                yield checked


def _mended(session: Session, paths: Iterable[str], verify: bool) -> Iterator[Checked]:
    from lintml import pipeline
    from lintml.commands.fix import fix, give_back, put

    for fixed in fix(session, paths, verify):
        if put(session, fixed):
            session.tally.fixed += len(fixed.applied)
            yield fixed.left
        else:
            yield pipeline.check(fixed.before, session.settings(fixed.before.path))
    give_back(session)


def _pieces(run: Iterable[Checked], view: View, output_format: str, counts: bool) -> Iterator[str]:
    if not counts:
        yield from load(output_format)(run, view)
        return
    for _ in run:
        pass
    if output_format == "json":
        import json

        yield json.dumps(statistics_rows(view.tally), indent=2) + "\n"
    else:
        yield "".join(f"{line}\n" for line in statistics(view.tally))


def _view(session: Session, stream: TextIO) -> View:
    def edits(checked: Checked, found: Diagnostic) -> tuple[Edit, ...]:
        from lintml import pipeline

        return pipeline.edits(checked, found)

    def rule(code: str) -> Rule | None:
        return next((each for each in rules_for(session.settings()) if each.code == code), None)

    return View(session.paint(stream), session.tally, edits, rule, os.getcwd(), session.quiet)


def _opened(path: str | None) -> AbstractContextManager[TextIO]:
    if path is None:
        return nullcontext(sys.stdout)
    try:
        return open(path, "w", encoding="utf8")
    except OSError as error:
        raise Refusal(f"{path}: cannot be written: {error.strerror}") from None
