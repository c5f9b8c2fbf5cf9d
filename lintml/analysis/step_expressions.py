"""What expressions are worth in an optimizer's step."""

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from lintml.analysis.polynomials import Atom, Polynomial, function, number, unknown
from lintml.analysis.step_values import (
    UNKNOWN,
    Bound,
    Cell,
    Closure,
    Code,
    DataRead,
    GradientUse,
    Held,
    Many,
    Mark,
    Path,
    Ref,
    State,
    Test,
    Value,
    constant,
    content,
)

if TYPE_CHECKING:
    from lintml.analysis.step_walk import Walk

Scope = dict[str, Value]

_CONTENTS: Final[dict[type, Callable[[Polynomial, Polynomial], Polynomial]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
}


def evaluate(walk: "Walk", node: ast.AST, scope: Scope) -> Value:
    """The value of an expression."""
    match node:
        case ast.Name(id=name):
            return _name(walk, node, name, scope)
        case ast.Constant():
            return constant(node)
        case ast.Attribute():
            return _attribute(walk, node, walk.eval(node.value, scope))
        case ast.Subscript(value=owner, slice=key):
            return _subscript(walk, node, walk.eval(owner, scope), walk.eval(key, scope))
        case ast.Call():
            from lintml.analysis.step_calls import call

            return call(walk, node, scope)
        case ast.BinOp(left=left, op=op, right=right):
            return operate(walk, node, op, walk.eval(left, scope), walk.eval(right, scope))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            held = walk.truth(operand, scope)
            return Test(held.key, not held.negated) if isinstance(held, Test) else not held
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operate(walk, node, ast.Mult(), number(-1), walk.eval(operand, scope))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compare(walk, node, op, walk.eval(left, scope), walk.eval(right, scope))
        case ast.BoolOp(op=op, values=values):
            return _boolean(walk, isinstance(op, ast.Or), values, scope)
        case ast.IfExp(test=test, body=body, orelse=other):
            return walk.eval(body if walk.decide(walk.truth(test, scope)) else other, scope)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return Many([walk.eval(part.value if isinstance(part, ast.Starred) else part, scope) for part in parts])
        case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
            return Many(_comprehended(walk, elt, generators, dict(scope)))
        case ast.Lambda():
            return Code(node, scope=scope)
        case ast.NamedExpr(target=target, value=value):
            given = walk.eval(value, scope)
            walk.assign(target, given, scope, value)
            return given
        case ast.Yield(value=ast.expr() as value):
            scope["yield"].items.append(walk.eval(value, scope))
        case ast.YieldFrom(value=value):
            scope["yield"].items.extend(elements(walk, walk.eval(value, scope), value) or [UNKNOWN])
        case ast.Starred(value=value) | ast.Await(value=value):
            return walk.eval(value, scope)
        case ast.Slice() | ast.JoinedStr():
            return UNKNOWN
    return UNKNOWN


def _name(walk: "Walk", node: ast.AST, name: str, scope: Scope) -> Value:
    if name in scope:
        return scope[name]
    path = walk.names.path(node)
    if path is not None:
        return Path(path)
    if name in walk.functions:
        return walk.functions[name]
    return UNKNOWN if name in walk.names.bound else Path(name)


def _attribute(walk: "Walk", node: ast.Attribute, owner: Value) -> Value:
    name = node.attr
    if name == "param_groups":
        return Mark.GROUPS
    match owner:
        case Path(text=text):
            return Path(f"{text}.{name}")
        case Mark.SELF:
            if name == "state":
                return Mark.STATES
            if name == "defaults":
                return Mark.GROUP
            if name in walk.attributes:
                return walk.attributes[name]
            return walk.methods.get(name, Held(name))
        case Ref(cell=cell):
            return _of_tensor(walk, node, owner, cell)
        case Many() | State() | Mark.GROUP | Held():
            return Bound(owner, name)
    return UNKNOWN


def _of_tensor(walk: "Walk", node: ast.Attribute, owner: Ref, cell: Cell) -> Value:
    needed(walk, owner, node)
    match node.attr:
        case "grad" if cell.kind == "parameter":
            walk.read = node
            return Ref(walk.gradient)
        case "data":
            walk.way.data.append(DataRead(node, cell.kind, walk.recording))
            return Ref(cell, True)
        case "shape" | "device" | "dtype" | "requires_grad" | "is_sparse" | "is_cuda" | "grad" | "ndim" | "layout":
            return UNKNOWN
        case "T" | "mT" | "real" | "imag":
            return walk.tensor(function(node.attr, cell.content), node)
    return Bound(owner, node.attr)


def needed(walk: "Walk", value: Value, node: ast.AST) -> None:
    """Note a gradient that is used where it may be None; from there on it is one."""
    if not isinstance(value, Ref) or value.cell is not walk.gradient or walk.read is None:
        return
    key = ("none", walk.gradient)
    if key not in walk.way.known:
        walk.way.uses.append(GradientUse(node, walk.read))
        walk.assume(key, False)


def _subscript(walk: "Walk", node: ast.Subscript, owner: Value, key: Value) -> Value:
    if key == "params" and owner is Mark.GROUP:
        return Many([Ref(walk.parameter)])
    match owner:
        case Mark.GROUPS:
            return Mark.GROUP
        case Mark.GROUP if isinstance(key, str):
            walk.way.settings.add(key)
            return walk.group.get(key, unknown(Atom("setting", key)))
        case Mark.STATES:
            return walk.state if isinstance(key, Ref) and key.cell is walk.parameter else UNKNOWN
        case State(held=held) if isinstance(key, str):
            if key not in held:
                held[key] = walk.buffer(key)
            return held[key]
        case Many(items=items):
            at = key.constant if isinstance(key, Polynomial) else None
            if len(items) == 1:
                return items[0]
            return items[int(at)] if at is not None and -len(items) <= at < len(items) else UNKNOWN
        case Held(name=name) if isinstance(key, (Ref, Polynomial, str)):
            held = walk.state.held
            return held.setdefault(f".{name}", walk.buffer(f".{name}"))
        case Ref(cell=cell):
            needed(walk, owner, node)
            return Ref(Cell("part", function("part", cell.content)), owner.data)
    return UNKNOWN


def operate(walk: "Walk", node: ast.AST, op: ast.operator, left: Value, right: Value) -> Value:
    """The value of a binary operation."""
    needed(walk, left, node)
    needed(walk, right, node)
    one, two = content(left), content(right)
    if one is None or two is None:
        return UNKNOWN
    made = _arithmetic(op, one, two)
    return walk.tensor(made, node) if isinstance(left, Ref) or isinstance(right, Ref) else made


def _arithmetic(op: ast.operator, one: Polynomial, two: Polynomial) -> Polynomial:
    plain = _CONTENTS.get(type(op))
    if plain is not None:
        return plain(one, two)
    match op:
        case ast.Div():
            return one * (number(1 / two.constant) if two.constant else function("inverse", two))
        case ast.Pow() if two.constant == 2:
            return one * one
    return function(type(op).__name__, one, two)


def _compare(walk: "Walk", node: ast.AST, op: ast.cmpop, left: Value, right: Value) -> Test | bool:
    match op:
        case ast.Is() | ast.Eq() if right is None:
            return _is_none(walk, node, left)
        case ast.IsNot() | ast.NotEq() if right is None:
            found = _is_none(walk, node, left)
            return Test(found.key, not found.negated) if isinstance(found, Test) else not found
        case ast.In() | ast.NotIn() if isinstance(left, (str, Ref)) and isinstance(right, (State, Mark)):
            what = left if isinstance(left, str) else "state"
            return Test(("has", what), isinstance(op, ast.NotIn))
    one, two = content(left), content(right)
    if one is None or two is None:
        return Test(("node", node))
    gap = one - two
    if gap.constant is not None:
        return _compared(op, gap.constant, node)
    match op:
        case ast.NotEq() | ast.Eq():
            return Test(("true", gap), isinstance(op, ast.Eq))
        case ast.Gt() | ast.LtE():
            return Test(("true", gap), isinstance(op, ast.LtE))
        case ast.Lt() | ast.GtE():
            return Test(("true", -gap), isinstance(op, ast.GtE))
    return Test(("node", node))


def _compared(op: ast.cmpop, gap: float, node: ast.AST) -> Test | bool:
    match op:
        case ast.Eq() | ast.Is():
            return gap == 0
        case ast.NotEq() | ast.IsNot():
            return gap != 0
        case ast.Lt():
            return gap < 0
        case ast.LtE():
            return gap <= 0
        case ast.Gt():
            return gap > 0
        case ast.GtE():
            return gap >= 0
    return Test(("node", node))


def _is_none(walk: "Walk", node: ast.AST, value: Value) -> Test | bool:
    match value:
        case None:
            return True
        case Ref(cell=Cell(kind="gradient" | "buffer") as cell):
            return Test(("none", cell))
        case Closure():
            return Test(("none", Closure))
        case Held(name=name):
            return Test(("none", name))
        case Mark.UNKNOWN | Polynomial():
            return Test(("node", node))
    return False


def as_test(walk: "Walk", node: ast.AST, value: Value) -> Test | bool:
    """A value as a test."""
    match value:
        case Test():
            return value
        case None:
            return False
        case bool() | str():
            return bool(value)
        case Many(items=items):
            return bool(items)
        case Closure():
            return Test(("none", Closure), True)
        case State():
            return Test(("has", "state"))
        case Polynomial():
            return value.constant != 0 if value.constant is not None else Test(("true", value))
        case Held(name=name):
            return Test(("true", unknown(Atom("setting", f".{name}"))))
    return Test(("node", node))


def _boolean(walk: "Walk", stops: bool, values: Sequence[ast.expr], scope: Scope) -> Value:
    value: Value = UNKNOWN
    for each in values:
        value = walk.eval(each, scope)
        if walk.decide(as_test(walk, each, value)) is stops:
            return stops if isinstance(value, Test) else value
    return not stops if isinstance(value, Test) else value


def _comprehended(walk: "Walk", elt: ast.expr, generators: Sequence[ast.comprehension], scope: Scope) -> list[Value]:
    if not generators:
        return [walk.eval(elt, scope)]
    first, *others = generators
    found: list[Value] = []
    for item in elements(walk, walk.eval(first.iter, scope), first.iter) or [UNKNOWN]:
        walk.assign(first.target, item, scope, first.iter)
        if all(walk.decide(walk.truth(each, scope)) for each in first.ifs):
            found += _comprehended(walk, elt, others, scope)
    return found


def elements(walk: "Walk", value: Value, node: ast.AST) -> list[Value] | None:
    """What iterating over a value gives, one for each that is told apart; None where nothing is known of it."""
    match value:
        case Mark.GROUPS:
            return [Mark.GROUP]
        case Many(items=items):
            return list(items)
        case Mark.STATES:
            return [Ref(walk.parameter)]
        case Held(name=name):
            return [walk.state.held.setdefault(f".{name}", walk.buffer(f".{name}"))]
    return None
