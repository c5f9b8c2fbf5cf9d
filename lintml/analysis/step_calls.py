"""Calls in an optimizer's step: tensor operators, Python's own functions, the closure, the page's own code."""

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from lintml.analysis.polynomials import Atom, Polynomial, function, unknown
from lintml.analysis.step_expressions import Scope, elements, needed
from lintml.analysis.step_values import (
    UNKNOWN,
    Bound,
    Closure,
    ClosureCall,
    Code,
    Held,
    Many,
    Mark,
    Mode,
    Path,
    Ref,
    State,
    Value,
    content,
)
from lintml.analysis.update_rules import KEEPING, applied

if TYPE_CHECKING:
    from lintml.analysis.step_walk import Walk

_ALIASES: Final = frozenset(("view", "view_as", "reshape", "flatten", "squeeze", "unsqueeze", "requires_grad_"))
_PAST: Final = frozenset(("detach", "detach_"))
_SEQUENCES: Final = frozenset(("list", "tuple", "iter", "reversed", "sorted", "itertools.chain"))
_BACKWARD: Final = frozenset(("torch.autograd.grad", "torch.autograd.backward", "torch.func.grad", "torch.func.vjp"))


def call(walk: "Walk", node: ast.Call, scope: Scope) -> Value:
    """The value of a call."""
    called = walk.eval(node.func, scope)
    arguments = [walk.eval(each, scope) for each in node.args]
    keywords = {each.arg or "**": walk.eval(each.value, scope) for each in node.keywords}
    if isinstance(node.func, ast.Attribute) and node.func.attr == "backward":
        walk.way.backward = True
    match called:
        case Closure(enabled=enabled):
            walk.way.calls.append(ClosureCall(node, enabled or walk.recording != "off"))
            return Mark.LOSS
        case Code():
            return walk.call(called, arguments, keywords)
        case Mode(recording="on"):
            return Closure(True) if arguments and isinstance(arguments[0], Closure) else UNKNOWN
        case Bound(owner=Ref() as tensor, name=name):
            return _method(walk, node, tensor, name, arguments, keywords)
        case Bound(owner=Many() as many, name=name):
            return _of_list(walk, many, name, arguments, node)
        case Bound(owner=State() as state, name=name):
            return _of_state(walk, state, name, arguments, node)
        case Bound(owner=Mark.GROUP, name="get" | "setdefault" | "pop") if arguments and isinstance(arguments[0], str):
            walk.way.settings.add(arguments[0])
            return walk.group.get(arguments[0], unknown(Atom("setting", arguments[0])))
        case Path(text=path):
            return _function(walk, node, path, arguments, keywords)
    return UNKNOWN


