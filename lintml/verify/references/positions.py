"""Where a token stands: sinusoids added to it (Vaswani et al. 2017), rotations (Su et al. 2021), rows of a table."""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import torch

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Weights
from lintml.verify.references.graph import MULTIPLIES, SOFTMAXES

_BASE = 10000.0


def sinusoids(steps: int, width: int) -> torch.Tensor:
    """(steps, width): sin and cos, interleaved, of position / 10000^(2i / width)."""
    position = torch.arange(steps, dtype=torch.float64)[:, None]
    rates = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(_BASE) / width))
    table = torch.zeros(steps, width, dtype=torch.float64)
    table[:, 0::2] = torch.sin(position * rates)
    table[:, 1::2] = torch.cos(position * rates)[:, : width // 2]
    return table


def rotated(x: torch.Tensor, paired: bool, base: float) -> torch.Tensor:
    """(…, t, d) → (…, t, d): each pair of features turned by its position times base^(-2i / d).

    Pairs are neighbours (as in the paper) if ``paired``, else feature i goes with i + d / 2 (as in GPT-NeoX).
    """
    steps, width = x.shape[-2:]
    rates = base ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angle = torch.arange(steps, dtype=torch.float64)[:, None] * rates
    cos, sin = angle.cos(), angle.sin()
    one, two = (x[..., 0::2], x[..., 1::2]) if paired else x.chunk(2, -1)
    turned = (one * cos - two * sin, one * sin + two * cos)
    return torch.stack(turned, -1).flatten(-2) if paired else torch.cat(turned, -1)


def _keeps_shape(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if seen.parameters or len(seen.recipes[0].inputs) != 1 or seen.graph.ops() & (MULTIPLIES | SOFTMAXES):
        return Evidence.NONE
    return Evidence.POSSIBLE if shape is not None and seen.result == shape and len(shape) > 1 else Evidence.NONE


def _is_added(seen: Seen) -> Evidence:
    if not seen.graph.ops() & {"add", "add_"}:
        return Evidence.NONE
    evidence = _keeps_shape(seen)
    table = [shape for shape in seen.buffers.values() if shape and shape[-1] == (seen.input_shapes()[0] or (0,))[-1]]
    words = seen.name.lower()
    named = "posi" in words and "enc" in words
    return Evidence.CERTAIN if evidence is Evidence.POSSIBLE and table and named else evidence


def _added_cases(seen: Seen) -> Iterator[Case]:
    width = (seen.input_shapes()[0] or (0,))[-1]
    for axis, note in ((-2, ""), (0, "time first")):
        for scale in (1.0, math.sqrt(width)):
            yield Case(partial(_run_added, axis, scale), note)


def _run_added(axis: int, scale: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    x = inputs[0]
    table = sinusoids(x.shape[axis], x.shape[-1]).to(x.dtype)
    if axis == 0 and x.dim() == 3:
        table = table[:, None]
    return [x * scale + table, table]


def _is_rotated(seen: Seen) -> Evidence:
    return _keeps_shape(seen) if seen.graph.ops() & {"mul", "complex", "view_as_complex"} else Evidence.NONE


def _rotated_cases(seen: Seen) -> Iterator[Case]:
    bases = [float(value) for value in (*seen.floats, *seen.counts) if value >= 1000] or [_BASE]
    for base in bases:
        for paired in (True, False):
            yield Case(partial(_run_rotated, paired, base), "" if paired else "halves are paired")


def _run_rotated(paired: bool, base: float, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    return [rotated(inputs[0], paired, base)]


def _is_learnt(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    tables = list(seen.parameters.values())
    if len(shapes) != 1 or shapes[0] is None or len(shapes[0]) != 3 or seen.result != shapes[0] or len(tables) != 1:
        return Evidence.NONE
    known = len(tables[0]) in (2, 3) and tables[0][-1] == shapes[0][-1] and seen.graph.ops() & {"add", "add_"}
    return Evidence.POSSIBLE if known and not seen.graph.ops() & MULTIPLIES else Evidence.NONE


def _learnt_cases(seen: Seen) -> Iterator[Case]:
    (name,) = seen.parameters
    for axis, note in ((1, ""), (0, "time first")):
        yield Case(partial(_run_learnt, name, axis), note)


def _run_learnt(name: str, axis: int, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    """x plus the first rows of a learnt table, one for each position (Gehring et al. 2017)."""
    x = inputs[0]
    rows = _rows(weights[name], x.shape[axis])
    return [x + (rows[:, None] if axis == 0 else rows)]


def _rows(table: torch.Tensor, count: int) -> torch.Tensor:
    """The first rows of a table; raises ValueError where it has no more, for then it is not looked up by position."""
    rows = table.reshape(-1, table.shape[-1])
    if len(rows) <= count:
        raise ValueError("no table of positions")
    return rows[:count]


def _is_token_and_place(seen: Seen) -> Evidence:
    shapes, tables = seen.input_shapes(), list(seen.parameters.values())
    if len(shapes) != 1 or shapes[0] is None or len(shapes[0]) != 2 or len(tables) != 2:
        return Evidence.NONE
    widths = {table[-1] for table in tables}
    known = len(widths) == 1 and seen.result == (*shapes[0], *widths) and seen.graph.ops() & {"add", "add_"}
    return Evidence.POSSIBLE if known else Evidence.NONE


def _token_and_place_cases(seen: Seen) -> Iterator[Case]:
    for tokens, places in itertools.permutations(seen.parameters):
        for scale in (1.0, math.sqrt(seen.parameters[tokens][-1])):
            note = "" if scale == 1 else "tokens times the root of their width"
            yield Case(partial(_run_token_and_place, tokens, places, scale), note)


def _run_token_and_place(
    tokens: str, places: str, scale: float, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    """(b, t) indices → (b, t, d): the row of each token plus the row of its position (Radford et al. 2018)."""
    return [weights[tokens][inputs[0]] * scale + _rows(weights[places], inputs[0].shape[1])]


def turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, paired: bool) -> torch.Tensor:
    """x cos + (what stands across from x) sin: the other half as in GPT-NeoX, or the neighbour if ``paired``."""
    one, two = (x[..., 0::2], x[..., 1::2]) if paired else (x[..., : x.shape[-1] // 2], x[..., x.shape[-1] // 2 :])
    across = torch.stack((-two, one), -1).flatten(-2) if paired else torch.cat((-two, one), -1)
    return x * cos + across * sin


def _is_turned(seen: Seen) -> Evidence:
    shapes = seen.input_shapes()
    known = not seen.parameters and len(shapes) in (3, 4) and all(shapes) and seen.result == shapes[0]
    return Evidence.POSSIBLE if known and seen.graph.ops() & {"cat", "stack", "copy_"} else Evidence.NONE


def _turned_cases(seen: Seen) -> Iterator[Case]:
    for paired in (False, True):
        yield Case(partial(_run_turned, paired), "neighbours are paired" if paired else "")


def _run_turned(paired: bool, weights: Weights, inputs: Sequence[Any]) -> list[torch.Tensor]:
    *rows, cos, sin = inputs
    return [turned(x, cos, sin, paired) for x in rows]


def _is_table(seen: Seen) -> Evidence:
    given = [getattr(spec, "value", None) for _, spec in seen.recipes[0].inputs]
    known = seen.kind == "function" and len(given) == 2 and all(type(value) is int for value in given)
    return Evidence.POSSIBLE if known and tuple(size for size in seen.result or () if size > 1) else Evidence.NONE


def _table_cases(seen: Seen) -> Iterator[Case]:
    shape = seen.result or ()
    for width_first in (False, True):
        for halves in (False, True):
            yield Case(partial(_run_table, shape, width_first, halves), "sines first, then cosines" if halves else "")


def _run_table(
    shape: Sequence[int], width_first: bool, halves: bool, weights: Weights, inputs: Sequence[Any]
) -> list[torch.Tensor]:
    width, steps = inputs if width_first else reversed(inputs)
    table = sinusoids(steps, width)
    return [(torch.cat((table[:, 0::2], table[:, 1::2]), -1) if halves else table).reshape(tuple(shape))]


REFERENCES = (
    ModuleReference("sinusoidal positional encoding (Vaswani et al. 2017)", _is_added, _added_cases, (3, 2)),
    ModuleReference("rotary position embedding (Su et al. 2021)", _is_rotated, _rotated_cases, (4, 3, 2)),
    ModuleReference("rotation by given angles (Su et al. 2021)", _is_turned, _turned_cases),
    ModuleReference("table of sinusoids (Vaswani et al. 2017)", _is_table, _table_cases),
    ModuleReference("learnt positions (Gehring et al. 2017)", _is_learnt, _learnt_cases, (3,)),
    ModuleReference("token and position embedding (Radford et al. 2018)", _is_token_and_place, _token_and_place_cases),
)
