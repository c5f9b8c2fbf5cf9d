"""The optimizers of a page: how their steps change a parameter, and under what circumstances."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.names import Names
from lintml.analysis.polynomials import Atom
from lintml.analysis.step_values import Closure, Code, Recording, Value, Way, Write
from lintml.analysis.step_walk import Abandoned, Spent, Walk
from lintml.analysis.values import Function, PageClass

MOST_WAYS: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The ``step`` that an optimizer of the page defines, followed along its ways; ``complete`` if along all of them.

    ``closure`` is its parameter after the object, None if it has none.
    """

    cls: PageClass
    node: ast.FunctionDef
    closure: ast.arg | None
    ways: tuple[Way, ...]
    complete: bool

    @property
    def writes(self) -> list[Write]:
        """Every place that changes a parameter, once."""
        return list({each.node: each for way in self.ways for each in way.writes}.values())

    def ignores(self, setting: str) -> bool:
        """Whether a setting is read but changes neither what is done nor what comes of it, on any way."""
        atom = Atom("setting", setting)
        seen = any(setting in way.settings for way in self.ways)
        return seen and self.complete and not any(atom in each.atoms() for way in self.ways for each in way.polynomials)

    @property
    def calls(self) -> dict[ast.Call, bool]:
        """Every call of the closure, and whether it can work out gradients there on every way."""
        found: dict[ast.Call, bool] = {}
        for way in self.ways:
            for each in way.calls:
                found[each.node] = each.enabled and found.get(each.node, True)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MissingGradient:
    """A gradient used where it may be None, in an optimizer's method; ``read`` is the ``p.grad`` that it comes from."""

    cls: PageClass
    node: ast.AST
    read: ast.Attribute


@dataclass(frozen=True, slots=True, eq=False)
class PastAutograd:
    """``.data`` in an optimizer's method; ``recording`` says whether autograd would record there without it."""

    cls: PageClass
    node: ast.Attribute
    recording: Recording


class Optimizers:
    """The optimizers of a page, every method of theirs followed."""

    def __init__(self, names: Names, classes: Sequence[PageClass], functions: Sequence[Function]) -> None:
        self._names = names
        self._functions = {f.node.name: _code(f) for f in functions if isinstance(f.node, ast.FunctionDef)}
        self.steps: list[Step] = []
        self.missing: list[MissingGradient] = []
        self.past: list[PastAutograd] = []
        for cls in classes:
            if cls.kind == "optimizer":
                self._read(cls)

    def _read(self, cls: PageClass) -> None:
        """Follow ``step``, then the methods that it does not call."""
        methods = {name: _code(method) for name, method in cls.methods.items()}
        entered: set[ast.AST] = set()
        ways: list[Way] = []
        for name in sorted(methods, key=lambda name: name != "step"):
            node = methods[name].node
            if node in entered or name == "__init__" or cls.methods[name].owner is not cls:
                continue
            found, complete = self._follow(methods, name)
            ways += found
            entered |= {each for way in found for each in way.entered}
            if name == "step" and isinstance(node, ast.FunctionDef):
                self.steps.append(Step(cls, node, _second(node), tuple(found), complete))
        uses = {use.read: use for way in ways for use in way.uses}
        self.missing += [MissingGradient(cls, use.node, use.read) for use in uses.values()]
        modes: dict[ast.Attribute, set[Recording]] = {}
        for each in (read for way in ways for read in way.data):
            modes.setdefault(each.node, set()).add(each.recording)
        self.past += [PastAutograd(cls, node, one) for node, (one, *more) in modes.items() if not more]

    def _follow(self, methods: Mapping[str, Code], name: str) -> tuple[list[Way], bool]:
        """A method's ways, those left out that raise; whether these are all."""
        ways: list[Way] = []
        complete = True
        second = _second(methods[name].node)
        given: list[Value] = [Closure()] if name == "step" and second is not None else []
        # What one walk decided decides how the next ones go.
        waiting: list[tuple[bool, ...]] = [()]
        for _ in range(MOST_WAYS):
            script = waiting.pop()
            walk = Walk(self._names, methods, self._functions, script)
            try:
                ways.append(walk.follow(methods[name], given))
            except Spent:
                complete = False
            except Abandoned:
                pass
            waiting += [(*walk.taken[:at], False) for at in range(len(script), len(walk.taken))]
            if not waiting:
                return ways, complete
        return ways, False


def _code(function: Function) -> Code:
    return Code(function.node, method=function.owner is not None and not function.role)


def _second(node: ast.AST) -> ast.arg | None:
    """A method's parameter after the object."""
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    listed = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return listed[1] if len(listed) > 1 else None
