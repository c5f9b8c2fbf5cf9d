"""Every class and function of a page run on its own, in as many worlds as its inputs' ranks allow."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from lintml.analysis.applying import NORMALISING
from lintml.analysis.built import Built
from lintml.analysis.classes import construct, invoke
from lintml.analysis.interpret import STEPS, Interpreter, Spent
from lintml.analysis.parameters import inputs_of, open_ended, symbols_of
from lintml.analysis.trace import RANKS, Clash, Store, Trace
from lintml.analysis.values import Application, Function, Instance, Items, PageClass, Tensor, Value
from lintml.shapes.call import UNKNOWN
from lintml.shapes.world import World, scripts

MOST_WORLDS: Final = 24
_POINTLESS: Final = "a softmax over one element"


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
        """Whether the code could be meant like this: nothing clashes for certain, no axis is forced to 1."""
        return not self.world.degenerate and self._unhindered

    @property
    def raises(self) -> bool:
        """Whether the code could not run like this; what has no point, as a softmax over one element, runs."""
        return self.world.degenerate not in ("", _POINTLESS) or not self._unhindered

    @property
    def _unhindered(self) -> bool:
        return all(clash.optional for clash in self.trace.hard)

    @property
    def misjudged(self) -> int:
        """How many clashes a wrong guess of the inputs' ranks may be to blame for."""
        return sum(clash.axis in RANKS for clash in self.trace.hard)


@dataclass(slots=True, eq=False)
class Trial:
    """Code run in one world after the other; ``complete`` says that every world was tried."""

    runs: list[Run] = field(default_factory=list)
    complete: bool = True

    @property
    def primary(self) -> Run:
        """The likeliest run that works, else the one that comes furthest."""
        sound = [run for run in self.likely if run.sound]
        if sound:
            return min(sound, key=lambda run: (run.world.strained, bool(run.trace.clashes), run.misjudged))
        return min(self.likely, key=_distance)

    @property
    def likely(self) -> list[Run]:
        """The runs with a batch, if only sizes go wrong in one of them: that a single example fits is luck then."""
        return [run for run in self.runs if not run.world.lone] if self.fits_batches else self.runs

    @property
    def fits_batches(self) -> bool:
        """Whether some run takes inputs with a batch, and sizes are all that may go wrong in it."""
        return any(not (run.world.lone or run.world.degenerate or run.misjudged) for run in self.runs)

    @property
    def works(self) -> bool:
        """Whether some world runs without a certain clash, or not all were tried."""
        return not self.complete or any(run.sound for run in self.likely)

    @property
    def fails(self) -> bool:
        """Whether no world runs, though all were tried."""
        return self.complete and all(run.raises for run in self.likely)

    def clashes(self) -> Iterator[Clash]:
        """The clashes that stand whatever the inputs' ranks are."""
        primary = self.primary
        sound = [run for run in self.likely if run.sound]
        fitting = [run for run in sound if not run.misjudged and not run.world.strained]
        others = fitting or sound or self.likely
        if not sound and not self.complete:
            return
        first = True
        for clash in primary.trace.clashes:
            if not self.complete and clash.axis in RANKS:
                continue
            everywhere = all(
                any(_alike(clash, other) for other in run.trace.clashes) for run in others if run is not primary
            )
            if everywhere or (not sound and clash.condition is None and first and not clash.optional):
                yield clash
            first = first and clash.condition is not None
        if self.complete:
            yield from self._of_ways_not_taken(primary)

    def _of_ways_not_taken(self, primary: Run) -> Iterator[Clash]:
        """The clashes of layers that only other worlds make, wherever these are at work."""
        seen = {each.layer.node for each in primary.trace.applications if each.layer is not None}
        given = {clash.layer: clash for run in self.runs for clash in run.trace.hard if clash.axis not in RANKS}
        for layer, clash in given.items():
            if layer is None or layer in seen or clash.optional:
                continue
            working = [run for run in self.runs if any(_works_in(layer, each) for each in run.trace.applications)]
            if all(any(_alike(clash, other) for other in run.trace.clashes) for run in working):
                yield clash


def _distance(run: Run) -> tuple[bool, bool, int, int]:
    """How far a run is from working: a tensor of a wrong rank ends what is known, so that less goes wrong after it."""
    return bool(run.world.degenerate), bool(run.misjudged), len(run.trace.hard), run.misjudged


@dataclass(slots=True, eq=False, kw_only=True)
class Entry(Trial):
    """A class's forward, or a function, run on its own; ``parameters`` are the constructor's values, symbols mostly.

    ``built`` is the object as the constructor left it, if there is one and no choice was made for it.
    """

    cls: PageClass | None
    function: Function
    parameters: dict[str, Value]
    built: Built | None = None

    @property
    def name(self) -> str:
        return self.cls.name if self.cls is not None else getattr(self.function.node, "name", "")


def _works_in(layer: ast.Call, application: Application) -> bool:
    return application.layer is not None and application.layer.node is layer


def _alike(a: Clash, b: Clash) -> bool:
    return a.node is b.node and a.layer is b.layer


