"""Matrices taken apart, and equations solved."""

from lintml.shapes import verbs
from lintml.shapes.axes import product
from lintml.shapes.call import Call, Output
from lintml.shapes.dim import least
from lintml.shapes.shape import Axis, Shape


def qr(call: Call) -> tuple[Output, ...]:
    """torch.linalg.qr: (n, k) and (k, m), k the smaller side, or n in "complete" mode."""
    matrix, mode = _matrix(call, 0), call.settings.get("mode")
    if matrix is None:
        return (Output(None), Output(None))
    front, (n, m) = matrix.dims[:-2], matrix.dims[-2:]
    inner = n if mode == "complete" else _least(n, m) if mode in ("reduced", "r") else None
    left = Shape((0,)) if mode == "r" else Shape((*front, n, inner), matrix.rest)
    return (Output(left), Output(Shape((*front, inner, m), matrix.rest)))


def svd(call: Call) -> tuple[Output, ...]:
    """torch.linalg.svd: (n, n), (k) and (m, m), or (n, k), (k) and (k, m) where not ``full_matrices``."""
    matrix, whole = _matrix(call, 0), call.settings.get("full_matrices", True)
    if matrix is None or not isinstance(whole, bool):
        return (Output(None), Output(None), Output(None))
    front, (n, m) = matrix.dims[:-2], matrix.dims[-2:]
    inner = _least(n, m)
    left, right = (n, m) if whole else (inner, inner)
    made = [(n, left), (inner,), (right, m)]
    return tuple(Output(Shape((*front, *sizes), matrix.rest)) for sizes in made)


def solve(call: Call) -> tuple[Output, ...]:
    """torch.linalg.solve: a square matrix and as many rows, or a vector (or batch of vectors) of that length."""
    matrix, right = _square(call, 0), call.given(1)
    if matrix is None or right is None or matrix.rest is not None or right.rest is not None:
        return (Output(None),)
    if call.settings.get("left", True) is not True:
        return (Output(None),)
    if not right.dims:
        call.refuse("rank", 1, 0, right, position=1)
        return (Output(None),)
    if len(right.dims) == 1:
        call.fit("rows", matrix.dims[-1], right, -1, position=1)
        return (Output(right if len(matrix.dims) == 2 else Shape((*matrix.dims[:-2], right.dims[0]))),)
    if len(right.dims) == len(matrix.dims) - 1:
        if right.dims == matrix.dims[:-1]:
            return (Output(right),)
        if not all(isinstance(size, int) for size in (*right.dims, *matrix.dims)):
            return (Output(None),)  # a batch of vectors if the sizes are those of the matrices, else one matrix for all
    return _with_columns(call, matrix, right)


def solve_triangular(call: Call) -> tuple[Output, ...]:
    """torch.linalg.solve_triangular: as ``solve``, of matrices only."""
    matrix, right = _square(call, 0), call.given(1)
    if matrix is None or right is None or matrix.rest is not None or right.rest is not None:
        return (Output(None),)
    if call.settings.get("left", True) is not True or len(right.dims) < 2:
        return (Output(None),)
    return _with_columns(call, matrix, right)


def least_squares(call: Call) -> tuple[Output, ...]:
    """torch.linalg.lstsq: a solution for each column; residuals, rank and singular values as the driver gives them."""
    matrix, right = _matrix(call, 0), call.given(1)
    rest = (Output(None), Output(None), Output(None))
    if matrix is None or right is None or matrix.rest is not None or right.rest is not None or len(right.dims) < 2:
        return (Output(None), *rest)
    if len(right.dims) != len(matrix.dims):
        return (Output(None), *rest)
    call.fit("rows", matrix.dims[-2], right, -2, position=1)
    front = verbs.broadcast(call, Shape(matrix.dims[:-2]), Shape(right.dims[:-2]))
    return (Output(Shape((*front.dims, matrix.dims[-1], right.dims[-1])) if front is not None else None), *rest)


def tensor_inverse(call: Call) -> tuple[Output, ...]:
    """torch.linalg.tensorinv: the first ``ind`` axes change places with the others, which hold as many elements."""
    shape, at = call.given(0), call.settings.get("ind")
    if shape is None or shape.rest is not None or not isinstance(at, int):
        return (Output(None),)
    rows, columns = product(shape.dims[:at]), product(shape.dims[at:])
    answer = call.world.unify(rows, columns)
    if answer is not True and answer is not None:
        call.refuse("elements", rows, columns, shape, answer)
    return (Output(Shape((*shape.dims[at:], *shape.dims[:at]))),)


def _with_columns(call: Call, matrix: Shape, right: Shape) -> tuple[Output, ...]:
    call.fit("rows", matrix.dims[-1], right, -2, position=1)
    front = verbs.broadcast(call, Shape(matrix.dims[:-2]), Shape(right.dims[:-2]), behind=2)
    return (Output(Shape((*front.dims, *right.dims[-2:])) if front is not None else None),)


def _matrix(call: Call, position: int) -> Shape | None:
    given = call.given(position)
    shape = call.world.expose(given, 2) if given is not None else None
    if given is not None and shape is None:
        call.refuse("rank", 2, given.rank, given, position=position)
    return shape


def _square(call: Call, position: int) -> Shape | None:
    matrix = _matrix(call, position)
    if matrix is not None:
        call.fit("square", matrix.dims[-2], matrix, -1, position=position)
    return matrix


def _least(a: Axis, b: Axis) -> Axis:
    return None if a is None or b is None else least([a, b])
