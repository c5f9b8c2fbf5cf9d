"""What each kind of statement does in the abstract interpreter."""

import ast
from collections.abc import Callable, Sequence
from typing import Any, Final

from lintml.analysis.arithmetic import operate
from lintml.analysis.classes import function, page_class
from lintml.analysis.interpret import UNROLLED, Frame, Interpreter, truth
from lintml.analysis.pairs import apart
from lintml.analysis.unpacking import unpacking
from lintml.analysis.values import Function, Instance, Items, Path, join
from lintml.shapes.call import UNKNOWN


def _expression(run: Interpreter, node: ast.Expr, frame: Frame) -> None:
    run.eval(node.value, frame)


def _assignment(run: Interpreter, node: ast.Assign, frame: Frame) -> None:
    value = run.eval(node.value, frame)
    for target in node.targets:
        found = unpacking(target, node.value, value, run.callees)
        if found is not None:
            run.trace.unpackings.append(found)
        misused, whole = apart(target, value)
        run.trace.misuses += misused
        run.assign(target, whole if found is None else found.instead(value), frame)


def _annotated(run: Interpreter, node: ast.AnnAssign, frame: Frame) -> None:
    if node.value is not None:
        run.assign(node.target, run.eval(node.value, frame), frame)


def _augmented(run: Interpreter, node: ast.AugAssign, frame: Frame) -> None:
    left = ast.copy_location(_as_load(node.target), node.target)
    before = run.eval(left, frame)
    value = operate(run, node, node.op, before, run.eval(node.value, frame), frame)
    if isinstance(before, Items) and isinstance(node.op, ast.Add):
        run.assign(node.target, value, frame)
        return
    run.assign(node.target, value, frame)


def _as_load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name(id=name):
            return ast.Name(id=name, ctx=ast.Load())
        case ast.Attribute(value=value, attr=attr):
            return ast.Attribute(value=value, attr=attr, ctx=ast.Load())
        case ast.Subscript(value=value, slice=key):
            return ast.Subscript(value=value, slice=key, ctx=ast.Load())
    return target


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
    return run.branch(test, lambda: run.block(node.body, frame), lambda: run.block(node.orelse, frame), frame)


def _assert(run: Interpreter, node: ast.Assert, frame: Frame) -> None:
    run.assume(truth(run.eval(node.test, frame)))


def _for(run: Interpreter, node: ast.For, frame: Frame) -> bool:
    found = run.iterate(run.eval(node.iter, frame))
    if found is not None and found[1] and len(found[0]) <= UNROLLED:
        for value in found[0]:
            run.assign(node.target, value, frame)
            if run.block(node.body, frame) and _always_leaves(node.body):
                break
        run.block(node.orelse, frame)
        return False
    values = found[0] if found else []
    first = values[0] if values else UNKNOWN
    for value in values[1:]:
        first = join(first, value)

    def once() -> bool:
        for _ in range(2):
            run.assign(node.target, first, frame)
            run.block(node.body, frame)
        return False

    run.branch(UNKNOWN, once, lambda: False, frame)
    return False


def _always_leaves(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(statement, (ast.Break, ast.Return, ast.Raise)) for statement in body)


def _while(run: Interpreter, node: ast.While, frame: Frame) -> bool:
    run.eval(node.test, frame)
    run.branch(UNKNOWN, lambda: run.block(node.body, frame) and False, lambda: False, frame)
    return False


def _with(run: Interpreter, node: ast.With, frame: Frame) -> bool:
    for item in node.items:
        value = run.eval(item.context_expr, frame)
        if item.optional_vars is not None:
            run.assign(item.optional_vars, value if isinstance(value, Instance) else UNKNOWN, frame)
    return run.block(node.body, frame)


def _try(run: Interpreter, node: ast.Try, frame: Frame) -> bool:
    left = run.block(node.body, frame)
    for handler in node.handlers:
        body = handler.body
        run.branch(UNKNOWN, lambda: False, lambda body=body: run.block(body, frame), frame)  # type: ignore[misc]
    if not left:
        left = run.block(node.orelse, frame)
    return run.block(node.finalbody, frame) or (left and not node.handlers)


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
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
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
