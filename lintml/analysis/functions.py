"""Functions and tensor methods of torch, applied to values."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from lintml.analysis import library
from lintml.analysis.applying import FACTORIES, applied, is_number
from lintml.analysis.binding import bind, setting
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.values import Items, Tensor, Value
from lintml.shapes.call import UNKNOWN
from lintml.shapes.signature import Signature
from lintml.torch_api import operators


def apply(
    run: Interpreter, path: str, node: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value], frame: Frame
) -> Value:
    """The result of a function of torch."""
    signature = operators.function(path)
    if signature is None:
        return Tensor(None, certain=True) if path in FACTORIES else UNKNOWN
    return _function(run, path, signature, node, arguments, keywords, frame)


def method(
    run: Interpreter, name: str, node: ast.AST, arguments: Sequence[Value], keywords: Mapping[str, Value], frame: Frame
) -> Value:
    """The result of a tensor method; the tensor itself is the first argument."""
    known = library.tensor_method(run, name, arguments, keywords, frame)
    if known is not NotImplemented:
        return known
    signature = operators.method(name)
    if signature is None and name.endswith("_") and not name.startswith("_"):
        signature = operators.method(name[:-1])
    if signature is None:
        return UNKNOWN
    return _function(run, f"torch.Tensor.{name}", signature, node, arguments, keywords, frame)


def _function(
    run: Interpreter,
    path: str,
    signature: Signature,
    node: ast.AST,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    frame: Frame,
) -> Value:
    bound = bind(signature.parameters, arguments, keywords)
    if bound is None:
        return UNKNOWN
    if signature.operator and not signature.inputs:
        tensors = {
            n: v
            for n, v in bound.items()
            if (isinstance(v, Tensor) and n not in _ASIDE) or (v is UNKNOWN and n.lstrip("*") in _OPERANDS)
        }
        given: list[Value] = []
        for name, value in bound.items():
            if name == "operands" and value is not UNKNOWN:
                spread = value[0].values if len(value) == 1 and isinstance(value[0], Items) else value
                given += list(spread)
            elif name in tensors or (name in _OPERANDS and is_number(value)):
                given.append(value)
        names = (*tensors, "operands")
    else:
        names = signature.tensors if signature.inputs else ()
        given = [_gathered(name, bound[name.lstrip("*")]) for name in names]
    settings = {name: setting(run, value) for name, value in bound.items() if name not in names}
    return applied(run, path, signature, given, settings, node, frame, None)


def _gathered(name: str, value: Value) -> Value:
    """What ``*tensors`` is given: the tensors themselves, or one list of them."""
    match value:
        case ((Items() | tuple()) as only,) if name.startswith("*"):
            return only
    return value


# Settings that no tensor can be, whatever a parameter of the page may look like.
_ASIDE: Final = frozenset(["device", "dtype", "layout", "memory_format", "generator", "requires_grad"])
_OPERANDS: Final = frozenset(
    "input other self mat2 tensor tensor1 tensor2 condition end value weight exponent target".split()
)
