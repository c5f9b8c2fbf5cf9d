"""Code that judges a model: what it chooses among scores is compared with what is right, or a loss is read off."""

import ast
from typing import Final

from lintml.analysis.tree import walk

_CHOOSING: Final = frozenset(("argmax", "max", "topk", "round"))


def judges(node: ast.AST) -> bool:
    """Whether a choice among scores is compared there with another value, which is no constant."""
    chosen = {
        name
        for each in walk(node)
        if isinstance(each, ast.Assign) and _chooses(each.value)
        for target in each.targets
        for name in _names(target)
    }
    for each in walk(node):
        match each:
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
                sides = (left, right)
            case ast.Call(func=ast.Attribute(value=left, attr="eq"), args=[right]):
                sides = (left, right)
            case _:
                continue
        constant = any(isinstance(side, ast.Constant) for side in sides)
        if not constant and any(_chooses(side) or _names(side) & chosen for side in sides):
            return True
    return False


def measures(node: ast.AST, model: ast.expr) -> bool:
    """Whether what a model gives is handed with something else to a function of which only the number is read."""
    same = ast.dump(model)
    made = {
        name
        for each in walk(node)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) and ast.dump(each.value.func) == same
        for target in each.targets
        for name in _names(target)
    }
    losses = {
        target.id: each.value
        for each in walk(node)
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    for each in walk(node):
        match each:
            case ast.Call(func=ast.Attribute(value=value, attr="item"), args=[]):
                value = losses.get(value.id, value) if isinstance(value, ast.Name) else value
                if isinstance(value, ast.Call) and len(value.args) > 1 and _is_given(value.args[0], made, same):
                    return True
    return False


def _is_given(argument: ast.expr, made: set[str], model: str) -> bool:
    calls = (each for each in walk(argument) if isinstance(each, ast.Call))
    return bool(_names(argument) & made) or any(ast.dump(each.func) == model for each in calls)


def _chooses(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in _CHOOSING
        for each in walk(node)
    )


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}
