"""What each parameter of a constructor or function is used as, read from where its value flows."""

import ast
import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias

from lintml.verify.contract import Role
from lintml.verify.inputs.annotations import annotated, is_int
from lintml.verify.inputs.mentions import Function, assignments, attribute, telling, walked
from lintml.verify.inputs.names import SLOTS, by_pattern

Resolve: TypeAlias = Callable[[ast.expr], Any]
Tree: TypeAlias = Callable[[Any], ast.AST | None]
Held: TypeAlias = Callable[[ast.AST], bool]

_DEEPEST = 4
# From here on a use says more than a name: below it, `h` in `d // h` may be anything that divides.
_SURE = 6
# What torch makes of numbers; all else in torch takes tensors first.
_OF_NUMBERS = frozenset(("tensor", "as_tensor", "linspace", "logspace", "randperm", "tril_indices", "triu_indices",
                         "hann_window", "hamming_window", "manual_seed", "device", "Size"))  # fmt: skip
# What takes tensors alone, as a function or as a method.
_OF_TENSORS = frozenset(("matmul", "bmm", "mm", "mv", "einsum", "dot", "outer", "scaled_dot_product_attention",
                         "cosine_similarity", "cdist", "baddbmm", "addmm"))  # fmt: skip
_FACTORIES = frozenset(("zeros", "ones", "randn", "rand", "empty", "full", "eye", "arange", "randint", "normal"))
_MODEL_METHODS = frozenset(("parameters", "named_parameters", "train", "eval", "state_dict", "load_state_dict"))
# What parameters are used as that are integers.
_INTEGERS = frozenset(("size", "heads", "count", "length", "kernel"))