def _method(
    walk: "Walk", node: ast.Call, tensor: Ref, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    for each in (*arguments, *keywords.values()):
        needed(walk, each, node)
    if name in _PAST:
        return Ref(tensor.cell, True)
    if name in _ALIASES:
        return tensor
    given, settings = _contents(arguments), {key: content(value) for key, value in keywords.items()}
    known = {key: value for key, value in settings.items() if value is not None}
    in_place = name.endswith("_") and not name.endswith("__")
    if name in ("new_zeros", "new_ones", "new_full", "new_empty", "zeros_like"):
        return walk.tensor(applied(name, [tensor.cell.content], {}), node)
    if None in given and name not in KEEPING:
        made = function(name, tensor.cell.content, *(each for each in given if each is not None))
    else:
        made = applied(
            name[:-1] if in_place else name, [tensor.cell.content, *(each for each in given if each is not None)], known
        )
    if in_place:
        walk.write(tensor, made, node)
        return tensor
    return made if name == "item" else walk.tensor(made, node)


def _contents(arguments: Sequence[Value]) -> list[Polynomial | None]:
    return [content(each) for each in arguments]


def _function(
    walk: "Walk", node: ast.Call, path: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    from lintml.analysis.step_walk import MODES

    if path in MODES:
        return Mode(MODES[path])
    if path in ("torch.set_grad_enabled", "torch.autograd.set_grad_enabled"):
        state = arguments[0] if arguments else UNKNOWN
        return Mode("open" if not isinstance(state, bool) else "on" if state else "off")
    if path in _BACKWARD:
        walk.way.backward = True
        return UNKNOWN
    if path.startswith("torch._foreach_"):
        return _foreach(walk, node, path.removeprefix("torch._foreach_"), arguments, keywords)
    if path.startswith("torch.") and path.count(".") == 1:
        return _operator(walk, node, path.removeprefix("torch."), arguments, keywords)
    return _python(walk, node, path, arguments)


def _operator(
    walk: "Walk", node: ast.Call, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    """A function of torch: what its method of the same name does to its first argument, but never in place."""
    for each in (*arguments, *keywords.values()):
        needed(walk, each, node)
    first = arguments[0] if arguments else keywords.get("input", UNKNOWN)
    whole = content(first)
    if name in ("zeros", "ones", "empty", "full", "tensor", "rand", "randn", "eye", "arange"):
        return walk.tensor(applied(name, [], {}) if name in ("zeros", "ones") else function(name), node)
    if whole is None:
        return UNKNOWN
    if name in _PAST and isinstance(first, Ref):
        return Ref(first.cell, True)
    given = [each for each in _contents(arguments[1:]) if each is not None]
    known = {key: value for key, each in keywords.items() if (value := content(each)) is not None}
    made = walk.tensor(applied(name, [whole, *given], known), node)
    out = keywords.get("out")
    if isinstance(out, Ref):
        walk.write(out, made.cell.content, node)
        return out
    return made


def _foreach(
    walk: "Walk", node: ast.Call, name: str, arguments: Sequence[Value], keywords: Mapping[str, Value]
) -> Value:
    """A function on lists of tensors: its method on each of the first list's, with those beside it in the others."""
    lists = [elements(walk, each, node) if isinstance(each, Many) else None for each in arguments]
    made: list[Value] = []
    for at, tensor in enumerate(lists[0] or [] if lists else []):
        beside = [
            arg if many is None else many[at] if at < len(many) else UNKNOWN
            for arg, many in zip(arguments, lists, strict=True)
        ]
        if isinstance(tensor, Ref):
            needed(walk, tensor, node)
            made.append(_method(walk, node, tensor, name, beside[1:], keywords))
    return Many(made) if made else UNKNOWN


def _of_list(walk: "Walk", many: Many, name: str, arguments: Sequence[Value], node: ast.Call) -> Value:
    match name, arguments:
        case "append", [value]:
            many.items.append(value)
        case "extend", [value]:
            many.items.extend(elements(walk, value, node) or [])
        case "copy", []:
            return Many(list(many.items))
    return None if name in ("append", "extend") else UNKNOWN


def _of_state(walk: "Walk", state: State, name: str, arguments: Sequence[Value], node: ast.Call) -> Value:
    match name, arguments:
        case "get" | "setdefault", [str(key), *_]:
            return state.held.setdefault(key, walk.buffer(key))
        case "clear", []:
            state.held.clear()
    return UNKNOWN


def _python(walk: "Walk", node: ast.Call, path: str, arguments: Sequence[Value]) -> Value:
    """A function of Python's own."""
    first = arguments[0] if arguments else UNKNOWN
    match path:
        case "enumerate":
            found = elements(walk, first, node)
            return Many([Many([_index(), item]) for item in found]) if found is not None else UNKNOWN
        case "zip":
            rows = [elements(walk, each, node) or [UNKNOWN] for each in arguments]
            shortest = min((len(row) for row in rows), default=0)
            return Many([Many([row[at] for row in rows]) for at in range(shortest)])
        case "range":
            return Many([_index()])
        case "filter" if len(arguments) == 2:
            found = elements(walk, arguments[1], node)
            return Many([item for item in found if _kept(walk, first, item, node)]) if found is not None else UNKNOWN
        case "map" if len(arguments) == 2 and isinstance(first, Code):
            found = elements(walk, arguments[1], node)
            return Many([walk.call(first, [item], {}) for item in found]) if found is not None else UNKNOWN
        case "float" | "int":
            return content(first) or UNKNOWN
        case "len" if isinstance(first, State):
            return unknown(Atom("other", "len"))
        case "getattr" if len(arguments) > 1 and isinstance(first, Ref) and arguments[1] == "grad":
            return Ref(walk.gradient) if first.cell is walk.parameter else UNKNOWN
    if path in _SEQUENCES:
        found = [item for each in arguments for item in elements(walk, each, node) or [UNKNOWN]]
        return Many(found)
    known = [each for each in map(content, arguments) if each is not None]
    return function(path, *known) if known and not any(isinstance(each, (Ref, Held)) for each in arguments) else UNKNOWN


def _kept(walk: "Walk", test: Value, item: Value, node: ast.AST) -> bool:
    from lintml.analysis.step_expressions import as_test

    if not isinstance(test, Code):
        return True
    return walk.decide(as_test(walk, test.node, walk.call(test, [item], {})))


def _index() -> Polynomial:
    return function("index")
