"""Names that a loop binds to the parameters of a module, one after the other."""

import ast
from collections.abc import Callable, Iterator

from lintml.analysis.tree import walk


def is_looped_parameter(node: ast.expr, parents: Callable[[ast.AST], Iterator[ast.AST]]) -> bool:
    """Whether a name is a parameter in the loop that binds it: over ``parameters()``, by name, or several zipped."""
    if not isinstance(node, ast.Name):
        return False
    for loop in parents(node):
        if isinstance(loop, ast.For | ast.AsyncFor) and _binds(loop.target, node.id):
            return any(_binds(target, node.id) for target in _parameters(loop.target, loop.iter))
    return False


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in walk(target))


def _parameters(target: ast.expr, over: ast.expr) -> Iterator[ast.expr]:
    """The parts of a loop's target that take parameters."""
    match target, over:
        case ast.Name(), ast.Call(func=ast.Attribute(attr="parameters")):
            yield target
        case ast.Tuple(elts=[_, ast.Name() as named]), ast.Call(func=ast.Attribute(attr="named_parameters")):
            yield named
        case ast.Tuple(elts=targets), ast.Call(func=ast.Name(id="zip"), args=zipped) if len(targets) == len(zipped):
            for each, inner in zip(targets, zipped, strict=True):
                yield from _parameters(each, inner)
