"""Attention and transformers: queries, keys and values, their masks, their layers."""

from typing import Any

from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call, Output, is_size
from lintml.shapes.shape import Axis, Shape


def multi_head(call: Call) -> tuple[Output, ...]:
    """nn.MultiheadAttention: attended values and, unless not asked for, weights (its "Inputs" and "Outputs")."""
    setting = call.settings
    width = call.size("embed_dim")
    words = ("embed_dim", "kdim", "vdim")
    wants = [width, *[call.size(word) if setting.get(word) is not None else width for word in words[1:]]]
    shapes = [call.ranked(position, 3, 2) for position in range(3)]
    for position, shape in enumerate(shapes):
        if shape is not None:
            call.fit(words[position], wants[position], shape, -1, position=position)
    query, key, value = shapes
    output = Shape((*query.dims[:-1], width)) if query is not None else None
    if query is None or key is None or len(query.dims) != len(key.dims):
        if query is not None and key is not None:
            call.refuse("rank", len(query.dims), len(key.dims), key, position=1)
        return (Output(output), Output(None))
    batched, first = len(query.dims) == 3, setting.get("batch_first", False)
    if batched and not isinstance(first, bool):
        return (Output(output), Output(None))
    axis, batch = (1, 0) if first and batched else (0, 1)
    if batched:
        call.fit("batch", query.dims[batch], key, batch, position=1)
    if value is not None and len(value.dims) == len(key.dims):
        for at in range(len(key.dims) - 1):
            call.fit("batch" if batched and at == batch else "source", key.dims[at], value, at, position=2)
    lead = (query.dims[batch],) if batched else ()
    targets, sources = query.dims[axis], key.dims[axis]
    _hold_masks(call, lead, targets, sources)
    heads: tuple[Axis, ...] = ()
    if setting.get("average_attn_weights", True) is not True:
        heads = (call.size("num_heads"),)
    asked = setting.get("need_weights", True) is True and not {"add_zero_attn", "add_bias_kv"} & _true(setting)
    return (Output(output), Output(Shape((*lead, *heads, targets, sources)) if asked else None))


def _true(setting: Any) -> set[str]:
    return {name for name, value in setting.items() if value is True or value is UNKNOWN}


def _hold_masks(call: Call, lead: tuple[Axis, ...], targets: Axis, sources: Axis) -> None:
    """Hold key_padding_mask (batch, source) and attn_mask ([batch * heads], target, source) to the sizes at hand."""
    padding = call.given(3)
    if padding is not None and padding.rest is None:
        _hold(call, 3, padding, (*lead, sources), "key_padding_mask")
    mask = call.given(5)
    if mask is not None and mask.rest is None:
        heads = call.size("num_heads")
        batch = lead[0] if lead else 1
        many = batch * heads if batch is not None and heads is not None else None
        _hold(call, 5, mask, (targets, sources) if len(mask.dims) == 2 else (many, targets, sources), "attn_mask")


def _hold(call: Call, position: int, shape: Shape, wanted: tuple[Axis, ...], word: str) -> None:
    if len(shape.dims) != len(wanted):
        call.refuse("rank", len(wanted), len(shape.dims), shape, position=position)
        return
    for at, want in enumerate(wanted):
        call.fit(word, want, shape, at, position=position)


def scaled_dot_product(call: Call) -> tuple[Output, ...]:
    """F.scaled_dot_product_attention: (*b, q, e), (*b, k, e), (*b, k, v) to (*b, q, v), mask (*b, q, k)."""
    shapes = [call.given(position) for position in range(3)]
    seen = [call.world.expose(shape, 2) if shape is not None else None for shape in shapes]
    for position, (shape, there) in enumerate(zip(shapes, seen, strict=True)):
        if shape is not None and there is None:
            call.refuse("rank", 2, shape.rank, shape, position=position)
    query, key, value = seen
    if query is not None and key is not None:
        call.fit("inner", query.dims[-1], key, -1, position=1)
    if key is not None and value is not None:
        call.fit("source", key.dims[-2], value, -2, position=2)
    if query is None or key is None or value is None:
        return (Output(None),)
    query, key, value = [call.world.shape(shape) for shape in (query, key, value)]
    if call.settings.get("enable_gqa", False) is not False:
        return (Output(Shape((*query.dims[:-1], value.dims[-1]), query.rest)),)
    front: Shape | None = Shape(query.dims[:-2], query.rest)
    for position, other in enumerate((key, value), 1):
        rows = Shape(other.dims[:-2], other.rest)
        front = verbs.broadcast(call, front, rows, position, behind=2) if front is not None else None
    mask = call.given(3)
    if front is not None and mask is not None:
        verbs.broadcast(call, Shape((*front.dims, query.dims[-2], key.dims[-2]), front.rest), mask, 3)
    if front is None:
        return (Output(None),)
    return (Output(call.world.shape(Shape((*front.dims, query.dims[-2], value.dims[-1]), front.rest))),)


def layer(call: Call) -> tuple[Output, ...]:
    """nn.TransformerEncoderLayer, DecoderLayer and Transformer: targets keep their shape, all is ``d_model`` wide."""
    width = call.size("d_model")
    inputs = 1 if "EncoderLayer" in call.name else 2
    shapes = [call.ranked(position, 3, 2) for position in range(inputs)]
    for position, shape in enumerate(shapes):
        if shape is not None:
            call.fit("d_model", width, shape, -1, position=position)
    if inputs == 2:
        _hold_batches(call, shapes, call.settings.get("batch_first", False))
    # Transformer takes (source, target), a decoder (target, memory).
    target = shapes[-1] if call.name.endswith("Transformer") else shapes[0]
    return (Output(target),)


def stack(call: Call) -> tuple[Output, ...]:
    """nn.TransformerEncoder and TransformerDecoder: so many layers one after the other, each keeping the shape."""
    inner = getattr(call.settings.get("encoder_layer", call.settings.get("decoder_layer")), "settings", {})
    width = inner.get("d_model")
    inputs = 2 if call.name.endswith("Decoder") else 1
    shapes = [call.ranked(position, 3, 2) for position in range(inputs)]
    for position, shape in enumerate(shapes):
        if shape is not None:
            call.fit("d_model", width if is_size(width) else None, shape, -1, position=position)
    if inputs == 2:
        _hold_batches(call, shapes, inner.get("batch_first"))
    return (Output(shapes[0]),)


def _hold_batches(call: Call, shapes: list[Shape | None], leading: Any) -> None:
    first, second = shapes
    if first is None or second is None or not isinstance(leading, bool):
        return
    if len(first.dims) != len(second.dims):
        call.refuse("rank", len(first.dims), len(second.dims), second, position=1)
    elif len(first.dims) == 3:
        axis = 0 if leading else 1
        call.fit("batch", first.dims[axis], second, axis, position=1)
