"""What each parameter of a constructor or function is used as, read from where its value flows."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from lintml.verify.contract import Role

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Resolve: TypeAlias = Callable[[ast.expr], Any]
Tree: TypeAlias = Callable[[Any], ast.AST | None]

_DEEPEST = 4
# From here on a use says more than a name: below it, `h` in `d // h` may be anything that divides.
_SURE = 6


def _table(*rows: tuple[Role, str]) -> dict[str, Role]:
    return {name: role for role, names in rows for name in names.split()}


# torch's own names of its settings, whichever layer has them.
_SLOTS = _table(
    ("size", "in_features out_features num_embeddings embedding_dim in_channels out_channels hidden_size input_size"),
    ("size", "embed_dim d_model dim_feedforward num_features num_channels normalized_shape kdim vdim in1_features"),
    ("size", "in2_features proj_size n_classes num_parameters"),
    ("heads", "num_heads nhead num_groups groups"),
    ("count", "num_layers num_encoder_layers num_decoder_layers stride padding dilation output_padding padding_idx"),
    ("kernel", "kernel_size"),
    ("probability", "p dropout"),
    ("float", "eps momentum lr alpha beta negative_slope lambd label_smoothing weight_decay gamma"),
    ("bool", "bias batch_first bidirectional affine inplace track_running_stats"),
)

_NAMES: tuple[tuple[str, Role], ...] = (
    (r"(^|_)n?_?heads?$|^nhead$|(^|_)groups?$", "heads"),
    (r"(^|_)(layers|blocks|stages|depth|steps|iterations|epochs)$", "count"),
    (r"max_?(seq_?)?len(gth)?|(block|context|window)_size|max_position", "length"),
    (r"kernel", "kernel"),
    (r"^optimi[sz]er$|^opt$", "optimizer"),
    (r"^(params|parameters)$", "params"),
    (r"drop|prob|^p$", "probability"),
    (r"eps|momentum|lr$|learning_rate|beta|gamma|alpha|lambda|factor|temperature|tau|margin|rate$|slope", "float"),
    (r"smooth|decay|weight$|scale|threshold|coef", "float"),
    (r"^(use|is|with|has|return)_|^bias$|batch_first|bidirectional|affine|causal|inplace", "bool"),
    (r"^(layer|module|model|backbone|encoder|decoder|net|block|sublayer|fn|base)$", "layer"),
    (r"(sizes|dims|channels_list|units|hiddens|widths)$", "sizes"),
    (r"stride|padding|dilation|patience|step_size|every|period|expansion|reduction", "count"),
)
_PATTERNS = tuple((re.compile(pattern), role) for pattern, role in _NAMES)
_FACTORIES = frozenset(("zeros", "ones", "randn", "rand", "empty", "full", "eye", "arange", "randint", "normal"))


def roles(function: Function, where: ast.AST, resolve: Resolve, tree: Tree, deep: int = 0) -> dict[str, Role]:
    """The role of each parameter of ``function`` but ``self``; ``where`` is the class, or the function itself.

    ``resolve`` gives the object that an expression names, or None; ``tree`` the definition of a class of the page.
    """
    reader = _Uses(function, where, resolve, tree, deep)
    return {
        argument.arg: _settled(reader.role(argument.arg), argument)
        for argument in _arguments(function, isinstance(where, ast.ClassDef))
    }


def by_pattern(name: str) -> Role:
    """The role that people give to a parameter of this name."""
    lowered = name.lower()
    return next((role for pattern, role in _PATTERNS if pattern.search(lowered)), "unknown")


def texts(name: str, where: ast.AST) -> list[str]:
    """The strings that ``name`` (or the attribute of that name) is compared with, in order."""
    found = []
    for node in ast.walk(where):
        match node:
            case ast.Compare(left=left, comparators=[ast.Constant(value=str(text))]) if name in (
                _local(left),
                _attribute(left),
            ):
                found.append(text)
    return found


def initializer(definition: ast.AST) -> Function | None:
    """The ``__init__`` of a class, or the function itself."""
    match definition:
        case ast.ClassDef(body=body):
            for statement in body:
                if isinstance(statement, Function) and statement.name == "__init__":
                    return statement
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return definition
    return None


def _settled(used: tuple[int, Role], argument: ast.arg) -> Role:
    sure, role = used
    by_annotation, by_name = _annotated(argument.annotation), by_pattern(argument.arg)
    if sure >= _SURE:
        return role
    if by_annotation != "unknown":
        return by_annotation
    return by_name if by_name != "unknown" else role


class _Uses:
    """The uses of a parameter: its name inside its function, the attribute that keeps it in the whole class."""

    def __init__(self, function: Function, where: ast.AST, resolve: Resolve, tree: Tree, deep: int) -> None:
        self._inside = list(ast.walk(function))
        self._around = list(ast.walk(where))
        self._resolve = resolve
        self._tree = tree
        self._deep = deep

    def role(self, name: str) -> tuple[int, Role]:
        """The surest role that a use of parameter ``name`` says, and how sure it is."""
        locals_, attributes = self._kept_as(name)
        found: list[tuple[int, Role]] = [(0, "unknown")]
        for node in self._inside:
            found.extend(self._use(node, lambda part: _local(part) in locals_))
        for node in self._around:
            found.extend(self._use(node, lambda part: _attribute(part) in attributes))
        return max(found, key=lambda pair: pair[0])

    def _kept_as(self, name: str) -> tuple[set[str], set[str]]:
        """The locals and attributes of self that hold the parameter as it is."""
        locals_, attributes = {name}, set()
        for node in self._inside:
            match node:
                case ast.Assign(targets=[ast.Name(id=local)], value=ast.Name(id=value)) if value == name:
                    locals_.add(local)
                case ast.Assign(targets=[target], value=ast.Name(id=value)) if value == name and _attribute(target):
                    attributes.add(_attribute(target))
        return locals_, attributes

    def _use(self, node: ast.AST, held: Callable[[ast.AST], bool]) -> Iterator[tuple[int, Role]]:
        match node:
            case ast.Call(func=func) if held(func):
                yield 9, "layer"
            case ast.Call():
                yield from self._passed(node, held)
            case ast.Attribute(value=value, attr="param_groups" | "zero_grad" | "step") if held(value):
                yield 10, "optimizer"
            case ast.BinOp(op=ast.FloorDiv() | ast.Mod(), right=right) if held(right):
                yield 5, "heads"
            case ast.BinOp(op=ast.Sub(), left=ast.Constant(value=1 | 1.0), right=right) if held(right):
                yield 4, "probability"
            case ast.For(iter=iterated) | ast.comprehension(iter=iterated) if held(iterated):
                yield 6, "sizes"
            case ast.Subscript(value=value, ctx=ast.Load()) if held(value):
                yield 5, "sizes"
            case ast.If(test=test) | ast.IfExp(test=test) if held(test):
                yield 3, "bool"
            case ast.Compare(left=left, comparators=[ast.Constant(value=str())]) if held(left):
                yield 7, "text"

    def _passed(self, call: ast.Call, held: Callable[[ast.AST], bool]) -> Iterator[tuple[int, Role]]:
        callee = self._resolve(call.func)
        slots = [*enumerate(call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
        for slot, value in slots:
            exact = held(value)
            if not exact and not _computed(value, held):
                continue
            role = self._slot(callee, slot)
            if role != "unknown" and (exact or role == "size"):
                yield (8 if exact else 4), role

    def _slot(self, callee: Any, slot: int | str | None) -> Role:
        if callee is range:
            return "count"
        if getattr(callee, "__name__", "") in _FACTORIES:
            return "size"
        if callee is None or slot is None:
            return "unknown"
        name = _parameter(callee, slot)
        if str(getattr(callee, "__module__", "")).startswith("torch"):
            return _SLOTS.get(name, "unknown")
        definition = self._tree(callee)
        function = initializer(definition) if definition is not None else None
        if definition is None or function is None or self._deep >= _DEEPEST:
            return "unknown"
        return roles(function, definition, self._resolve, self._tree, self._deep + 1).get(name, "unknown")


def _arguments(function: Function, method: bool) -> list[ast.arg]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return [*(arguments[1:] if method else arguments), *function.args.kwonlyargs]


def _local(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _attribute(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return ""


def _computed(node: ast.AST, held: Callable[[ast.AST], bool]) -> bool:
    return isinstance(node, ast.BinOp | ast.Tuple | ast.Call) and any(held(part) for part in ast.walk(node))


def _parameter(callee: Any, slot: int | str) -> str:
    if isinstance(slot, str):
        return slot
    try:
        names = list(inspect.signature(callee).parameters)
    except (TypeError, ValueError):
        return ""
    return names[slot] if slot < len(names) else ""


def _annotated(annotation: ast.expr | None) -> Role:
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
    if text.endswith(("Module", "Callable")):
        return "layer"
    if re.match(r"(typing\.)?(list|tuple|sequence|List|Tuple|Sequence)\[int", text):
        return "sizes"
    return "unknown"
