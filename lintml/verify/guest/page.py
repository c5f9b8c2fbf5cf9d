"""Executes the snippets of a page, statement by statement, each in a namespace that carries on the last one's."""

import __future__

import ast
import builtins
import linecache
import sys
import types
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

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


@dataclass(slots=True)
class Report:
    """What came of one definition, or of the free statements of a snippet (``name`` is empty)."""

    snippet: int
    name: str
    row: int
    state: State = "ran"
    error: tuple[str, str] | None = None
    reason: str = ""
    kind: str = ""


@dataclass(slots=True, eq=False)
class Page:
    """The namespaces of the snippets that have run, by index, the ``last`` of them, and the tree of each definition.

    ``recipes`` are those found so far, by name: a class that is defined again is tried as before first. ``kept`` is the
    module that was made last under each default dtype, and of what. ``absent`` says of names why nothing binds them.
    """

    spaces: dict[int, dict[str, Any]] = field(default_factory=dict)
    trees: dict[Any, Definition] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    kept: dict[Any, tuple[Any, Snapshot]] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    _flags: int = 0

    def run(self, index: int, text: str) -> list[Report]:
        """Execute one snippet; raises SyntaxError. A failed free statement ends these, but not the definitions."""
        name = f"<snippet {index}>"
        tree = ast.parse(text, name)
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        module = types.ModuleType(f"snippet_{index}")
        sys.modules[module.__name__] = module
        space = module.__dict__
        space.update({key: value for key, value in self.last.items() if key not in _OWN})
        self.spaces[index] = space
        self.last = space
        reports: list[Report] = []
        free: Report | None = None
        for statement in tree.body:
            definition = isinstance(statement, Definition)
            if free is not None and free.state != "ran" and not definition and not _harmless(statement):
                continue
            report = Report(index, statement.name if isinstance(statement, Definition) else "", statement.lineno)
            self._execute(statement, name, space, report)
            if isinstance(statement, Definition):
                reports.append(report)
                if report.state == "ran":
                    self._remember(statement, space)
            elif report.state != "ran" or (free is None and not _harmless(statement)):
                free = report
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
            case ImportError():
                return ""
            case PermissionError(filename=None):
                return f"does what the sandbox does not allow: {type(error).__name__}: {error}"
            case OSError() if isinstance(error, _BY_HAND):
                return f"needs a file, a network or a terminal: {type(error).__name__}: {error}"
            case EOFError():
                return "asks for input"
        return ""

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
