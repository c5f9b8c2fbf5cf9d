"""An abstract interpreter for one page: statements, scopes and control flow."""

import ast
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

from lintml.analysis.choices import merged, opposite
from lintml.analysis.copies import Remembered
from lintml.analysis.loading import Stream
from lintml.analysis.names import Names
from lintml.analysis.trace import Store, Trace
from lintml.analysis.values import (
    Condition,
    Every,
    Function,
    Instance,
    Items,
    Layer,
    PageClass,
    Sizes,
    Tensor,
    Value,
    listed,
)
from lintml.model import Page, Snippet
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import solve, symbols
from lintml.shapes.world import World

STEPS: Final = 20_000
UNROLLED: Final = 24
DEEP: Final = 14
MISSING: Final = object()


class Spent(Exception):
    """A run has used up its budget; what it has not reached stays unknown."""


class Frame:
    """One activation of a block of code: its names, where it stands, what it returned so far."""

    __slots__ = ("closure", "function", "instance", "locals", "owner", "returns", "snippet")

    def __init__(
        self,
        names: dict[str, Value],
        snippet: Snippet,
        *,
        closure: tuple[dict[str, Value], ...] = (),
        function: ast.AST | None = None,
        owner: PageClass | None = None,
        instance: Instance | None = None,
    ) -> None:
        self.locals = names
        self.closure = closure
        self.snippet = snippet
        self.function = function
        self.owner = owner
        self.instance = instance
        self.returns: list[Value] = []


