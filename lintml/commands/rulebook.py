"""``lintml rule`` and ``lintml rules``: a rule's page, and the table of all."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from lintml.commands import options
from lintml.commands.session import Refusal, rules_for, session_for
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
    settings = session.settings()
    if (name is None) != everything:
        raise click.UsageError("name one rule by its code or its name, or ask for --all")
    known = rules_for(settings)
    found = list(with_fixes(known if name is None else [_find(name, known)], settings))
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
    settings = session.settings()
    found = list(with_fixes(rules_for(settings), settings))
    match output_format:
        case "json":
            print(json.dumps(rulebook.rows(found), indent=2, ensure_ascii=False))
        case "markdown":
            print(rulebook.markdown(found), end="")
        case _:
            print(rulebook.table(found, session.paint(sys.stdout)), end="")


def with_fixes(found: Iterable[Rule], settings: Settings) -> Iterator[tuple[Rule, str]]:
    """Each rule with the applicability of the fix that it offers for its own page's wrong example, or nothing."""
    from lintml import documents, pipeline

    for each in found:
        only = Settings(select=(each.code,), rules=settings.rules)
        offered = set()
        for snippet in documents.parse(each.page, "page.md").snippets:
            if "wrong" in snippet.info.split():
                checked = pipeline.check(documents.parse(snippet.text, "wrong.py"), only)
                offered |= {diagnostic.fix.applicability for diagnostic in checked.diagnostics if diagnostic.fix}
        yield each, ", ".join(word for word in ("safe", "unsafe", "display") if word in offered)


def _find(name: str, known: Iterable[Rule]) -> Rule:
    by_word = {word.casefold(): each for each in known for word in (each.code, each.name)}
    if name.casefold() not in by_word:
        from difflib import get_close_matches

        close = get_close_matches(name.casefold(), by_word, n=1)
        hint = f"; did you mean {by_word[close[0]].code} `{by_word[close[0]].name}`?" if close else ""
        raise Refusal(f"there is no rule `{name}`{hint or '; `lintml rules` lists all'}")
    return by_word[name.casefold()]
