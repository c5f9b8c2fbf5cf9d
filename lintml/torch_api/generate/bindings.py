"""The names that a module binds, and what each of them stands for."""

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Binding:
    """One name of a module: an import (``target`` is an absolute dotted path) or a definition (``nodes``).

    A definition has one node, or one for each overload, with the function that they are of last. ``explicit`` says that
    the module re-exports the name by a star or by ``import x as x``; ``shown`` also where an ``__init__`` imports a
    plain name of its own package. ``bound`` functions are methods of the object that the module turns itself into.
    """

    module: str
    name: str
    nodes: list[ast.AST] = field(default_factory=list)
    target: str = ""
    shown: bool = True
    explicit: bool = False
    bound: bool = False


@dataclass(slots=True)
class Module:
    """A module's bindings; ``exports`` is its ``__all__`` where it has one.

    ``patches`` are attributes set on its classes from outside, ``deleted`` the names it binds only for a while,
    ``dynamic`` those its ``__getattr__`` answers to (None where the module has names that no statement tells).
    """

    name: str
    is_stub: bool
    bindings: dict[str, Binding] = field(default_factory=dict)
    exports: list[str] | None = None
    patches: dict[str, dict[str, ast.AST]] = field(default_factory=dict)
    deleted: dict[str, Binding] = field(default_factory=dict)
    dynamic: frozenset[str] | None = frozenset()

    def starred(self) -> list[str]:
        """The names that ``from module import *`` binds."""
        if self.exports is not None:
            return self.exports
        return [
            n for n, b in self.bindings.items() if n[0] != "_" and (not self.is_stub or (b.shown and not is_typing(b)))
        ]


def is_typing(binding: Binding) -> bool:
    """Whether a name only serves annotations: a type variable or an alias of a type."""
    match binding.nodes:
        case [ast.Call(ast.Name("TypeVar" | "ParamSpec" | "NewType"))]:
            return True
        case [ast.AnnAssign(annotation=ast.Name("TypeAlias"))]:
            return True
    return False


def is_overload(node: Function) -> bool:
    return any(ast.unparse(d).rpartition(".")[2] == "overload" for d in node.decorator_list)


def continues(nodes: list[ast.AST]) -> bool:
    """Whether more overloads, or what they are of, may follow."""
    return bool(nodes) and isinstance(nodes[-1], Function) and is_overload(nodes[-1])
