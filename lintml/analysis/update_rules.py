"""The operators of torch as update rules use them: what they make of polynomials."""

from collections.abc import Mapping, Sequence
from typing import Final

from lintml.analysis.polynomials import Polynomial, function, number

# Operators that give the values that they are given.
KEEPING: Final = frozenset(
    (
        "clone detach contiguous to float double half bfloat16 type type_as view view_as reshape expand_as flatten "
        "squeeze unsqueeze cpu cuda requires_grad_ detach_ alias positive item"
    ).split()
)
ZEROS: Final = frozenset(("zeros_like", "zeros", "new_zeros", "zero"))
ONES: Final = frozenset(("ones_like", "ones", "new_ones"))


def applied(name: str, given: Sequence[Polynomial], settings: Mapping[str, Polynomial]) -> Polynomial:
    """The value of an operator, named without a last underscore; ``given`` begins with the tensor it is a method of."""
    first, *others = given or [number(0)]
    second = others[0] if others else settings.get("other", settings.get("tensor"))
    if name in KEEPING:
        return first
    if name in ZEROS:
        return number(0)
    if name in ONES:
        return number(1)
    match name, second, others:
        case "neg" | "negative", _, _:
            return -first
        case "copy" | "fill" | "full_like", Polynomial(), _:
            return second
        case "add" | "sub" | "subtract", Polynomial(), _:
            scaled = _scaled(others, second, settings)
            return first + scaled if name == "add" else first - scaled
        case "mul" | "multiply", Polynomial(), _:
            return first * second
        case "div" | "divide" | "true_divide", Polynomial(), _ if second.constant:
            return first * number(1 / second.constant)
        case "div" | "divide" | "true_divide", Polynomial(), _:
            return first * function("inverse", second)
        case "addcmul", _, [one, two]:
            return first + _value(settings) * one * two
        case "addcdiv", _, [one, two]:
            return first + _value(settings) * one * function("inverse", two)
        # Before torch 1.5 the factor stood first.
        case "addcmul", _, [factor, one, two]:
            return first + factor * one * two
        case "addcdiv", _, [factor, one, two]:
            return first + factor * one * function("inverse", two)
        case "lerp", _, [end, weight]:
            return first + weight * (end - first)
        case "lerp", _, [end] if "weight" in settings:
            return first + settings["weight"] * (end - first)
        case "square", _, _:
            return first * first
    return function(name, *given, *settings.values())


def _scaled(others: Sequence[Polynomial], second: Polynomial, settings: Mapping[str, Polynomial]) -> Polynomial:
    """What is added: ``add(other, alpha=a)``, or ``add(a, other)`` as it was before torch 1.5."""
    if "alpha" in settings:
        return settings["alpha"] * second
    return others[0] * others[1] if len(others) == 2 else second


def _value(settings: Mapping[str, Polynomial]) -> Polynomial:
    return settings.get("value", number(1))
