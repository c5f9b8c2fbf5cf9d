"""The rules as people read them: one rule's page, and the table of all."""

import re
from collections.abc import Iterable
from typing import Any

from lintml.report.columns import visible
from lintml.report.paint import Paint
from lintml.rule import Rule

HEADS = ("code", "name", "severity", "fix", "finds")


def page(rule: Rule, fix: str, paint: Paint) -> str:
    """The rule's own page under a heading; in colour, its fences stand out as wrong and right."""
    about = f"{gravity(rule)}, fix: {fix}" if fix else f"{gravity(rule)}, no fix"
    title = f"{paint.severity(rule.severity)(rule.code)} {paint.bold(rule.name)} ({rule.family}; {about})"
    return f"{title}\n\n{_coloured(rule.page, paint)}\n"


def table(rules: Iterable[tuple[Rule, str]], paint: Paint) -> str:
    """All rules for a terminal."""
    from tabulate import tabulate

    rows = [
        (paint.severity(rule.severity)(rule.code), rule.name, gravity(rule), fix, visible(summary(rule)))
        for rule, fix in rules
    ]
    return tabulate(rows, HEADS, tablefmt="simple", disable_numparse=True) + "\n"


def markdown(rules: Iterable[tuple[Rule, str]]) -> str:
    """All rules for a Markdown document."""
    lines = [f"| {' | '.join(HEADS)} |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {rule.code} | `{rule.name}` | {gravity(rule)} | {fix} | {summary(rule).replace('|', chr(92) + '|')} |"
        for rule, fix in rules
    ]
    return "\n".join(lines) + "\n"


def parity() -> str:
    """Which rule says what each code of TorchFix says, for a Markdown document."""
    from lintml.torch_api.history_torchfix import TORCHFIX

    lines = ["| TorchFix | finds | lintml | |", "| --- | --- | --- | --- |"]
    lines += [f"| {each.code} | {each.finds} | {each.rule} | {each.note} |" for each in TORCHFIX]
    return "\n".join(lines) + "\n"


def row(rule: Rule, fix: str) -> dict[str, Any]:
    """A rule as plain data, with ruff's keys where they mean the same."""
    return {
        "name": rule.name,
        "code": rule.code,
        "linter": rule.family,
        "summary": summary(rule),
        "severity": rule.severity,
        "optional": rule.optional,
        "fix": fix or None,
        "explanation": _markdown(rule.page),
    }


def rows(rules: Iterable[tuple[Rule, str]]) -> list[dict[str, Any]]:
    """All rules as plain data."""
    return [row(rule, fix) for rule, fix in rules]


def gravity(rule: Rule) -> str:
    """A rule's severity, and whether it must be asked for."""
    return f"{rule.severity}, when named" if rule.optional else rule.severity


def summary(rule: Rule) -> str:
    """What a rule finds, in one line: the first of its page."""
    return _markdown(rule.page.partition("\n")[0].removesuffix("."))


def _markdown(text: str) -> str:
    """Code marked as in Markdown, where the page marks it as docstrings do."""
    return re.sub(r"(?<!`)``(?!`)", "`", text)


def _coloured(text: str, paint: Paint) -> str:
    """The page with its fences marked as what they show."""
    brushes = {"```python wrong": paint.red, "```python right": paint.green, "```": paint.dim}
    return "\n".join(brushes.get(line, str)(line) for line in _markdown(text).split("\n"))
