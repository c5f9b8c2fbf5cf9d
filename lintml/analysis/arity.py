"""Calls of the page's own functions and classes with arguments that these do not take."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lintml.analysis.values import Function, PageClass, Tensor, Value
from lintml.torch_api.parameters import Mismatch, Parameter, ParameterKind, Signature


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """A call that a function of the page does not take, as Python would find.

    ``called`` is the function or method that was reached, ``missing`` its required parameters that get nothing, in
    order, ``given`` how many positional arguments it got, ``keywords`` their names. ``tensors`` says that all
    positional arguments are tensors.
    """

    node: ast.Call
    called: Function
    mismatch: Mismatch
    missing: tuple[str, ...]
    given: int
    keywords: tuple[str, ...]
    tensors: bool

    @property
    def name(self) -> str:
        """The function's name, with its class where it has one."""
        name = getattr(self.called.node, "name", "<lambda>")
        return f"{self.called.owner.name}.{name}" if self.called.owner is not None else name

    def refused_by(self, other: Function) -> bool:
        """Whether another definition does not take the call either."""
        skip = implicit(self.called) if other.owner is not None else 0
        return signature(other, skip).accepts(self.given, self.keywords) is not None


def misfit(
    called: Function, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.AST | None
) -> Misfit | None:
    """What is wrong with a call, None where nothing is or where the arguments cannot be counted."""
    if not isinstance(node, ast.Call) or _fits_at_sight(called, len(arguments), keywords):
        return None
    if not _countable(called, arguments, keywords, node):
        return None
    takes = signature(called, implicit(called))
    found = takes.accepts(len(arguments), tuple(keywords))
    if found is None:
        return None
    filled = {parameter.name for parameter in takes.slots[: len(arguments)]} | set(keywords)
    missing = tuple(each.name for each in takes.parameters if each.required and each.name not in filled)
    tensors = all(isinstance(each, Tensor) for each in arguments)
    return Misfit(node, called, found, missing, len(arguments), tuple(keywords), tensors)


def _fits_at_sight(called: Function, given: int, keywords: Mapping[str, Value]) -> bool:
    """Whether a plain call fits, without a signature made: the usual case, so that calls stay cheap."""
    spec = called.node.args
    most = len(spec.posonlyargs) + len(spec.args) - implicit(called)
    return not keywords and most - len(spec.defaults) <= given <= most and len(spec.kwonlyargs) == 0


def _countable(called: Function, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call) -> bool:
    """Whether the call's arguments are all that reach the function: none spread out, none bound beforehand."""
    spread = any(isinstance(each, ast.Starred) for each in node.args) or any(each.arg is None for each in node.keywords)
    if spread or len(arguments) != len(node.args) or len(keywords) != len(node.keywords):
        return False
    owner, name = called.owner, getattr(called.node, "name", "")
    if owner is not None and name == "__init__" and ("__new__" in owner.methods or _is_altered(owner)):
        return False
    return called.bound is None or name not in called.bound.attributes


def _is_altered(cls: PageClass) -> bool:
    return bool(cls.node.keywords or cls.node.decorator_list)


def implicit(called: Function) -> int:
    """How many of a function's parameters the caller does not give: the object or class that a method is of."""
    if called.role == "class":
        return 1
    return int(called.bound is not None and called.role != "static")


def signature(called: Function, skip: int) -> Signature:
    """What a function of the page takes, without its first ``skip`` parameters."""
    spec = called.node.args
    positional: list[tuple[ast.arg, ParameterKind]] = [(each, "positional") for each in spec.posonlyargs]
    positional += [(each, "either") for each in spec.args]
    required = len(positional) - len(spec.defaults)
    listed = [_parameter(each.arg, kind, at >= required) for at, (each, kind) in enumerate(positional)][skip:]
    if spec.vararg is not None:
        listed.append(Parameter(spec.vararg.arg, "rest"))
    defaults = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    listed += [_parameter(each.arg, "keyword", default is not None) for each, default in defaults]
    if spec.kwarg is not None:
        listed.append(Parameter(spec.kwarg.arg, "keywords"))
    return Signature(tuple(listed))


def _parameter(name: str, kind: ParameterKind, optional: bool) -> Parameter:
    return Parameter(name, kind, "..." if optional else None)