def build(run: Interpreter, cls: PageClass) -> Built | None:
    """An object of a class, its constructor's parameters symbols; None where that is too much work."""
    init = cls.methods.get("__init__")
    parameters = symbols_of(run, init, skip=1) if init is not None else {}
    trace = run.fresh(World())
    run.standalone = True
    try:
        made = construct(run, cls, [], parameters, None)
    except Spent:
        return None
    finally:
        run.standalone = False
    return _as_made(cls, made, trace) if isinstance(made, Instance) else None


def explore_class(run: Interpreter, cls: PageClass) -> Entry | None:
    """A module class's ``forward`` with its constructor's parameters as symbols and inputs that nothing is known of."""
    forward = cls.methods.get("forward")
    if forward is None or forward.role:
        return None
    init = cls.methods.get("__init__")
    parameters = symbols_of(run, init, skip=1) if init is not None else {}
    entry = Entry(cls=cls, function=forward, parameters=parameters)
    explore(run, entry, lambda world: _once(run, entry, world))
    return entry


def explore_function(run: Interpreter, function: Function) -> Entry | None:
    """A function of the page with inputs that nothing is known of."""
    if function.role:
        return None
    entry = Entry(cls=None, function=function, parameters={})
    explore(run, entry, lambda world: _once(run, entry, world))
    return entry


def explore(run: Interpreter, trial: Trial, once: Callable[[World], Run]) -> None:
    """Run code in one world after the other until one fits, or all were tried."""
    waiting: list[tuple[int, ...]] = [()]
    hopeless: list[tuple[int, ...]] = []
    run.standalone = run.exploring = True
    steps = 0
    while waiting or (hopeless and not trial.fits_batches):
        if len(trial.runs) >= MOST_WORLDS or steps > STEPS:
            trial.complete = False
            break
        done = once(World((waiting or hopeless).pop(0)))
        steps += run.steps
        trial.runs.append(done)
        if done.trace.spent:
            trial.complete = False
            break
        if done.sound and not (done.trace.clashes or done.world.lone or done.world.strained):
            break
        worthwhile, useless = _others(done)
        waiting = sorted([*worthwhile, *waiting], key=_guesses)
        hopeless = sorted([*useless, *hopeless], key=_guesses)
    run.standalone = run.exploring = False


def _others(done: Run) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """The worlds that differ from a run's in one guess: those that may do better, and those that will do no better.

    What is refused in a world, or makes it doubtful, is so in every other that does not differ from it before.
    """
    world, found = done.world, list(scripts(done.world))
    turns = [at for at in (world.lone_after, done.trace.refused) if at is not None]
    if done.sound and not done.trace.clashes:
        doubtful = max(world.lone_after or 0, world.strained_after or 0)
        found = [each for each in found if len(each) <= doubtful]
    early = [each for each in found if all(len(each) <= at for at in turns)]
    return early, [each for each in found if each not in early]


def _guesses(script: tuple[int, ...]) -> int:
    """How many guesses of a world are not the likeliest: those that differ in one come before those in more."""
    return sum(pick > 0 for pick in script)


def _once(run: Interpreter, entry: Entry, world: World) -> Run:
    trace = run.fresh(world)
    instance: Instance | None = None
    output: Value = UNKNOWN
    inputs = inputs_of(run, entry.function, of_module=entry.cls is not None)
    try:
        called = entry.function
        if entry.cls is not None:
            init = entry.cls.methods.get("__init__")
            given = entry.parameters | (open_ended(init) if init is not None else {})
            made = construct(run, entry.cls, [], given, None)
            instance = made if isinstance(made, Instance) else None
            if instance is not None and not world.taken:
                entry.built = _as_made(entry.cls, instance, trace)
            called = called.of(instance)
        if instance is not None:
            for name, held in instance.attributes.items():
                # A plain tensor attribute stays where it was made; that is a matter of its own, not of this method.
                if isinstance(held, Tensor) and held.device == "cpu":
                    instance.attributes[name] = Tensor(held.shape, held.dtype, certain=held.certain)
        output = invoke(run, called, [], inputs | open_ended(called), None)
    except Spent:
        trace.spent = True
    return settled(world, trace, inputs, output, instance)


def _as_made(cls: PageClass, instance: Instance, trace: Trace) -> Built:
    """An object at this point of a run, whatever attributes it will be given."""
    kept = Instance(cls, dict(instance.attributes), instance.node, instance.layer)
    stores = [Store(each.node, kept, each.value) if each.owner is instance else each for each in trace.stores]
    return Built(cls, kept, tuple(stores), tuple(trace.containers))


def settled(
    world: World, trace: Trace, inputs: dict[str, Value], output: Value, instance: Instance | None = None
) -> Run:
    """A run with all that its world came to know put into what it saw."""
    _mark_returned(output)
    trace.clashes = [replace(clash, want=world.size(clash.want), got=world.size(clash.got)) for clash in trace.clashes]
    tensors = (each for application in trace.applications for each in (*application.inputs, *application.outputs))
    for tensor in dict.fromkeys(tensors):
        if tensor is not None and tensor.shape is not None:
            tensor.shape = world.shape(tensor.shape)
    for application in trace.applications:
        if application.path in NORMALISING and over_one_element(application):
            world.degenerate = world.degenerate or _POINTLESS
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
