"""Parameter lists as text, from syntax trees and docstrings, with annotations cut down to a few words."""

import ast
import re
from collections.abc import Iterable

from lintml.torch_api.generate.bindings import Function

# What torch's stubs call the same things, over the years.
WORDS = {
    "_int": "int", "SymInt": "int", "IntLikeType": "int",
    "_float": "float", "SymFloat": "float", "FloatLikeType": "float",
    "_bool": "bool", "SymBool": "bool", "BoolLikeType": "bool",
    "_complex": "complex", "Number": "number", "Scalar": "number", "_dtype": "dtype", "_layout": "layout",
    "_device": "device", "Device": "device", "DeviceLikeType": "device", "_qscheme": "qscheme", "_dispatchkey": "str",
    "_size": "ints", "Size": "ints", "_symsize": "ints", "_size_any_t": "int|ints", "_size_any_opt_t": "int|ints",
    "_ratio_any_t": "float|floats", "TensorBase": "Tensor", "_TensorBase": "Tensor",
    "ParamsT": "params", "_params_t": "params", "_TensorOrTensors": "Tensor|Tensors",
    "_tensor_or_tensors_t": "Tensor|Tensors", "_TensorOrTensorsOrGradEdge": "Tensor|Tensors",
}  # fmt: skip
SIZES = re.compile(r"_(size|ratio)_\d_(?:opt_)?t|BroadcastingList\d")
PLURALS = {"int": "ints", "float": "floats", "bool": "bools", "Tensor": "Tensors", "str": "strs", "number": "numbers"}
SEQUENCES = {"List", "list", "Sequence", "Tuple", "tuple", "Iterable", "Collection"}
SILENT = {"Any", "object", "TypeVar", "_T", "T", "Incomplete", "Optional", ""}


def of_function(node: Function, *, bound: bool) -> str:
    """``(a, b: int = 1, *, c)`` of a function; ``bound`` drops the first parameter."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults)) + list(arguments.defaults)
    texts = [parameter(a, d) for a, d in zip(plain, defaults, strict=True)]
    slash = len(arguments.posonlyargs)
    if not slash:
        # Before PEP 570 stubs marked positional-only parameters with two underscores.
        slash = sum(1 for a in plain[:1] if a.arg.startswith("__") and not a.arg.endswith("__"))
    if bound and texts:
        texts.pop(0)
        slash = max(slash - 1, 0)
    if slash:
        texts.insert(slash, "/")
    if arguments.vararg:
        texts.append("*" + parameter(arguments.vararg, None))
    elif arguments.kwonlyargs:
        texts.append("*")
    texts += [parameter(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    if arguments.kwarg:
        texts.append("**" + arguments.kwarg.arg)
    return f"({', '.join(texts)})"


def of_text(text: str, *, bound: bool = False) -> str | None:
    """The signature of ``name(a, b=1) -> …`` as a docstring writes it, or None where it is not Python."""
    try:
        node = ast.parse(f"def _{text[text.index('(') :].split('->')[0].strip()}: ...").body[0]
    except (SyntaxError, ValueError):
        return None
    return of_function(node, bound=bound) if isinstance(node, ast.FunctionDef) else None


def of_docstring(doc: str, name: str) -> list[str]:
    """Every signature line at the head of a docstring."""
    found = []
    for line in doc.strip().splitlines():
        if re.match(rf"(?:\w+\.)*{re.escape(name)}\(.*\)", line.strip()):
            found.append(of_text(line.strip()))
        elif line.strip() and not line.strip().startswith(".. function::"):
            break
    return [text for text in found if text]


def parameter(argument: ast.arg, default: ast.expr | None) -> str:
    text = argument.arg
    kind = "|".join(annotation(argument.annotation)) if argument.annotation else ""
    if isinstance(default, ast.Name) and default.id == "required":
        # Optimizers once marked a parameter so that had to be given, and refused to be made without it.
        default = None
    if kind:
        text += f": {kind}"
    if default is not None:
        text += f" = {default_text(default)}" if kind else f"={default_text(default)}"
    return text


def default_text(node: ast.expr) -> str:
    """A default in one spelling: literals as ``repr`` writes them, names without their modules."""
    try:
        value = ast.literal_eval(node)
        return "..." if value is ... else repr(value)
    except (ValueError, TypeError):
        text = " ".join(ast.unparse(node).split())
        return text if len(text) <= 40 and "lambda" not in text else "..."


def annotation(node: ast.expr) -> list[str]:
    """An annotation as sorted words: Tensor, int, ints, Module …; ``None`` for optional, no word for anything."""
    words = set(atoms(node))
    if words & SILENT:
        return []
    if "number" in words:
        words -= {"int", "float", "bool", "complex"}
    return sorted(words - {"None"}) + (["None"] if "None" in words and len(words) > 1 else [])


def atoms(node: ast.expr) -> Iterable[str]:
    match node:
        case ast.BinOp(left, ast.BitOr(), right):
            return [*atoms(left), *atoms(right)]
        case ast.Constant(None):
            return ["None"]
        case ast.Constant(str(text)):
            try:
                return atoms(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return [""]
        case ast.Constant(value):
            return [type(value).__name__]
        case ast.Subscript(head, inner):
            return subscript(last_name(head), inner)
        case ast.Name() | ast.Attribute():
            name = last_name(node)
            if SIZES.fullmatch(name):
                return ["float", "floats"] if "ratio" in name else ["int", "ints"]
            return WORDS.get(name, name.lstrip("_")).split("|")
    return [""]


def subscript(head: str, inner: ast.expr) -> Iterable[str]:
    items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    match head:
        case "Optional":
            return [*atoms(inner), "None"]
        case "Union":
            return [atom for item in items for atom in atoms(item)]
        case "Literal":
            return [type(item.value).__name__ if isinstance(item, ast.Constant) else "" for item in items]
        case "Annotated" | "Final" | "ClassVar":
            return atoms(items[0])
        case "Callable":
            return ["Callable"]
        case _ if head in SEQUENCES or head.startswith("BroadcastingList"):
            words = {
                a for item in items if not (isinstance(item, ast.Constant) and item.value is ...) for a in atoms(item)
            }
            words.discard("None")
            plural = [PLURALS.get(word, "sequence") for word in sorted(words)] or ["sequence"]
            return [*words, *plural] if head.startswith("Broadcasting") else plural
    return [WORDS.get(head, head.lstrip("_"))]


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""
