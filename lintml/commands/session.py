"""What commands that read documents share: settings for each, the documents, and trouble on the way."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TextIO

import click

from lintml import documents
from lintml.config import ConfigError, Settings, parse, parse_option, settings_for, unknown_selectors
from lintml.documents import DocumentError
from lintml.report.columns import visible
from lintml.report.paint import Paint, paint_for
from lintml.report.tally import unread

if TYPE_CHECKING:
    from lintml.model import Checked, Document, Snippet
    from lintml.rule import Rule

STDIN = "-"


def exit_code(found: bool, incomplete: bool) -> int:
    """0 where there is nothing to say, 1 where there is, 2 where not all that was asked for could be done."""
    return 2 if incomplete else int(found)


class Refusal(click.ClickException):
    """Why nothing is done at all, in one line."""

    exit_code = 2


@dataclass(slots=True)
class Session:
    """One invocation.

    ``failed`` counts the documents that could not be read or written; stderr has named each of them.
    ``standard_input`` is the document that came from there. ``about_torch`` leaves out documents in which torch cannot
    be meant, before any parser is loaded; ``foreign`` counts them.
    """

    config: tuple[str, ...] = ()
    isolated: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    stdin_filename: str | None = None
    force_exclude: bool = False
    no_cache: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    about_torch: bool = True
    foreign: int = 0
    failed: int = 0
    standard_input: Document | None = None
    _settings: dict[Settings, Settings] = field(default_factory=dict)

    def settings(self, path: str = "") -> Settings:
        """The settings for a document: its configuration file, then the command line; Refusal for bad ones."""
        files = [text for text in self.config if "=" not in text]
        try:
            found = settings_for(os.path.dirname(path), files[-1] if files else None, self.isolated)
            if found not in self._settings:
                self._settings[found] = self._changed(found)
        except ConfigError as error:
            raise Refusal(str(error)) from None
        return self._settings[found]

    def documents(self, paths: Iterable[str]) -> Iterator[tuple[Document, Settings]]:
        """Each document that the paths name, with its settings; one that cannot be read is named on stderr."""
        paths = tuple(paths) or (".",)
        if STDIN in paths:
            for document, settings in self._read(self.stdin_filename or STDIN, sys.stdin.buffer.read()):
                self.standard_input = document
                yield document, settings
        from lintml.documents.discovery import ENDINGS

        base = self.settings()
        found = documents.find(
            [path for path in paths if path != STDIN],
            include=(*(f"*{ending}" for ending in ENDINGS), *base.extend_include) if base.extend_include else (),
            exclude=base.exclude,
            force_exclude=self.force_exclude,
        )
        for path in found:
            if isinstance(path, DocumentError):
                self.fail(path)
            else:
                yield from self._read(os.path.normpath(path))

    def fail(self, error: DocumentError) -> None:
        """One line on stderr with the place, and the run will not end well."""
        self.failed += 1
        place = ":".join(str(part) for part in (error.path, error.row, error.column) if part)
        self.say(f"{self.paint(sys.stderr).red('error')}: {visible(f'{place}: {error}')}")

    def mention(self, checked: Checked) -> None:
        """Name each rule that failed on a document and, if wanted, each snippet that could not be read."""
        paint, path = self.paint(sys.stderr), checked.document.path
        for crash in checked.crashes:
            place = f"{path}:{crash.location.row}:{crash.location.column}"
            self.say(f"{paint.red('error')}: {visible(f'{place}: {crash.who} crashed: {crash.error}')}")
        for snippet, problem in unread(checked.document) if self.verbose else ():
            place = f"{path}:{_row(snippet, problem.row)}:{problem.column}"
            self.say(f"{paint.cyan('note')}: {visible(f'{place}: not read as Python: {problem.reason}')}")

    def paint(self, stream: TextIO) -> Paint:
        """The brushes for a stream."""
        return paint_for(self.color, stream)

    def say(self, line: str) -> None:
        """A line for the person at the terminal, apart from the results."""
        print(line, file=sys.stderr)

    def _read(self, path: str, data: bytes | None = None) -> Iterator[tuple[Document, Settings]]:
        settings = self.settings(path)
        try:
            text, bom = documents.load(path, data)
            # What standard input brought has to go out again, and a notebook may be broken.
            skippable = self.about_torch and data is None and documents.kind_of(path) != "notebook"
            if skippable and not documents.mentions_torch(text):
                self.foreign += 1
                return
            document = documents.parse(text, path, bom=bom)
        except DocumentError as error:
            self.fail(error)
        else:
            yield document, settings

    def _changed(self, settings: Settings) -> Settings:
        """The settings of a file after the command line has had its say."""
        for text in self.config:
            if "=" in text:
                settings = replace(settings, **parse_option(text))
        given = {name: value for name, value in self.changes.items() if value is not None}
        if "torch_version" in given:
            parse({"torch-version": given["torch_version"]}, "command line:")
        settings = replace(settings, **given)
        select, extend, ignore = (_split(words) for words in (self.select, self.extend_select, self.ignore))
        if select:
            # What is asked for by name is not held back by what a file ignores.
            settings = replace(settings, select=select, extend_select=extend, ignore=ignore)
        else:
            settings = replace(settings, extend_select=settings.extend_select + extend, ignore=settings.ignore + ignore)
        if unknown := unknown_selectors(settings, lambda: [(each.code, each.name) for each in rules_for(settings)]):
            raise ConfigError(f"no rule answers to `{unknown[0]}`; `lintml rules` lists all")
        return settings


def rules_for(settings: Settings) -> tuple[Rule, ...]:
    """All rules, those of the user's folders too; Refusal where a folder or a file cannot be taken in."""
    from lintml import catalog

    try:
        return catalog.rules(settings.rules)
    except catalog.CatalogError as error:
        raise Refusal(str(error)) from None


def session_for(asked: dict[str, Any]) -> Session:
    """A session for what click parsed: its own fields, and the rest as changes to the settings."""
    own = {name: value for name, value in asked.items() if name in _FIELDS}
    return Session(**own, changes={name: value for name, value in asked.items() if name not in _FIELDS})


def _split(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for word in words for part in word.replace(",", " ").split())


def _row(snippet: Snippet, row: int) -> int:
    return snippet.home[min(row, len(snippet.home)) - 1].row if snippet.home else snippet.row


_FIELDS = {each.name for each in fields(Session)}
