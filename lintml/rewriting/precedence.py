"""How tightly each expression binds, and how tightly a place in the grammar asks it to: a table."""

import ast
from enum import IntEnum


class Level(IntEnum):
    """From what needs parentheses nearly everywhere to what never does; as in the reference grammar."""

    NAMED = 0
    TUPLE = 1
    YIELD = 2
    TEST = 3
    OR = 4
    AND = 5
    NOT = 6
    COMPARE = 7
    BIT_OR = 8
    BIT_XOR = 9
    BIT_AND = 10
    SHIFT = 11
    SUM = 12
    TERM = 13
    FACTOR = 14
    POWER = 15
    AWAIT = 16
    ATOM = 17


_EXPRESSIONS: dict[type[ast.expr], Level] = {
    ast.NamedExpr: Level.NAMED,
    ast.Tuple: Level.TUPLE,
    ast.Yield: Level.YIELD,
    ast.YieldFrom: Level.YIELD,
    ast.IfExp: Level.TEST,
    ast.Lambda: Level.TEST,
    ast.Compare: Level.COMPARE,
    ast.Await: Level.AWAIT,
}

_OPERATORS: dict[type[ast.AST], Level] = {
    ast.Or: Level.OR,
    ast.And: Level.AND,
    ast.Not: Level.NOT,
    ast.BitOr: Level.BIT_OR,
    ast.BitXor: Level.BIT_XOR,
    ast.BitAnd: Level.BIT_AND,
    ast.LShift: Level.SHIFT,
    ast.RShift: Level.SHIFT,
    ast.Add: Level.SUM,
    ast.Sub: Level.SUM,
    ast.Mult: Level.TERM,
    ast.MatMult: Level.TERM,
    ast.Div: Level.TERM,
    ast.FloorDiv: Level.TERM,
    ast.Mod: Level.TERM,
    ast.UAdd: Level.FACTOR,
    ast.USub: Level.FACTOR,
    ast.Invert: Level.FACTOR,
    ast.Pow: Level.POWER,
}

_PLACES: dict[tuple[type[ast.AST], str], Level] = {
    (ast.Expr, "value"): Level.TUPLE,
    (ast.Assign, "value"): Level.TUPLE,
    (ast.Assign, "targets"): Level.TUPLE,
    (ast.AugAssign, "value"): Level.TUPLE,
    (ast.AnnAssign, "value"): Level.TUPLE,
    (ast.Return, "value"): Level.TUPLE,
    (ast.For, "target"): Level.TUPLE,
    (ast.For, "iter"): Level.TUPLE,
    (ast.AsyncFor, "target"): Level.TUPLE,
    (ast.AsyncFor, "iter"): Level.TUPLE,
    (ast.Match, "subject"): Level.TUPLE,
    (ast.Yield, "value"): Level.TUPLE,
    (ast.Subscript, "slice"): Level.TUPLE,
    (ast.comprehension, "target"): Level.TUPLE,
    (ast.If, "test"): Level.NAMED,
    (ast.While, "test"): Level.NAMED,
    (ast.comprehension, "iter"): Level.OR,
    (ast.comprehension, "ifs"): Level.OR,
    (ast.IfExp, "test"): Level.OR,
    (ast.IfExp, "body"): Level.OR,
    (ast.FormattedValue, "value"): Level.OR,
    (ast.Compare, "left"): Level.BIT_OR,
    (ast.Compare, "comparators"): Level.BIT_OR,
    (ast.Starred, "value"): Level.BIT_OR,
    (ast.Await, "value"): Level.ATOM,
    (ast.Attribute, "value"): Level.ATOM,
    (ast.Subscript, "value"): Level.ATOM,
    (ast.Call, "func"): Level.ATOM,
}

_TAKE_YIELD = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign)


def level_of(node: ast.expr) -> Level:
    """How tightly ``node`` binds when it is written without parentheses of its own."""
    match node:
        case ast.BoolOp(op=operator) | ast.BinOp(op=operator) | ast.UnaryOp(op=operator):
            return _OPERATORS[type(operator)]
    return _EXPRESSIONS.get(type(node), Level.ATOM)


def level_at(parent: ast.AST, field: str) -> Level:
    """The loosest that an expression in ``field`` of ``parent`` may bind without parentheses."""
    match parent, field:
        case ast.BinOp(op=ast.Pow()), "left":
            return Level.AWAIT
        case ast.BinOp(op=ast.Pow()), _:
            return Level.FACTOR
        case ast.BinOp(op=operator), "left":
            return _OPERATORS[type(operator)]
        case ((ast.BinOp(op=operator) | ast.BoolOp(op=operator)), _):
            return Level(_OPERATORS[type(operator)] + 1)
        case ast.UnaryOp(op=operator), _:
            return _OPERATORS[type(operator)]
        case ast.Dict(keys=keys), "values" if None in keys:
            return Level.BIT_OR
    return _PLACES.get((type(parent), field), Level.TEST)


def fits(node: ast.expr, parent: ast.AST, field: str) -> bool:
    """Whether ``node`` may stand in ``field`` of ``parent`` without parentheses."""
    match node, parent, field:
        case ((ast.Yield() | ast.YieldFrom()), _, _):
            return isinstance(parent, _TAKE_YIELD) and field == "value"
        case ast.Constant(value=int() | float()), ast.Attribute(), _:
            return False  # 1.real is no expression
        case ast.Lambda(), ast.FormattedValue(), _:
            return False  # its colon would begin the format
    return level_of(node) >= level_at(parent, field)
