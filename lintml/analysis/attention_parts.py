"""The parts that a computation of attention is made of: products, factors, linear maps."""

from dataclasses import dataclass

from lintml.analysis.values import Application, Tensor, Value
from lintml.shapes.shape import Axis


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """A sum of products over one axis of two tensors; axes are counted from the end."""

    application: Application
    left: Tensor
    right: Tensor
    over_left: int
    over_right: int

    @property
    def width(self) -> Axis:
        """How many products each sum has."""
        for tensor, axis in ((self.left, self.over_left), (self.right, self.over_right)):
            shape = tensor.shape
            if shape is not None and len(shape.dims) >= -axis and shape.dims[axis] is not None:
                return shape.dims[axis]
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A factor on the way from the projections to the softmax: a number, a power of a size, or unknown."""

    application: Application
    value: Value
    divides: bool


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A linear map that an operand comes from; ``part`` tells the pieces apart that one map is cut into."""

    application: Application
    part: tuple[object, ...] = ()

    def differs(self, other: "Projection") -> bool:
        """Whether the two are different maps, or different pieces of one."""
        mine, theirs = self.application, other.application
        same = mine is theirs or (mine.layer is not None and mine.layer is theirs.layer)
        return not same or self.part != other.part
