"""What each kind of expression is worth in the abstract interpreter."""

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from lintml.analysis import indexing
from lintml.analysis.arithmetic import operate
from lintml.analysis.binding import settled
from lintml.analysis.calls import call
from lintml.analysis.choices import Assumed, Either, join, opposite, stand_in, truth
from lintml.analysis.functions import apply
from lintml.analysis.interpret import MISSING, Frame, Interpreter
from lintml.analysis.names import BUILTINS
from lintml.analysis.objects import attribute
from lintml.analysis.unqualified import meant
from lintml.analysis.values import (
    NUMBER,
    Condition,
    Every,
    Function,
    Items,
    Number,
    Path,
    Some,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import never_equal

_COMPARISONS: Final[dict[type, tuple[str, Callable[[Any, Any], Any]]]] = {
    ast.Eq: ("torch.eq", operator.eq),
    ast.NotEq: ("torch.ne", operator.ne),
    ast.Lt: ("torch.lt", operator.lt),
    ast.LtE: ("torch.le", operator.le),
    ast.Gt: ("torch.gt", operator.gt),
    ast.GtE: ("torch.ge", operator.ge),
}


def _name(run: Interpreter, node: ast.Name, frame: Frame) -> Value:
    found = run.lookup(node.id, frame)
    if found is not MISSING:
        return found
    path = run.names.paths.get(node) or run.names.assumed.get(node.id) or run.names.imports.get(node.id)
    if path is not None:
        return Path(path)
    if node.id in BUILTINS:
        return Path(f"builtins.{node.id}")
    path = meant(run.names, node.id)
    return Path(path) if path is not None else UNKNOWN


def _attribute(run: Interpreter, node: ast.Attribute, frame: Frame) -> Value:
    return attribute(run, node, run.eval(node.value, frame), frame)


def _binary(run: Interpreter, node: ast.BinOp, frame: Frame) -> Value:
    return operate(run, node, node.op, run.eval(node.left, frame), run.eval(node.right, frame), frame)


def _unary(run: Interpreter, node: ast.UnaryOp, frame: Frame) -> Value:
    value = run.eval(node.operand, frame)
    match node.op:
        case ast.Not():
            test = truth(value)
            return (not test) if isinstance(test, bool) else opposite(test)
        case ast.USub() if isinstance(value, (int, float)) or is_size(value):
            return -value
        case ast.USub() if isinstance(value, Number):
            return NUMBER
    if not isinstance(value, Tensor):
        return UNKNOWN
    if isinstance(node.op, ast.USub):
        return apply(run, "torch.neg", node, [value], {}, frame)
    return Tensor(value.shape, value.dtype, value.device, value.factory, certain=value.certain)


def _compare(run: Interpreter, node: ast.Compare, frame: Frame) -> Value:
    values = [run.eval(each, frame) for each in (node.left, *node.comparators)]
    if len(values) != 2:
        return UNKNOWN
    left, right, sign = values[0], values[1], node.ops[0]
    if isinstance(sign, (ast.Is, ast.IsNot)):
        return _identity(left, right, isinstance(sign, ast.Is))
    path, plain = _COMPARISONS.get(type(sign), ("", None))
    if plain is None:
        return _membership(left, right, isinstance(sign, ast.In))
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return apply(run, path, node, [left, right], {}, frame)
    if is_size(left) and is_size(right):
        return _sizes_compared(run, type(sign), plain, left, right)
    if isinstance(left, (str, int, float, bool)) and isinstance(right, (str, int, float, bool)):
        try:
            return bool(plain(left, right))
        except TypeError:
            return UNKNOWN
    return UNKNOWN


def _sizes_compared(run: Interpreter, sign: type, plain: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    left, right = run.world.size(left), run.world.size(right)
    if isinstance(left, int) and isinstance(right, int):
        return bool(plain(left, right))
    if sign in (ast.Eq, ast.NotEq):
        if left == right:
            return sign is ast.Eq
        if never_equal(left, right):
            return sign is ast.NotEq
        return Condition(left, right, sign is ast.Eq)
    return UNKNOWN


def _identity(left: Value, right: Value, same: bool) -> Value:
    if right is None and isinstance(left, Either):
        return left.absent() if same else left.present()
    if right is None and left is not UNKNOWN and not isinstance(left, Assumed):
        if left is None:
            return same
        if not isinstance(left, Tensor) or not left.named:
            return not same
    return UNKNOWN


def _membership(left: Value, right: Value, inside: bool) -> Value:
    plain = (str, int, float, bool, type(None))
    if isinstance(left, plain) and isinstance(right, (tuple, Items)):
        values = right if isinstance(right, tuple) else right.names if right.names is not None else right.values
        exact = True if isinstance(right, tuple) else right.exact
        if exact and all(isinstance(value, plain) for value in values):
            return (left in values) is inside
    return UNKNOWN


def _boolean(run: Interpreter, node: ast.BoolOp, frame: Frame) -> Value:
    values = [run.eval(each, frame) for each in node.values]
    tests = [truth(value) for value in values]
    stops = isinstance(node.op, ast.Or)
    for value, test in zip(values, tests, strict=True):
        if test is stops:
            return value
        if not isinstance(test, bool):
            break
    else:
        return values[-1]
    together = Some if stops else Every
    parts: list[Condition] = []
    for test in tests:
        parts += test.parts if isinstance(test, together) else [test] if isinstance(test, Condition) else []
    if parts:
        neutral = not stops
        exact = all(
            test is neutral or isinstance(test, Condition) or (isinstance(test, together) and test.exact)
            for test in tests
        )
        return together(tuple(parts), exact)
    # What a caller leaves out is filled in: ``norm = norm or nn.LayerNorm``.
    first = node.values[0].id if isinstance(node.values[0], ast.Name) else ""
    return stand_in(values[1], first) if stops and len(values) == 2 and values[0] is UNKNOWN else UNKNOWN


def _conditional(run: Interpreter, node: ast.IfExp, frame: Frame) -> Value:
    test = truth(run.eval(node.test, frame))
    if isinstance(test, bool):
        return run.eval(node.body if test else node.orelse, frame)
    known = run.world.snapshot()
    run.loops.append(False)
    run.assume(test)
    yes = run.eval(node.body, frame)
    run.world.restore(known)
    run.assume(opposite(test))
    no = run.eval(node.orelse, frame)
    run.world.restore(known)
    run.loops.pop()
    match node.test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot()], comparators=[ast.Constant(value=None)]):
            left_out, given = (no, yes) if isinstance(node.test.ops[0], ast.IsNot) else (yes, no)
            if given is UNKNOWN and is_size(left_out):
                return stand_in(left_out, name)
    return join(yes, no, test)


