"""Symbolic integers, all that there is to say of them: arithmetic, bounds, equations."""

from lintml.shapes.atoms import Extreme, Quotient, Remainder, Symbol
from lintml.shapes.bounds import (
    INFINITY,
    bounds,
    certainly_different,
    differ_by_remainders,
    greatest,
    least,
    meant_equal,
    multiple,
    never_equal,
    primitive,
)
from lintml.shapes.polynomial import Dim, Size, atoms, floor_divide, remainder, symbol, symbols
from lintml.shapes.solving import solve, substitute

__all__ = [
    "INFINITY",
    "Dim",
    "Extreme",
    "Quotient",
    "Remainder",
    "Size",
    "Symbol",
    "atoms",
    "bounds",
    "certainly_different",
    "differ_by_remainders",
    "floor_divide",
    "greatest",
    "least",
    "meant_equal",
    "multiple",
    "never_equal",
    "primitive",
    "remainder",
    "solve",
    "substitute",
    "symbol",
    "symbols",
]
