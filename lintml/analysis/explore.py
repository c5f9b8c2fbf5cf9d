"""Every class and function of a page run on its own, in as many worlds as its inputs' ranks allow."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lintml.analysis.applying import NORMALISING
from lintml.analysis.classes import construct, invoke
from lintml.analysis.interpret import Interpreter, Spent
from lintml.analysis.names import BUILTINS
from lintml.analysis.trace import Clash, Trace
from lintml.analysis.values import NUMBER, Application, Function, Instance, Items, PageClass, Tensor, Value
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import symbol
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.world import World, scripts

MOST_WORLDS: Final = 24
# What clashes where a tensor has too few axes or too many.
_RANKS: Final = frozenset("rank dim dims repeats sizes".split())


@dataclass(slots=True, eq=False)
class Run:
    """One run of an entry in one world: what went in, what came out, what was seen."""

    world: World
    trace: Trace
    inputs: dict[str, Value]
    output: Value
    instance: Instance | None = None

    @property
    def sound(self) -> bool:
        """Whether the code could run like this: nothing clashes for certain, no axis is forced to 1."""
        return not self.trace.hard and not self.world.degenerate

    @property
    def misjudged(self) -> int:
        """How many clashes a wrong guess of the inputs' ranks may be to blame for."""
        return sum(clash.axis in _RANKS for clash in self.trace.hard)


@dataclass(slots=True, eq=False)
class Entry:
    """A class's forward, or a function, run on its own.

    ``parameters`` are the constructor's values, symbols mostly; ``complete`` says that every world was tried.
    """

    cls: PageClass | None
    function: Function
    parameters: dict[str, Value]
    runs: list[Run] = field(default_factory=list)
    complete: bool = True

    @property
    def name(self) -> str:
        return self.cls.name if self.cls is not None else getattr(self.function.node, "name", "")

    @property
    def primary(self) -> Run:
        """The likeliest run that works, else the one that comes furthest."""
        sound = [run for run in self.likely if run.sound]
        if sound:
            return next((run for run in sound if not run.trace.clashes), sound[0])
        return min(self.likely, key=lambda run: (bool(run.world.degenerate), len(run.trace.hard), run.misjudged))

    @property
    def likely(self) -> list[Run]:
        """The runs with a batch, if only sizes go wrong in one of them: that a single example fits is luck then."""
        batched = [run for run in self.runs if not run.world.lone]
        if len(batched) < len(self.runs) and any(not run.world.degenerate and not run.misjudged for run in batched):
            return batched
        return self.runs

    @property
    def works(self) -> bool:
        """Whether some world runs without a certain clash, or not all were tried."""
        return not self.complete or any(run.sound for run in self.likely)

    def clashes(self) -> Iterator[Clash]:
        """The clashes that stand whatever the inputs' ranks are."""
        primary = self.primary
        sound = [run for run in self.likely if run.sound]
        others = sound if sound else self.likely
        if not sound and not self.complete:
            return
        first = True
        for clash in primary.trace.clashes:
            everywhere = all(
                any(_alike(clash, other) for other in run.trace.clashes) for run in others if run is not primary
            )
            if everywhere or (not sound and clash.condition is None and first):
                yield clash
            first = first and clash.condition is not None


def _alike(a: Clash, b: Clash) -> bool:
    return a.node is b.node and a.layer is b.layer


def explore_class(run: Interpreter, cls: PageClass) -> Entry | None:
    """A module class's ``forward`` with its constructor's parameters as symbols and inputs that nothing is known of."""
    forward = cls.methods.get("forward")
    if forward is None or forward.role:
        return None
    init = cls.methods.get("__init__")
    parameters = symbols_of(run, init, skip=1) if init is not None else {}
    entry = Entry(cls, forward, parameters)
    _explore(run, entry)
    return entry


def explore_function(run: Interpreter, function: Function) -> Entry | None:
    """A function of the page with inputs that nothing is known of."""
    if function.role:
        return None
    entry = Entry(None, function, {})
    _explore(run, entry)
    return entry


def _explore(run: Interpreter, entry: Entry) -> None:
    waiting: list[tuple[int, ...]] = [()]
    run.standalone = True
    while waiting:
        if len(entry.runs) >= MOST_WORLDS:
            entry.complete = False
            break
        done = _once(run, entry, World(waiting.pop(0)))
        entry.runs.append(done)
        if done.trace.spent:
            entry.complete = False
            break
        if done.sound and not done.trace.clashes:
            break
        waiting = [*scripts(done.world), *waiting]
    run.standalone = False


