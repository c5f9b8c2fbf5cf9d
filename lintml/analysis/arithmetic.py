"""What a binary operation is worth: on sizes, numbers, tensors and sequences."""

import ast
import operator
from collections.abc import Callable
from typing import Any, Final

from lintml.analysis.functions import apply
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.pairs import pair
from lintml.analysis.rates import combined
from lintml.analysis.values import (
    Items,
    Number,
    Power,
    Ratio,
    Sizes,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import floor_divide, remainder

_ARITHMETIC: Final[dict[type, tuple[str, Callable[[Any, Any], Any]]]] = {
    ast.Add: ("torch.add", operator.add),
    ast.Sub: ("torch.sub", operator.sub),
    ast.Mult: ("torch.mul", operator.mul),
    ast.Div: ("torch.div", operator.truediv),
    ast.FloorDiv: ("torch.floor_divide", operator.floordiv),
    ast.Mod: ("torch.remainder", operator.mod),
    ast.Pow: ("torch.pow", operator.pow),
    ast.MatMult: ("torch.matmul", operator.matmul),
    ast.BitAnd: ("torch.bitwise_and", operator.and_),
    ast.BitOr: ("torch.bitwise_or", operator.or_),
    ast.BitXor: ("torch.bitwise_xor", operator.xor),
}


def operate(run: Interpreter, node: ast.AST, sign: ast.operator, left: Value, right: Value, frame: Frame) -> Value:
    """The value of a binary operation."""
    path, plain = _ARITHMETIC.get(type(sign), ("", None))
    if plain is None:
        return UNKNOWN
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return apply(run, path, node, [left, right], {}, frame)
    if not isinstance(sign, (ast.Add, ast.Mult)) and (_is_pair(left, right) or _is_pair(right, left)):
        # A tuple can be added to another and repeated, and that is all.
        return apply(run, path, node, [left, right], {}, frame)
    if is_size(left) and is_size(right):
        return _integers(type(sign), plain, left, right)
    if isinstance(left, (int, float, complex)) and isinstance(right, (int, float, complex)):
        return _plain(plain, left, right)
    if _is_number(left) and _is_number(right):
        return _numbers(type(sign), left, right)
    return _sequences(run, sign, left, right)


def _is_pair(one: Value, other: Value) -> bool:
    return pair(one) is not None and _is_number(other)


def _is_number(value: Value) -> bool:
    return is_size(value) or isinstance(value, (float, complex, Number, Ratio))


def _numbers(sign: type, left: Value, right: Value) -> Value:
    """A number that is no size: a power of a size where it is one."""
    base = left.size if isinstance(left, Ratio) else left
    match left, right:
        case _, float() if sign is ast.Pow and is_size(base):
            return Power(base, right)
        case 1 | 1.0, Power(base=base, exponent=exponent) if sign is ast.Div:
            return Power(base, -exponent)
    return combined(sign, left, right)


def _integers(sign: type, plain: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    if sign is ast.FloorDiv:
        return UNKNOWN if right == 0 else floor_divide(left, right)
    if sign is ast.Mod:
        return UNKNOWN if right == 0 else remainder(left, right)
    if sign in (ast.Add, ast.Sub, ast.Mult):
        return plain(left, right)
    if isinstance(left, int) and isinstance(right, int):
        return _plain(plain, left, right)
    if sign is ast.Pow and isinstance(right, int) and 0 <= right <= 4:
        return left**right
    if sign is ast.Div and not isinstance(left, int):
        whole = floor_divide(left, right)
        return Ratio(whole) if whole * right == left else combined(sign, left, right)
    return combined(sign, left, right) if sign in (ast.Div, ast.Pow) else UNKNOWN


def _plain(plain: Callable[[Any, Any], Any], left: Any, right: Any) -> Value:
    if plain is operator.pow and (abs(left) > 1e6 or abs(right) > 64):
        return UNKNOWN
    try:
        return plain(left, right)
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN


def _sequences(run: Interpreter, sign: ast.operator, left: Value, right: Value) -> Value:
    if isinstance(sign, ast.Add):
        if isinstance(left, str) and isinstance(right, str):
            return left + right
        if isinstance(left, Sizes) or isinstance(right, Sizes):
            left, right = (_settled(run, each) for each in (left, right))
        if isinstance(left, tuple) and isinstance(right, tuple):
            return left + right
        if isinstance(left, Items) and isinstance(right, Items):
            return Items([*left.values, *right.values], exact=left.exact and right.exact, level=run.level)
    if isinstance(sign, ast.Mult):
        for items, times in ((left, right), (right, left)):
            if isinstance(items, Items) and is_size(times):
                if isinstance(times, int) and items.exact and times * len(items.values) <= 256:
                    return Items([_placeholder(value) for value in items.values] * times, level=run.level)
                return Items(map(_placeholder, items.values), exact=False, level=run.level)
            if isinstance(items, tuple) and isinstance(times, int) and times * len(items) <= 256:
                return items * times
    return UNKNOWN


def _placeholder(value: Value) -> Value:
    """What ``[value] * n`` holds: a tensor there only keeps a place until another is put in it."""
    return Tensor(None) if isinstance(value, Tensor) else value


def _settled(run: Interpreter, value: Value) -> Value:
    if isinstance(value, Sizes):
        shape = run.world.shape(value.shape)
        if shape.rest is None:
            return tuple(UNKNOWN if size is None else size for size in shape.dims)
        return UNKNOWN
    return value
