"""The first arguments to try for a class or function: what the contract says, else what its parameters are used as."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lintml.verify.contract import Contract, Role
from lintml.verify.inputs.names import by_pattern
from lintml.verify.inputs.sizes import BATCH, HEADS, LENGTH, OTHER, SETTINGS, STEPS, bind, evaluate, far
from lintml.verify.inputs.spec import Group, Made, Recipe, Record, Spec, Tensor, Value

TARGETS = re.compile(r"^(y|t|times?|time_?steps?|trg|tgt|target|targets|label|labels|gt|y_true|truth)$")
_MASKS = re.compile(r"mask$")


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter as the running code shows it: its role, whether it has no default, and what its role needs.

    ``choices`` are the texts or classes that it may be, ``fields`` those of a configuration, ``length`` that of a list.
    """

    name: str
    role: Role = "unknown"
    required: bool = True
    choices: tuple[str, ...] = ()
    fields: tuple["Known", ...] = ()
    length: int = 2


def starts(
    settings: Sequence[Known],
    inputs: Sequence[Known],
    ranks: Mapping[str, int],
    groups: Mapping[str, int],
    contract: Contract | None = None,
    values: Mapping[str, int] | None = None,
) -> Iterator[Recipe]:
    """Recipes to begin with; ``values`` are constructor arguments that are given.

    ``ranks`` and ``groups`` are what unpacking a shape or a tuple says of an input.
    """
    makers = [_Maker(settings, None, values or {})]
    if contract is not None:
        makers.insert(0, _Maker(settings, contract, values or {}))
    maker = makers[0]
    plain = {known.name: maker.argument(known) for known in inputs if known.role != "unknown"}
    if contract is not None:
        for padded in (False, True) if any(_MASKS.search(known.name) for known in inputs) else (False,):
            untold = {known.name: _guess(known.name, 3, ranks, groups, True, padded) for known in inputs}
            for recipe in _from_contract(maker, untold, contract):
                yield replace(recipe, inputs=tuple((name, plain.get(name, spec)) for name, spec in recipe.inputs))
    guesses = [[_guess(known.name, rank, ranks, groups, *believed) for known in inputs] for rank, *believed in _ORDER]
    if len(inputs) > 1:
        # Rows, and a number for each of them.
        rest = [_guess(known.name, 1, ranks, groups, True) for known in inputs[1:]]
        guesses.append([_guess(inputs[0].name, 2, ranks, groups, True), *rest])
    for guess in dict.fromkeys(map(tuple, guesses)):
        named = zip(inputs, guess, strict=True)
        specs = tuple((known.name, plain.get(known.name, spec)) for known, spec in named)
        for arguments in dict.fromkeys(choice for one in makers for choice in one.choices()):
            yield Recipe(arguments, specs)


# Rank 3 before 2, names that tell of targets and masks believed before they are not, masks of positions by positions
# before those of what is padded.
_ORDER = ((3, True), (2, True), (3, True, True), (3, False), (2, False))


def _guess(
    name: str,
    rank: int,
    ranks: Mapping[str, int],
    groups: Mapping[str, int],
    hinted: bool,
    padded: bool = False,
) -> Spec:
    tensor = Tensor(_shape(ranks.get(name, rank)))
    if name in groups:
        return Group((tensor,) * groups[name])
    if hinted and TARGETS.search(name):
        return Tensor((BATCH,), "index", 5)
    if hinted and _MASKS.search(name):
        return Tensor((BATCH if padded else STEPS, STEPS), "bool")
    return tensor


