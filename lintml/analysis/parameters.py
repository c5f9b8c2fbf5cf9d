"""What is known of the parameters of a class or function before anyone calls it."""

import ast
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from lintml.analysis import rates
from lintml.analysis.choices import stand_in
from lintml.analysis.interpret import Interpreter
from lintml.analysis.names import BUILTINS
from lintml.analysis.tree import walk
from lintml.analysis.values import NUMBER, Function, Instance, Items, PageClass, Tensor, Value
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import symbol
from lintml.shapes.shape import Rest, Shape

# Methods whose arguments, where there are several, are sizes.
_SHAPING: Final = frozenset(("view", "reshape", "expand", "repeat"))
_NESTED: Final = 4  # how many settings may lie in one another


def symbols_of(run: Interpreter, function: Function, skip: int) -> dict[str, Value]:
    """The parameters of a constructor as symbols where they may be sizes."""
    spec = function.node.args
    listed = [*spec.posonlyargs, *spec.args][skip:] + list(spec.kwonlyargs)
    return {argument.arg: _symbol(run, argument, function.defaults) for argument in listed}


def open_ended(function: Function) -> dict[str, Value]:
    """``*args`` and ``**kwargs``, which may hold anything."""
    spec = function.node.args
    return {argument.arg: UNKNOWN for argument in (spec.vararg, spec.kwarg) if argument is not None}


def _symbol(run: Interpreter, argument: ast.arg, defaults: Mapping[str, Value]) -> Value:
    if argument.arg in defaults:
        return _defaulted(argument.arg, defaults[argument.arg])
    match argument.annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)) if isinstance(run.globals.get(name), PageClass):
            return _configuration(run, argument.arg, run.globals[name])
        case ast.Name(id="float"):
            return rates.parameter(argument.arg)
        case ast.Name(id="int") | None:
            return symbol(argument.arg)
        case ast.Name() | ast.Attribute() as annotation if not _is_known(run, annotation):
            # A class from elsewhere: its object may hold sizes.
            return symbol(argument.arg)
    return UNKNOWN


def _is_known(run: Interpreter, annotation: ast.expr) -> bool:
    """Whether an annotation names a type of Python's or torch's own, which is no holder of sizes."""
    path = run.names.path(annotation) or ""
    name = annotation.id if isinstance(annotation, ast.Name) else ""
    return path.partition(".")[0] in ("torch", "typing", "collections", "numpy") or name in BUILTINS


def _defaulted(name: str, given: Value) -> Value:
    if isinstance(given, int) and not isinstance(given, bool):
        return symbol(name, minimum=min(1, given), default=given)
    if isinstance(given, tuple) or (isinstance(given, Items) and given.exact and given.names is None):
        # As many as by default, each of any size.
        parts = given if isinstance(given, tuple) else given.values
        if parts and all(isinstance(part, int) and not isinstance(part, bool) for part in parts):
            sizes = [_defaulted(f"{name}[{at}]", part) for at, part in enumerate(parts)]
            return tuple(sizes) if isinstance(given, tuple) else Items(sizes)
    return rates.parameter(name, given) if isinstance(given, float) else stand_in(given)


def _configuration(run: Interpreter, name: str, cls: PageClass) -> Value:
    """An object of a class of the page that only holds settings: each field a symbol, with its default."""
    if cls.methods or name.count(".") > _NESTED:
        return UNKNOWN
    held: dict[str, Value] = {}
    for each in cls.node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=field), annotation=ast.Name(id=kind)) if isinstance(
                inner := run.globals.get(kind), PageClass
            ):
                held[field] = _configuration(run, f"{name}.{field}", inner)
            case ast.AnnAssign(target=ast.Name(id=field)) | ast.Assign(targets=[ast.Name(id=field)]):
                spelt = f"{name}.{field}"
                held[field] = _defaulted(spelt, cls.members[field]) if field in cls.members else symbol(spelt)
    return Instance(cls, held)


def inputs_of(run: Interpreter, function: Function, *, of_module: bool) -> dict[str, Value]:
    """The parameters of a ``forward`` or a function as tensors that nothing is known of, where they may be tensors.

    Those with a default that is no number with a point, and those that are only taken apart like a list, are unknown.
    """
    spec = function.node.args
    listed = [*spec.posonlyargs, *spec.args][1 if of_module else 0 :]
    found: dict[str, Value] = {argument.arg: UNKNOWN for argument in listed}
    for argument in listed:
        name = argument.arg
        if name in function.defaults:
            if isinstance(function.defaults[name], float):
                found[name] = NUMBER
            continue
        if not of_module and argument.annotation is None and name in _sizes(function.node):
            found[name] = symbol(name, free=True)
        elif _may_be_tensor(argument) and name not in _lists(function.node):
            sure = of_module or argument.annotation is not None
            certain = _is_tensor(run, function.node, argument)
            found[name] = Tensor(Shape((), Rest(name)), device="input", named=name, sure=sure, certain=certain)
    return found


def _may_be_tensor(argument: ast.arg) -> bool:
    if argument.annotation is None:
        return True
    spelt = ast.dump(argument.annotation)
    return "Tensor" in spelt and not any(word in spelt for word in ("Tuple", "tuple", "ist"))


def _is_tensor(run: Interpreter, function: ast.AST, argument: ast.arg) -> bool:
    """Whether an input is said to be a tensor, and the function never asks whether it is one."""
    if argument.annotation is None or run.names.path(argument.annotation) != "torch.Tensor":
        return False
    return argument.arg not in _asked_about(function)


@lru_cache(maxsize=256)
def _asked_about(function: ast.AST) -> frozenset[str]:
    """The names of which a function asks what kind of object they stand for."""
    return frozenset(
        inner.id
        for call in walk(function)
        if isinstance(call, ast.Call) and call.args and _last_name(call.func) in ("isinstance", "is_tensor", "type")
        for inner in walk(call.args[0])
        if isinstance(inner, ast.Name)
    )


def _last_name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


@lru_cache(maxsize=256)
def _lists(function: ast.AST) -> frozenset[str]:
    """The names of which a function only takes items by number, or which it counts or goes through."""
    uses: Counter[str] = Counter()
    items: Counter[str] = Counter()
    for node in walk(function):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                uses[name] += 1
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int())):
                items[name] += 1
            case ast.Subscript(
                value=ast.Name(id=name), slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int()))
            ):
                items[name] += 1
            case ast.For(iter=ast.Name(id=name)) | ast.comprehension(iter=ast.Name(id=name)):
                items[name] += 1
            case ast.Call(func=ast.Name(id="len" | "zip" | "enumerate" | "reversed"), args=args):
                items.update(each.id for each in args if isinstance(each, ast.Name))
    return frozenset(name for name, count in uses.items() if count == items[name])


@lru_cache(maxsize=256)
def _sizes(function: ast.AST) -> frozenset[str]:
    """The names that a function gives as sizes, as they are, to what makes a tensor of another shape."""
    return frozenset(
        given.id
        for call in walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _SHAPING
        for given in (call.args if len(call.args) > 1 else ())
        if isinstance(given, ast.Name)
    )
