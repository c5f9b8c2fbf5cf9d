"""Masks that are triangles of ones, made in plain sight, and where they are true."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.tree import walk

_IS_LOWER: Final = {"tril": True, "triu": False}
# Methods that leave each element where it is, and true or not.
_KEEPING: Final = frozenset("bool to float int long byte type cuda cpu half unsqueeze clone contiguous detach".split())
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Triangle:
    """Where the column is at most ``edge`` ahead of the row, or, if not ``lower``, at least; ``made`` by which call."""

    lower: bool
    edge: int
    made: ast.Call

    @property
    def rest(self) -> "Triangle":
        """All other places."""
        return Triangle(not self.lower, self.edge + (1 if self.lower else -1), self.made)

    @property
    def has_full_row(self) -> bool:
        """Whether all of the first row or of the last is in it."""
        return self.edge >= 0 if self.lower else self.edge <= 0


class Triangles:
    """Reads the masks of a page."""

    def __init__(
        self,
        nodes: Sequence[ast.AST],
        parents: Callable[[ast.AST], Iterator[ast.AST]],
        path: Callable[[ast.AST | None], str | None],
    ) -> None:
        self._nodes = nodes
        self._parents = parents
        self._path = path

    def of(self, mask: ast.expr, deep: int = 0) -> Triangle | None:
        """Where a square mask is true, or not zero; None where that is not seen."""
        match mask:
            case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=0 | 1 as said)]):
                inner, same = self.of(left, deep), _keeps(op, bool(said))
                return None if inner is None or same is None else inner if same else inner.rest
            case ast.UnaryOp(op=ast.Invert(), operand=inner) | ast.BinOp(ast.Constant(value=1), ast.Sub(), inner):
                found = self.of(inner, deep)
                return found.rest if found is not None else None
            case ast.Call(func=func) if _name(func) in _IS_LOWER:
                return self._made_of_ones(mask)
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _KEEPING:
                return self.of(inner, deep)
            case ast.Call(func=ast.Attribute(value=inner, attr="view"), args=[*_, rows, columns]):
                return self.of(inner, deep) if _same(rows, columns) else None
            case ast.Subscript(value=inner, slice=index) if _keeps_square(index):
                return self.of(inner, deep)
        held = self.held(mask)
        return self.of(held, deep + 1) if held is not None and deep < _DEEPEST else None

    def is_boolean(self, mask: ast.expr, deep: int = 0) -> bool:
        """Whether the elements of a mask are true and false, rather than numbers."""
        match mask:
            case ast.Compare() | ast.UnaryOp(op=ast.Invert()) | ast.Call(func=ast.Attribute(attr="bool")):
                return True
            case ast.Call(func=ast.Attribute(attr="to" | "type"), args=[dtype, *_]):
                return self._path(dtype) == "torch.bool"
            case ast.Call(args=[ast.Call(keywords=keywords), *_], func=func) if _name(func) in _IS_LOWER:
                return any(each.arg == "dtype" and self._path(each.value) == "torch.bool" for each in keywords)
        held = self.held(mask)
        return held is not None and deep < _DEEPEST and self.is_boolean(held, deep + 1)

    def _made_of_ones(self, call: ast.Call) -> Triangle | None:
        """``torch.tril(torch.ones(n, n), diagonal=k)``, or the same as methods."""
        is_function = self._path(call.func) in ("torch.tril", "torch.triu")
        if is_function and call.args:
            base, after = call.args[0], call.args[1:]
        elif isinstance(call.func, ast.Attribute) and self._path(call.func) is None:
            base, after = call.func.value, call.args
        else:
            return None
        said = [*after, *(each.value for each in call.keywords if each.arg == "diagonal")]
        edge = _integer(said[0]) if said else 0
        if edge is None or len(said) > 1 or not self._is_square_of_ones(base):
            return None
        return Triangle(_IS_LOWER[_name(call.func)], edge, call)

    def _is_square_of_ones(self, node: ast.expr) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if attr in _KEEPING:
                return self._is_square_of_ones(inner)
            case ast.Call(func=func, args=[ast.Tuple(elts=sizes) | ast.List(elts=sizes)] | [*sizes]):
                if self._path(func) != "torch.ones":
                    return False
                square = len(sizes) >= 2 and _same(sizes[-2], sizes[-1])
                return square or (len(sizes) == 1 and _is_of_scores(sizes[0]))
        return False

    def held(self, node: ast.expr) -> ast.expr | None:
        """The one value that a name or an attribute is ever given; None if it may be another, or is changed."""
        match node:
            case ast.Name(id=name):
                values = self._given_to_name(node)
                known = name
            case ast.Attribute(value=ast.Name(), attr=attr):
                values = self._given_to_attribute(node)
                known = attr
            case _:
                return None
        return values[0] if len(values) == 1 and not self._is_changed(known) else None

    def _given_to_name(self, name: ast.Name) -> list[ast.expr | None]:
        """What a name is given in the function, or on the page where it is the page's."""
        function = next((each for each in self._parents(name) if isinstance(each, _SCOPES)), None)
        own = [each for each in walk(function) if _binds(each, name.id)] if function is not None else []
        bound = own or [each for each in self._nodes if _binds(each, name.id)]
        return [self._value(each) for each in bound]

    def _given_to_attribute(self, attribute: ast.Attribute) -> list[ast.expr | None]:
        """What the class gives an attribute or a buffer of that name."""
        cls = next((each for each in self._parents(attribute) if isinstance(each, ast.ClassDef)), None)
        values: list[ast.expr | None] = []
        for node in walk(cls) if cls is not None else ():
            match node:
                case ast.Call(func=ast.Attribute(attr="register_buffer"), args=[ast.Constant(value=name), value, *_]):
                    values += [value] if name == attribute.attr else []
                case ast.Attribute(attr=attr, ctx=ast.Store()) if attr == attribute.attr:
                    values.append(self._value(node))
        return values

    def _value(self, target: ast.AST) -> ast.expr | None:
        around = list(self._parents(target))[:2]
        match around:
            case [ast.Assign(targets=[whole], value=value), *_] if whole is target:
                return value
            case [ast.Tuple(elts=targets), ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=values))]:
                plain = len(targets) == len(values) and not any(isinstance(each, ast.Starred) for each in targets)
                pairs = zip(targets, values, strict=True) if plain else ()
                return next((held for each, held in pairs if each is target), None)
        return None

    def _is_changed(self, known: str) -> bool:
        """Whether a part of something with that name is assigned, or a method called that changes it in place."""
        for node in self._nodes:
            match node:
                case ast.Subscript(value=value, ctx=ast.Store()) if _name(value) == known:
                    return True
                case ast.Attribute(value=value, attr=attr) if _name(value) == known and attr.endswith("_"):
                    return True
        return False


