"""Axes that are cut into parts of a floor division, which need not come out even."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lintml.analysis.flow import operator
from lintml.analysis.tree import walk
from lintml.analysis.values import Application, is_size
from lintml.shapes.dim import Dim, Quotient, Size, atoms, floor_divide, symbols

if TYPE_CHECKING:
    from lintml.analysis.program import Program

_CUTTING: Final = frozenset("view reshape unflatten Unflatten".split())


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """A view that cuts an axis of size ``whole`` into ``count`` parts of ``whole // count`` each.

    ``left`` is what is left over for certain; None where that depends on the constructor's parameters. ``division`` is
    where the page divides, None where that is not seen.
    """

    application: Application
    whole: Size
    count: Size
    left: int | None
    division: ast.BinOp | None


def splits(program: "Program") -> list[Split]:
    """The uneven views that the page calls with numbers, and one of each class or function that runs on its own."""
    found: dict[ast.AST | None, Split] = {}
    for application, own in _views(program):
        split = _split(application)
        if split is None or (split.left is None and not own):
            continue
        around = application.owner.node if application.owner is not None else application.function
        if split.left is not None:
            found[application.node] = split
            found.pop(around, None)
        elif not any(each.application.owner is application.owner for each in found.values()):
            found[around] = split
    return list(found.values())


def _views(program: "Program") -> Iterator[tuple[Application, bool]]:
    """The views of every run, and whether that is a run of the very class or function that they stand in."""
    runs = [(entry.primary.trace.applications, entry.cls, entry.function.node) for entry in program.entries]
    for applications, cls, function in (*runs, (program.top.applications, None, None)):
        for each in applications:
            if operator(each) in _CUTTING:
                yield each, each.owner is cls and (cls is not None or each.function is function)


def _split(application: Application) -> Split | None:
    given = application.shape()
    if given is None:
        return None
    whole, last = given.dims[-1] if given.dims else None, _sizes(application)[-2:]
    if whole is None or len(last) < 2 or any(found.free for found in symbols(whole)):
        return None
    for count, each in (last, last[::-1]):
        if (isinstance(count, int) and count < 2) or floor_divide(whole, count) != each:
            continue
        left, division = whole - count * each, _division(application, str(whole), str(count))
        if isinstance(left, int) and left != 0 and division is not None:
            return Split(application, whole, count, left, division)
        if _is_open(each):
            return Split(application, whole, count, None, division)
    return None


def _sizes(application: Application) -> list[Size]:
    for name in ("shape", "sizes", "unflattened_size"):
        given = application.settings.get(name)
        if isinstance(given, tuple):
            inner = given[0] if len(given) == 1 and isinstance(given[0], tuple) else given
            return [size for size in inner if is_size(size)]
    return []


def _is_open(size: Size) -> bool:
    return isinstance(size, Dim) and any(isinstance(atom, Quotient) for atom in atoms(size))


def _division(application: Application, whole: str, count: str) -> ast.BinOp | None:
    """The floor division in the class or function; of several, the one whose operands are called as the sizes are."""
    around = application.owner.node if application.owner is not None else application.function or application.node
    divisions = [node for node in walk(around) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)]
    if len(divisions) == 1:
        return divisions[0]
    alike = [node for node in divisions if _called(node.left) == whole and _called(node.right) == count]
    return alike[0] if alike else None


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else ast.unparse(node)
