"""Images sampled at given places, or averaged to a given size."""

from lintml.shapes import verbs
from lintml.shapes.axes import component, listed
from lintml.shapes.call import Call, Output, is_size
from lintml.shapes.shape import Axis, Shape


def grid_sample(call: Call) -> tuple[Output, ...]:
    """F.grid_sample: (batch, channels, …) at (batch, …, one place for each of these axes)."""
    image, grid = call.ranked(0, 4, 5), call.ranked(1, 4, 5)
    if image is None or grid is None:
        return (Output(None),)
    if len(image.dims) != len(grid.dims):
        call.refuse("rank", len(image.dims), len(grid.dims), grid, position=1)
        return (Output(None),)
    call.fit("batch", image.dims[0], grid, 0, position=1)
    call.fit("places", len(image.dims) - 2, grid, -1, position=1)
    return (Output(Shape((*image.dims[:2], *grid.dims[1:-1]))),)


def adaptive_average(call: Call) -> tuple[Output, ...]:
    """Adaptive average pooling: ([batch], channels, …); to size 1 it is a mean, of any tensor with the axes."""
    axes = int(call.name[-2])
    wanted = [component(call.settings.get("output_size"), index) for index in range(axes)]
    given = call.given(0)
    if given is not None and all(size == 1 for size in wanted):
        shape = call.world.expose(given, axes)
        if shape is None:
            call.refuse("rank", axes + 2, given.rank, given)
    else:
        shape = call.ranked(0, axes + 2, axes + 1)
    if shape is None:
        return (Output(None),)
    sizes = [verbs.adapted(call, shape.dims[index - axes], index) for index in range(axes)]
    return (Output(Shape((*shape.dims[:-axes], *sizes), shape.rest)),)


def affine_grid(call: Call) -> tuple[Output, ...]:
    """F.affine_grid: one place for each pixel of an image of the size asked for."""
    wanted = listed(call.settings.get("size"))
    if wanted is None or len(wanted) not in (4, 5):
        return (Output(None),)
    sizes: list[Axis] = [size if is_size(size) else None for size in wanted]
    theta = call.ranked(0, 3)
    if theta is not None:
        call.fit("batch", sizes[0], theta, 0)
    return (Output(Shape([sizes[0], *sizes[2:], len(sizes) - 2])),)
