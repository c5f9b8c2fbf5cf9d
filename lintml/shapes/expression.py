"""The small arithmetic of the notation: words, integers, ``+ - * // %``, ``word.0`` and ``verb(…)``."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeAlias

from lintml.shapes import dim, verbs
from lintml.shapes.axes import component
from lintml.shapes.call import UNKNOWN, Call, is_size

Expression: TypeAlias = Callable[[Mapping[str, Any], Call], Any]

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*(?:\.\d)?|//|[-+*%(),])")


@cache
def parse(text: str) -> Expression:
    """A function of the words and the call that computes the expression; UNKNOWN where a word is unknown."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise ValueError(f"cannot read {text!r}")
    tree, left = _sum(tokens)
    if left:
        raise ValueError(f"cannot read {text!r} from {left[0]!r} on")
    return tree


def _sum(tokens: list[str]) -> tuple[Expression, list[str]]:
    left, tokens = _product(tokens)
    while tokens and tokens[0] in "+-":
        sign, (right, tokens) = tokens[0], _product(tokens[1:])
        left = _binary(left, right, (lambda a, b: a + b) if sign == "+" else (lambda a, b: a - b))
    return left, tokens


def _product(tokens: list[str]) -> tuple[Expression, list[str]]:
    left, tokens = _atom(tokens)
    while tokens and tokens[0] in ("*", "//", "%"):
        sign, (right, tokens) = tokens[0], _atom(tokens[1:])
        operation = {"*": lambda a, b: a * b, "//": dim.floor_divide, "%": dim.remainder}[sign]
        left = _binary(left, right, operation)
    return left, tokens


def _atom(tokens: list[str]) -> tuple[Expression, list[str]]:
    token, tokens = tokens[0], tokens[1:]
    if token == "(":
        inner, tokens = _sum(tokens)
        return inner, tokens[1:]
    if token == "-":
        inner, tokens = _atom(tokens)
        return _binary(_constant(0), inner, lambda a, b: a - b), tokens
    if token.isdigit():
        return _constant(int(token)), tokens
    if tokens and tokens[0] == "(":
        arguments: list[Expression] = []
        tokens = tokens[1:]
        while tokens[0] != ")":
            argument, tokens = _sum(tokens)
            arguments.append(argument)
            tokens = tokens[1:] if tokens[0] == "," else tokens
        return _verb(token, arguments), tokens[1:]
    name, _, index = token.partition(".")
    return _word(name, int(index) if index else None), tokens


def _constant(number: int) -> Expression:
    return lambda words, call: number


def _word(name: str, index: int | None) -> Expression:
    constant = {"None": None, "True": True, "False": False}
    if name in constant:
        return lambda words, call: constant[name]
    if index is None:
        return lambda words, call: words.get(name, UNKNOWN)
    return lambda words, call: component(words.get(name, UNKNOWN), index)


def _binary(left: Expression, right: Expression, operation: Callable[[Any, Any], Any]) -> Expression:
    def value(words: Mapping[str, Any], call: Call) -> Any:
        a, b = left(words, call), right(words, call)
        return operation(a, b) if is_size(a) and is_size(b) else UNKNOWN

    return value


def _verb(name: str, arguments: list[Expression]) -> Expression:
    verb = getattr(verbs, name, None)
    if verb is None:
        raise ValueError(f"no verb {name!r}")
    return lambda words, call: verb(call, *[argument(words, call) for argument in arguments])
