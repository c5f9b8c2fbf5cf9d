"""Loops: run value by value where these are known, else often enough to see what comes of them."""

import ast
from collections.abc import Container, Iterable, Sequence

from lintml.analysis.choices import joined
from lintml.analysis.interpret import UNROLLED, Frame, Interpreter
from lintml.analysis.loading import Stream
from lintml.analysis.values import Items, Path, Value, listed
from lintml.shapes.call import UNKNOWN


def loop_over(run: Interpreter, node: ast.For | ast.AsyncFor, frame: Frame) -> bool:
    """A ``for`` statement; whether control leaves the block there."""
    over = run.eval(node.iter, frame)
    found = run.iterate(over)
    if found is not None and found[1] and len(found[0]) <= UNROLLED:
        for value in found[0]:
            run.assign(node.target, value, frame)
            if run.block(node.body, frame) and _always_leaves(node.body):
                break
        run.block(node.orelse, frame)
        return False
    held = listed(over)
    if held is not None and held.sampled and 2 <= len(held.values) <= UNROLLED:
        _through_sample(run, node, held, frame)
        return False
    value = joined(found[0]) if found is not None else UNKNOWN
    sure = isinstance(over, Stream) or run.callees.get(node.iter) == Path("builtins.range")  # type: ignore[call-overload]
    run.sure += sure
    run.branch(UNKNOWN, lambda: _pass(run, node, [value] * 2, frame, {1}), lambda: False, frame, loop=True)
    run.sure -= sure
    return False


def loop_while(run: Interpreter, node: ast.While, frame: Frame) -> bool:
    """A ``while`` statement; whether control leaves the block there."""
    run.eval(node.test, frame)
    run.branch(UNKNOWN, lambda: run.block(node.body, frame) and False, lambda: False, frame)
    return False


def _through_sample(run: Interpreter, node: ast.For | ast.AsyncFor, held: Items, frame: Frame) -> None:
    """A loop over a list of which only the length is not known: what one pass and two passes agree on."""
    alike = held.alike_until

    def briefly() -> None:
        run.rehearsing += 1
        _pass(run, node, held.once()[alike:], frame)
        run.rehearsing -= 1

    run.loops.append(True)
    _pass(run, node, held.values[:alike], frame)
    run.loops.pop()
    again = {at - alike for at in held.again}
    run.both(briefly, lambda: _pass(run, node, held.values[alike:], frame, again), frame)


def _pass(
    run: Interpreter, node: ast.For | ast.AsyncFor, values: Iterable[Value], frame: Frame, again: Container[int] = ()
) -> bool:
    for at, value in enumerate(values):
        run.repeating += at in again
        run.assign(node.target, value, frame)
        run.block(node.body, frame)
        run.repeating -= at in again
    return False


def _always_leaves(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(statement, (ast.Break, ast.Return, ast.Raise)) for statement in body)
