"""Executes the snippets of a page, statement by statement, each in a namespace that carries on the last one's."""

import __future__

import ast
import builtins
import linecache
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import torch

from lintml.verify.guest.snapshot import Snapshot
from lintml.verify.inputs.spec import Recipe

Definition: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
State: TypeAlias = Literal["ran", "failed", "skipped"]

# What people use without importing it: a document that does so is wrong, whereas `model` is left to the reader.
_IMPORTED = frozenset(
    [
        "torch",
        "nn",
        "F",
        "optim",
        "np",
        "numpy",
        "math",
        "os",
        "sys",
        "random",
        "time",
        "copy",
        "json",
        "re",
        "functools",
        "itertools",
        "collections",
        "partial",
        "plt",
        "pd",
        "torchvision",
        "transforms",
        "datasets",
        "tqdm",
        "dist",
        "init",
        "utils",
        "autograd",
        "cuda",
    ]
)
_BY_HAND = (FileNotFoundError, ConnectionError, PermissionError, TimeoutError, OSError, EOFError)


@dataclass(frozen=True, slots=True)
class Fault:
    """A free statement that did not run to its end: its text, what it raised on which line, or why it was not begun."""

    text: str
    line: str = ""
    error: tuple[str, str] | None = None
    reason: str = ""


@dataclass(slots=True)
class Report:
    """What came of one definition, or of the free statements of a snippet (``name`` is empty).

    ``faults`` are the free statements that did not run to their end; the first is what the rest tells of.
    """

    snippet: int
    name: str
    row: int
    state: State = "ran"
    error: tuple[str, str] | None = None
    reason: str = ""
    kind: str = ""
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Page:
    """The namespaces of the snippets that have run, by index, the ``last`` of them, and the tree of each definition.

    ``recipes`` are those found so far, by name: a class that is defined again is tried as before first. ``kept`` is the
    module that was made last under each default dtype, and of what. ``absent`` says of names why nothing binds them.
    An ``undaunted`` page goes on after a free statement that failed, with those that need nothing of what it binds.
    """

    spaces: dict[int, dict[str, Any]] = field(default_factory=dict)
    trees: dict[Any, Definition] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    kept: dict[Any, tuple[Any, Snapshot]] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    undaunted: bool = False
    _flags: int = 0

    def run(self, index: int, text: str) -> list[Report]:
        """Execute one snippet; raises SyntaxError.

        A failed free statement ends these, unless the page is undaunted, but not the definitions; an import of what is
        not installed ends nothing but what needs it.
        """
        name = f"<snippet {index}>"
        tree = ast.parse(text, name)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        module = types.ModuleType(f"snippet_{index}")
        sys.modules[module.__name__] = module
        space = module.__dict__
        space.update({key: value for key, value in self.last.items() if key not in _OWN})
        self.spaces[index] = space
        self.last = space
        self._look_ahead()
        reports: list[Report] = []
        free: Report | None = None
        stopped = False
        for statement in tree.body:
            definition = isinstance(statement, Definition)
            report = Report(index, statement.name if isinstance(statement, Definition) else "", statement.lineno)
            if free is not None and free.state != "ran" and not definition and not _harmless(statement):
                goes_on = self.undaunted or not stopped
                reason = self._lacking(statement) if goes_on else "it comes after what does not run"
                if reason:
                    self._withhold(statement, free, Fault(ast.unparse(statement), reason=reason))
                    continue
            self._execute(statement, name, space, report)
            if isinstance(statement, Definition):
                reports.append(report)
                if report.state == "ran":
                    self._remember(statement, space)
                elif statement.name not in space:
                    whose = f"needs {statement.name!r}, whose own definition fails"
                    self.absent.setdefault(statement.name, report.reason or whose)
            elif report.state != "ran":
                free = free if free is not None and free.state != "ran" else report
                line = text.splitlines()[report.row - 1].strip()
                fault = Fault(ast.unparse(statement), line, report.error, report.reason)
                stopped = stopped or report.state == "failed" or not isinstance(statement, ast.Import | ast.ImportFrom)
                self._withhold(statement, free, fault)
            elif free is None and not _harmless(statement):
                free = report
        self._look_ahead()
        if free is not None or not reports:
            reports.append(free or Report(index, "", tree.body[0].lineno if tree.body else 1))
        return reports

    def get(self, index: int, name: str) -> Any:
        """What ``name`` means at the end of a snippet; raises KeyError."""
        return self.spaces[index][name]

    def missing(self, error: BaseException) -> str:
        """Why ``error`` is nobody's mistake (a package, a file, a name left to the reader), or the empty string."""
        match error:
            case ModuleNotFoundError(name=str(module)) if module.split(".")[0] != "torch":
                return f"needs the package {module.split('.')[0]!r}, which is not there"
            case NameError(name=str(name)) if name in self.absent:
                return self.absent[name]
            case ImportError() if "attempted relative import" in str(error):
                return "needs the package that it is a part of, which is not there"
            case AttributeError(obj=owner, name=str(name)) if owner is torch.cpu and hasattr(torch.cuda, name):
                return f"needs another device: torch.cpu has no {name!r}, which torch.cuda has"
            case ImportError():
                return ""
            case PermissionError(filename=None):
                return f"does what the sandbox does not allow: {type(error).__name__}: {error}"
            case OSError() if isinstance(error, _BY_HAND):
                return f"needs a file, a network or a terminal: {type(error).__name__}: {error}"
            case EOFError():
                return "asks for input"
        return ""

    def _look_ahead(self) -> None:
        """Let earlier snippets see what later ones bind: their functions are called when all is there."""
        for space in self.spaces.values():
            for name in self.last.keys() - space.keys() - _OWN:
                space[name] = self.last[name]

    def _lacking(self, statement: ast.stmt) -> str:
        """Why a statement has not all that it reads, empty where it has."""
        read = (node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id not in self.last)
        return next((self.absent[name] for name in read if name in self.absent), "")

    def _withhold(self, statement: ast.stmt, free: Report, fault: Fault) -> None:
        """Note that a free statement did not run, and that what it would have bound is not there."""
        free.faults.append(fault)
        for name in _binds(statement):
            why = "whose own statement fails" if fault.error else "whose own statement is not run"
            known = fault.reason if fault.reason.startswith("needs ") else f"needs {name!r}, {why}"
            if name not in self.last:
                self.absent.setdefault(name, known)

    def _execute(self, statement: ast.stmt, name: str, space: dict[str, Any], report: Report) -> None:
        try:
            self._flags |= _future(statement)
            exec(compile(ast.Module([statement], []), name, "exec", self._flags, dont_inherit=True), space)
        except SystemExit:
            report.state, report.reason = "skipped", "ends the program"
        except BaseException as error:
            report.row = _row(error, name) or report.row
            reason = self.missing(error)
            if not reason and not report.name:
                reason = _left_to_the_reader(error)
            if reason:
                report.state, report.reason = "skipped", reason
                if isinstance(error, ImportError):
                    self.absent.update(dict.fromkeys(_bound(statement), reason))
            else:
                report.state, report.error = "failed", described(error)

    def _remember(self, statement: Definition, space: dict[str, Any]) -> None:
        value = space.get(statement.name)
        try:
            self.trees[value] = statement
        except TypeError:
            return