def _tuple(run: Interpreter, node: ast.Tuple, frame: Frame) -> Value:
    found = _elements(run, node.elts, frame)
    return tuple(found[0]) if found[1] else UNKNOWN


def _list(run: Interpreter, node: ast.List, frame: Frame) -> Value:
    values, exact = _elements(run, node.elts, frame)
    return Items(values, exact=exact, level=run.level)


def _elements(run: Interpreter, nodes: list[ast.expr], frame: Frame) -> tuple[list[Value], bool]:
    values: list[Value] = []
    exact = True
    for each in nodes:
        if isinstance(each, ast.Starred):
            inner = settled(run, run.eval(each.value, frame))
            found = run.iterate(inner)
            values += found[0] if found else []
            exact = exact and found is not None and found[1]
        else:
            values.append(run.eval(each, frame))
    return values, exact


def _dict(run: Interpreter, node: ast.Dict, frame: Frame) -> Value:
    names: list[Value] = []
    values: list[Value] = []
    exact = True
    for key, value in zip(node.keys, node.values, strict=True):
        held = run.eval(value, frame)
        name = run.eval(key, frame) if key is not None else UNKNOWN
        if isinstance(name, (str, int)):
            names.append(name)
            values.append(held)
        else:
            exact = False
    return Items(values, exact=exact, level=run.level, names=names)


def _subscript(run: Interpreter, node: ast.Subscript, frame: Frame) -> Value:
    return indexing.subscript(run, node, run.eval(node.value, frame), frame)


def _comprehension(
    run: Interpreter, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, frame: Frame
) -> Value:
    names: list[Value] | None = [] if isinstance(node, ast.DictComp) else None

    def element() -> Value:
        if isinstance(node, ast.DictComp):
            key = run.eval(node.key, inner)
            names.append(key if isinstance(key, (str, int)) else UNKNOWN)  # type: ignore[union-attr]
            return run.eval(node.value, inner)
        return run.eval(node.elt, inner)

    generator = node.generators[0]
    found = run.iterate(run.eval(generator.iter, frame))
    inner = Frame(
        dict(frame.locals) if frame.locals is not run.globals else {},
        frame.snippet,
        closure=frame.closure,
        function=frame.function,
        owner=frame.owner,
        instance=frame.instance,
    )
    if len(node.generators) > 1 or found is None or not found[1] or len(found[0]) > 64 or generator.ifs:
        values = found[0] if found else []
        first = values[0] if values else UNKNOWN
        for value in values[1:]:
            first = join(first, value)
        for each in node.generators:
            run.assign(each.target, first if each is generator else UNKNOWN, inner)
        made = [element()] * 2
        items = Items(made, exact=False, level=run.level, names=[UNKNOWN] * 2 if names is not None else None)
        items.sampled, items.again = len(node.generators) == 1 and not generator.ifs, {1}
        return items
    made = []
    for value in found[0]:
        run.assign(generator.target, value, inner)
        made.append(element())
    return Items(made, level=run.level, names=names)


def _lambda(run: Interpreter, node: ast.Lambda, frame: Frame) -> Value:
    return Function(node, frame.snippet, closures(run, frame), owner=frame.owner)


def closures(run: Interpreter, frame: Frame) -> tuple[dict[str, Value], ...]:
    """The scopes that code made in a frame sees beyond its own and the page's."""
    return frame.closure if frame.locals is run.globals else (frame.locals, *frame.closure)


def _walrus(run: Interpreter, node: ast.NamedExpr, frame: Frame) -> Value:
    value = run.eval(node.value, frame)
    run.assign(node.target, value, frame)
    return value


def _inner(run: Interpreter, node: ast.Await | ast.Starred, frame: Frame) -> Value:
    return run.eval(node.value, frame)


def _joined(run: Interpreter, node: ast.JoinedStr, frame: Frame) -> Value:
    parts = [run.eval(each.value if isinstance(each, ast.FormattedValue) else each, frame) for each in node.values]
    if any(not isinstance(each, (int, str)) or isinstance(each, bool) for each in parts):
        return UNKNOWN
    return "".join(map(str, parts))


TABLE: Final[dict[type, Callable[..., Value]]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: call,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Tuple: _tuple,
    ast.List: _list,
    ast.Set: _list,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.JoinedStr: _joined,
}
