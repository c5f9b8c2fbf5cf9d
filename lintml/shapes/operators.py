"""Operators that no line of the notation can say, each a small function of one call."""

from typing import Any

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, Output
from lintml.shapes.shape import Axis, Shape


def elementwise(call: Call) -> tuple[Output, ...]:
    """All tensors broadcast together; a number is a tensor without axes."""
    return (Output(verbs.broadcast_all(call, *call.tensors)),)


def comparison(call: Call) -> tuple[Output, ...]:
    """As ``elementwise``, with truth values as the result."""
    return (Output(elementwise(call)[0].shape, "bool"),)


def recurrent(call: Call) -> tuple[Output, ...]:
    """nn.RNN, nn.GRU and nn.LSTM: output and final state (torch.nn.LSTM, "Inputs" and "Outputs").

    Three axes are tried before two: a sequence without a batch is rarely what is meant.
    """
    setting = call.settings
    hidden, layers = setting.get("hidden_size"), setting.get("num_layers", 1)
    both = setting.get("bidirectional", False)
    directions: Any = UNKNOWN if both is UNKNOWN else 2 if both else 1
    projected = setting.get("proj_size", 0)
    width = hidden if projected == 0 else projected
    features = width * directions if verbs.is_size(width) and verbs.is_size(directions) else None
    count = layers * directions if verbs.is_size(layers) and verbs.is_size(directions) else None
    final: Axis = width if verbs.is_size(width) else None
    cell: Axis = hidden if verbs.is_size(hidden) else None
    given = call.tensors[0] if call.tensors else None
    shape = call.world.decide(given, (3, 2)) if isinstance(given, Shape) else None
    if isinstance(given, Shape) and shape is None:
        seen = call.world.shape(given)
        call.refuse("rank", 3, seen.rank, seen)
    if shape is None:
        return (Output(None), *_state(call, Shape((count, None, final)), Shape((count, None, cell))))
    answer = call.world.unify(_size(setting.get("input_size")), shape.dims[-1])
    if answer is not True and answer is not None:
        call.refuse(
            "input_size", _size(setting.get("input_size")), call.world.size(shape.dims[-1]), shape, answer, index=-1
        )
    batch = None
    if len(shape.dims) == 3:
        first = setting.get("batch_first", False)
        batch = None if first is UNKNOWN else shape.dims[0] if first else shape.dims[1]
    lead = (count,) if len(shape.dims) == 2 else (count, batch)
    output = Shape((*shape.dims[:-1], features))
    return (Output(output), *_state(call, Shape((*lead, final)), Shape((*lead, cell))))


def _state(call: Call, hidden: Shape, cell: Shape) -> tuple[Output, ...]:
    return (Output(hidden), Output(cell)) if call.name.endswith("LSTM") else (Output(hidden),)


def multi_head_attention(call: Call) -> tuple[Output, ...]:
    """nn.MultiheadAttention: attended values and, unless not asked for, weights."""
    setting = call.settings
    width = _size(setting.get("embed_dim"))
    wants = [width, _size(setting.get("kdim") or width), _size(setting.get("vdim") or width)]
    shapes: list[Shape | None] = []
    for position, (given, want) in enumerate(zip(call.tensors, wants, strict=False)):
        shape = call.world.decide(given, (3, 2)) if isinstance(given, Shape) else None
        if isinstance(given, Shape) and shape is None:
            call.refuse("rank", 3, call.world.shape(given).rank, given, position=position)
        if shape is not None:
            answer = call.world.unify(want, shape.dims[-1])
            if answer is not True and answer is not None:
                word = ("embed_dim", "kdim", "vdim")[position]
                call.refuse(word, want, call.world.size(shape.dims[-1]), shape, answer, position=position, index=-1)
        shapes.append(shape)
    query = shapes[0] if shapes else None
    key = shapes[1] if len(shapes) > 1 else None
    weights: Shape | None = None
    if query is not None and key is not None and len(query.dims) == 3 and len(key.dims) == 3:
        first = setting.get("batch_first", False)
        if first is not UNKNOWN:
            axis, batch = (1, 0) if first else (0, 1)
            answer = call.world.unify(query.dims[batch], key.dims[batch])
            if answer is not True and answer is not None:
                call.refuse("batch", query.dims[batch], key.dims[batch], key, answer, position=1, index=batch - 3)
            weights = Shape((query.dims[batch], query.dims[axis], key.dims[axis]))
    output = Shape((*query.dims[:-1], width)) if query is not None else None
    if setting.get("need_weights", True) is not True:
        weights = None
    return (Output(output), Output(weights))


def layer_norm(call: Call) -> tuple[Output, ...]:
    """nn.LayerNorm and nn.RMSNorm: the last axes are the normalised shape."""
    given, wanted = call.tensors[0], verbs.listed(call.settings.get("normalized_shape"))
    if not isinstance(given, Shape) or wanted is None:
        return (Output(given if isinstance(given, Shape) else None),)
    shape = call.world.expose(given, len(wanted))
    if shape is None:
        call.refuse("rank", len(wanted), call.world.shape(given).rank, given)
        return (Output(None),)
    for at in range(-len(wanted), 0):
        answer = call.world.unify(_size(wanted[at]), shape.dims[at])
        if answer is not True and answer is not None:
            call.refuse("normalized_shape", wanted[at], call.world.size(shape.dims[at]), shape, answer, index=at)
    return (Output(shape),)


def einsum(call: Call) -> tuple[Output, ...]:
    """torch.einsum with its equation written out; an ellipsis leaves the result unknown."""
    equation = call.settings.get("equation")
    shapes = call.tensors
    if not isinstance(equation, str) or "." in equation:
        return (Output(None),)
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        return (Output(None),)
    letters: dict[str, Axis] = {}
    for position, (term, given) in enumerate(zip(terms, shapes, strict=True)):
        if not isinstance(given, Shape):
            continue
        shape = call.world.decide(given, [len(term)])
        if shape is None:
            seen = call.world.shape(given)
            call.refuse("rank", len(term), seen.rank, seen, position=position)
            continue
        for at, (letter, size) in enumerate(zip(term, shape.dims, strict=True)):
            if letter not in letters or letters[letter] is None:
                letters[letter] = size
                continue
            merged, answer = call.world.broadcast(letters[letter], size)
            if answer is not True and answer is not None:
                call.refuse(letter, letters[letter], size, shape, answer, position=position, index=at - len(term))
            letters[letter] = merged
    if not arrow:
        counts = left.replace(",", "")
        right = "".join(sorted(letter for letter in set(counts) if counts.count(letter) == 1))
    return (Output(Shape(letters.get(letter) for letter in right)),)


def where(call: Call) -> tuple[Output, ...]:
    """torch.where: three tensors broadcast, or the places of the true ones."""
    if len(call.tensors) == 1:
        return (Output(None, "index"),)
    return elementwise(call)


def _size(value: Any) -> Axis:
    return value if verbs.is_size(value) else None