def _keeps(op: ast.cmpop, said: bool) -> bool | None:
    """Whether a comparison of zeros and ones with one of them is true for the ones, or for the zeros; else None."""
    match op:
        case ast.Eq():
            return said
        case ast.NotEq():
            return not said
        case ast.Gt() if not said:
            return True
        case ast.Lt() if said:
            return False
    return None


def _keeps_square(index: ast.expr) -> bool:
    """Whether an index only adds axes, or cuts the same number of rows and columns off the end."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    cuts = [each for each in parts if not (isinstance(each, ast.Constant) and each.value is None)]
    plain = all(isinstance(each, ast.Slice) and each.lower is None and each.step is None for each in cuts)
    return plain and (not cuts or (len(cuts) >= 2 and _same(cuts[-2], cuts[-1]) and parts[-1] is cuts[-1]))


def _same(one: ast.AST, other: ast.AST) -> bool:
    return ast.dump(one) == ast.dump(other)


def _integer(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
    return None


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.arg):
        return node.arg == name
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_of_scores(sizes: ast.expr) -> bool:
    """Whether sizes are the last two of another tensor, ``scores.shape[-2:]``: rows of queries, columns of keys."""
    match sizes:
        case ast.Subscript(
            value=ast.Attribute(attr="shape") | ast.Call(func=ast.Attribute(attr="size"), args=[]),
            slice=ast.Slice(lower=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=2)), upper=None, step=None),
        ):
            return True
    return False
