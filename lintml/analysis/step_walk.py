"""An optimizer's method followed one way at a time: statements, branches and loops."""

import ast
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Final

from lintml.analysis.names import Names
from lintml.analysis.polynomials import Atom, Polynomial, function, unknown
from lintml.analysis.step_values import (
    UNKNOWN,
    Cell,
    Code,
    Held,
    Many,
    Mark,
    Mode,
    Recording,
    Ref,
    State,
    Test,
    Value,
    Way,
    Write,
    constant,
    content,
)
from lintml.analysis.tree import walk

STEPS: Final = 4_000
DEEP: Final = 6
_NEUTRAL: Final = frozenset(("typing.override", "typing.no_type_check", "functools.wraps", "abc.abstractmethod"))
_INDIFFERENT: Final = ("torch.profiler.", "torch.autograd.profiler.", "torch.amp.", "torch.cuda.", "contextlib.")
MODES: Final[Mapping[str, Recording]] = {
    "torch.no_grad": "off",
    "torch.inference_mode": "off",
    "torch.autograd.no_grad": "off",
    "torch.enable_grad": "on",
    "torch.autograd.enable_grad": "on",
}


class Spent(Exception):
    """A way is longer than what is followed."""


class Abandoned(Exception):
    """A way ends by raising."""


class Walk:
    """Follows one way: at each test that is not known it goes as ``script`` says, then straight on (True).

    ``taken`` is what was decided, so that the other ways can be followed in turn.
    """

    def __init__(
        self, names: Names, methods: Mapping[str, Code], functions: Mapping[str, Code], script: Sequence[bool]
    ) -> None:
        self.names = names
        self.methods = methods
        self.functions = functions
        self.script = script
        self.taken: list[bool] = []
        self.way = Way()
        self.recording: Recording = "on"
        self.gradient = Cell("gradient", unknown(Atom("gradient")))
        self.parameter = Cell("parameter", unknown(Atom("parameter")))
        self.state = State()
        self.group: dict[str, Value] = {}
        self.attributes: dict[str, Value] = {}
        self.cells: list[Cell] = [self.parameter, self.gradient]
        self.read: ast.Attribute | None = None
        self.level = 0
        self.steps = 0
        self.active: list[ast.AST] = []

    def follow(self, code: Code, arguments: Sequence[Value]) -> Way:
        """Go through a method called with these arguments; raises Spent, or Abandoned where the code raises."""
        self.call(code, arguments, {})
        self.way.parameter = self.parameter.content
        for key, value in self.state.held.items():
            held = content(value)
            node = value.cell.written if isinstance(value, Ref) else None
            if held is not None and node is not None:
                self.way.buffers[key] = held, node
        return self.way

    def call(self, code: Code, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
        """The result of a function of the page; generators give what they yield."""
        node = code.node
        if len(self.active) >= DEEP or node in self.active:
            return UNKNOWN
        given = [Mark.SELF, *arguments] if code.method else list(arguments)
        scope = {**code.scope, **self._bound(node.args, given, keywords)}
        if isinstance(node, ast.Lambda):
            return self.eval(node.body, scope)
        before, self.recording = self.recording, self._decorated(node)
        self.active.append(node)
        scope.pop("return", None)
        yielded = scope["yield"] = Many([])
        self.block(node.body, scope)
        self.active.pop()
        self.recording = before
        return scope.get("return", yielded if yielded.items else None)

    def _bound(self, spec: ast.arguments, given: Sequence[Value], keywords: Mapping[str, Value]) -> dict[str, Value]:
        listed = [each.arg for each in (*spec.posonlyargs, *spec.args)]
        bound: dict[str, Value] = dict.fromkeys([*listed, *(each.arg for each in spec.kwonlyargs)], UNKNOWN)
        defaults = zip(reversed(listed), reversed(spec.defaults), strict=False)
        bound |= {name: constant(node) for name, node in defaults if isinstance(node, ast.Constant)}
        bound |= dict(zip(listed, given, strict=False))
        bound |= {name: value for name, value in keywords.items() if name in bound}
        return bound

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Recording:
        """Whether a function's body records, by its decorators."""
        recording = self.recording
        for decorator in node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            path = self.names.path(target) or ""
            if path in MODES:
                recording = MODES[path]
            elif path not in _NEUTRAL and not _is_plain(target):
                recording = "open"
        return recording

    def eval(self, node: ast.AST, scope: dict[str, Value]) -> Value:
        """The value of an expression."""
        from lintml.analysis.step_expressions import evaluate

        self.steps += 1
        if self.steps > STEPS:
            raise Spent
        value = evaluate(self, node, scope)
        known = content(value)
        if known is not None:
            self.way.values[node] = known
        return value

    def decide(self, test: Test | bool) -> bool:
        """Whether a test holds on this way."""
        if isinstance(test, bool):
            return test
        if test.key not in self.way.known:
            at = len(self.taken)
            self.taken.append(self.script[at] if at < len(self.script) else True)
            self.way.known[test.key] = self.taken[-1] is not test.negated
        return self.way.known[test.key] is not test.negated

    def assume(self, key: Hashable, holds: bool) -> None:
        """Take something to hold from here on."""
        self.way.known[key] = holds

    def tensor(self, value: Polynomial, node: ast.AST, kind: str = "temporary", name: str = "") -> Ref:
        """A new tensor."""
        cell = Cell(kind, value, name, node)
        self.cells.append(cell)
        return Ref(cell)

    def buffer(self, name: str) -> Ref:
        """A tensor of the parameter's state as the step finds it."""
        cell = Cell("buffer", unknown(Atom("buffer", name)), name)
        self.cells.append(cell)
        return Ref(cell)

    def write(self, target: Ref, value: Polynomial, node: ast.AST) -> None:
        """Change a tensor in place."""
        cell = target.cell
        cell.content, cell.written = value, node
        if cell.kind == "parameter":
            self.way.writes.append(Write(node, target.data, self.recording))

    def block(self, body: Iterable[ast.stmt], scope: dict[str, Value]) -> str:
        """Execute statements; how control leaves them: "", "continue", "break" or "return"."""
        for statement in body:
            if left := self.execute(statement, scope):
                return left
        return ""

    def execute(self, node: ast.stmt, scope: dict[str, Value]) -> str:
        """Execute one statement; how control leaves it."""
        match node:
            case ast.Expr(value=value):
                self.eval(value, scope)
            case ast.Assign(targets=targets, value=value):
                given = self.eval(value, scope)
                for target in targets:
                    self.assign(target, given, scope, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(target, self.eval(value, scope), scope, value)
            case ast.AugAssign():
                self._augment(node, scope)
            case ast.If(test=test, body=body, orelse=other):
                return self.block(body if self.decide(self.truth(test, scope)) else other, scope)
            case ast.Assert(test=test):
                if isinstance(held := self.truth(test, scope), Test):
                    self.assume(held.key, not held.negated)
            case ast.For() | ast.AsyncFor():
                return self._loop(node, scope)
            case ast.While(test=test, body=body):
                self.truth(test, scope)
                return self._repeat(body, scope)
            case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
                return self._within(items, body, scope)
            case ast.Try(body=body, orelse=other, finalbody=final):
                return self.block([*body, *other], scope) or self.block(final, scope)
            case ast.Return(value=value):
                scope["return"] = self.eval(value, scope) if value is not None else None
                return "return"
            case ast.Raise():
                raise Abandoned
            case ast.Continue():
                return "continue"
            case ast.Break():
                return "break"
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                scope[name] = Code(node, scope=scope)
        return ""

    def truth(self, node: ast.expr, scope: dict[str, Value]) -> Test | bool:
        """An expression as a test."""
        from lintml.analysis.step_expressions import as_test

        return as_test(self, node, self.eval(node, scope))

    def assign(self, target: ast.expr, value: Value, scope: dict[str, Value], node: ast.AST) -> None:
        """Bind a target to the value of ``node``."""
        match target:
            case ast.Name(id=name):
                scope[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part, given in zip(parts, self._apart(value, parts), strict=True):
                    self.assign(part, given, scope, node)
            case ast.Starred(value=inner):
                self.assign(inner, UNKNOWN, scope, node)
            case ast.Attribute(value=owner, attr=attribute):
                self._set(self.eval(owner, scope), attribute, value, node)
            case ast.Subscript(value=owner, slice=key):
                self._store(self.eval(owner, scope), self.eval(key, scope), value, node)

    def _apart(self, value: Value, parts: Sequence[ast.expr]) -> list[Value]:
        match value:
            case Many(items=items) if len(items) == len(parts):
                return items
            case Polynomial() if (atom := value.atom) is not None and atom.kind == "setting":
                return [unknown(Atom("setting", f"{atom.name}[{at}]")) for at in range(len(parts))]
            case Held(name=name):
                return [Held(f"{name}[{at}]") for at in range(len(parts))]
        return [UNKNOWN] * len(parts)

    def _set(self, owner: Value, attribute: str, value: Value, node: ast.AST) -> None:
        match owner, attribute:
            case Ref(cell=Cell(kind="parameter")), "data":
                self.write(Ref(owner.cell, True), content(value) or function("unknown"), node)
            case Ref(cell=Cell(kind="parameter")), "grad":
                self.assume(("none", self.gradient), value is None)
                self.gradient.content = content(value) or function("unknown")
            case Mark.SELF, _:
                self.attributes[attribute] = value

    def _store(self, owner: Value, key: Value, value: Value, node: ast.AST) -> None:
        match owner:
            case Mark.GROUP if isinstance(key, str):
                self.group[key] = value
            case State(held=held) if isinstance(key, str):
                held[key] = self.tensor(value, node) if isinstance(value, Polynomial) else value
                if isinstance(value, Ref) and value.cell.kind in ("temporary", "buffer"):
                    value.cell.written = node
            case Ref(cell=cell):
                self.write(owner, function("part", cell.content, content(value) or Polynomial()), node)
            case Many(items=items) if len(items) == 1:
                items[0] = value

    def _augment(self, node: ast.AugAssign, scope: dict[str, Value]) -> None:
        from lintml.analysis.step_expressions import operate

        before = self.eval(node.target, scope)
        value = operate(self, node, node.op, before, self.eval(node.value, scope))
        known = content(value)
        if isinstance(before, Ref) and known is not None:
            self.write(before, known, node)
        else:
            self.assign(node.target, value, scope, node)

    def _loop(self, node: ast.For | ast.AsyncFor, scope: dict[str, Value]) -> str:
        from lintml.analysis.step_expressions import elements

        source = self.eval(node.iter, scope)
        items = elements(self, source, node.iter)
        if items is None or _is_count(node):
            self.assign(node.target, items[0] if items else UNKNOWN, scope, node.iter)
            return self._repeat(node.body, scope)
        for item in items[:4]:
            self.assign(node.target, item, scope, node.iter)
            left = self.block(node.body, scope)
            if left in ("break", "return"):
                return "return" if left == "return" else ""
        return ""

    def _repeat(self, body: Sequence[ast.stmt], scope: dict[str, Value]) -> str:
        """A body that may run any number of times: what it changes is not known afterwards."""
        before = [(cell, cell.content) for cell in self.cells]
        left = self.block(body, scope)
        for cell, was in before:
            if cell.content != was:
                cell.content = function("loop", cell.content)
        return "return" if left == "return" else ""

    def _leaves_recording(self, context: ast.expr) -> bool:
        """Whether a context is known to have nothing to do with autograd's recording."""
        target = context.func if isinstance(context, ast.Call) else context
        return (self.names.path(target) or "").startswith(_INDIFFERENT)

    def _within(self, items: Sequence[ast.withitem], body: Sequence[ast.stmt], scope: dict[str, Value]) -> str:
        before = self.recording
        for item in items:
            value = self.eval(item.context_expr, scope)
            if isinstance(value, Mode):
                self.recording = value.recording
            elif not self._leaves_recording(item.context_expr):
                self.recording = "open"
            if item.optional_vars is not None:
                self.assign(item.optional_vars, UNKNOWN, scope, item.context_expr)
        left = self.block(body, scope)
        self.recording = before
        return left


def _is_plain(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Name) and decorator.id in ("property", "staticmethod", "classmethod")


def _is_count(node: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop repeats its body rather than going through things: a range whose number indexes nothing."""
    match node.iter, node.target:
        case ast.Call(func=ast.Name(id="range")), ast.Name(id=name):
            indices = [each.slice for each in walk(node) if isinstance(each, ast.Subscript)]
            return not any(isinstance(each, ast.Name) and each.id == name for at in indices for each in walk(at))
    return False
