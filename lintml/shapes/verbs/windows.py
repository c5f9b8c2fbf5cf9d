"""What windows, padding and scaling make of an axis: convolutions, pools, upsampling, folding."""

import math
from typing import Any

from lintml.shapes import dim
from lintml.shapes.axes import component, listed, product
from lintml.shapes.call import Call, is_size
from lintml.shapes.dim import Size, floor_divide
from lintml.shapes.shape import Axis, Shape


def slide(call: Call, n: Any, index: int, kernel: Any = None) -> Axis:
    """The length that a window leaves of axis ``index`` (torch.nn.Conv1d and torch.nn.MaxPool1d, "Shape").

    Kernel size (unless given), stride, padding, dilation and ceil_mode are the call's settings.
    """
    setting = call.settings
    kernel = component(setting.get("kernel_size"), index) if kernel is None else kernel
    stride, padding = setting.get("stride", 1), component(setting.get("padding", 0), index)
    dilation, ceil = component(setting.get("dilation", 1), index), setting.get("ceil_mode", False)
    if padding == "same":
        return _kept(call, n, stride)
    padding = 0 if padding == "valid" else padding
    stride = kernel if stride is None or stride == () else component(stride, index)
    if not all(is_size(each) for each in (n, kernel, stride, padding, dilation)):
        return None
    if not _sensible(call, kernel, stride, padding, dilation):
        return None
    span = dilation * (kernel - 1) + 1
    room = n + (2 * padding - span)
    if ceil is not False:
        return _rounded_up(n, room, kernel, stride, padding, span) if ceil is True else None
    if isinstance(room, int) and room < 0:
        call.refuse("window", span, n + 2 * padding, call.given(0) or Shape((n,)))
        return None
    return floor_divide(room, stride) + 1


def _kept(call: Call, n: Any, stride: Any) -> Axis:
    """The length with padding "same", which no stride may change."""
    steps = stride if isinstance(stride, (tuple, list)) else (stride,)
    if any(isinstance(step, int) and step != 1 for step in steps) and call.given(0) is not None:
        call.refuse("stride", 1, max(steps), call.given(0) or Shape((n,)))
    return n if is_size(n) else None


def _sensible(call: Call, kernel: Size, stride: Size, padding: Size, dilation: Size) -> bool:
    """Whether a window is one that torch takes: positive, and in a pool padded by half of itself at most."""
    shape = call.given(0)
    if shape is None:
        return stride != 0
    for word, size in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        if isinstance(size, int) and size <= 0:
            call.refuse(word, 1, size, shape)
            return False
    if isinstance(padding, int) and padding < 0:
        call.refuse("padding", 0, padding, shape)
        return False
    if (
        "pool" in call.name.lower()
        and isinstance(kernel, int)
        and isinstance(padding, int)
        and isinstance(dilation, int)
    ):
        half = ((kernel - 1) * dilation + 1) // 2
        if padding > half:
            call.refuse("padding", half, padding, shape)
            return False
    return True


def stretch(call: Call, n: Any, index: int, kernel: Any = None) -> Axis:
    """The length that a transposed convolution makes of axis ``index`` (torch.nn.ConvTranspose1d, "Shape").

    Not known where the caller asks for an output size, which decides the output padding.
    """
    setting = call.settings
    if setting.get("output_size") is not None:
        return None
    kernel = component(setting.get("kernel_size"), index) if kernel is None else kernel
    stride, padding = component(setting.get("stride", 1), index), component(setting.get("padding", 0), index)
    more, dilation = component(setting.get("output_padding", 0), index), component(setting.get("dilation", 1), index)
    if not all(is_size(each) for each in (n, kernel, stride, padding, more, dilation)):
        return None
    return n * stride + (dilation * (kernel - 1) + more + 1 - 2 * padding - stride)  # type: ignore[no-any-return]


def unpool(call: Call, n: Any, index: int) -> Axis:
    """The length that max pooling made ``n`` of (torch.nn.MaxUnpool1d, "Shape"), unless a size is asked for."""
    if call.settings.get("output_size") is not None or len(call.tensors) > 2:
        return None
    setting = call.settings
    kernel, stride = component(setting.get("kernel_size"), index), setting.get("stride")
    stride = kernel if stride is None or stride == () else component(stride, index)
    padding = component(setting.get("padding", 0), index)
    if not all(is_size(each) for each in (n, kernel, stride, padding)):
        return None
    return (n - 1) * stride - 2 * padding + kernel  # type: ignore[no-any-return]


def adapted(call: Call, n: Any, index: int) -> Axis:
    """The length that adaptive pooling is asked for; None asks for the length there is."""
    wanted = component(call.settings.get("output_size"), index)
    return (n if is_size(n) else None) if wanted is None else wanted if is_size(wanted) else None


