"""``lintml rule`` and ``lintml rules``: a rule's page, and the table of all."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from lintml import catalog
from lintml.commands import options
from lintml.commands.session import Refusal, session_for
from lintml.config import Settings
from lintml.report import rulebook
from lintml.rule import Rule


@click.command("rule")
@click.argument("name", required=False, metavar="CODE|NAME")
@click.option("--all", "everything", is_flag=True, help="All rules.")
@options.output_format(("text", "json"))
@options.configuration
def rule(name: str | None, everything: bool, output_format: str, **asked: Any) -> None:
    """Explain a rule: why, what is wrong, what is right."""
    session = session_for(asked)
    session.settings()
    if (name is None) != everything:
        raise click.UsageError("name one rule by its code or its name, or ask for --all")
    found = list(with_fixes(catalog.rules() if name is None else [_find(name)]))
    if output_format == "json":
        rows = rulebook.rows(found)
        print(json.dumps(rows if everything else rows[0], indent=2, ensure_ascii=False))
    else:
        paint = session.paint(sys.stdout)
        print("\n".join(rulebook.page(each, fix, paint) for each, fix in found), end="")


@click.command("rules")
@options.output_format(("text", "markdown", "json"))
@options.configuration
def rules(output_format: str, **asked: Any) -> None:
    """List all rules."""
    session = session_for(asked)
    session.settings()
    found = list(with_fixes(catalog.rules()))
    match output_format:
        case "json":
            print(json.dumps(rulebook.rows(found), indent=2, ensure_ascii=False))
        case "markdown":
            print(rulebook.markdown(found), end="")
        case _:
            print(rulebook.table(found, session.paint(sys.stdout)), end="")


def with_fixes(found: Iterable[Rule]) -> Iterator[tuple[Rule, str]]:
    """Each rule with the applicability of the fix that it offers for its own page's example, or nothing."""
    from lintml import documents, pipeline

    for each in found:
        page = documents.parse(each.page, f"{each.name}.md", "markdown")
        diagnostics = pipeline.check(page, Settings(select=(each.code,))).diagnostics
        offered = {diagnostic.fix.applicability for diagnostic in diagnostics if diagnostic.fix}
        yield each, ", ".join(word for word in ("safe", "unsafe", "display") if word in offered)


def _find(name: str) -> Rule:
    found: Rule | None = catalog.rule(name)
    if found is None:
        from difflib import get_close_matches

        known = [word for each in catalog.rules() for word in (each.code, each.name)]
        close = get_close_matches(name, known, n=1) or get_close_matches(name.upper(), known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else "; `lintml rules` lists all"
        raise Refusal(f"there is no rule `{name}`{hint}")
    return found
