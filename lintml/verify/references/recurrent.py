"""Recurrent cells and layers written out: LSTM (Hochreiter, Schmidhuber 1997), GRU (Cho et al. 2014), plain RNN."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from lintml.verify.references.declare import Case, Evidence, ModuleReference, Seen, Shape, Weights, called
from lintml.verify.references.graph import SOFTMAXES

State = tuple[torch.Tensor, ...]
# Pre-activations of each gate from the input and from the state → the next state.
Step = Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor], State], State]


def lstm(x: Sequence[torch.Tensor], h: Sequence[torch.Tensor], state: State) -> State:
    """Gates i, f, g, o: c' = σ(f) c + σ(i) tanh(g), h' = σ(o) tanh(c')."""
    i, f, g, o = (a + b for a, b in zip(x, h, strict=True))
    cell = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(cell), cell


def gru(x: Sequence[torch.Tensor], h: Sequence[torch.Tensor], state: State) -> State:
    """Gates r, z, n as in torch: h' = (1 - z) n + z h, with n = tanh(x + r h)."""
    r, z = torch.sigmoid(x[0] + h[0]), torch.sigmoid(x[1] + h[1])
    n = torch.tanh(x[2] + r * h[2])
    return ((1 - z) * n + z * state[0],)


def gru_other_way(x: Sequence[torch.Tensor], h: Sequence[torch.Tensor], state: State) -> State:
    """The same with the update gate the other way round: h' = z n + (1 - z) h."""
    r, z = torch.sigmoid(x[0] + h[0]), torch.sigmoid(x[1] + h[1])
    n = torch.tanh(x[2] + r * h[2])
    return (z * n + (1 - z) * state[0],)


def rnn(x: Sequence[torch.Tensor], h: Sequence[torch.Tensor], state: State) -> State:
    """h' = tanh(x + h)."""
    return (torch.tanh(x[0] + h[0]),)


def rnn_relu(x: Sequence[torch.Tensor], h: Sequence[torch.Tensor], state: State) -> State:
    """h' = max(0, x + h)."""
    return (torch.relu(x[0] + h[0]),)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The weights of one gate: rows of a parameter (of its transpose), and the columns that take input or state."""

    name: str
    rows: tuple[int, int]
    columns: tuple[int, int]
    transposed: bool

    def of(self, weights: Weights) -> torch.Tensor:
        """(hidden, inputs)."""
        whole = weights[self.name].t() if self.transposed else weights[self.name]
        return whole[self.rows[0] : self.rows[1], self.columns[0] : self.columns[1]]


@dataclass(frozen=True, slots=True)
class _Gates:
    """All that the parameters hold, in their order: pieces for the input and for the state, and biases."""

    inputs: tuple[_Piece, ...]
    states: tuple[_Piece, ...]
    biases: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A kind of cell: its gates, its steps (conventions), and how many tensors its state has."""

    gates: int
    states: int
    steps: tuple[tuple[str, Step], ...]


_LSTM = _Cell(4, 2, (("", lstm),))
_GRU = _Cell(3, 1, (("", gru), ("its update gate keeps the new state", gru_other_way)))
_RNN = _Cell(1, 1, (("", rnn), ("with relu", rnn_relu)))


def _sizes(seen: Seen, cell: _Cell) -> tuple[int, int] | None:
    """The sizes of input and state: of the inputs where the state is one, else of input and first output."""
    shapes = [tensor for tensor in _flat(seen) if tensor]
    result = seen.result
    if not shapes or not result or len(shapes) not in (1, 1 + cell.states):
        return None
    return shapes[0][-1], (shapes[1] if len(shapes) > 1 else result)[-1]


def _flat(seen: Seen) -> list[Shape]:
    from lintml.verify.inputs.spec import tensors

    return [tensor.shape for _, spec in seen.recipes[0].inputs for tensor in tensors(spec)]


def _gates(seen: Seen, cell: _Cell, width: int, hidden: int) -> _Gates | None:
    """The parameters as gates; None where they do not come out even."""
    inputs: list[_Piece] = []
    states: list[_Piece] = []
    biases: list[tuple[str, int, int]] = []
    for name, shape in seen.parameters.items():
        if len(shape) == 1 and shape[0] in (hidden, cell.gates * hidden):
            biases += [(name, at, at + hidden) for at in range(0, shape[0], hidden)]
            continue
        if len(shape) != 2:
            return None
        found = _oriented(shape, width, hidden, cell.gates)
        if found is None:
            return None
        transposed, takes = found
        rows = shape[1] if transposed else shape[0]
        for at in range(0, rows, hidden):
            if takes in ("input", "both"):
                inputs.append(_Piece(name, (at, at + hidden), (0, width), transposed))
            if takes in ("state", "both"):
                first = width if takes == "both" else 0
                states.append(_Piece(name, (at, at + hidden), (first, first + hidden), transposed))
    if len(inputs) != cell.gates or len(states) != cell.gates or len(biases) not in (0, cell.gates, 2 * cell.gates):
        return None
    return _Gates(tuple(inputs), tuple(states), tuple(biases))


def _oriented(shape: Shape, width: int, hidden: int, gates: int) -> tuple[bool, str] | None:
    """Whether a matrix stands transposed, and what it takes."""
    takes = {width: "input", hidden: "state", width + hidden: "both"}
    for transposed in (False, True):
        rows, columns = reversed(shape) if transposed else shape
        if rows in (hidden, gates * hidden) and columns in takes:
            return transposed, takes[columns]
    return None


def _cases(cell: _Cell, seen: Seen) -> Iterator[Case]:
    sizes = _sizes(seen, cell)
    gates = _gates(seen, cell, *sizes) if sizes is not None else None
    if sizes is None or gates is None:
        return
    for order in itertools.permutations(range(cell.gates)):
        for note, step in cell.steps:
            for first in (True, False):
                yield Case(partial(_run, cell, step, gates, order, sizes[1], first), note)


def _run(
    cell: _Cell,
    step: Step,
    gates: _Gates,
    order: Sequence[int],
    hidden: int,
    batch_first: bool,
    weights: Weights,
    inputs: Sequence[Any],
) -> list[torch.Tensor]:
    x, *state = _tensors(inputs)
    into = [gates.inputs[at].of(weights) for at in order]
    over = [gates.states[at].of(weights) for at in order]
    count = len(gates.biases) // cell.gates
    zero = x.new_zeros(hidden)
    shifts = [
        [_bias(gates, weights, cell.gates * side + at) if side < count else zero for at in order] for side in range(2)
    ]

    def advance(row: torch.Tensor, held: State) -> State:
        pre = [row @ weight.t() + shift for weight, shift in zip(into, shifts[0], strict=True)]
        back = [held[0] @ weight.t() + shift for weight, shift in zip(over, shifts[1], strict=True)]
        return step(pre, back, held)

    if x.dim() == 2 or (state and state[0].shape[:-1] == x.shape[:-1]):
        return [*advance(x, tuple(state) or (x.new_zeros(*x.shape[:-1], hidden),) * cell.states)]
    steps = x.transpose(0, 1) if batch_first else x
    held: State = (
        tuple(one.reshape(-1, hidden) for one in state) or (x.new_zeros(steps.shape[1], hidden),) * cell.states
    )
    outputs = []
    for row in steps:
        held = advance(row, held)
        outputs.append(held[0])
    stacked = torch.stack(outputs)
    whole = stacked.transpose(0, 1) if batch_first else stacked
    return [whole, *held, *(one[None] for one in held)]


def _bias(gates: _Gates, weights: Weights, at: int) -> torch.Tensor:
    name, start, end = gates.biases[at]
    return weights[name][start:end]


def _tensors(value: Any) -> list[torch.Tensor]:
    match value:
        case torch.Tensor():
            return [value]
        case tuple() | list():
            return [leaf for item in value for leaf in _tensors(item)]
    return []


def _recognise(cell: _Cell, nouns: tuple[str, ...], seen: Seen) -> Evidence:
    if (
        seen.kind != "module"
        or seen.graph.ops() & SOFTMAXES
        or not seen.graph.ops() & {"tanh", "relu", "tanh_", "relu_", "sigmoid"}
    ):
        return Evidence.NONE
    if any(layer.type in ("LSTM", "GRU", "RNN") for layer in seen.layers):
        return Evidence.NONE
    sizes = _sizes(seen, cell)
    if sizes is None or sizes[0] == sizes[1] or _gates(seen, cell, *sizes) is None:
        return Evidence.NONE
    return Evidence.CERTAIN if called(seen.name, nouns) else Evidence.POSSIBLE


REFERENCES = (
    ModuleReference("torch.nn.LSTM", partial(_recognise, _LSTM, ("lstm", "lstmcell")), partial(_cases, _LSTM), (3, 2)),
    ModuleReference("torch.nn.GRU", partial(_recognise, _GRU, ("gru", "grucell")), partial(_cases, _GRU), (3, 2)),
    ModuleReference("torch.nn.RNN", partial(_recognise, _RNN, ("rnn", "rnncell")), partial(_cases, _RNN), (3, 2)),
)
