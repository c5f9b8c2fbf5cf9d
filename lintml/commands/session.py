"""What commands that read documents share: settings for each, the documents, and trouble on the way."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from lintml import documents
from lintml.config import ConfigError, Settings, parse, parse_option, settings_for, unknown_selectors
from lintml.documents import DocumentError
from lintml.report.columns import visible
from lintml.report.paint import Paint, paint_for
from lintml.report.progress import Progress
from lintml.report.tally import Tally, left_out
from lintml.report.view import place

if TYPE_CHECKING:
    from lintml.cache import Cache, State
    from lintml.model import Checked, Document
    from lintml.rule import Rule

STDIN = "-"

T = TypeVar("T")


def exit_code(found: bool, incomplete: bool) -> int:
    """0 where there is nothing to say, 1 where there is, 2 where not all that was asked for could be done."""
    return 2 if incomplete else int(found)


class Refusal(click.ClickException):
    """Why nothing is done at all, in one line."""

    exit_code = 2


@dataclass(slots=True)
class Session:
    """One invocation.

    ``tally`` counts what was met on the way; what could not be read or written was named on stderr. ``standard_input``
    is the document that came from there, ``untouched`` what has not gone out again. ``about_torch`` leaves out
    documents in which torch cannot be meant, before any parser is loaded. ``cache`` leaves out those in which an
    earlier run found nothing.
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
    tally: Tally = field(default_factory=Tally)
    standard_input: Document | None = None
    untouched: bytes = b""
    cache: Cache | None = None
    _settings: dict[str, Settings] = field(default_factory=dict)
    _reading: tuple[Document, Settings, State | None] | None = None
    _progress: Progress | None = None

    def settings(self, path: str = "") -> Settings:
        """The settings for a document: its configuration file, then the command line; Refusal for bad ones."""
        folder = os.path.dirname(path)
        if folder not in self._settings:
            files = [text for text in self.config if "=" not in text]
            try:
                found = settings_for(folder, files[-1] if files else None, self.isolated)
                self._settings[folder] = self._changed(found)
            except ConfigError as error:
                raise Refusal(str(error)) from None
        return self._settings[folder]

    def asked(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The paths, or what is meant where none is named: standard input if it has a name, else this folder."""
        return tuple(paths) or ((STDIN,) if self.stdin_filename else (".",))

    def documents(self, paths: Iterable[str]) -> Iterator[tuple[Document, Settings]]:
        """Each document that the paths name, with its settings; one that cannot be read is named on stderr."""
        paths = self.asked(paths)
        if STDIN in paths:
            yield from self._standard_input()
        from lintml.documents.discovery import ENDINGS

        base = self.settings()
        self._open_cache(paths)
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
        if self.cache:
            self.cache.save()

    def fail(self, error: DocumentError) -> None:
        """One line on stderr with the place, and the run will not end well."""
        self.tally.failed += 1
        place = ":".join(str(part) for part in (error.path, error.row, error.column) if part)
        self.say(f"{self.paint(sys.stderr).red('error')}: {visible(f'{place}: {error}')}")

    def note(self, checked: Checked) -> None:
        """Name each rule that failed, fences left open and, if wanted, what was left out and why."""
        paint, path = self.paint(sys.stderr), checked.document.path
        for crash in checked.crashes:
            where = place(path, crash.location.row, crash.location.column, crash.location.cell)
            self.say(f"{paint.red('error')}: {visible(f'{where}: {crash.who} crashed: {crash.error}')}")
        for snippet in checked.document.snippets:
            if not snippet.closed:
                words = f"{place(path, snippet.row, 1, snippet.cell)}: nothing closes this fence"
                self.say(f"{paint.yellow('warning')}: {visible(words)}")
        if self.verbose:
            from lintml.report.gaps import gaps

            for gap in gaps(checked.document):
                where = place(path, gap.row, gap.column, gap.cell)
                self.say(f"{paint.cyan('note')}: {visible(f'{where}: {gap.reason}')}")
        self._keep(checked)

    def attempt(self, work: Callable[[Document, Settings], T], document: Document, settings: Settings) -> T | None:
        """What ``work`` makes of a document; None where that fails unforeseen, so that the others have their turn."""
        from lintml.catalog import CatalogError

        try:
            return work(document, settings)
        except Refusal:
            raise
        except CatalogError as error:
            raise Refusal(str(error)) from None
        except Exception as error:
            from lintml.verify import VerifyError

            if isinstance(error, VerifyError):
                raise  # It is not about this document: no other one can be tried either.
            if self.verbose:
                import traceback

                traceback.print_exc()
            reason = f"internal error, please report it: {type(error).__name__}: {error}"
            self.fail(DocumentError(reason, document.path))
            return None

    def paint(self, stream: TextIO) -> Paint:
        """The brushes for a stream."""
        return paint_for(self.color, stream)

    @property
    def progress(self) -> Progress:
        """The line that says how far a long run has got, on a terminal."""
        if self._progress is None:
            self._progress = Progress(sys.stderr, not self.quiet)
        return self._progress

    def say(self, line: str) -> None:
        """A line for the person at the terminal, apart from the results."""
        self.progress.clear()
        print(line, file=sys.stderr)

    def _standard_input(self) -> Iterator[tuple[Document, Settings]]:
        self.untouched = data = sys.stdin.buffer.read()
        name = self.stdin_filename or STDIN
        if not any(documents.find([name], exclude=self.settings().exclude, force_exclude=self.force_exclude)):
            return
        for document, settings in self._read(name, data):
            self.standard_input = document
            yield document, settings

    def _read(self, path: str, data: bytes | None = None) -> Iterator[tuple[Document, Settings]]:
        settings = self.settings(path)
        if self.cache and data is None and (known := self.cache.recall(path, settings)):
            self.tally.pass_over(*known)
            return
        state = self.cache.state_of(path) if self.cache else None
        try:
            text, bom = documents.load(path, data)
            # What standard input brought has to go out again, and a notebook may be broken.
            skippable = self.about_torch and data is None and documents.kind_of(path) != "notebook"
            if skippable and not documents.mentions_torch(text):
                self.tally.pass_over(0, 0, 0, foreign=1)
                if self.cache:
                    self.cache.keep(path, settings, state, (0, 0, 0, 1))
                return
            document = documents.parse(text, path, bom=bom, docstrings=settings.docstrings)
        except DocumentError as error:
            self.fail(error)
        else:
            self._reading = document, settings, state
            yield document, settings

    def _open_cache(self, paths: Iterable[str]) -> None:
        """Use the cache where a folder is searched; for single documents it would cost more than it saves."""
        if self.about_torch and not (self.no_cache or self.verbose) and any(map(os.path.isdir, paths)):
            from lintml.cache import Cache

            self.cache = Cache(Path(self.settings().root or os.curdir))

    def _keep(self, checked: Checked) -> None:
        if self.cache is None or self._reading is None or checked.diagnostics or checked.crashes:
            return
        document, settings, state = self._reading
        # A document that was fixed is another one, and may not have been written.
        if document is checked.document and document is not self.standard_input:
            counts = len(document.snippets), *left_out(document), 0
            self.cache.keep(document.path, settings, state, counts)

    def _changed(self, settings: Settings) -> Settings:
        """The settings of a file after the command line has had its say."""
        for text in self.config:
            if "=" in text:
                settings = replace(settings, **parse_option(text))
        given = {name: value for name, value in self.changes.items() if value is not None}
        if "torch_version" in given:
            parse({"torch-version": given["torch_version"]}, "command line:")
        if "docker_image" in given:
            parse({"docker-image": given["docker_image"]}, "command line:")
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
    """A session for what click parsed: its own fields, the rest as changes to settings; Refusal for bad ones."""
    own = {name: value for name, value in asked.items() if name in _FIELDS}
    session = Session(**own, changes={name: value for name, value in asked.items() if name not in _FIELDS})
    session.tally.unsafe = session.settings().unsafe_fixes
    return session


def _split(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(part for word in words for part in word.replace(",", " ").split())


_FIELDS = {each.name for each in fields(Session)}