class Interpreter:
    """Runs code of one page in one world. ``trace`` holds what the present run saw."""

    def __init__(self, page: Page, names: Names) -> None:
        from lintml.analysis import expressions, statements

        self.page = page
        self.names = names
        self.globals: dict[str, Value] = {}
        self.history: dict[str, list[tuple[int, Value]]] = {}
        self.classes: list[PageClass] = []
        self.functions: list[Function] = []
        self.world = World()
        self.trace = Trace()
        self.steps = 0
        self.callers: list[ast.Call] = []
        self.made: dict[Hashable, Remembered] = {}
        self.callees: dict[ast.Call, Value] = {}
        self.active: list[ast.AST] = []
        self.standalone = False
        self.exploring = False
        self.building = 0
        self.silent = 0
        self.loops: list[bool] = []
        self.repeating = 0
        self.rehearsing = 0
        self.sure = 0  # of the loops that the run stands in, how many are sure to go round
        self._eval = expressions.TABLE
        self._execute = statements.TABLE

    @property
    def level(self) -> int:
        """How many branches and loops deep the run stands; ``loops`` says of each whether it is a loop."""
        return len(self.loops)

    def run_page(self) -> None:
        """Execute the module-level statements of every snippet in order."""
        for snippet in self.page.snippets:
            if snippet.tree is None:
                continue
            frame = Frame(self.globals, snippet)
            self._rewind()
            for statement in snippet.tree.body:
                try:
                    self.block([statement], frame)
                except Spent:
                    self.trace.spent = True
                    break
            for name, value in self.globals.items():
                past = self.history.setdefault(name, [])
                if not past or past[-1][1] is not value:
                    past.append((snippet.index, value))

    def fresh(self, world: World) -> Trace:
        """Begin a run of its own in a world."""
        self.world, self.trace = world, Trace()
        self._rewind()
        return self.trace

    def _rewind(self) -> None:
        """Forget where the last run stood, also where it was broken off."""
        self.steps = self.building = self.silent = 0
        self.repeating = self.rehearsing = self.sure = 0
        self.loops = []
        self.callers, self.active = [], []
        self.made = {}

    def eval(self, node: ast.AST, frame: Frame) -> Value:
        """The value of an expression."""
        self.steps += 1
        if self.steps > STEPS:
            raise Spent
        kind = node.__class__
        if kind is ast.Constant:
            return node.value  # type: ignore[attr-defined]
        if kind is ast.Name and (name := node.id) in (held := frame.locals) and held is not self.globals:  # type: ignore[attr-defined]
            return held[name]
        handler = self._eval.get(kind)
        return handler(self, node, frame) if handler else UNKNOWN

    def advance(self, steps: int) -> None:
        """Take steps that are known to lead nowhere new."""
        self.steps += steps
        if self.steps > STEPS:
            raise Spent

    def lookup(self, name: str, frame: Frame) -> Value:
        """The value of a name where a frame stands, MISSING if nothing binds it."""
        if frame.locals is not self.globals and name in frame.locals:
            return frame.locals[name]
        for scope in frame.closure:
            if name in scope:
                return scope[name]
        if self.standalone and (past := self.history.get(name)):
            found = past[0][1]
            for index, value in past[1:]:
                if index <= frame.snippet.index:
                    found = value
            return found
        return self.globals.get(name, MISSING)

    def block(self, body: Iterable[ast.stmt], frame: Frame) -> bool:
        """Execute statements; whether the end cannot be reached."""
        for statement in body:
            handler = self._execute.get(statement.__class__)
            if handler is not None and handler(self, statement, frame):
                return True
        return False

    def assign(self, target: ast.AST, value: Value, frame: Frame) -> None:
        """Bind a target to a value."""
        match target:
            case ast.Name(id=name):
                frame.locals[name] = value
            case ast.Attribute(value=owner, attr=name):
                holder = self.eval(owner, frame)
                if isinstance(holder, (Instance, Tensor, Layer)):
                    self.trace.stores.append(Store(target, holder, value))
                if isinstance(holder, Instance):
                    self.keep(holder, name, value)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part, piece in zip(parts, self.unpack(value, parts), strict=False):
                    self.assign(part.value if isinstance(part, ast.Starred) else part, piece, frame)
            case ast.Subscript(value=owner, slice=key):
                holder = listed(self.eval(owner, frame))
                if holder is not None:
                    self._store(holder, self.eval(key, frame), value)

    def keep(self, holder: Instance, name: str, value: Value) -> None:
        """Give an object an attribute; one that is a container at heart runs the modules among them in their order."""
        items = holder.layer.items if holder.layer is not None else None
        if items is not None and (value is UNKNOWN or isinstance(value, (Layer, Instance))):
            clear = value is not UNKNOWN and name not in holder.attributes and self.level <= items.level
            items.values.append(value)
            items.exact, items.sampled = items.exact and clear, items.sampled and clear
        holder.attributes[name] = value

    def unpack(self, value: Value, parts: Sequence[ast.expr]) -> list[Value]:
        """A value taken apart into as many as there are targets, unknown ones where that cannot be seen."""
        unknown: list[Value] = [UNKNOWN] * len(parts)
        starred = [at for at, part in enumerate(parts) if isinstance(part, ast.Starred)]
        if starred:
            pieces = self._pieces(value, len(parts) - 1)
            if pieces is None or len(pieces) < len(parts) - 1:
                return unknown
            ahead, behind = starred[0], len(pieces) - (len(parts) - 1 - starred[0])
            return [*pieces[:ahead], Items(pieces[ahead:behind], level=self.level), *pieces[behind:]]
        match value:
            case tuple() if len(value) == len(parts):
                return list(value)
            case Items(exact=True) if len(value.values) == len(parts):
                return value.values
            case Sizes(shape=shape):
                known = self.world.decide(shape, [len(parts)])
                return [UNKNOWN if size is None else size for size in known.dims] if known else unknown
        return unknown

    def _pieces(self, value: Value, least: int) -> list[Value] | None:
        """All that is in a tuple, list or shape, which has to be so many things at least; None where that is open."""
        match value:
            case tuple():
                return list(value)
            case Items(exact=True, names=None):
                return value.values
            case Sizes(shape=shape):
                known = self.world.decide(shape, self.world.plausible(shape, least))
                return [UNKNOWN if size is None else size for size in known.dims] if known else None
        return None

    def assume(self, test: Value) -> None:
        """Take a condition to hold from here on."""
        match test:
            case Condition(left=left, right=right, equal=True):
                gap = self.world.size(left) - self.world.size(right)  # type: ignore[operator]
                for name in dict.fromkeys(symbols(gap)):
                    value = solve(gap, name)
                    if value is not None:
                        self.world.bind(name, value)
                        return
            case Every(parts=parts):
                for part in parts:
                    self.assume(part)

    def branch(
        self,
        test: Value,
        then: Callable[[], bool],
        other: Callable[[], bool],
        frame: Frame,
        *,
        loop: bool = False,
    ) -> bool:
        """Go both ways on a test that is not known, and keep what both ways agree on; a ``loop`` goes on or ends."""
        known = self.world.snapshot()
        before, attributes = dict(frame.locals), self._attributes(frame)
        self.loops.append(loop)
        self.assume(test)
        left = then()
        after_then = (dict(frame.locals), self._attributes(frame), self.world.snapshot())
        self.world.restore(known)
        self._reset(frame, before, attributes)
        self.assume(opposite(test))
        right = other()
        self.loops.pop()
        if left and right:
            return True
        if right:
            self.world.restore(after_then[2])
            self._reset(frame, after_then[0], after_then[1])
        elif not left:
            self.world.restore(known)
            names = merged(after_then[0], frame.locals, test)
            kept = merged(after_then[1], self._attributes(frame), test) if attributes is not None else None
            self._reset(frame, names, kept)
        return False

    def both(self, first: Callable[[], object], second: Callable[[], object], frame: Frame) -> None:
        """Go two ways of which the second goes on where the first ends, and keep what both agree on."""
        before, attributes = dict(frame.locals), self._attributes(frame)
        self.loops.append(True)
        first()
        after_first = (dict(frame.locals), self._attributes(frame))
        self._reset(frame, before, attributes)
        second()
        self.loops.pop()
        kept = merged(after_first[1], self._attributes(frame)) if attributes is not None else None
        self._reset(frame, merged(after_first[0], frame.locals), kept)

    def _attributes(self, frame: Frame) -> Any:
        return dict(frame.instance.attributes) if frame.instance is not None else None

    def _reset(self, frame: Frame, names: dict[str, Value], attributes: dict[str, Value] | None) -> None:
        if frame.locals is self.globals:
            if names is not self.globals:
                self.globals.clear()
                self.globals.update(names)
        else:
            frame.locals = names
        if frame.instance is not None and attributes is not None:
            frame.instance.attributes = dict(attributes)

    def _store(self, holder: Items, key: Value, value: Value) -> None:
        if self.level > holder.level:
            holder.exact = holder.sampled = False
            if holder.names is not None and not self.rehearsing:
                holder.names.append(key if isinstance(key, (str, int)) else UNKNOWN)
                holder.values.append(value)
        elif holder.names is not None and isinstance(key, (str, int)):
            if key in holder.names:
                holder.values[holder.names.index(key)] = value
            else:
                holder.names.append(key)
                holder.values.append(value)
        elif isinstance(key, int) and holder.exact and -len(holder.values) <= key < len(holder.values):
            holder.values[key] = value
        else:
            holder.exact = False

    def iterate(self, value: Value) -> tuple[list[Value], bool] | None:
        """The elements of a value and whether these are all; None where nothing is known of them."""
        match value:
            case Items():
                return (list(value.names) if value.names is not None else value.values), value.exact
            case tuple() | str():
                return list(value), True
            case Sizes():
                sizes = self._pieces(value, 1)
                return (sizes, True) if sizes is not None else None
            case Stream(gives=gives) if gives is not UNKNOWN:
                return [gives], False
            case range():
                return (list(value), True) if len(value) <= 256 else ([UNKNOWN], False)
            case _ if (items := getattr(value, "items", None)) is not None and isinstance(items, Items):
                return items.values, items.exact
            case Tensor(shape=shape) if shape is not None:
                seen = self.world.decide(shape, self.world.plausible(shape, 1))
                if seen is not None and seen.dims:
                    one = Tensor(
                        type(seen)(seen.dims[1:]), value.dtype, value.device, value.factory, certain=value.certain
                    )
                    count = seen.dims[0]
                    if isinstance(count, int) and count <= UNROLLED:
                        return [one] * count, True
                    return [one], False
        return None