def described(error: BaseException) -> tuple[str, str]:
    """An exception as its type's name and the first lines of its text."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    return type(error).__name__, text[:1000]


def _left_to_the_reader(error: BaseException) -> str:
    match error:
        case NameError(name=str(name)) if name.islower() and name not in _IMPORTED and not hasattr(builtins, name):
            return f"needs {name!r}, which the document leaves to the reader"
    return ""


def _harmless(statement: ast.stmt) -> bool:
    """Whether a statement only imports, documents or binds a constant."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(value=ast.Constant()) | ast.AnnAssign(value=ast.Constant()):
            return True
    return False


def _binds(statement: ast.stmt) -> Iterator[str]:
    """The names that a free statement binds."""
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=other) if not isinstance(statement, ast.Import | ast.ImportFrom):
                yield (other or name).split(".")[0]


def _bound(statement: ast.stmt) -> list[str]:
    names = [
        alias for node in ast.walk(statement) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    ]
    return [(alias.asname or alias.name).split(".")[0] for alias in names]


def _future(statement: ast.stmt) -> int:
    """The compiler flags that a future statement turns on, for each statement is compiled by itself."""
    if not isinstance(statement, ast.ImportFrom) or statement.module != "__future__":
        return 0
    features = [getattr(__future__, alias.name, None) for alias in statement.names]
    return sum(feature.compiler_flag for feature in features if feature is not None)


def _row(error: BaseException, name: str) -> int:
    trace = error.__traceback__
    row = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == name:
            row = trace.tb_lineno
        trace = trace.tb_next
    return row


_OWN = frozenset(("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__annotations__"))
