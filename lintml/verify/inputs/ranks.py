"""What a function's own text says of its inputs: ``b, t, c = x.shape``, ``x.permute(0, 2, 1)``, ``h, c = state``."""

import ast


def ranks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, int]:
    """The rank of each parameter whose shape is unpacked, or whose axes are permuted, or indexed by three or more."""
    found: dict[str, int] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=value) if not _starred(names):
                owner = _shape_of(value)
                if owner:
                    found.setdefault(owner, len(names))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="permute"), args=axes) if len(axes) > 1:
                found.setdefault(owner, len(axes))
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Tuple(elts=parts)) if len(parts) > 2:
                axes = [part for part in parts if not _is_new(part)]
                if all(map(_one_axis, axes)) and len(axes) > 1:
                    found.setdefault(owner, len(axes))
    return found


def groups(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, int]:
    """The parameters that are unpacked themselves, each with the number of its parts."""
    parameters = {argument.arg for argument in function.args.args}
    found: dict[str, int] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Name(id=owner)) if not _starred(names):
                if owner in parameters:
                    found.setdefault(owner, len(names))
    return found


def _starred(names: list[ast.expr]) -> bool:
    return any(isinstance(name, ast.Starred) for name in names)


def _is_new(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and part.value is None


def _one_axis(part: ast.expr) -> bool:
    return not isinstance(part, ast.Constant) or isinstance(part.value, int)


def _shape_of(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr="shape"):
            return owner
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="size"), args=[]):
            return owner
    return ""
