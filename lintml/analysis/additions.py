"""What a page adds to torch and to the objects of its classes."""

import ast
from collections.abc import Iterable

from lintml.analysis.names import Names


class Additions:
    """The paths and attributes that a page sets or deletes itself."""

    def __init__(self, names: Names, nodes: Iterable[ast.AST]) -> None:
        self._paths: set[str] = set()
        self._attributes: set[str] = set()
        for node in nodes:
            match node:
                case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                    self._attributes.add(name)
                    self._paths.add(names.path(node) or "")
                case ast.FunctionDef(name=name, decorator_list=[_, *_]):
                    # Such as @add_to_class(Net).
                    self._attributes.add(name)
                case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str(name)), _]):
                    self._attributes.add(name)
                    self._paths.add(f"{names.path(owner)}.{name}")

    def have(self, path: str, *, by_value: bool) -> bool:
        """Whether the page sets a path, or an attribute of that name where an object is asked for it."""
        return path in self._paths or (by_value and path.rpartition(".")[2] in self._attributes)
