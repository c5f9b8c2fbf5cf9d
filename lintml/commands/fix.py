"""``lintml fix``: show what would be changed, or change it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from lintml import documents
from lintml.commands import options
from lintml.commands.session import STDIN, Refusal, Session, exit_code, session_for
from lintml.model import Document, Fixed
from lintml.report.columns import visible
from lintml.report.tally import counted

if TYPE_CHECKING:
    from lintml.config import Settings
    from lintml.trials import Prover


@click.command("fix", short_help="Fix PyTorch bugs in documents.")
@options.paths
@click.option("--write", is_flag=True, help="Write the documents.")
@click.option("--diff", is_flag=True, help="Only show what would be changed (the default), for standard input too.")
@options.unsafe_fixes
@click.option("--verify", is_flag=True, help="Run the code before and after each fix; take back what is not proved.")
@options.selection
@options.running
@options.cache
@options.configuration
def command(paths: tuple[str, ...], write: bool, diff: bool, verify: bool, **asked: Any) -> int:
    """Fix PyTorch bugs in documents: show a diff, or --write it.

    PATHS are Markdown files, notebooks, scripts, and folders of them [default: .]; `-` turns standard input into
    standard output. Without --write the exit code is 1 if something would be changed, with it 1 if something is left.
    """
    session = session_for(asked)
    paths = session.asked(paths)
    if diff or not (write or STDIN in paths):
        return preview(session, paths, verify)
    tally = session.tally
    changed = 0
    for fixed in fix(session, paths, verify):
        tally.add(fixed.left)
        if put(session, fixed):
            changed += fixed.before.text != fixed.after.text
            tally.fixed += len(fixed.applied)
    give_back(session)
    _close(session, changed, "Fixed")
    return exit_code(bool(tally.findings), bool(tally.failed or tally.crashes))


def preview(session: Session, paths: Iterable[str], verify: bool = False) -> int:
    """Show the difference that fixing would make, on stdout, and what it comes to, on stderr."""
    from lintml.report.patch import coloured, unified

    paint = session.paint(sys.stdout)
    tally = session.tally
    changed = 0
    for fixed in fix(session, paths, verify):
        tally.add(fixed.left)
        tally.fixed += len(fixed.applied)
        changed += fixed.before.text != fixed.after.text
        path = visible(fixed.before.path)
        sys.stdout.writelines(coloured(unified(fixed.before, fixed.after, path), paint))
    sys.stdout.flush()
    _close(session, changed, "Would fix")
    return exit_code(bool(changed), bool(tally.failed or tally.crashes))


def fix(session: Session, paths: Iterable[str], verify: bool = False) -> Iterator[Fixed]:
    """Each document, fixed but not yet written; what was tried or refused is said on stderr."""
    from lintml import pipeline

    with proving(session) if verify else nullcontext() as prover:

        def work(document: Document, settings: Settings) -> Fixed:
            return pipeline.fix(document, settings, unsafe=settings.unsafe_fixes, verify=prover)

        for document, settings in session.documents(paths):
            if (fixed := session.attempt(work, document, settings)) is not None:
                session.note(fixed.left)
                _tell(session, fixed)
                yield fixed


@contextmanager
def proving(session: Session) -> Iterator[Prover]:
    """What tries the fixes of all documents of a run, and says how far it is; Refusal where nothing can be run."""
    from lintml.trials import Prover
    from lintml.verify import VerifyError

    def told(number: int, of: int) -> None:
        session.progress.show(number - 1, of, "fixes tried")

    try:
        with Prover(told) as prover:
            yield prover
    except VerifyError as error:
        raise Refusal(str(error)) from None
    finally:
        session.progress.clear()


def put(session: Session, fixed: Fixed) -> bool:
    """Write a fixed document where it came from; false where that failed, which stderr has said."""
    try:
        if fixed.before is session.standard_input:
            sys.stdout.buffer.write(documents.encode(fixed.before, fixed.after.text))
            session.untouched = b""
        elif fixed.before.text != fixed.after.text:
            documents.write(fixed.before, fixed.after.text)
    except documents.DocumentError as error:
        session.fail(error)
        return False
    return True


def give_back(session: Session) -> None:
    """Put out what came from standard input and was not read, or is excluded: a pipe loses nothing."""
    sys.stdout.buffer.write(session.untouched)


def _tell(session: Session, fixed: Fixed) -> None:
    """Say on stderr what each trial showed, which outputs are out of date, and which fixes were not taken."""
    if fixed.verdicts:
        from lintml.report.verdicts import trials

        session.say(trials(fixed, session.paint(sys.stderr), laws=session.verbose))
    if cells := [] if session.quiet else _stale(fixed):
        note = session.paint(sys.stderr).cyan("note")
        one = len(cells) == 1
        which = ("cell " if one else "cells ") + _listed(cells)
        kept = f"the {'output' if one else 'outputs'} of {which} {'is' if one else 'are'} from before the fix"
        session.say(f"{note}: {visible(fixed.before.path)}: {kept}; run {'it' if one else 'them'} again")
    for diagnostic, reason in fixed.refused if session.verbose or fixed.verdicts else ():
        where = diagnostic.location
        place = f"{fixed.before.path}:{where.row}:{where.column}: {diagnostic.code}"
        session.say(visible(f"{place} is not fixed: {reason}"))


def _stale(fixed: Fixed) -> list[int]:
    """The cells whose code was edited and whose outputs, which stay as they are, are not of that code."""
    pairs = zip(fixed.before.snippets, fixed.after.snippets, strict=True)
    return [old.cell for old, new in pairs if old.cell and old.outputs and old.text != new.text]


def _listed(numbers: list[int]) -> str:
    """``2``, ``2 and 5``, ``2, 5 and 7``."""
    *most, last = map(str, numbers)
    return f"{', '.join(most)} and {last}" if most else last


def _close(session: Session, changed: int, verb: str) -> None:
    if session.quiet:
        return
    tally = session.tally
    left, more = tally.findings, tally.offered - tally.fixable.total()
    done = (
        f"{verb} {counted(tally.fixed, 'finding')} in {counted(changed, 'document')}" if changed else "Nothing to fix"
    )
    unsafe = f" ({more} more with `--unsafe-fixes`)" if more else ""
    rest = f" {left} {'is' if left == 1 else 'are'} left: `lintml check` shows {'it' if left == 1 else 'them'}."
    session.say(f"{done}{unsafe}.{rest if left else ''}")
