"""Normalisation: by the last axes, by channel, by group."""

from lintml.shapes.axes import is_one, listed
from lintml.shapes.call import Call, Output, is_size


def last_axes(call: Call) -> tuple[Output, ...]:
    """nn.LayerNorm, nn.RMSNorm and their functions: the last axes are the normalised shape."""
    given, wanted = call.given(0), listed(call.settings.get("normalized_shape"))
    if given is None or wanted is None:
        return (Output(given),)
    shape = call.world.expose(given, len(wanted))
    if shape is None:
        call.refuse("rank", len(wanted), given.rank, given)
        return (Output(None),)
    for at in range(-len(wanted), 0):
        size = wanted[at]
        call.fit("normalized_shape", size if is_size(size) else None, shape, at)
    for position in (1, 2):
        weight = call.given(position)
        if weight is not None and weight.rest is None and len(weight.dims) != len(wanted):
            call.refuse("rank", len(wanted), len(weight.dims), weight, position=position)
        elif weight is not None and weight.rest is None:
            for at in range(-len(wanted), 0):
                call.fit("weight", shape.dims[at], weight, at, position=position)
    return (Output(call.world.shape(shape)),)


def instance(call: Call) -> tuple[Output, ...]:
    """nn.InstanceNorm: channels are only held to ``num_features`` where there is a weight for each."""
    axes = int(call.name[-2])
    shape = call.ranked(0, axes + 2, axes + 1)
    if shape is not None and call.settings.get("affine", False) is True:
        call.fit("num_features", call.size("num_features"), shape, -1 - axes)
    return (Output(shape),)


def by_channel(call: Call) -> tuple[Output, ...]:
    """F.batch_norm and F.instance_norm: (batch, channels, …), one mean, variance, weight and bias for each channel."""
    given = call.given(0)
    if given is None:
        return (Output(None),)
    shape = call.world.decide(given, [rank for rank in call.world.plausible(given, 2) if rank >= 2])
    if shape is None:
        if given.rank is not None and 0 not in given.dims:
            call.refuse("rank", 2, given.rank, given)
        return (Output(given),)
    for position in range(1, 5):
        each = call.given(position)
        if each is not None and each.rank == 1:
            call.fit("channels", shape.dims[1], each, 0, position=position)
    return (Output(shape),)


def grouped(call: Call) -> tuple[Output, ...]:
    """F.group_norm: (batch, channels, …), the channels in groups of one size."""
    given = call.given(0)
    shape = call.world.decide(given, call.world.plausible(given, 2)) if given is not None else None
    if shape is None or len(shape.dims) < 2:
        if given is not None and given.rank is not None:
            call.refuse("rank", 2, given.rank, given)
        return (Output(given),)
    channels, groups = shape.dims[1], call.size("num_groups")
    if isinstance(channels, int) and isinstance(groups, int) and groups > 0 and channels % groups:
        call.refuse("num_groups", groups, channels, shape, index=1 - len(shape.dims))
    for position in (1, 2):
        each = call.given(position)
        if each is not None and each.rank == 1:
            call.fit("channels", channels, each, 0, position=position)
    return (Output(shape),)


def slopes(call: Call) -> tuple[Output, ...]:
    """nn.PReLU and F.prelu: one slope, or one for each channel, which is the second axis."""
    given, weight = call.given(0), call.given(1)
    many = call.size("num_parameters")
    if weight is not None and weight.rest is None:
        many = weight.dims[0] if weight.dims else 1
    if given is not None and given.rest is None and len(given.dims) > 1 and is_one(many) is False:
        call.fit("num_parameters", many, given, 1)
    return (Output(given),)
