"""Sizes as a method of the page would write them."""

import ast

from lintml.analysis.facts import Facts
from lintml.analysis.values import Instance, is_size
from lintml.shapes.shape import Axis


def spell_width(size: Axis, near: ast.AST, instance: Instance | None, facts: Facts, tensor: str = "") -> str | None:
    """A size in a method: an attribute that holds it, else the last axis of ``tensor``; None where there is neither.

    Of a plain number only an attribute that alone holds it is taken: two that are equal may mean different things.
    """
    held = _attributes(size, instance)
    me = _receiver(near, facts)
    if me and held and (len(held) == 1 or not isinstance(size, int)):
        return f"{me}.{held[0]}"
    return f"{tensor}.size(-1)" if tensor.isidentifier() else None


def _attributes(size: Axis, instance: Instance | None) -> list[str]:
    if instance is None or size is None:
        return []
    return [name for name, value in instance.attributes.items() if is_size(value) and value == size]


def _receiver(node: ast.AST, facts: Facts) -> str:
    """What the method that a node stands in calls its own object; empty outside of one."""
    around = [each for each in facts.parents(node) if isinstance(each, (ast.FunctionDef, ast.Lambda, ast.ClassDef))]
    match around[:2]:
        case [ast.FunctionDef(args=ast.arguments(args=[first, *_])), ast.ClassDef()]:
            return first.arg
    return ""
