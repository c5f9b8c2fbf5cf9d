"""The page's own classes and functions: how they are made, constructed and called."""

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from lintml.analysis import copies
from lintml.analysis.arity import misfit
from lintml.analysis.choices import join
from lintml.analysis.interpret import DEEP, MISSING, Frame, Interpreter
from lintml.analysis.values import (
    Function,
    Instance,
    Items,
    PageClass,
    Path,
    Tensor,
    Value,
)
from lintml.shapes.call import UNKNOWN
from lintml.torch_api.conventional import conventions

_TRANSPARENT: Final = frozenset(
    [
        "torch.no_grad",
        "torch.enable_grad",
        "torch.inference_mode",
        "torch.jit.script",
        "torch.jit.export",
        "torch.jit.ignore",
        "torch.jit.unused",
        "torch.compile",
        "torch.compiler.disable",
        "functools.wraps",
        "functools.cache",
        "functools.lru_cache",
        "typing.override",
        "torch.amp.autocast",
        "torch.cuda.amp.autocast",
        "torch.cuda.amp.custom_fwd",
        "torch.cuda.amp.custom_bwd",
        "typing.no_type_check",
        "abc.abstractmethod",
    ]
)
_ROLES: Final = {
    "builtins.property": "property",
    "functools.cached_property": "property",
    "builtins.staticmethod": "static",
    "builtins.classmethod": "class",
}
_FOLDED: Final = {name.casefold(): path for name, path in conventions().items() if name[0].isupper()}


def function(run: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, frame: Frame) -> Function:
    """A function definition as a value."""
    from lintml.analysis.expressions import closures

    role = ""
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        found = run.eval(target, frame)
        path = found.text if isinstance(found, Path) else ""
        role = _ROLES.get(path) or role or ("" if path in _TRANSPARENT else "opaque")
    if node in run.names.generators:
        role = "opaque"
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    defaults = {argument.arg: run.eval(default, frame) for argument, default in pairs}
    return Function(node, frame.snippet, closures(run, frame), None, None, defaults, role)


def page_class(run: Interpreter, node: ast.ClassDef, frame: Frame) -> PageClass:
    """A class definition as a value; methods of the page's own base classes are its own too."""
    from lintml.analysis.expressions import closures

    bases = tuple(_base(run, base, frame) for base in node.bases)
    methods: dict[str, Function] = {}
    members: dict[str, Value] = {}
    complete = True
    for base in reversed(bases):
        if isinstance(base, PageClass):
            methods.update(base.methods)
            members.update(base.members)
        known = isinstance(base, PageClass) and base.complete
        library = isinstance(base, Path) and base.text.startswith(("torch.", "builtins.", "abc.", "typing."))
        complete = complete and (known or library)
    found = PageClass(node, frame.snippet, bases, "", methods, members, complete, closures(run, frame))
    found.kind = _kind(found)
    body = Frame(members, frame.snippet, closure=closures(run, frame), function=node)
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            made = function(run, statement, body)
            made.closure = found.closure
            made.owner = found
            methods[statement.name] = made
            members.pop(statement.name, None)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.ClassDef)):
            run.block([statement], body)
    return found


def _base(run: Interpreter, base: ast.expr, frame: Frame) -> Value:
    value = run.eval(base, frame)
    if value is UNKNOWN and isinstance(base, ast.Name) and run.lookup(base.id, frame) is MISSING:
        # A base class that nothing defines, spelt like a known one but for its case.
        path = _FOLDED.get(base.id.casefold())
        return Path(path) if path and not run.names.rival and base.id not in run.names.bound else UNKNOWN
    return value


def _kind(cls: PageClass) -> str:
    base = cls.torch_base
    if base.startswith("torch.nn."):
        return "module"
    if base.startswith("torch.optim.lr_scheduler."):
        return "scheduler"
    if base.startswith("torch.optim."):
        return "optimizer"
    if base.startswith("torch.utils.data."):
        return "dataset"
    if base.endswith("LightningModule"):
        return "module"
    return next((b.kind for b in cls.bases if isinstance(b, PageClass) and b.kind), "")


def construct(
    run: Interpreter, cls: PageClass, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.AST | None
) -> Value:
    """An object of a class: a copy of one that was made like this before, else its ``__init__`` is run."""
    occasion = copies.occasion(run, cls, arguments, keywords) if isinstance(node, ast.Call) else None
    if occasion is None or not isinstance(node, ast.Call):
        return _constructed(run, cls, arguments, keywords, node)
    if (known := run.made.get(occasion)) is not None:
        return known.again(run, node)
    making = copies.Making(run)
    made = _constructed(run, cls, arguments, keywords, node)
    if (remembered := making.done(made, node)) is not None:
        run.made[occasion] = remembered
    return made


