"""The nouns of lintml, a table of frozen data without behaviour that every room shares."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Literal, NamedTuple, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]
Applicability: TypeAlias = Literal["safe", "unsafe", "display"]
Kind: TypeAlias = Literal["markdown", "notebook", "script", "rest"]
Tier: TypeAlias = Literal["parses", "shapes", "runs", "matches"]
Apart: TypeAlias = Literal["", "file", "docstring"]
Outcome: TypeAlias = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of character offsets in one text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Location:
    """A place as people count it: rows and columns from 1, ends exclusive, cell-relative in notebooks."""

    row: int
    column: int
    end_row: int
    end_column: int
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a block could not be read as Python; ``row`` and ``column`` count from 1 inside the block.

    ``mended`` is what its text would be with the punctuation in ASCII, sign by sign, where it can be read so.
    """

    reason: str
    row: int = 1
    column: int = 1
    mended: str = ""


class Line(NamedTuple):
    """Where one line of a snippet stands in its document.

    ``start`` is the offset in the document's text of the line's first code character, ``row`` and ``column`` count
    from 1, ``length`` is in characters of the document; ``masked`` says that the snippet's line is not the document's
    (a magic, a prompt), so that nothing may be edited there. Documents have many lines, and tuples are made quickly.
    """

    start: int
    length: int
    row: int
    column: int
    masked: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Snippet:
    """One block of Python in a document.

    ``text`` has one line for each entry of ``home``, which start in it at ``starts``; ``newline`` and ``prefix`` are
    what an inserted line needs in the document (``"> "``, the indent of a list item). ``editable`` is empty, or the
    reason why nothing may be written here; ``execute`` is empty, or the reason why the block must not be run.
    ``group`` names the namespace (a tab, an option) and is empty for code that every group shares; ``alternatives``
    are the options that the reader has there, the one shown first at the head. ``apart`` says that nobody else sees the
    names of the group: it is a file that the document writes, or a docstring, which sees those of the code around it.
    ``row`` is where the block opens, ``info`` its info string, ``heading`` what it stands under. ``prompts`` says that
    the code stands behind ``>>>``, ``outputs`` that the document keeps what the cell gave; ``closed`` is false for a
    fence that nothing closes.
    """

    index: int
    text: str
    home: Sequence[Line]
    tree: ast.Module | None
    problem: Problem | None = None
    cell: int | None = None
    cell_id: str | None = None
    group: str = ""
    prefix: str = ""
    newline: str = "\n"
    editable: str = ""
    execute: str = ""
    markers: tuple["Marker", ...] = ()
    heading: str = ""
    row: int = 1
    info: str = ""
    starts: tuple[int, ...] = ()
    prompts: bool = False
    closed: bool = True
    alternatives: tuple[str, ...] = ()
    apart: Apart = ""
    outputs: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """An instruction to lintml that stands in a document: its verb, what it names, the rest of its words, its row."""

    verb: str
    codes: tuple[str, ...] = ()
    text: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A file whose code a document takes in, unseen, and where it does so."""

    name: str
    row: int
    cell: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A file that holds snippets; ``text`` is its whole text with every line ending and without its BOM.

    ``cells`` holds the decoded source of every cell of a notebook, Markdown cells included, and ``sources`` the
    offset in the text where the JSON of each starts; ``docstrings`` says that the docstrings of a script were read as
    well; ``elsewhere`` names the files that it takes code from; ``anew`` holds the offsets where Markdown reads as if
    it began there, whatever stands before.
    """

    path: str
    kind: Kind
    text: str
    snippets: tuple[Snippet, ...]
    bom: bool = False
    cells: tuple[str, ...] = ()
    docstrings: bool = False
    elsewhere: tuple["TakenIn", ...] = ()
    sources: tuple[int, ...] = ()
    anew: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """The snippets that share one namespace, in document order.

    ``version`` is the torch they are written for, None for the newest known; ``imports`` says that those of well-known
    names are left out on purpose.
    """

    document: Document
    snippets: tuple[Snippet, ...]
    group: str = ""
    version: tuple[int, int] | None = None
    imports: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a snippet's text, for what is said of code that has no syntax tree."""

    snippet: Snippet
    span: Span


class Claim(Enum):
    """What a fix says of itself; the trial holds it to that."""

    SAME = "same values as before"
    REPAIRS = "failed, now runs; unchanged wherever it ran"
    CHANGES = "ran, but was wrong; now right"


