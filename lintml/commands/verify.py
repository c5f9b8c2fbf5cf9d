"""``lintml verify``: run what stands in documents, and say how far it got."""

import json
import os
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import click

from lintml.commands import options
from lintml.commands.session import Refusal, Session, exit_code, session_for
from lintml.config import Settings
from lintml.model import Document, Verdict
from lintml.report import verdicts as report
from lintml.report.paint import PLAIN


@click.command("verify", short_help="Run the code of documents, and say how far it got.")
@options.paths
@options.output_format(("text", "json", "html"))
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Documents to run side by side [default: by cores]."
)
@options.running
@options.configuration
def command(paths: tuple[str, ...], output_format: str, jobs: int | None, **asked: Any) -> int:
    """Run the code of documents in a sandbox, and say how far each class and snippet got.

    Each one parses, has the right shapes, runs, or matches a reference; the exit code is 1 if one fails. Needs torch.
    """
    session = session_for(asked)
    session.about_torch = False
    paint = session.paint(sys.stdout)
    found: list[tuple[Document, list[Verdict]]] = []
    for document, verdicts in _verified(session, paths, jobs):
        found.append((document, verdicts))
        if output_format == "text" and verdicts:
            print(report.table(document, verdicts, paint, laws=session.verbose))
    everything = [verdict for _, verdicts in found for verdict in verdicts]
    summary = report.summary(everything, len(found), paint)
    if output_format == "json":
        rows = [
            row for document, verdicts in found for row in report.rows(document, verdicts, _named(session, document))
        ]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif output_format == "html":
        from lintml.report.html_verdicts import render

        sys.stdout.writelines(render(found, report.summary(everything, len(found), PLAIN)))
    elif not session.quiet:
        print(summary)
    return exit_code(any(verdict.outcome == "failed" for verdict in everything), bool(session.tally.failed))


def _verified(session: Session, paths: tuple[str, ...], jobs: int | None) -> Iterator[tuple[Document, list[Verdict]]]:
    from lintml import pipeline
    from lintml.verify import VerifyError

    wanted = list(session.documents(paths))
    done = 0
    try:
        # The same sandboxes serve all documents that are asked for under the same settings.
        for settings, group in groupby(wanted, key=lambda pair: pair[1]):
            documents = [document for document, _ in group]
            session.progress.show(done, len(wanted), documents[0].path)
            for document, verdicts in pipeline.verify(documents, settings, jobs or _side_by_side(settings, documents)):
                done += 1
                session.progress.clear()
                yield document, verdicts
                if done < len(wanted):
                    session.progress.show(done, len(wanted), wanted[done][0].path)
    except VerifyError as error:
        raise Refusal(str(error)) from None
    finally:
        session.progress.clear()


def _side_by_side(settings: Settings, documents: list[Document]) -> int:
    """As many as there are cores, within reason: each is a process with torch. A GPU is asked by one at a time."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores, len(documents), _MOST) if settings.device == "cpu" else 1


def _named(session: Session, document: Document) -> str:
    return document.path if document is session.standard_input else os.path.abspath(document.path)


_MOST = 8