def scaled(call: Call, n: Any, index: int) -> Axis:
    """The length that interpolation makes of axis ``index`` (torch.nn.functional.interpolate)."""
    size, factor = call.settings.get("size"), call.settings.get("scale_factor")
    if size is not None:
        wanted = component(size, index)
        return wanted if is_size(wanted) else None
    factor = component(factor, index)
    if isinstance(factor, float) and factor.is_integer():
        factor = int(factor)
    if is_size(n) and is_size(factor):
        return n * factor  # type: ignore[no-any-return]
    if isinstance(factor, float) and 0 < factor < math.inf and is_size(n):
        if isinstance(n, int):
            return math.floor(n * factor)
        if (1 / factor).is_integer():
            return floor_divide(n, int(1 / factor))
    return None


def interpolated(call: Call, s: Any) -> Shape | None:
    """Every axis behind batch and channels scaled (F.interpolate); the mode says how many there are."""
    if not isinstance(s, Shape):
        return None
    size, mode = call.settings.get("size"), call.settings.get("mode")
    fixed = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}
    ranks = fixed.get(mode, (4, 3, 5)) if isinstance(mode, str) else (4, 3, 5)
    if isinstance(size, (tuple, list)) and len(size) > 1:
        ranks = (len(size) + 2,)
    shape = call.world.decide(s, ranks)
    if shape is None:
        shape = call.world.shape(s)
        call.refuse("rank", ranks[0], shape.rank, shape)
        return None
    return Shape([*shape.dims[:2], *[scaled(call, n, index) for index, n in enumerate(shape.dims[2:])]])


def fraction(call: Call, n: Any, index: int) -> Axis:
    """The length that fractional pooling is asked for, or that ratio of the length there is."""
    wanted, ratio = (component(call.settings.get(name), index) for name in ("output_size", "output_ratio"))
    if wanted is not None:
        return wanted if is_size(wanted) else None
    return int(n * ratio) if isinstance(n, int) and isinstance(ratio, float) and math.isfinite(ratio) else None


def padded(call: Call, s: Any, pad: Any, axes: Any) -> Shape | None:
    """torch.nn.functional.pad: pairs of amounts from the last axis backwards; of a layer one number for all its axes.

    To repeat, reflect or go round needs one or two axes more than are padded (batch and channels).
    """
    amounts = (pad,) * (2 * axes) if is_size(pad) and axes else listed(pad)
    if not isinstance(s, Shape) or amounts is None or len(amounts) % 2:
        return None
    many = len(amounts) // 2
    mode = call.settings.get("mode", call.name.rpartition(".")[2].lower())
    if not isinstance(mode, str):
        return None
    if mode.startswith(("zero", "constant")):
        shape = call.world.expose(s, many)
    else:
        shape = call.world.decide(s, (many + 2, many + 1))
    if shape is None:
        shape = call.world.shape(s)
        call.refuse("rank", many, shape.rank, shape)
        return None
    dims = list(shape.dims)
    for at in range(many):
        before, after, size = amounts[2 * at], amounts[2 * at + 1], dims[-1 - at]
        known = is_size(size) and is_size(before) and is_size(after)
        dims[-1 - at] = size + before + after if known else None
        edge = max(before, after) if isinstance(before, int) and isinstance(after, int) else 0
        if mode.startswith("reflect") and isinstance(size, int) and edge >= size:
            call.refuse("padding", size - 1, edge, shape, index=-1 - at)
    return Shape(dims, shape.rest)


def blocks(call: Call, *lengths: Any) -> Axis:
    """How many windows there are in an image (torch.nn.Unfold, "Shape"), given its lengths."""
    return product(slide(call, n, index) for index, n in enumerate(lengths))


def area(call: Call, setting: Any, axes: int) -> Axis:
    """The number of elements in a window of so many axes."""
    sizes = [component(setting, index) for index in range(axes)]
    return product(size if is_size(size) else None for size in sizes)


def ratio(call: Call, n: Any, factor: Any) -> Axis:
    """An axis divided, where that must be exact."""
    if not is_size(n) or not is_size(factor) or factor == 0:
        return None
    size: Size = floor_divide(n, factor)
    if isinstance(n, int) and isinstance(factor, int) and n % factor:
        call.refuse("divisor", factor, n, call.given(0) or Shape((n,)))
        return None
    return size


def least(call: Call, *sizes: Any) -> Axis:
    """The smallest of several sizes."""
    return dim.least(sizes) if all(is_size(size) for size in sizes) else None


def default(call: Call, size: Any, otherwise: Any) -> Axis:
    """A setting that is a size, or what stands in for None."""
    found = otherwise if size is None else size
    return found if is_size(found) else None


def _rounded_up(n: Size, room: Size, kernel: Any, stride: Size, padding: Size, span: Size) -> Axis:
    """The length with ceil_mode: the last window must start inside the input or its left padding."""
    length = floor_divide(room + stride - 1, stride) + 1
    if isinstance(length, int) and isinstance(n, int) and isinstance(stride, int) and isinstance(padding, int):
        return length - 1 if (length - 1) * stride >= n + padding else length
    inside = isinstance(span, int) and isinstance(stride, int) and isinstance(padding, int) and padding + stride <= span
    return length if inside else None
