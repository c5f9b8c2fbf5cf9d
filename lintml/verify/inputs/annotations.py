"""What an annotation says of a parameter."""

import ast
import re

from lintml.verify.contract import Role


def is_int(annotation: ast.expr | None) -> bool:
    """Whether it says that the parameter is a whole number."""
    return isinstance(annotation, ast.Name) and annotation.id == "int"


def annotated(annotation: ast.expr | None) -> Role:
    """The role that it tells, if any."""
    text = ast.unparse(annotation) if annotation is not None else ""
    match text:
        case "float":
            return "float"
        case "bool":
            return "bool"
        case "str":
            return "text"
    if text.endswith("Optimizer"):
        return "optimizer"
    if text.endswith("DataLoader"):
        return "loader"
    if text.endswith(("Module", "Callable")):
        return "layer"
    if re.match(r"(typing\.)?(list|tuple|sequence|List|Tuple|Sequence)\[int", text):
        return "sizes"
    return "unknown"
