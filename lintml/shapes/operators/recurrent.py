"""Recurrent layers: sequences, states, cells."""

from typing import Any

from lintml.shapes.call import Call, Output
from lintml.shapes.shape import Axis, Packed, Shape


def recurrent(call: Call) -> tuple[Output, ...]:
    """nn.RNN, nn.GRU and nn.LSTM: output and final state (torch.nn.LSTM, "Inputs" and "Outputs").

    Three axes are tried before two: a sequence without a batch is rarely what is meant. A packed sequence stays one.
    """
    setting = call.settings
    hidden, projected, both = call.size("hidden_size"), setting.get("proj_size", 0), setting.get("bidirectional", False)
    directions: Any = 2 if both is True else 1 if both is False else None
    width = hidden if projected == 0 else call.size("proj_size")
    layers = call.size("num_layers") if "num_layers" in setting else 1
    count = _times(layers, directions)
    shape = call.ranked(0, 3, 2)
    lead: tuple[Axis, ...] | None = None
    output: Shape | None = None
    if shape is not None:
        call.fit("input_size", call.size("input_size"), shape, -1)
        output = Shape((*shape.dims[:-1], _times(width, directions)))
        lead = (count,)
        if len(shape.dims) == 3:
            packed = isinstance(call.tensors[0], Packed)
            first = False if packed else setting.get("batch_first", False)
            output = Packed(output.dims) if packed else output
            lead = (count, None if not isinstance(first, bool) else shape.dims[0] if first else shape.dims[1])
    states = [width, hidden] if call.name.endswith("LSTM") else [width]
    wanted = [Shape((*lead, each)) if lead is not None else None for each in states]
    for at, state in enumerate(wanted):
        if shape is not None and len(shape.dims) == 3 and lead is not None and _is_crossed(call, at, shape, lead[1]):
            break
        _hold(call, at, state)
    return (Output(output), *[Output(state) for state in wanted])


def pack(call: Call) -> tuple[Output, ...]:
    """pack_padded_sequence: time and batch in one order, whichever they came in."""
    given, first = call.given(0), call.settings.get("batch_first", False)
    shape = call.world.decide(given, (3, 2, 4, 5)) if given is not None else None
    if shape is None or not isinstance(first, bool):
        return (Output(None),)
    a, b, *features = shape.dims
    lengths = call.given(1)
    if lengths is not None and lengths.rank == 1:
        call.fit("batch", a if first else b, lengths, 0, position=1)
    return (Output(Packed((b, a, *features) if first else (a, b, *features))),)


def unpack(call: Call) -> tuple[Output, ...]:
    """pad_packed_sequence: as long as the longest sequence, or as long as is asked for; and the lengths."""
    packed, first = (call.tensors or [None])[0], call.settings.get("batch_first", False)
    if not isinstance(packed, Packed) or not isinstance(first, bool):
        return (Output(None), Output(None, "index"))
    _, batch, *features = call.world.shape(packed).dims
    time = call.size("total_length")
    padded = Shape((batch, time, *features) if first else (time, batch, *features))
    return (Output(padded), Output(Shape((batch,)), "index"))


def pad(call: Call) -> tuple[Output, ...]:
    """pad_sequence: sequences beside each other, as long as the longest."""
    each, first = call.group(0), call.settings.get("batch_first", False)
    shape = each[0] if each else None
    if shape is None or not isinstance(first, bool) or shape.rest is not None or not shape.dims:
        return (Output(None),)
    lead = (len(each), None) if first else (None, len(each))
    return (Output(Shape((*lead, *shape.dims[1:]))),)


def _is_crossed(call: Call, at: int, shape: Shape, batch: Axis) -> bool:
    """Whether a state has as many rows as the input's other leading axis has places; noted if so."""
    state = _state(call, at)
    seen = call.world.shape(state) if state is not None else None
    if seen is None or seen.rest is not None or len(seen.dims) != 3 or isinstance(call.tensors[0], Packed):
        return False
    first, second, rows = (call.world.size(size) for size in (*shape.dims[:2], seen.dims[1]))
    if None in (first, second, rows) or first == second or rows == batch or rows not in (first, second):
        return False
    call.refuse("batch_first", batch, rows, seen, position=1, index=-2)
    return True


def _state(call: Call, at: int) -> Shape | None:
    """An initial state that was given."""
    given = call.tensors[1] if len(call.tensors) > 1 else None
    state = given[at] if isinstance(given, (list, tuple)) and at < len(given) else given if at == 0 else None
    return state if isinstance(state, Shape) else None


def _hold(call: Call, at: int, wanted: Shape | None) -> None:
    """Hold an initial state that was given to the shape that it must have."""
    state = _state(call, at)
    if wanted is None or state is None:
        return
    shape = call.world.decide(state, [len(wanted.dims)])
    if shape is None:
        seen = call.world.shape(state)
        call.refuse("rank", len(wanted.dims), seen.rank, seen, position=1)
        return
    words = ("num_layers", "batch", "hidden_size") if len(wanted.dims) == 3 else ("num_layers", "hidden_size")
    for index, word in enumerate(words):
        call.fit(word, wanted.dims[index], shape, index, position=1)


def cell(call: Call) -> tuple[Output, ...]:
    """nn.RNNCell, nn.GRUCell and nn.LSTMCell: the next state, and for an LSTM its memory."""
    shape = call.ranked(0, 2, 1)
    hidden = call.size("hidden_size")
    results = 2 if call.name.endswith("LSTMCell") else 1
    if shape is None:
        return tuple(Output(None) for _ in range(results))
    call.fit("input_size", call.size("input_size"), shape, -1)
    state = Shape((*shape.dims[:-1], hidden))
    given = call.tensors[1] if len(call.tensors) > 1 else None
    for each in given if isinstance(given, (list, tuple)) else [given]:
        seen = call.world.decide(each, [len(state.dims)]) if isinstance(each, Shape) else None
        if isinstance(each, Shape) and seen is None:
            call.refuse("rank", len(state.dims), call.world.shape(each).rank, each, position=1)
        if seen is not None:
            for index in range(len(state.dims)):
                call.fit("hidden_size" if index else "batch", state.dims[index], seen, index, position=1)
    return tuple(Output(state) for _ in range(results))


def _times(a: Axis, b: Axis) -> Axis:
    return a * b if a is not None and b is not None else None
