"""What a class has from where: its forebears on the page, and how its methods reach the object."""

import ast
from collections.abc import Iterator

from lintml.analysis.tree import children, walk
from lintml.analysis.values import Function, PageClass, Path

# What these do to a class leaves its methods and attributes as they are written.
_MAGIC = frozenset("__new__ __getattr__ __getattribute__ __setattr__ __init_subclass__".split())


def lineage(cls: PageClass) -> list[PageClass]:
    """A class and those of the page that it derives from, nearest first."""
    found = [cls]
    for base in cls.bases:
        if isinstance(base, PageClass):
            found += [each for each in lineage(base) if each not in found]
    return found


def library_bases(cls: PageClass) -> list[str]:
    """The classes of libraries that a class derives from, directly or through others of the page."""
    return [base.text for each in lineage(cls) for base in each.bases if isinstance(base, Path)]


def has_unknown_base(cls: PageClass) -> bool:
    """Whether some forebear is neither a class of the page nor one that is imported."""
    return any(not isinstance(base, (PageClass, Path)) for each in lineage(cls) for base in each.bases)


def is_plain(cls: PageClass) -> bool:
    """Whether nothing but what is written makes the class: no decorator, no metaclass, no magic of attributes."""
    return all(
        not each.node.decorator_list and not each.node.keywords and _MAGIC.isdisjoint(each.methods)
        for each in lineage(cls)
    )


def receiver(function: Function) -> str:
    """The name that a method gives to its object; empty for a static method or one of the class."""
    arguments = function.node.args
    listed = [*arguments.posonlyargs, *arguments.args]
    return listed[0].arg if listed and function.role not in ("static", "class") else ""


def own_methods(cls: PageClass) -> Iterator[Function]:
    """The methods that a class defines itself."""
    return (method for method in cls.methods.values() if method.owner is cls)


def reads_and_writes(function: Function) -> Iterator[ast.Attribute]:
    """The attributes of its object that a method names; not those of what it calls the same in a function within."""
    name = receiver(function)
    stack: list[ast.AST] = [function.node] if name else []
    while stack:
        node = stack.pop()
        match node:
            case ast.Attribute(value=ast.Name(id=held)) if held == name:
                yield node
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if node is not function.node:
                if any(isinstance(each, ast.arg) and each.arg == name for each in walk(node.args)):
                    continue
        stack += reversed(children(node))
