"""The header of a function or a class: its parameters and its bases."""

import ast
from collections.abc import Sequence
from itertools import pairwise

import libcst as cst

from lintml.model import AddParameter, Edit, SetBases
from lintml.rewriting import expressions
from lintml.rewriting.commas import Commas, Item, item
from lintml.rewriting.concrete import Concrete, concrete
from lintml.rewriting.pieces import RewriteError, parse_module
from lintml.rewriting.source import Source


def add_parameters(
    source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef, changes: Sequence[AddParameter]
) -> list[Edit]:
    """New parameters before ``*args``, ``*`` and ``**kwargs``: those without a default before those with one."""
    taken = {parameter.arg for parameter in ast.iter_child_nodes(function.args) if isinstance(parameter, ast.arg)}
    required: list[str] = []
    optional: list[str] = []
    for change in changes:
        name, has_default = _read_parameter(change.text)
        if name in taken:
            raise RewriteError(f"{function.name} has a parameter {name!r} already")
        taken.add(name)
        (optional if has_default else required).append(change.text.strip())
    tree = concrete(source.text)
    node = tree.definition(source.span(function))
    assert isinstance(node, cst.FunctionDef)
    start, end = tree.span(node.whitespace_before_params).start, tree.span(node.params).end
    ordinary, others = _ordinary(tree, node.params), _others(tree, node.params)
    commas = Commas(source, start, end, (*ordinary, *others))
    after_required = _count_required(function.args)
    if after_required == len(ordinary):
        return commas.change((), {after_required: required + optional})
    return commas.change((), {after_required: required, len(ordinary): optional})


def set_bases(source: Source, change: SetBases) -> list[Edit]:
    """The positional bases become those of ``change``; ``metaclass=`` and its like stay."""
    tree = concrete(source.text)
    node = tree.definition(source.span(change.node))
    assert isinstance(node, cst.ClassDef)
    bases = [expressions.argument(base) for base in change.bases]
    name_end = tree.span(node.type_parameters or node.name).end
    if not isinstance(node.lpar, cst.LeftParen) or not isinstance(node.rpar, cst.RightParen):
        return [source.edit(name_end, name_end, f"({', '.join(bases)})")] if bases else []
    start, end = tree.span(node.lpar).start + 1, tree.span(node.rpar).end - 1
    if not bases and not node.keywords:
        return [source.edit(name_end, end + 1, "")]
    if len(bases) == len(change.node.bases):
        spans = [source.span(base) for base in change.node.bases]
        return [
            source.edit(span.start, span.end, base)
            for span, base in zip(spans, bases, strict=True)
            if source.text[span.start : span.end] != base
        ]
    items = tuple(item(tree, arg, arg.comma, tree.span(arg).end) for arg in (*node.bases, *node.keywords))
    if any(one.end > other.start for one, other in pairwise(items)):
        raise RewriteError("a base class stands behind a keyword")
    old = len(node.bases)
    return Commas(source, start, end, items).change(range(old), {old: bases})


def _read_parameter(text: str) -> tuple[str, bool]:
    """The name of a parameter as it is written in a signature, and whether it has a default."""
    try:
        match parse_module(f"def _(\n{text}\n): ...").body:
            case [ast.FunctionDef(args=ast.arguments(args=[ast.arg(arg=name)], defaults=defaults))]:
                return name, bool(defaults)
    except SyntaxError:
        pass
    raise RewriteError(f"{text!r} is not one ordinary parameter")


def _ordinary(tree: Concrete, parameters: cst.Parameters) -> list[Item]:
    """The parameters that take positional arguments one by one, and the slash among them."""
    items = [_parameter(tree, parameter) for parameter in parameters.posonly_params]
    if isinstance(slash := parameters.posonly_ind, cst.ParamSlash):
        items.append(item(tree, slash, slash.comma, tree.span(slash).start + 1))
    return items + [_parameter(tree, parameter) for parameter in parameters.params]


def _others(tree: Concrete, parameters: cst.Parameters) -> list[Item]:
    """``*args`` or the lone star, and what follows."""
    items: list[Item] = []
    match parameters.star_arg:
        case cst.ParamStar() as star:
            items.append(item(tree, star, star.comma, tree.span(star).start + 1))
        case cst.Param() as starred:
            items.append(_parameter(tree, starred))
    items += [_parameter(tree, parameter) for parameter in parameters.kwonly_params]
    if parameters.star_kwarg:
        items.append(_parameter(tree, parameters.star_kwarg))
    return items


def _parameter(tree: Concrete, parameter: cst.Param) -> Item:
    return item(tree, parameter, parameter.comma, tree.span(parameter.whitespace_after_param).start)


def _count_required(arguments: ast.arguments) -> int:
    """How many of the ordinary items, the slash counted, stand before the first that has a default."""
    count = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    slash = bool(arguments.posonlyargs) and count >= len(arguments.posonlyargs)
    return count + slash
