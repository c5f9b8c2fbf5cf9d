"""Whether autograd records where a node stands, as far as the code around it says."""

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Final

_OFF: Final = frozenset(
    "torch.no_grad torch.autograd.no_grad torch.inference_mode torch.autograd.inference_mode".split()
)
_ON: Final = frozenset("torch.enable_grad torch.autograd.enable_grad".split())
_SWITCHES: Final = frozenset(
    "torch.set_grad_enabled torch.autograd.set_grad_enabled torch._C._set_grad_enabled".split()
)


class Recordings:
    """The blocks and decorators of a page that switch recording on and off."""

    def __init__(
        self,
        nodes: Iterable[ast.AST],
        parents: Callable[[ast.AST], Iterator[ast.AST]],
        path: Callable[[ast.AST | None], str | None],
    ) -> None:
        self._nodes = nodes
        self._parents = parents
        self._path = path

    def around(self, node: ast.AST) -> bool | None:
        """Whether results are recorded there; None where a caller decides, or a block that is not known."""
        child = node
        for parent in self._parents(node):
            match parent:
                case ast.With(items=items) if child not in items:
                    for item in items:
                        if (found := self._switched(item.context_expr)) is not True:
                            return found
                        if self._last(item.context_expr) in _ON:
                            return True
                case ast.FunctionDef(decorator_list=decorators) | ast.AsyncFunctionDef(decorator_list=decorators):
                    return False if any(self._last(each) in _OFF for each in decorators) else None
                case ast.Lambda() | ast.AsyncWith():
                    return None
            child = parent
        return None if self._switches else True

    @cached_property
    def inside(self) -> bool:
        """Whether some function of the page switches recording off, for itself or for what it calls."""
        for node in self._nodes:
            match node:
                case ast.FunctionDef(decorator_list=found) | ast.AsyncFunctionDef(decorator_list=found):
                    switches = found
                case ast.With(items=items) if any(isinstance(each, ast.FunctionDef) for each in self._parents(node)):
                    switches = [item.context_expr for item in items]
                case _:
                    continue
            if any(self._last(each) in _OFF for each in switches):
                return True
        return False

    def _switched(self, context: ast.expr) -> bool | None:
        """What a block makes of recording that was on before."""
        path = self._last(context)
        if path in _OFF:
            return False
        return None if path is None or path in _SWITCHES or not path.startswith("torch.") else True

    def _last(self, node: ast.expr) -> str | None:
        return self._path(node.func if isinstance(node, ast.Call) else node)

    @cached_property
    def _switches(self) -> bool:
        """Whether the page turns recording off for whatever comes after."""
        for node in self._nodes:
            match node:
                case ast.Call(func=called) if self._path(called) in _SWITCHES:
                    return True
                case ast.Attribute(attr="__enter__" | "enter_context"):
                    return True
        return False
