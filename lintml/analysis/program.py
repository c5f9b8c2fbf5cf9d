"""A page interpreted: its module-level code once, then each class and function on its own."""

import ast
from functools import cached_property

from lintml.analysis.explore import Entry, explore_class, explore_function
from lintml.analysis.interpret import Interpreter
from lintml.analysis.names import Names
from lintml.analysis.trace import Clash, DeviceMix, Trace
from lintml.analysis.values import Application, Function, PageClass
from lintml.model import Page
from lintml.shapes.dim import certainly_different, substitute, symbols
from lintml.shapes.world import OnlyIf


class Program:
    """What interpreting a page brought to light."""

    def __init__(self, page: Page, names: Names) -> None:
        run = Interpreter(page, names)
        run.run_page()
        self.top: Trace = run.trace
        self.classes: list[PageClass] = run.classes
        self.functions: list[Function] = run.functions
        self.entries: list[Entry] = []
        for cls in run.classes:
            if cls.kind == "module" and (entry := explore_class(run, cls)) is not None:
                self.entries.append(entry)
        for function in run.functions:
            if (entry := explore_function(run, function)) is not None:
                self.entries.append(entry)

    @cached_property
    def clashes(self) -> list[Clash]:
        """Each clash once: where it happens whatever the inputs are, or unless parameters are equal."""
        found: dict[tuple[ast.AST, ast.AST | None], Clash] = {}
        for entry in self.entries:
            for clash in entry.clashes():
                key = (clash.layer or clash.node, clash.node)
                nested = entry.cls is not None and clash.owner is not entry.cls and clash.owner not in entry.cls.bases
                if clash.condition is not None and (nested or not _stands(clash.condition)):
                    continue
                if clash.condition is not None and self._met(clash, entry):
                    continue
                found.setdefault(key, clash)
        for clash in self.top.hard:
            found.setdefault((clash.layer or clash.node, clash.node), clash)
        return list(found.values())

    @cached_property
    def applications(self) -> list[Application]:
        """The operators applied in the likeliest run of every class and function, then those at module level."""
        runs = [entry.primary for entry in self.entries]
        return [each for run in runs for each in run.trace.applications] + self.top.applications

    @cached_property
    def mixes(self) -> list[DeviceMix]:
        """Each factory that makes a CPU tensor for one that follows the inputs, once."""
        found: dict[ast.AST, DeviceMix] = {}
        for entry in self.entries:
            for mix in entry.primary.trace.mixes:
                found.setdefault(mix.factory, mix)
        return list(found.values())

    def _met(self, clash: Clash, own: Entry) -> bool:
        """Whether the page itself only ever builds this class so that the sizes agree."""
        elsewhere = [self.top, *(entry.primary.trace for entry in self.entries if entry is not own)]
        seen = False
        for trace in elsewhere:
            if any(other.node is clash.node for other in trace.clashes):
                return False
            for application in trace.applications:
                if application.node is clash.node and any(application.shape(at) is not None for at in (0, 1)):
                    seen = True
        return seen


def _stands(condition: OnlyIf) -> bool:
    """Whether a condition is worth a word: not where the parameters' own defaults meet it."""
    defaults = {
        found: found.default
        for side in (condition.left, condition.right)
        for found in symbols(side)
        if found.default is not None
    }
    left, right = substitute(condition.left, defaults), substitute(condition.right, defaults)
    return left != right or (not defaults and not certainly_different(left, right))
