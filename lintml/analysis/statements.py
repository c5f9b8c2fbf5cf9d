"""What each kind of statement does in the abstract interpreter."""

import ast
from collections.abc import Callable
from typing import Any, Final

from lintml.analysis.arithmetic import operate
from lintml.analysis.choices import opposite, stand_in, truth
from lintml.analysis.classes import function, page_class
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.library import list_method
from lintml.analysis.loops import loop_over, loop_while
from lintml.analysis.pairs import apart
from lintml.analysis.unpacking import unpacking
from lintml.analysis.values import Function, Instance, Items, Path, Sizes, Value
from lintml.shapes.call import UNKNOWN


def _expression(run: Interpreter, node: ast.Expr, frame: Frame) -> None:
    run.eval(node.value, frame)


def _assignment(run: Interpreter, node: ast.Assign, frame: Frame) -> None:
    if isinstance(node.value, ast.Tuple):
        _fit_spread(run, node, frame)
    value = run.eval(node.value, frame)
    for target in node.targets:
        several = isinstance(target, (ast.Tuple, ast.List))
        run.assign(target, _taken_apart(run, target, node.value, value) if several else value, frame)


def _taken_apart(run: Interpreter, target: ast.AST, node: ast.AST, value: Value) -> Value:
    """What several targets are given of one value, noted where it has another number of parts."""
    found = unpacking(target, node, value, run.callees)
    if found is not None and not run.silent:
        run.trace.unpackings.append(found)
    misused, whole = apart(target, value)
    run.trace.misuses += misused
    return whole if found is None else found.instead(value)


def _fit_spread(run: Interpreter, node: ast.Assign, frame: Frame) -> None:
    """``b, n, _, h = *x.shape, heads`` says how many axes x has."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=given)):
            spread = [each.value for each in given if isinstance(each, ast.Starred)]
            if len(spread) == 1 and not any(isinstance(each, ast.Starred) for each in targets):
                value = run.eval(spread[0], frame)
                if isinstance(value, Sizes):
                    run.world.decide(value.shape, [len(targets) - len(given) + 1])


def _annotated(run: Interpreter, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:
        run.assign(node.target, run.eval(node.value, frame), frame)


def _augmented(run: Interpreter, node: ast.AugAssign, frame: Frame) -> None:
    before = run.eval(node.target, frame)
    if isinstance(before, Items) and isinstance(node.op, ast.Add):
        list_method(run, before, "extend", [run.eval(node.value, frame)], {})
        return
    value = operate(run, node, node.op, before, run.eval(node.value, frame), frame)
    run.assign(node.target, value, frame)


def _return(run: Interpreter, node: ast.Return, frame: Frame) -> bool:
    frame.returns.append(run.eval(node.value, frame) if node.value is not None else None)
    return True


def _leave(run: Interpreter, node: ast.stmt, frame: Frame) -> bool:
    return True


def _if(run: Interpreter, node: ast.If, frame: Frame) -> bool:
    test = truth(run.eval(node.test, frame))
    if test is True:
        return run.block(node.body, frame)
    if test is False:
        return run.block(node.orelse, frame)
    if run.exploring and run.building and not run.loops and _lengthens_a_list(node):
        # What a module is made of depends on it: each way is a world of its own.
        taken = run.world.choose(2) == 0
        run.assume(test if taken else opposite(test))
        return run.block(node.body if taken else node.orelse, frame)
    left = run.branch(test, lambda: run.block(node.body, frame), lambda: run.block(node.orelse, frame), frame)
    _fill_in(run, node, frame)
    return left


def _lengthens_a_list(node: ast.If) -> bool:
    """Whether a branch adds to a list, or to a container, that was there before."""
    for statement in (*node.body, *node.orelse):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="append" | "extend" | "insert" | "add_module"))):
                return True
            case ast.AugAssign(op=ast.Add(), value=ast.List()):
                return True
            case ast.If() if _lengthens_a_list(statement):
                return True
    return False


def _fill_in(run: Interpreter, node: ast.If, frame: Frame) -> None:
    """What a caller leaves out stands for all that it may give: ``if norm is None: norm = nn.LayerNorm``."""
    match node.test:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            pass
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id=name)):
            pass
        case _:
            return
    if frame.locals.get(name) is UNKNOWN and not node.orelse:
        for each in node.body:
            match each:
                case ast.Assign(targets=[ast.Name(id=target)], value=given) if target == name:
                    frame.locals[name] = stand_in(run.eval(given, frame), name)


def _assert(run: Interpreter, node: ast.Assert, frame: Frame) -> None:
    run.assume(truth(run.eval(node.test, frame)))


def _with(run: Interpreter, node: ast.With, frame: Frame) -> bool:
    for item in node.items:
        value = run.eval(item.context_expr, frame)
        if item.optional_vars is not None:
            run.assign(item.optional_vars, value if isinstance(value, Instance) else UNKNOWN, frame)
    return run.block(node.body, frame)


# What torch raises, and what is above it.
_RAISED: Final = frozenset(
    "RuntimeError ValueError TypeError IndexError AssertionError Exception BaseException".split()
)


def _try(run: Interpreter, node: ast.Try, frame: Frame) -> bool:
    awaited = any(_awaits_failure(handler) for handler in node.handlers)
    run.silent += awaited
    left = run.block(node.body, frame)
    run.silent -= awaited
    for handler in node.handlers:
        body = handler.body
        run.branch(UNKNOWN, lambda: False, lambda body=body: run.block(body, frame), frame)  # type: ignore[misc]
    if not left:
        left = run.block(node.orelse, frame)
    return run.block(node.finalbody, frame) or (left and not node.handlers)


def _awaits_failure(handler: ast.ExceptHandler) -> bool:
    """Whether a handler takes what torch raises: what is tried is then shown to fail, or may."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _RAISED) for kind in kinds)


def _function(run: Interpreter, node: ast.FunctionDef, frame: Frame) -> None:
    made = function(run, node, frame)
    if frame.locals is run.globals and isinstance(made, Function):
        run.functions.append(made)
    frame.locals[node.name] = made


def _class(run: Interpreter, node: ast.ClassDef, frame: Frame) -> None:
    found = page_class(run, node, frame)
    run.classes.append(found)
    frame.locals[node.name] = found


def _import(run: Interpreter, node: ast.Import, frame: Frame) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        frame.locals[name] = Path(alias.name if alias.asname else name)


def _import_from(run: Interpreter, node: ast.ImportFrom, frame: Frame) -> None:
    for alias in node.names:
        if alias.name != "*":
            frame.locals[alias.asname or alias.name] = (
                Path(f"{node.module}.{alias.name}") if node.module and not node.level else UNKNOWN
            )


def _delete(run: Interpreter, node: ast.Delete, frame: Frame) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            frame.locals.pop(target.id, None)


TABLE: Final[dict[type, Callable[..., Any]]] = {
    ast.Expr: _expression,
    ast.Assign: _assignment,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _leave,
    ast.Break: _leave,
    ast.Continue: _leave,
    ast.If: _if,
    ast.Assert: _assert,
    ast.For: loop_over,
    ast.AsyncFor: loop_over,
    ast.While: loop_while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Delete: _delete,
}
