"""The contract of a class or function: what its constructor and its inputs must be for it to run."""

import ast
import re
from collections.abc import Iterable, Iterator

from lintml.analysis.explore import Entry, Run
from lintml.analysis.rates import Derived
from lintml.analysis.values import Layer, Tensor
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Axis, Shape
from lintml.verify.contract import Contract, Input, Parameter, Role

# Ranks to write down for an input of which nothing but its last axes is known.
LEADING = (1, 2)
ROLES: dict[str, Role] = {
    "num_heads": "heads",
    "nhead": "heads",
    "kernel_size": "kernel",
    "num_layers": "count",
    "p": "probability",
}


def contract_of(entry: Entry) -> Contract:
    """What the runs of an entry that work have in common."""
    runs = [run for run in entry.runs if run.sound] or [entry.primary]
    inputs = tuple(_input(name, runs) for name in entry.primary.inputs)
    conditions = dict.fromkeys(str(clash.condition) for clash in entry.clashes() if clash.condition is not None)
    conditions |= dict.fromkeys(_heads_divide(runs))
    return Contract(
        entry.name,
        "module" if entry.cls is not None else "function",
        tuple(_parameters(entry)),
        inputs,
        tuple(conditions),
    )


def _heads_divide(runs: Iterable[Run]) -> Iterator[str]:
    """The widths that a layer of torch divides among its heads."""
    for application in (each for run in runs for each in run.trace.applications if each.layer is not None):
        settings = application.settings
        inner = settings.get("encoder_layer", settings.get("decoder_layer"))
        settings = inner.settings if isinstance(inner, Layer) else settings
        width = settings.get("embed_dim", settings.get("d_model"))
        heads = settings.get("num_heads", settings.get("nhead"))
        if isinstance(width, Dim) and isinstance(heads, (int, Dim)):
            yield f"{spelt(width)} % {spelt(heads)} == 0"


def _parameters(entry: Entry) -> Iterator[Parameter]:
    init = entry.cls.methods.get("__init__") if entry.cls is not None else None
    if init is None or not isinstance(init.node, ast.FunctionDef):
        return
    spec = init.node.args
    positional = [*spec.posonlyargs, *spec.args]
    defaults: dict[str, ast.expr] = {
        a.arg: d for a, d in zip(reversed(positional), reversed(spec.defaults), strict=False)
    }
    defaults |= {a.arg: d for a, d in zip(spec.kwonlyargs, spec.kw_defaults, strict=True) if d is not None}
    roles = _roles(entry.primary)
    for argument in [*positional[1:], *spec.kwonlyargs]:
        default = defaults.get(argument.arg)
        value = entry.parameters.get(argument.arg)
        role = roles.get(argument.arg, "size" if isinstance(value, Dim) and default is None else "unknown")
        yield Parameter(argument.arg, role, ast.unparse(default) if default is not None else None)


def _roles(run: Run) -> dict[str, Role]:
    """What each constructor parameter is used as: by the setting of a layer that it is given to."""
    found: dict[str, Role] = {}
    for application in run.trace.applications:
        for setting, value in application.settings.items():
            if setting in ROLES and isinstance(value, Dim) and str(value).isidentifier():
                found.setdefault(str(value), ROLES[setting])
    return found


def _input(name: str, runs: Iterable[Run]) -> Input:
    shapes: dict[tuple[str, ...], None] = {}
    dtype, below = "float", ""
    for run in runs:
        given = run.inputs.get(name)
        if not isinstance(given, Tensor) or given.shape is None:
            continue
        shape = run.world.shape(given.shape)
        for leading in LEADING if shape.rest is not None else (0,):
            shapes[tuple(_axes(name, shape, leading))] = None
        for application in run.trace.applications:
            if application.path == "torch.nn.Embedding" and given in application.inputs:
                dtype = "index"
                size = application.settings.get("num_embeddings")
                below = spelt(size) if isinstance(size, (int, Dim)) else below
    return Input(name, tuple(shapes), "index" if dtype == "index" else "float", below)


def _axes(name: str, shape: Shape, leading: int) -> Iterator[str]:
    yield from (f"{name}_n{at}" for at in range(leading))
    for at, axis in enumerate(shape.dims):
        yield spelt(axis) or f"{name}_a{at}"


def spelt(axis: Axis) -> str:
    """A size as an expression over identifiers; empty where it is unknown."""
    if axis is None or any(isinstance(found, Derived) for found in symbols(axis)):
        return ""
    return re.sub(r"(?<=[A-Za-z_0-9])\.(-?)(?=\d)", lambda m: "_m" if m[1] else "_", str(axis))
