"""The ranks that a function's own text gives its inputs: ``b, t, c = x.shape``, ``x.permute(0, 2, 1)``."""

import ast


def ranks(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, int]:
    """The rank of each parameter whose shape is unpacked, permuted or indexed in full."""
    found: dict[str, int] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=value) if not any(
                isinstance(name, ast.Starred) for name in names
            ):
                owner = _shape_of(value)
                if owner:
                    found.setdefault(owner, len(names))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="permute"), args=axes) if len(axes) > 1:
                found.setdefault(owner, len(axes))
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Tuple(elts=parts)) if all(
                isinstance(part, ast.Slice) or not isinstance(part, ast.Constant) or isinstance(part.value, int)
                for part in parts
            ):
                found.setdefault(owner, len(parts))
    return found


def _shape_of(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=owner), attr="shape"):
            return owner
        case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="size"), args=[]):
            return owner
    return ""
