"""The first arguments to try for a class or function: what the contract says, else what its parameters are used as."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lintml.verify.contract import Contract, Role
from lintml.verify.inputs.sizes import BATCH, HEADS, LENGTH, OTHER, SETTINGS, STEPS, bind, evaluate
from lintml.verify.inputs.spec import Group, Made, Recipe, Spec, Tensor, Value


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter as the running code shows it: its role, its texts to choose from, and whether it has a default."""

    name: str
    role: Role = "unknown"
    required: bool = True
    texts: tuple[str, ...] = ()


def starts(
    settings: Sequence[Known],
    inputs: Sequence[str],
    ranks: Mapping[str, int],
    contract: Contract | None,
    values: Mapping[str, int] | None = None,
) -> Iterator[Recipe]:
    """Recipes to begin with; ``ranks`` are what unpacking a shape says, ``values`` given constructor arguments."""
    arguments, symbols = _arguments(settings, contract, values or {})
    if contract is not None:
        yield from _from_contract(arguments, symbols, inputs, contract)
    for rank in (3, 2):
        specs = tuple((name, Tensor(_shape(ranks.get(name, rank)))) for name in inputs)
        yield Recipe(arguments, specs)


def _from_contract(
    arguments: tuple[tuple[str, Spec], ...], symbols: Mapping[str, int], inputs: Sequence[str], contract: Contract
) -> Iterator[Recipe]:
    known = {one.name: one for one in contract.inputs}
    choices = max((len(one.shapes) for one in contract.inputs), default=0)
    for choice in range(choices):
        bound = dict(symbols)
        specs: list[tuple[str, Spec]] = []
        try:
            for name in inputs:
                one = known.get(name)
                if one is None or not one.shapes:
                    specs.append((name, Tensor((BATCH, STEPS, OTHER))))
                    continue
                shape = bind(one.shapes[min(choice, len(one.shapes) - 1)], bound)
                below = evaluate(one.below, bound) if one.below else 5
                specs.append((name, Tensor(shape, one.dtype, below if one.dtype == "index" else 0)))
        except (KeyError, ValueError, SyntaxError):
            continue
        yield Recipe(arguments, tuple(specs))


def _arguments(
    settings: Sequence[Known], contract: Contract | None, values: Mapping[str, int]
) -> tuple[tuple[tuple[str, Spec], ...], dict[str, int]]:
    told = {p.name: p.role for p in contract.parameters if p.role != "unknown"} if contract else {}
    roles = {known.name: told.get(known.name, known.role) for known in settings}
    split = _divided(contract) if contract else set()
    sizes = iter(SETTINGS)
    times = HEADS if "heads" in roles.values() or split else 1
    arguments: list[tuple[str, Spec]] = []
    symbols: dict[str, int] = {}
    first = SETTINGS[0] * times
    for known in settings:
        if known.name in values:
            spec: Spec = Value(values[known.name])
        elif not known.required:
            continue
        else:
            spec = _argument(known, roles[known.name], sizes, times, first)
        arguments.append((known.name, spec))
        if isinstance(spec, Value) and type(spec.value) is int:
            symbols[known.name] = spec.value
    return tuple(arguments), symbols


def _argument(known: Known, role: Role, sizes: Iterator[int], times: int, first: int) -> Spec:
    name = known.name.lower()
    match role:
        case "size" | "unknown":
            return Value(next(sizes) * times)
        case "heads":
            return Value(HEADS)
        case "count":
            return Value(1 if "padding" in name or "dilation" in name else 2)
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
            return Value(known.texts[0] if known.texts else "relu")
        case "sizes":
            return Group((Value(next(sizes) * times), Value(next(sizes) * times)), "list")
        case "layer":
            return Made("layer", first)
        case "optimizer":
            return Made("optimizer")
        case "params":
            return Made("params")


def _divided(contract: Contract) -> set[str]:
    """The parameters that a condition such as ``d % h == 0`` divides."""
    names = set()
    for condition in contract.conditions:
        try:
            tree = ast.parse(condition, mode="eval")
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            match node:
                case ast.BinOp(left=ast.Name(id=name), op=ast.Mod()):
                    names.add(name)
    return names


def _shape(rank: int) -> tuple[int, ...]:
    return {1: (BATCH,), 2: (BATCH, OTHER), 3: (BATCH, STEPS, OTHER), 4: (BATCH, OTHER, 41, 43)}.get(
        rank, (BATCH, OTHER, 11, 13, 17)[:rank]
    )
