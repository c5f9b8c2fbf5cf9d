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
from lintml.model import Document, Verdict
from lintml.report import verdicts as report


@click.command("verify", short_help="Run the code of documents, and say how far it got.")
@options.paths
@options.output_format(("text", "json"))
@options.running
@options.configuration
def command(paths: tuple[str, ...], output_format: str, **asked: Any) -> int:
    """Run the code of documents in a sandbox, and say how far each class and snippet got.

    Each one parses, has the right shapes, runs, or matches a reference; the exit code is 1 if one fails. Needs torch.
    """
    session = session_for(asked)
    session.about_torch = False
    paint = session.paint(sys.stdout)
    rows: list[dict[str, Any]] = []
    everything: list[Verdict] = []
    count = 0
    for document, verdicts in _verified(session, paths):
        count += 1
        everything += verdicts
        if output_format == "json":
            path = document.path if document is session.standard_input else os.path.abspath(document.path)
            rows += report.rows(verdicts, path)
        elif verdicts:
            print(report.table(document.path, verdicts, paint, laws=session.verbose))
    if output_format == "json":
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not session.quiet:
        print(report.summary(everything, count, paint))
    return exit_code(any(verdict.outcome == "failed" for verdict in everything), bool(session.tally.failed))


def _verified(session: Session, paths: tuple[str, ...]) -> Iterator[tuple[Document, list[Verdict]]]:
    from lintml import pipeline
    from lintml.verify import VerifyError

    try:
        # One sandbox serves all documents that are asked for under the same settings.
        for settings, group in groupby(session.documents(paths), key=lambda pair: pair[1]):
            yield from pipeline.verify([document for document, _ in group], settings)
    except VerifyError as error:
        raise Refusal(str(error)) from None
