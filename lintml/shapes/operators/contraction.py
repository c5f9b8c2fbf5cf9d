"""Sums of products: einsum, chains of matrices, bilinear forms."""

import re

from lintml.shapes import verbs
from lintml.shapes.axes import is_one, place
from lintml.shapes.call import Call, Output
from lintml.shapes.shape import Axis, Shape


def einsum(call: Call) -> tuple[Output, ...]:
    """torch.einsum: a letter is one size; an ellipsis is any axes, which broadcast."""
    equation = call.settings.get("equation")
    if not isinstance(equation, str):
        return (Output(None),)
    left, arrow, right = re.sub(r"\s", "", equation).replace("...", ".").partition("->")
    terms = left.split(",")
    if len(terms) != len(call.tensors):
        return (Output(None),)
    for letter in right:
        if letter.isalpha() and letter not in left:
            call.refuse(letter, 0, 1, Shape())
            return (Output(None),)
    letters: dict[str, Axis] = {}
    front: Shape | None = Shape()
    for position, (term, given) in enumerate(zip(terms, call.tensors, strict=True)):
        if not isinstance(given, Shape):
            front = None if "." in term else front
            continue
        shape = _in_sight(call, term, given, position)
        if shape is None:
            front = None if "." in term else front
            continue
        ahead, _, behind = term.partition(".")
        rank, spare = len(shape.dims), len(shape.dims) - len(ahead) - len(behind)
        places = [*enumerate(ahead), *enumerate(behind, rank - len(behind))]
        for at, letter in places:
            _merge(call, letters, letter, shape, at, position)
        if "." in term and front is not None:
            middle = Shape(shape.dims[len(ahead) : len(ahead) + spare], shape.rest)
            front = verbs.broadcast(call, front, middle, position, len(behind)) if front.dims or front.rest else middle
    if not arrow:
        right = ("." if "." in left else "") + "".join(
            sorted(letter for letter in set(left) if letter.isalpha() and left.count(letter) == 1)
        )
    return (Output(_result(right, letters, front)),)


def _in_sight(call: Call, term: str, given: Shape, position: int) -> Shape | None:
    ahead, dots, behind = term.partition(".")
    if not dots:
        shape = call.world.decide(given, [len(term)])
    elif ahead:
        fitting = [rank for rank in call.world.plausible(given, len(term) - 1) if rank >= len(term) - 1]
        shape = call.world.decide(given, fitting) if fitting else None
    else:
        shape = call.world.expose(given, len(behind))
    if shape is None:
        seen = call.world.shape(given)
        call.refuse("rank", len(ahead) + len(behind), seen.rank, seen, position=position)
    return shape


def _merge(call: Call, letters: dict[str, Axis], letter: str, shape: Shape, at: int, position: int) -> None:
    size = shape.dims[at]
    if letters.get(letter) is None:
        letters[letter] = size
        return
    merged, answer = call.world.broadcast(letters[letter], size)
    if answer is not True and answer is not None:
        index = at - len(shape.dims)
        call.refuse(letter, letters[letter], size, shape, answer, position=position, index=index)
    letters[letter] = merged


def _result(right: str, letters: dict[str, Axis], front: Shape | None) -> Shape | None:
    ahead, dots, behind = right.partition(".")
    tail = [letters.get(letter) for letter in behind]
    if not dots:
        return Shape(letters.get(letter) for letter in right)
    if front is None or (front.rest is not None and ahead):
        return None
    return Shape([*[letters.get(letter) for letter in ahead], *front.dims, *tail], front.rest)


def chain(call: Call) -> tuple[Output, ...]:
    """torch.linalg.multi_dot and chain_matmul: each matrix times the next; the ends may be vectors."""
    shapes = call.group(0)
    if not shapes or None in shapes:
        return (Output(None),)
    total = shapes[0]
    for shape in shapes[1:]:
        total = verbs.matmul(call, total, shape) if total is not None else None
    return (Output(total),)


def block_diagonal(call: Call) -> tuple[Output, ...]:
    """torch.block_diag: rows and columns add up; a vector is a row."""
    rows: Axis = 0
    columns: Axis = 0
    for shape in call.group(0) or [None]:
        if shape is None or shape.rest is not None or len(shape.dims) > 2:
            return (Output(Shape((None, None))),)
        high, wide = [1] * (2 - len(shape.dims)) + list(shape.dims)
        rows = None if rows is None or high is None else rows + high
        columns = None if columns is None or wide is None else columns + wide
    return (Output(Shape((rows, columns))),)


def cartesian(call: Call) -> tuple[Output, ...]:
    """torch.cartesian_prod: one row for each choice of one element a vector."""
    each = call.group(0)
    if len(each) < 2:
        return (Output(None),)
    total: Axis = 1
    for one in each:
        shape = call.world.decide(one, [1]) if one is not None else None
        size = shape.dims[0] if shape is not None else None
        total = None if total is None or size is None else total * size
    return (Output(Shape((total, len(each)))),)


def cross(call: Call) -> tuple[Output, ...]:
    """torch.cross and torch.linalg.cross: both broadcast; the axis of the vectors has size 3."""
    total, dim = verbs.broadcast_all(call, *call.tensors[:2]), call.settings.get("dim")
    for position in (0, 1):
        shape = call.given(position)
        found = place(call, shape, dim, position=position, number=False) if shape is not None else None
        if found is not None:
            call.fit("vector", 3, *found, position=position)
    return (Output(total),)


def inner(call: Call) -> tuple[Output, ...]:
    """torch.inner: the last axes of both summed over; a number scales."""
    a, b = call.given(0), call.given(1)
    if a is None or b is None or a.rest is not None or b.rest is not None:
        return (Output(None),)
    if not a.dims or not b.dims:
        return (Output(a if a.dims else b),)
    call.fit("inner", a.dims[-1], b, -1, position=1)
    return (Output(Shape((*a.dims[:-1], *b.dims[:-1]))),)


def covariance(call: Call) -> tuple[Output, ...]:
    """torch.cov and torch.corrcoef: a row and a column for each variable; of one variable, a number."""
    shape = call.ranked(0, 2, 1, 0)
    if shape is None:
        return (Output(None),)
    if len(shape.dims) < 2 or shape.dims[0] == 1:
        return (Output(Shape()),)
    return (Output(Shape((shape.dims[0], shape.dims[0])) if is_one(shape.dims[0]) is False else None),)
