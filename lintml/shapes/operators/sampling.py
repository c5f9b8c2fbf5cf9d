"""Images sampled at given places."""

from lintml.shapes.axes import listed
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