class Reader:
    """Reads the uses of a function's parameters: each name inside it, and the attribute that keeps it in its class.

    ``where`` is the class, or the function itself; ``resolve`` gives the object that an expression names, or None;
    ``tree`` the definition of a class or function of the page.
    """

    def __init__(self, function: Function, where: ast.AST, resolve: Resolve, tree: Tree, deep: int = 0) -> None:
        self._function = function
        self._where = where
        self._inside = walked(function)
        self._around = telling(where)
        self._uses: dict[str, list[ast.AST]] = {}
        self._resolve = resolve
        self._tree = tree
        self._deep = deep

    def role(self, name: str) -> Role:
        """What parameter ``name`` is used as; where its uses do not say, what it is annotated or called."""
        sure, role = self._used(name)
        if sure >= _SURE:
            return role
        annotation = next((a.annotation for a in _arguments(self._function) if a.arg == name), None)
        said = annotated(annotation)
        if said != "unknown":
            return said
        if self.fields(name) and isinstance(self._where, ast.ClassDef) and self._function.name == "__init__":
            return "config"
        by_name = by_pattern(name)
        if by_name not in _INTEGERS and (role in _INTEGERS or is_int(annotation)):
            return role if role in _INTEGERS else "size"
        return by_name if by_name != "unknown" else role

    def texts(self, name: str) -> list[str]:
        """The strings that the parameter is compared with, in order."""
        held = self._held(name)
        found = []
        for node in self._about(name):
            match node:
                case ast.Compare(left=left, comparators=[ast.Constant(value=str(text))]) if held(left):
                    found.append(text)
        return found

    def fields(self, name: str) -> dict[str, Role]:
        """The attributes or keys that are read of the parameter, each with what it is used as."""
        held = self._held(name)
        found: dict[str, Role] = {}
        about = self._about(name)
        for node in about:
            field = _field(node, held)
            if field and field not in found:
                sure, role = self._best(partial(_is_field, field, held), about)
                by_name = by_pattern(field)
                found[field] = role if sure >= _SURE or by_name == "unknown" else by_name
        return found

    def length(self, name: str) -> int:
        """How many items a sequence must have for the whole numbers that index it; 2 where none does."""
        held = self._held(name)
        places = [1]
        for node in self._about(name):
            match node:
                case ast.Subscript(value=value, slice=ast.Constant(value=int(place))) if held(value):
                    places.append(place)
        return max(places) + 1

    def is_array(self, name: str) -> bool:
        """Whether the parameter is indexed, measured, a factor of `@`, given to torch or asked for attributes."""
        held = self._held(name)
        for node in self._about(name):
            match node:
                case ast.Subscript(value=value) | ast.Attribute(value=value) if held(value):
                    return True
                case ast.Call(func=ast.Name(id="len"), args=[value]) if held(value):
                    return True
                case ast.BinOp(op=ast.MatMult(), left=left, right=right) if held(left) or held(right):
                    return True
                case ast.Call(func=ast.Attribute(attr=name), args=given) if name in _OF_TENSORS and any(
                    map(held, given)
                ):
                    return True
                case ast.Call(func=ast.Attribute(value=owner, attr=name), args=[value, *_]) if held(value):
                    home = getattr(self._resolve(owner), "__name__", "")
                    if home in ("torch", "torch.nn.functional") and name not in _FACTORIES | _OF_NUMBERS:
                        return True
        return False

    def by_key(self, name: str) -> bool:
        """Whether the parameter's fields are read by key."""
        held = self._held(name)
        return any(isinstance(node, ast.Subscript) and _field(node, held) for node in self._about(name))

    def _used(self, name: str) -> tuple[int, Role]:
        return self._best(self._held(name), self._about(name))

    def _about(self, name: str) -> list[ast.AST]:
        """The nodes that mention the parameter, or what keeps it."""
        if name not in self._uses:
            kept = set[str]().union(*self._kept(name))
            self._uses[name] = [node for node, mentioned in self._around if not kept.isdisjoint(mentioned)]
        return self._uses[name]

    def _best(self, held: Held, about: list[ast.AST]) -> tuple[int, Role]:
        found: list[tuple[int, Role]] = [(0, "unknown")]
        for node in about:
            found.extend(self._use(node, held))
        return max(found, key=lambda pair: pair[0])

    def _held(self, name: str) -> Held:
        """Whether a node is the parameter as it is: its name inside the function, or the attribute that keeps it."""
        locals_, attributes = self._kept(name)
        inside = self._inside
        return lambda part: (
            attribute(part) in attributes or (isinstance(part, ast.Name) and part.id in locals_ and part in inside)
        )

    def _kept(self, name: str) -> tuple[set[str], set[str]]:
        """The local names and the attributes that are the parameter."""
        locals_, attributes = {name}, set[str]()
        for target, value in assignments(self._function):
            match target, value:
                case ast.Name(id=local), ast.Name(id=held) if held == name:
                    locals_.add(local)
                case _, ast.Name(id=held) if held == name and attribute(target):
                    attributes.add(attribute(target))
        return locals_, attributes

    def _use(self, node: ast.AST, held: Held) -> Iterator[tuple[int, Role]]:
        match node:
            case ast.Call(func=func) if held(func):
                yield self._called(func)
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if held(value) and method in _MODEL_METHODS:
                yield 10, "model"
            case ast.Call(func=ast.Attribute(attr="unfold"), args=[_, size, *_]) if held(size):
                yield 8, "kernel"
            case ast.Call():
                yield from self._passed(node, held)
            case ast.Attribute(value=value, attr="param_groups" | "zero_grad" | "step") if held(value):
                yield 10, "optimizer"
            case ast.Attribute(value=ast.Subscript(value=value), attr="step") if held(value):
                yield 11, "schedules"
            case ast.comprehension(target=ast.Name(id="_"), iter=ast.Call(func=ast.Name(id="range"), args=[count])):
                if held(count):
                    yield 9, "count"  # How many of something are made.
            case ast.For(target=ast.Name(id=each), iter=iterated, body=body) if held(iterated) and _stepped(each, body):
                yield 11, "schedules"
            case ast.BinOp(op=ast.FloorDiv() | ast.Mod(), right=right) if held(right):
                yield 5, "heads"
            case ast.BinOp(op=ast.Sub(), left=ast.Constant(value=1 | 1.0), right=right) if held(right):
                yield 4, "probability"
            case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                yield from self._iterated(target, iterated, held)
            case ast.Subscript(value=value, slice=ast.Constant(value=int()), ctx=ast.Load()) if held(value):
                yield 9, "sizes"
            case ast.If(test=test) | ast.IfExp(test=test) if held(test):
                yield 3, "bool"
            case ast.If(
                test=ast.Compare(left=left, ops=[ast.Lt() | ast.Gt() | ast.LtE() | ast.GtE()], comparators=[right])
            ):
                if held(left) or held(right):
                    yield 5, "float"
            case ast.Compare(left=left, comparators=[ast.Constant(value=str())]) if held(left):
                yield 7, "text"
            case ast.keyword(arg="device", value=value) if held(value):
                yield 9, "device"

    def _called(self, func: ast.expr) -> tuple[int, Role]:
        """What a method other than forward calls makes layers; what a function calls may be a model or a loss."""
        if not isinstance(self._where, ast.ClassDef):
            return 5, "layer"
        building = self._function.name not in ("forward", "__call__") and isinstance(func, ast.Name)
        return 9, "class" if building else "layer"

    def _iterated(self, target: ast.expr, iterated: ast.expr, held: Held) -> Iterator[tuple[int, Role]]:
        match iterated:
            case ast.Call(func=ast.Name(id="enumerate" | "tqdm"), args=[first, *_]):
                inner = target.elts[-1] if isinstance(target, ast.Tuple) else target
                yield from self._iterated(inner, first, held)
            case _ if held(iterated) and isinstance(self._where, ast.ClassDef):
                yield 6, "sizes"
            case _ if held(iterated) and isinstance(target, ast.Tuple):
                yield 9, "loader"
            case _ if held(iterated):
                yield 5, "params"

    def _passed(self, call: ast.Call, held: Held) -> Iterator[tuple[int, Role]]:
        slots = [*enumerate(call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
        if isinstance(call.func, ast.Attribute) and call.func.attr == "to" and any(held(value) for _, value in slots):
            yield 8, "device"
        for slot, value in slots:
            exact = held(value)
            if exact or _computed(value, held):
                role = self._slot(call.func, slot)
                if role != "unknown" and (exact or role == "size"):
                    # What only shapes a tensor may as well be a rank or a length, as its name then says.
                    yield (8 if exact and not _makes_tensors(call.func) else 4), role

    def _slot(self, func: ast.expr, slot: int | str | None) -> Role:
        """The role of the parameter that an argument of a call goes to."""
        if slot is None or self._deep >= _DEEPEST:
            return "unknown"
        method = self._method(attribute(func))
        if method is not None:
            return self._within(method, self._where, slot)
        callee = self._resolve(func)
        if callee is range:
            return "count"
        if _makes_tensors(func):
            return "size"
        if str(getattr(callee, "__module__", "")).startswith("torch"):
            return SLOTS.get(_parameter(callee, slot), "unknown")
        definition = self._tree(callee) if callee is not None else None
        function = initializer(definition) if definition is not None else None
        if function is None or definition is None:
            return "unknown"
        return self._within(function, definition, slot)

    def _within(self, function: Function, where: ast.AST, slot: int | str) -> Role:
        names = [argument.arg for argument in _arguments(function)]
        names = names[1:] if isinstance(where, ast.ClassDef) else names
        name = slot if isinstance(slot, str) else names[slot] if slot < len(names) else ""
        if name not in names:
            return "unknown"
        return Reader(function, where, self._resolve, self._tree, self._deep + 1).role(name)

    def _method(self, name: str) -> Function | None:
        if not name or not isinstance(self._where, ast.ClassDef):
            return None
        return next((s for s in self._where.body if isinstance(s, Function) and s.name == name), None)


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


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _stepped(name: str, body: Sequence[ast.stmt]) -> bool:
    """Whether what goes by ``name`` is asked to step."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "step"
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for statement in body
        for node in ast.walk(statement)
    )


def _field(node: ast.AST, held: Held) -> str:
    match node:
        case ast.Attribute(value=value, attr=name) if held(value):
            return name
        case ast.Subscript(value=value, slice=ast.Constant(value=str(name))) if held(value):
            return name
    return ""


def _is_field(name: str, held: Held, node: ast.AST) -> bool:
    return _field(node, held) == name


def _makes_tensors(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and func.attr in _FACTORIES


def _computed(node: ast.AST, held: Held) -> bool:
    """Whether a value is arithmetic over the parameter; what is only asked of it, as its length, is not."""
    match node:
        case ast.BinOp(left=left, right=right):
            return any(held(part) or _computed(part, held) for part in (left, right))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return any(held(part) or _computed(part, held) for part in parts)
        case ast.Call(func=ast.Name(id="int" | "round" | "max" | "min"), args=parts):
            return any(held(part) or _computed(part, held) for part in parts)
    return False


def _parameter(callee: Any, slot: int | str) -> str:
    if isinstance(slot, str):
        return slot
    names = _parameters(callee)
    return names[slot] if slot < len(names) else ""


@lru_cache(maxsize=512)
def _parameters(callee: Any) -> Sequence[str]:
    """The names of the parameters of a class or function of torch."""
    try:
        return list(inspect.signature(callee).parameters)
    except (TypeError, ValueError):
        return ()