def _constructed(
    run: Interpreter, cls: PageClass, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.AST | None
) -> Instance:
    made = Instance(cls, node=node)
    init = cls.methods.get("__init__")
    if init is not None:
        bound = init.of(made)
        if node is not None:
            run.trace.constructions.append((cls, bind(bound, arguments, keywords)))
        run.building += 1
        # What an object holds is made once, also where a loop makes the object a second time.
        passes, run.repeating, run.rehearsing = (run.repeating, run.rehearsing), 0, 0
        invoke(run, bound, arguments, keywords, node)
        run.repeating, run.rehearsing = passes
        run.building -= 1
    elif any(_is_dataclass(run, decorator) for decorator in cls.node.decorator_list):
        _fields(made, arguments, keywords)
    elif cls.torch_base and cls.kind == "module":
        initialise(run, made, arguments, keywords, node)
    return made


def _is_dataclass(run: Interpreter, node: ast.expr) -> bool:
    target = node.func if isinstance(node, ast.Call) else node
    return (run.names.path(target) or "").endswith("dataclass")


def _fields(made: Instance, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> None:
    listed = [
        each.target.id
        for each in made.cls.node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    ]
    made.attributes.update(zip(listed, arguments, strict=False))
    made.attributes.update({name: value for name, value in keywords.items() if name in listed})


def initialise(
    run: Interpreter, made: Instance, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.AST | None
) -> None:
    """What ``super().__init__(…)`` does for a class that derives from a layer of torch."""
    from lintml.analysis.calls import make_layer

    base = made.cls.torch_base
    if base != "torch.nn.Module" and isinstance(node, ast.Call):
        layer = make_layer(run, base, arguments, keywords, node)
        made.layer = layer if layer is not UNKNOWN else None


def invoke(
    run: Interpreter,
    called: Function,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.AST | None,
) -> Value:
    """The result of calling a function of the page."""
    body = called.node
    if called.role == "opaque" or len(run.active) >= DEEP or run.active.count(body) > 1:
        return UNKNOWN
    certain = not run.silent and not (run.callers and run.level > run.sure)
    if certain and (found := misfit(called, arguments, keywords, node)) is not None:
        run.trace.misfits.append(found)
    names = bind(called, arguments, keywords)
    frame = Frame(
        names,
        called.snippet,
        closure=called.closure,
        function=body,
        owner=called.owner,
        instance=called.bound,
    )
    run.active.append(body)
    if isinstance(node, ast.Call):
        run.callers.append(node)
    try:
        if isinstance(body, ast.Lambda):
            return run.eval(body.body, frame)
        run.block(body.body, frame)
    finally:
        run.active.pop()
        if isinstance(node, ast.Call):
            run.callers.pop()
    return result(frame)


def result(frame: Frame) -> Value:
    """What a frame returned: what all of its returns agree on."""
    if not frame.returns:
        return None
    value = frame.returns[0]
    for other in frame.returns[1:]:
        value = join(value, other)
    return value


def bind(called: Function, arguments: Sequence[Value], keywords: Mapping[str, Value]) -> dict[str, Value]:
    """Parameters bound to arguments as Python would; what is missing or too much is unknown.

    A keyword with the name of ``*args`` or ``**kwargs``, which no call can have, says what these are.
    """
    spec = called.node.args
    given = list(arguments)
    if called.bound is not None and called.role not in ("static", "class"):
        given.insert(0, called.bound)
    elif called.role == "class":
        given.insert(0, called.owner if called.owner is not None else UNKNOWN)
    positional = [argument.arg for argument in (*spec.posonlyargs, *spec.args)]
    names: dict[str, Value] = dict.fromkeys([*positional, *(a.arg for a in spec.kwonlyargs)], UNKNOWN)
    names.update(called.defaults)
    names.update(zip(positional, given, strict=False))
    for name, value in keywords.items():
        if name in names:
            names[name] = value
    if spec.vararg:
        names[spec.vararg.arg] = keywords.get(spec.vararg.arg, tuple(given[len(positional) :]))
    if spec.kwarg and spec.kwarg.arg in keywords:
        names[spec.kwarg.arg] = keywords[spec.kwarg.arg]
    elif spec.kwarg:
        extra = {name: value for name, value in keywords.items() if name not in names}
        names[spec.kwarg.arg] = Items(list(extra.values()), names=list(extra))
    return names


def call_instance(
    run: Interpreter,
    owner: Instance,
    arguments: Sequence[Value],
    keywords: Mapping[str, Value],
    node: ast.Call,
    frame: Frame,
) -> Value:
    """The result of calling an object: its ``__call__``, else a module's ``forward``, else the layer it is at heart.

    What the ``__call__`` of a base class from elsewhere does with a ``forward`` is not known.
    """
    from lintml.analysis.calls import apply_layer

    for name in ("__call__", "forward") if owner.cls.kind == "module" else ("__call__",):
        method = owner.cls.methods.get(name)
        if method is not None:
            return invoke(run, method.of(owner), arguments, keywords, node)
    if owner.layer is not None:
        return apply_layer(run, owner.layer, arguments, keywords, node, frame)
    return UNKNOWN


def parameter_tensor(value: Value) -> Tensor:
    """What nn.Parameter or a buffer makes of a value; one without elements keeps a place for another."""
    shape = value.shape if isinstance(value, Tensor) else None
    if shape is not None and 0 in shape.dims:
        shape = None
    return Tensor(shape, value.dtype if isinstance(value, Tensor) else "", "input", certain=True)
