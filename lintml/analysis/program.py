"""A page interpreted: its module-level code once, then each class and function on its own."""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

from lintml.analysis.arity import Misfit
from lintml.analysis.built import Built
from lintml.analysis.explore import Entry, build, explore_class, explore_function
from lintml.analysis.interpret import Interpreter
from lintml.analysis.invocations import Callee, Invocation
from lintml.analysis.names import Names
from lintml.analysis.pairs import Misuse
from lintml.analysis.rates import Derived, differ_by_default
from lintml.analysis.rehearsal import Rehearsal, rehearsals
from lintml.analysis.trace import Clash, DeviceMix, Store, Trace
from lintml.analysis.tree import walk
from lintml.analysis.unpacking import Unpacking
from lintml.analysis.values import Application, Function, Layer, PageClass, is_size
from lintml.model import Page
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Size, Symbol, certainly_different, primitive, substitute, symbols
from lintml.shapes.world import OnlyIf


class Program:
    """What interpreting a page brought to light."""

    def __init__(self, page: Page, names: Names) -> None:
        self._page = page
        run = Interpreter(page, names)
        run.run_page()
        self._run = run
        self.top: Trace = run.trace
        self.classes: list[PageClass] = run.classes
        self.functions: list[Function] = run.functions
        self.entries: list[Entry] = []
        self._objects: dict[PageClass, Built | None] = {}
        for cls in run.classes:
            if cls.kind == "module" and (entry := explore_class(run, cls)) is not None:
                self.entries.append(entry)
        for function in run.functions:
            if (entry := explore_function(run, function)) is not None:
                self.entries.append(entry)

    @cached_property
    def built(self) -> list[Built]:
        """An object of every module class."""
        return [made for cls in self.classes if cls.kind == "module" and (made := self._made(cls)) is not None]

    def _made(self, cls: PageClass) -> Built | None:
        """An object of a class: the one that it was run with, where nothing was taken for granted in making it."""
        if cls not in self._objects:
            entry = next((each for each in self.entries if each.cls is cls and each.built is not None), None)
            self._objects[cls] = entry.built if entry is not None else build(self._run, cls)
        return self._objects[cls]

    @cached_property
    def clashes(self) -> list[Clash]:
        """Each clash once: where it happens whatever the inputs are, or unless parameters are equal."""
        found: dict[tuple[ast.AST, ast.AST | None], Clash] = {}
        broken = {entry.cls for entry in self.entries if entry.cls is not None and not entry.works}
        judged = broken | {entry.cls for entry in self.entries if any(entry.clashes())}
        foreign: list[Clash] = []
        trials: list[Entry | Rehearsal] = [*self.entries, *self.rehearsals]
        for entry in trials:
            told: set[Size] = set()
            for clash in entry.clashes():
                nested = clash.owner is not None and clash.owner is not entry.cls
                nested = nested and (entry.cls is None or clash.owner not in entry.cls.bases)
                if clash.condition is not None:
                    unplaced = nested and entry.cls is not None and not _makers(clash)
                    unplaced = unplaced or (nested and clash.owner in judged)
                    if unplaced or not _stands(clash.condition) or self._met(clash, entry):
                        continue
                    gap = primitive(clash.condition.left - clash.condition.right)
                    if clash.axis == "elements" and gap in told:
                        continue  # what follows from sizes that were told to differ
                    told |= {gap, -gap}
                if nested:
                    # A class that cannot run has been told so itself; what it makes of its callers' tensors is nothing.
                    if clash.owner not in broken:
                        foreign.append(clash)
                    continue
                found.setdefault((clash.layer or clash.node, clash.node), clash)
        for clash in sorted(foreign, key=lambda clash: len(_makers(clash))):
            # A call that gives wrong sizes is told once, however many layers it makes with them.
            places = {clash.layer or clash.node, *_makers(clash)}
            seen = {place for place, node in found if node is clash.node or place in _makers(clash)}
            if not places & seen:
                found[(_makers(clash) or (clash.layer or clash.node,))[0], clash.node] = clash
        for clash in self.top.hard:
            found.setdefault((clash.layer or clash.node, clash.node), clash)
        return list(found.values())

    @cached_property
    def rehearsals(self) -> list[Rehearsal]:
        """The containers that were not seen at work, and in which layers clash that follow each other."""
        applied = {each.layer.node for each in self.applications if each.layer is not None}
        return list(rehearsals(self._run, self._page, list(self._containers()), applied))

    def _containers(self) -> Iterator[tuple[Layer, PageClass | None]]:
        """Every container that the page makes, and the class that it is made in."""
        explored = {entry.cls: entry.primary.trace.containers for entry in self.entries if entry.cls is not None}
        for cls in self.classes:
            if cls.kind == "module" and (made := explored.get(cls) or self._made_by(cls)):
                inside = set(walk(cls.node))
                yield from ((each, cls) for each in made if each.node in inside)
        for entry in self.entries:
            if entry.cls is None:
                yield from ((each, None) for each in entry.primary.trace.containers)
        yield from ((each, None) for each in self.top.containers)

    def _made_by(self, cls: PageClass) -> Sequence[Layer]:
        made = self._made(cls)
        return made.containers if made is not None else ()

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

    @cached_property
    def misfits(self) -> list[Misfit]:
        """Each call once that does not fit what it calls, nor any other function or class of that name on the page."""
        found: dict[ast.AST, Misfit] = {}
        for trace in self._traces:
            for each in trace.misfits:
                if all(each.refused_by(other) for other in self._namesakes(each.called)):
                    found.setdefault(each.node, each)
        return [each for each in found.values() if not self._is_altered(each.called)] if found else []

    @cached_property
    def unpackings(self) -> list[Unpacking]:
        """Each result once that is taken apart into a wrong number of targets."""
        found: dict[ast.AST, Unpacking] = {}
        for trace in self._traces:
            for each in trace.unpackings:
                found.setdefault(each.target, each)
        return list(found.values())

    @cached_property
    def misuses(self) -> list[Misuse]:
        """Each place once that takes what a layer gives for what it is not."""
        found: dict[ast.AST, Misuse] = {}
        for trace in (*self._traces, *(each.primary.trace for each in self.rehearsals)):
            for each in trace.misuses:
                found.setdefault(each.node, each)
        return list(found.values())

    @property
    def stores(self) -> Iterator[Store]:
        """Every value that an object, a tensor or a layer is given under a name, as often as that happens."""
        for trace in self._traces:
            yield from trace.stores

    @property
    def invocations(self) -> Iterator[Invocation]:
        """Every call of the likeliest runs, as often as it was made."""
        for trace in self._traces:
            yield from trace.invocations

    @cached_property
    def reached(self) -> dict[ast.Call, Callee]:
        """What of torch each call reaches, where that is the same every time."""
        found: dict[ast.Call, Callee | None] = {}
        for each in self.invocations:
            callee = each.callee
            if found.setdefault(each.node, callee) != callee:
                found[each.node] = None
        return {node: callee for node, callee in found.items() if callee is not None}

    @property
    def _traces(self) -> Iterator[Trace]:
        """The likeliest run of every class and function, then the one of the module-level code."""
        yield from (entry.primary.trace for entry in self.entries)
        yield self.top

    def _namesakes(self, called: Function) -> Iterator[Function]:
        """The other definitions that a name which is called may stand for, where a page defines it again."""
        name = getattr(called.node, "name", "")
        if called.owner is None:
            yield from (each for each in self.functions if getattr(each.node, "name", "") == name)
            return
        for cls in self.classes:
            if cls.name == called.owner.name and name in cls.methods:
                yield cls.methods[name]

    def _is_altered(self, called: Function) -> bool:
        """Whether the page puts something else in a function's place, or changes what reaches it on the way."""
        name = getattr(called.node, "name", "")
        trees = [snippet.tree for snippet in self._page.snippets if snippet.tree is not None]
        attributes = [node for tree in trees for node in walk(tree) if isinstance(node, ast.Attribute)]
        return any(
            node.attr == "register_forward_pre_hook" or (node.attr == name and isinstance(node.ctx, ast.Store))
            for node in attributes
        )

    def _met(self, clash: Clash, own: Entry | Rehearsal) -> bool:
        """Whether the page builds the class itself, and only ever so that the sizes agree."""
        traces = [self.top, *(entry.primary.trace for entry in self.entries if entry is not own)]
        agree = False
        for cls, given in (made for trace in traces for made in trace.constructions):
            if cls is not own.cls or clash.condition is None:
                continue
            values = {found: given.get(found.name, UNKNOWN) for found in _parameters(clash.condition)}
            if any(not is_size(value) for value in values.values()):
                continue
            if substitute(clash.condition.left, values) != substitute(clash.condition.right, values):
                return False
            agree = True
        return agree


def _makers(clash: Clash) -> tuple[ast.Call, ...]:
    layer = clash.application.layer
    return layer.makers if layer is not None else ()


def _parameters(condition: OnlyIf) -> set[Symbol]:
    return {found for side in (condition.left, condition.right) for found in symbols(side)}


def _stands(condition: OnlyIf) -> bool:
    """Whether a condition is worth a word: not where the parameters' own defaults meet it."""
    if any(isinstance(found, Derived) for found in _parameters(condition)):
        return differ_by_default(condition.left, condition.right)
    defaults = {
        found: found.default
        for side in (condition.left, condition.right)
        for found in symbols(side)
        if found.default is not None
    }
    left, right = substitute(condition.left, defaults), substitute(condition.right, defaults)
    return left != right or (not defaults and not certainly_different(left, right))
