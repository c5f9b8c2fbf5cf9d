"""JUnit's XML: a suite for each document, a failed case for each finding, a passed one where there is none."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from lintml.model import Checked
from lintml.report.view import View

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Iterable[Checked], view: View) -> Iterator[str]:
    """The whole file at the end of the run."""
    suites = list(run)
    total = sum(max(len(checked.diagnostics), 1) for checked in suites)
    failed = sum(len(checked.diagnostics) for checked in suites)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="lintml" tests="{total}" failures="{failed}" errors="0">\n'
    for checked in suites:
        yield from _suite(checked, view)
    yield "</testsuites>\n"


def _suite(checked: Checked, view: View) -> Iterator[str]:
    path = view.path(checked.document.path)
    failed = len(checked.diagnostics)
    yield f'  <testsuite name={_value(path)} tests="{max(failed, 1)}" failures="{failed}" errors="0">\n'
    if not failed:
        yield f'    <testcase name="lintml" classname={_value(path)}/>\n'
    for found in checked.diagnostics:
        where = found.location
        cell = "" if where.cell is None else f"cell {where.cell}, "
        text = f"{cell}line {where.row}, col {where.column}, {found.message}"
        name = _value(f"lintml.{found.code}")
        yield f'    <testcase name={name} classname={_value(path)} line="{where.row}" column="{where.column}">\n'
        yield f"      <failure type={_value(found.severity)} message={_value(found.message)}>{_text(text)}</failure>\n"
        yield "    </testcase>\n"
    yield "  </testsuite>\n"


def _value(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
