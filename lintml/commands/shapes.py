"""``lintml shapes``: what goes into each class of a document and what comes out."""

import json
import os
import sys
from typing import Any

import click

from lintml.commands import options
from lintml.commands.session import exit_code, session_for


@click.command("shapes", short_help="Print the shapes that classes and functions take and give.")
@options.paths
@click.option("--lines", is_flag=True, help="Show the shapes of tensors beside the lines of code.")
@click.option("--explain-unknown", is_flag=True, help="Say where the shape of a tensor was lost.")
@options.output_format(("text", "json"))
@options.configuration
def command(paths: tuple[str, ...], lines: bool, explain_unknown: bool, output_format: str, **asked: Any) -> int:
    """Print, for each class and function of documents, its inputs' shapes, its output's, and what must hold.

    `*x` is any number of leading axes of the input x, `x.0` its first axis, `?` a size that is not tracked.
    """
    from lintml import pipeline
    from lintml.report import signatures as report

    session = session_for(asked)
    paint = session.paint(sys.stdout)
    data: list[dict[str, Any]] = []
    for document, settings in session.documents(paths):
        found = session.attempt(pipeline.signatures, document, settings)
        if found is None:
            continue
        if output_format == "json":
            data += report.rows(found, os.path.abspath(document.path))
            continue
        if found:
            print(report.table(document.path, found, paint))
        if lines:
            print(*report.beside(document, pipeline.shaped_lines(document, settings), paint), "", sep="\n")
        for each in found if explain_unknown else ():
            for row, reason in each.unknown:
                print(f"{document.path}:{row}: {each.name}: {reason}")
    if output_format == "json":
        print(json.dumps(data, indent=2, ensure_ascii=False))
    return exit_code(False, bool(session.tally.failed))