def _once(run: Interpreter, entry: Entry, world: World) -> Run:
    trace = run.fresh(world)
    instance: Instance | None = None
    output: Value = UNKNOWN
    inputs = inputs_of(entry.function, skip=1 if entry.cls is not None else 0)
    try:
        called = entry.function
        if entry.cls is not None:
            made = construct(run, entry.cls, [], entry.parameters, None)
            instance = made if isinstance(made, Instance) else None
            called = Function(
                called.node, called.snippet, called.closure, instance, called.owner, called.defaults, called.role
            )
        if instance is not None:
            for name, held in instance.attributes.items():
                # A plain tensor attribute stays where it was made; that is a matter of its own, not of this method.
                if isinstance(held, Tensor) and held.device == "cpu":
                    instance.attributes[name] = Tensor(held.shape, held.dtype)
        output = invoke(run, called, [], inputs, None)
    except Spent:
        trace.spent = True
    _mark_returned(output)
    for application in trace.applications:
        for tensor in (*application.inputs, *application.outputs):
            if tensor is not None and tensor.shape is not None:
                tensor.shape = world.shape(tensor.shape)
        if application.path in NORMALISING and over_one_element(application):
            world.degenerate = world.degenerate or "a softmax over one element"
    return Run(world, trace, inputs, output, instance)


def over_one_element(application: Application) -> bool:
    """Whether a softmax goes over one element: it is always 1 then, and inputs of such ranks are not meant."""
    shape, dim = application.shape(), application.settings.get("dim")
    if shape is None or not isinstance(dim, int) or not -len(shape.dims) <= dim < len(shape.dims):
        return False
    return (dim < 0 or shape.rest is None) and shape.dims[dim] == 1


def _mark_returned(value: Value) -> None:
    match value:
        case Tensor(source=source) if source is not None:
            source.returned = True
        case tuple():
            for part in value:
                _mark_returned(part)
        case Items():
            for part in value.values:
                _mark_returned(part)


def symbols_of(run: Interpreter, function: Function, skip: int) -> dict[str, Value]:
    """The parameters of a constructor as symbols where they may be sizes."""
    spec = function.node.args
    listed = [*spec.posonlyargs, *spec.args][skip:] + list(spec.kwonlyargs)
    return {argument.arg: _symbol(run, argument, function.defaults) for argument in listed}


def _symbol(run: Interpreter, argument: ast.arg, defaults: Mapping[str, Value]) -> Value:
    if argument.arg in defaults:
        return _defaulted(argument.arg, defaults[argument.arg])
    match argument.annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)) if isinstance(run.globals.get(name), PageClass):
            return _configuration(argument.arg, run.globals[name])
        case ast.Name(id="float"):
            return NUMBER
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
    return NUMBER if isinstance(given, float) else UNKNOWN


def _configuration(name: str, cls: PageClass) -> Value:
    """An object of a class of the page that only holds settings: each field a symbol, with its default."""
    if cls.methods:
        return UNKNOWN
    held: dict[str, Value] = {}
    for each in cls.node.body:
        match each:
            case ast.AnnAssign(target=ast.Name(id=field)) | ast.Assign(targets=[ast.Name(id=field)]):
                spelt = f"{name}.{field}"
                held[field] = _defaulted(spelt, cls.members[field]) if field in cls.members else symbol(spelt)
    return Instance(cls, held)


def inputs_of(function: Function, skip: int) -> dict[str, Value]:
    """The parameters of a method as tensors that nothing is known of; those with a default are unknown altogether."""
    spec = function.node.args
    listed = [*spec.posonlyargs, *spec.args][skip:]
    plain = [argument for argument in listed if argument.arg not in function.defaults]
    return {
        argument.arg: Tensor(Shape((), Rest(argument.arg)), device="input", named=argument.arg)
        for argument in plain
        if _may_be_tensor(argument)
    } | {
        argument.arg: UNKNOWN
        for argument in listed
        if argument.arg in function.defaults or not _may_be_tensor(argument)
    }


def _may_be_tensor(argument: ast.arg) -> bool:
    if argument.annotation is None:
        return True
    return (
        "Tensor" in ast.dump(argument.annotation)
        and "Tuple" not in ast.dump(argument.annotation)
        and ("tuple" not in ast.dump(argument.annotation) and "ist" not in ast.dump(argument.annotation))
    )
