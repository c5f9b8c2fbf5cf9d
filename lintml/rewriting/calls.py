"""The arguments of a call: set, appended and removed."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from lintml.model import Edit, RemoveArgument, SetArgument
from lintml.rewriting import expressions
from lintml.rewriting.commas import Commas, item
from lintml.rewriting.concrete import concrete
from lintml.rewriting.pieces import RewriteError
from lintml.rewriting.source import Source


@dataclass(frozen=True, slots=True)
class _Plan:
    """What becomes of a call's arguments: values replaced, indices that go, texts that come."""

    values: list[Edit] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    positional: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)


def rewrite(source: Source, call: ast.Call, changes: Sequence[SetArgument | RemoveArgument]) -> list[Edit]:
    """All that a fix changes in one call's arguments; positions are those of the call as it stands."""
    tree = concrete(source.text)
    node = tree.call(source.span(call))
    arguments = _in_order(call)
    plan = _plan(source, call, node, changes)
    start, end = tree.span(node.whitespace_after_func).end + 1, tree.span(node).end - 1
    commas = Commas(source, start, end, tuple(item(tree, arg, arg.comma, tree.span(arg).end) for arg in node.args))
    after_positional = arguments.index(call.args[-1]) + 1 if call.args else 0
    after_keywords = len(arguments)
    while after_keywords and _is_double_starred(arguments[after_keywords - 1]):
        after_keywords -= 1
    if after_positional == after_keywords:
        added = {after_keywords: plan.positional + plan.keywords}
    else:
        added = {after_positional: plan.positional, after_keywords: plan.keywords}
    brackets = _brackets_for_generator(source, node) if any(added.values()) and not plan.gone else []
    return [*plan.values, *brackets, *commas.change(plan.gone, added)]


def _plan(source: Source, call: ast.Call, node: cst.Call, changes: Sequence[SetArgument | RemoveArgument]) -> _Plan:
    plan = _Plan()
    for change in changes:
        found = _find(call, change.keyword, change.position)
        match change:
            case RemoveArgument() if found:
                plan.gone.append(_in_order(call).index(found))
            case SetArgument(value=value) if found:
                old = found.value if isinstance(found, ast.keyword) else found
                plan.values.append(expressions.replace(source, old, value))
            case SetArgument(keyword=str(keyword), value=value):
                plan.keywords.append(f"{keyword}{_equals(node)}{expressions.argument(value)}")
            case SetArgument(value=value) if change.position == len(call.args) + len(plan.positional):
                plan.positional.append(expressions.argument(value))
            case _:
                what = repr(change.keyword) if change.keyword is not None else f"at position {change.position}"
                raise RewriteError(f"the call has no argument {what}")
    return plan


def _in_order(call: ast.Call) -> list[ast.expr | ast.keyword]:
    """The arguments as they stand in the text: a starred one may come after keywords."""
    arguments: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    return sorted(arguments, key=lambda argument: (argument.lineno, argument.col_offset))


def _find(call: ast.Call, keyword: str | None, position: int | None) -> ast.expr | ast.keyword | None:
    """The argument that ``keyword`` or ``position`` names, if the call has it."""
    for argument in call.keywords:
        if keyword is not None and argument.arg == keyword:
            return argument
    if position is None:
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args[: position + 1]):
        raise RewriteError(f"what stands at position {position} of the call comes from a starred argument")
    return call.args[position] if position < len(call.args) else None


def _equals(call: cst.Call) -> str:
    """The equals sign as the call's other keywords have it."""
    for argument in reversed(call.args):
        match argument.equal:
            case cst.AssignEqual(
                whitespace_before=cst.SimpleWhitespace(before), whitespace_after=cst.SimpleWhitespace(after)
            ):
                return f"{before}={after}" if before in ("", " ") and after in ("", " ") else "="
    return "="


def _is_double_starred(argument: ast.expr | ast.keyword) -> bool:
    return isinstance(argument, ast.keyword) and argument.arg is None


def _brackets_for_generator(source: Source, call: cst.Call) -> list[Edit]:
    """A generator needs brackets of its own where it is no longer the only argument."""
    match call.args:
        case [cst.Arg(value=cst.GeneratorExp(lpar=[]) as generator)]:
            span = concrete(source.text).span(generator)
            return [source.edit(span.start, span.start, "("), source.edit(span.end, span.end, ")")]
    return []