def _from_contract(maker: "_Maker", untold: Mapping[str, Spec], contract: Contract) -> Iterator[Recipe]:
    known = {one.name: one for one in contract.inputs}
    for choice in range(max((len(one.shapes) for one in contract.inputs), default=0)):
        bound = dict(maker.symbols)
        specs: list[tuple[str, Spec]] = []
        try:
            for name, guess in untold.items():
                one = known.get(name)
                if one is None or not one.shapes or isinstance(guess, Group):
                    specs.append((name, guess))
                    continue
                axes = one.shapes[min(choice, len(one.shapes) - 1)]
                below = evaluate(one.below, bound) if one.below else 5
                kind = "index" if one.dtype == "index" else one.dtype
                specs.append((name, Tensor(bind(axes, bound), kind, below if kind == "index" else 0, "1" in axes)))
        except (KeyError, ValueError, SyntaxError):
            continue
        yield Recipe(maker.arguments, tuple(specs))


class _Maker:
    """Gives each parameter a value that fits its role, sizes that tell each other apart."""

    def __init__(self, settings: Sequence[Known], contract: Contract | None, values: Mapping[str, int]) -> None:
        told = {p.name: p.role for p in contract.parameters} if contract is not None else {}
        known = [_told(one, told.get(one.name, "unknown")) for one in settings]
        self._sizes = iter(SETTINGS)
        self._alternatives: list[tuple[str, tuple[Spec, ...]]] = []
        self.symbols: dict[str, int] = {}
        arguments: list[tuple[str, Spec]] = []
        for one in known:
            if one.name in values:
                arguments.append((one.name, Value(values[one.name])))
            elif one.required:
                arguments.append((one.name, self.argument(one)))
            else:
                continue
            spec = arguments[-1][1]
            if isinstance(spec, Value) and type(spec.value) is int:
                self.symbols[one.name] = spec.value
        self.arguments = tuple(arguments)

    def choices(self) -> Iterator[tuple[tuple[str, Spec], ...]]:
        """The constructor arguments, then those with another class in place of each one that takes a class."""
        yield self.arguments
        for name, others in self._alternatives:
            for other in others:
                yield tuple((key, other if key == name else spec) for key, spec in self.arguments)

    def argument(self, known: Known) -> Spec:
        """A value for a parameter."""
        name = known.name.lower()
        match known.role:
            case "size" | "unknown":
                return Value(self._size())
            case "heads":
                return Value(HEADS)
            case "count":
                return Value(1 if "padding" in name or "dilation" in name else 4 if "expert" in name else 2)
            case "length":
                return Value(LENGTH)
            case "kernel":
                return Value(3)
            case "probability":
                return Value(0.25)
            case "float":
                return Value(1e-5 if "eps" in name else 0.1 if "lr" in name or "rate" in name else 0.5)
            case "bool":
                return Value(True)
            case "text":
                return Value(known.choices[0] if known.choices else "relu")
            case "device":
                return Value("cpu")
            case "sizes":
                small = {"count": 2, "kernel": 3}.get(by_pattern(name))
                return Group(tuple(Value(small or self._size()) for _ in range(known.length)), "list")
            case "layer":
                return Made("layer", SETTINGS[0])
            case "class":
                specs = tuple(Made("class", name=choice) for choice in known.choices)
                self._alternatives.append((known.name, specs[1:]))
                return specs[0] if specs else Value(None)
            case "config":
                fields = tuple((field.name, self.argument(field)) for field in known.fields)
                return Record(fields, "dict" if known.choices else "namespace")
            case "optimizer" | "schedules" | "params" | "model" | "loader" | "loss" as what:
                return Made(what)

    def _size(self) -> int:
        return next(self._sizes, SETTINGS[-1])


def _told(known: Known, role: Role) -> Known:
    """What the contract says where the uses in the code do not say more than that it is a size."""
    return replace(known, role=role) if role != "unknown" and known.role in ("unknown", "size") else known


def _shape(rank: int) -> tuple[int, ...]:
    match rank:
        case 1:
            return (BATCH,)
        case 2:
            return (BATCH, OTHER)
        case 3:
            return (BATCH, STEPS, OTHER)
    return (BATCH, OTHER, *far(rank))[: max(rank, 0)]


# What an input is taken for before anything is known of it.
UNTOLD = tuple(Tensor(_shape(rank)) for rank in (2, 3))