@dataclass(frozen=True, slots=True)
class Edit:
    """Text to stand in place of a span of one snippet's text; ``snippet`` is the snippet's index."""

    snippet: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Replace:
    """An expression or a statement gives way to other source text; lines after the first take its indentation.

    A place gives way to the text as it is.
    """

    node: ast.AST | Place
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Rename:
    """The one identifier of a name, attribute, argument, keyword, function or class gives way to another."""

    node: ast.AST
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class SetArgument:
    """A call's argument takes a value: the one at ``position``, or of that ``keyword``, which is added if not there."""

    call: ast.Call
    value: str
    keyword: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RemoveArgument:
    """A call loses the argument at ``position`` or of that ``keyword``."""

    call: ast.Call
    keyword: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Insert:
    """Statements come before or after a statement, at its indentation."""

    node: ast.stmt
    text: str
    after: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Remove:
    """A statement goes, with its line; the last one of a block leaves ``pass``."""

    node: ast.stmt


@dataclass(frozen=True, slots=True, eq=False)
class AddParameter:
    """A function takes one more parameter with a default, after its other positional ones."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class AddDecorator:
    """A function or class is decorated; ``text`` is without the at sign."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class SetBases:
    """A class takes these base classes; none leaves it without parentheses."""

    node: ast.ClassDef
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class AddImport:
    """An import statement stands at the head of the snippet that ``node`` is in, unless that snippet has it already."""

    node: ast.AST
    statement: str


Change: TypeAlias = (
    Replace
    | Rename
    | SetArgument
    | RemoveArgument
    | Insert
    | Remove
    | AddParameter
    | AddDecorator
    | SetBases
    | AddImport
)


@dataclass(frozen=True, slots=True, eq=False)
class Fix:
    """A proposed rewriting: all of its changes or none. ``subject`` is the class or function whose trial proves it."""

    title: str
    changes: tuple[Change, ...]
    claim: Claim
    applicability: Applicability = "safe"
    subject: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """A place elsewhere that explains a finding."""

    node: ast.AST
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What a rule says of a node, or of a place in code that has none.

    ``severity`` stands in for the rule's own where the case is graver or lighter; ``covers`` are further nodes on which
    rules that give way to this one have nothing to add.
    """

    node: ast.AST | Place
    message: str
    because: tuple[Reason, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    covers: tuple[ast.AST, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A reason, placed in the document; ``span`` lies in the text of snippet ``snippet``."""

    location: Location
    text: str
    snippet: int
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Diagnostic:
    """A finding with its rule and its place in the document; ``verdict`` is that of its fix, where it was tried."""

    code: str
    name: str
    severity: Severity
    message: str
    location: Location
    snippet: int
    span: Span
    because: tuple[Note, ...] = ()
    fix: Fix | None = None
    covers: tuple[tuple[int, Span], ...] = ()
    verdict: "Verdict | None" = None


@dataclass(frozen=True, slots=True)
class Crash:
    """A rule or an analysis that failed on a page: which, where, and with what."""

    who: str
    location: Location
    error: str
    snippet: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a subject got when it was run.

    ``tier`` is the highest one reached, ``reference`` what it was compared with, ``worst`` the largest relative
    root-mean-square difference to it in float64, ``laws`` the properties that were tried and held, ``seconds`` wall
    time, ``isolation`` what held the code while it ran.
    """

    subject: str
    snippet: int
    row: int
    outcome: Outcome
    tier: Tier | None = None
    reference: str | None = None
    worst: float | None = None
    laws: tuple[str, ...] = ()
    error: tuple[str, str] | None = None
    reason: str = ""
    device: str = "cpu"
    seconds: float = 0.0
    isolation: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a class or function takes and gives, in words.

    ``inputs`` pair names with shapes, ``output`` is the result's shape; both empty where not known. ``conditions``
    must hold between the parameters; ``fails`` says that no input makes it run; ``unknown`` names the rows where a
    shape was lost; ``module`` says that it is a class.
    """

    name: str
    snippet: int
    row: int
    parameters: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...]
    output: str
    conditions: tuple[str, ...] = ()
    fails: bool = False
    unknown: tuple[tuple[int, str], ...] = ()
    module: bool = False

    @property
    def known(self) -> bool:
        """Whether all that goes in and comes out is known to the last size."""
        return bool(self.output) and "?" not in self.output and all(shape for _, shape in self.inputs)


@dataclass(frozen=True, slots=True)
class ShapedLine:
    """The shapes of the tensors that one line of a document makes, in the order they are made."""

    row: int
    shapes: tuple[str, ...]
    cell: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """All that ``check`` has to say of one document."""

    document: Document
    diagnostics: tuple[Diagnostic, ...]
    crashes: tuple[Crash, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """A document after its fixes; ``applied`` in the order they were taken, ``refused`` with the reason of each.

    ``verdicts`` pairs each fix that was tried with what the trial showed. ``passes`` is the way there: the document
    before each pass, and the fixes made in it with their edits.
    """

    before: Document
    after: Document
    applied: tuple[Diagnostic, ...]
    left: Checked
    refused: tuple[tuple[Diagnostic, str], ...] = ()
    verdicts: tuple[tuple[Diagnostic, Verdict], ...] = ()
    passes: tuple[tuple[Document, tuple[tuple[Diagnostic, tuple[Edit, ...]], ...]], ...] = ()
