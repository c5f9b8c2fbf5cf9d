"""Fields of a configuration that show only when they are asked for, as by a class that it is handed on to."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lintml.verify.inputs.editing import Step, with_setting
from lintml.verify.inputs.names import by_pattern
from lintml.verify.inputs.sizes import HEADS, LENGTH, SETTINGS
from lintml.verify.inputs.spec import Recipe, Record, Spec, Value


def another_field(recipe: Recipe, found: re.Match[str]) -> Iterator[Step]:
    """The configuration with the field that it lacks, of a value that its name asks for."""
    for position, (name, spec) in enumerate(recipe.arguments):
        if isinstance(spec, Record) and found[1] not in dict(spec.items):
            items = (*spec.items, (found[1], _value(found[1], spec)))
            yield Step(with_setting(recipe, position, name, replace(spec, items=items)), 0)


def _value(name: str, config: Record) -> Spec:
    match by_pattern(name):
        case "heads":
            return Value(HEADS)
        case "count":
            return Value(2)
        case "kernel":
            return Value(3)
        case "length":
            return Value(LENGTH)
        case "probability":
            return Value(0.25)
        case "float":
            return Value(1e-5 if "eps" in name else 0.5)
        case "bool":
            return Value(True)
    taken = {spec.value for _, spec in config.items if isinstance(spec, Value)}
    return Value(next((size for size in SETTINGS if size not in taken), SETTINGS[-1]))
