"""What a layer or function that consumes an input says of it, and the input made to fit."""

from dataclasses import dataclass, replace
from typing import Literal

from lintml.verify.inputs.sizes import BATCH, FREE, OTHER, STEPS, far, spatial
from lintml.verify.inputs.spec import Group, Spec, Tensor

Want = Literal[
    "features", "index", "channels", "pool", "norm", "sequence", "rank", "exact", "pair", "mask", "bag", "target",
    "unit", "lengths",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consumer:
    """The first layer or function that takes an input as it is.

    ``size`` is its features, channels or number of embeddings, ``rank`` the rank it takes (the number of spatial axes
    for channels and pools), ``shapes`` the exact shapes of one tensor (``exact``) or of several (``pair``).
    """

    want: Want
    size: int = 0
    rank: int = 0
    shapes: tuple[tuple[int, ...], ...] = ()
    first: bool = True


def conform(spec: Spec, consumer: Consumer) -> Spec:
    """``spec`` changed as little as ``consumer`` needs."""
    tensor = spec if isinstance(spec, Tensor) else Tensor((BATCH, STEPS, OTHER))
    shape, size = tensor.shape, consumer.size
    # A single feature or channel that a layer asks for is meant to be one.
    exact = size == 1
    match consumer.want:
        case "features":
            return (
                replace(tensor, shape=(*shape[:-1], size), exact=exact) if shape else Tensor((BATCH, size), exact=exact)
            )
        case "index":
            kept = shape if tensor.kind == "index" else (BATCH, STEPS)
            return Tensor(kept, "index", min(tensor.below, size) if tensor.kind == "index" else size)
        case "channels":
            axes = consumer.rank
            kept = shape[2:] if len(shape) == axes + 2 else spatial(axes)
            return Tensor((BATCH, size, *kept), exact=exact)
        case "pool":
            return tensor if len(shape) == consumer.rank + 2 else _image(consumer.rank)
        case "norm":
            if len(shape) in _norm_ranks(consumer.rank):
                return tensor.sized(1, size)
            return Tensor((BATCH, size, *spatial(consumer.rank)))
        case "sequence":
            rows = shape[:2] if len(shape) == 3 else ((BATCH, STEPS) if consumer.first else (STEPS, BATCH))
            return Tensor((*rows, size), exact=exact)
        case "rank":
            return (
                tensor
                if len(shape) == consumer.rank
                else Tensor(ranked(shape, consumer.rank), tensor.kind, tensor.below)
            )
        case "exact":
            return Tensor(consumer.shapes[0], exact=True)
        case "pair":
            return Group(tuple(Tensor(one, exact=True) for one in consumer.shapes))
        case "lengths":
            return Tensor(consumer.shapes[0], "count", size)
        case "bag":
            return Tensor((BATCH, STEPS) if consumer.rank == 1 else (BATCH,), "index", size)
        case "mask":
            return Tensor(consumer.shapes[0], "bool")
        case "target":
            return Tensor(consumer.shapes[0], "index", size)
        case "unit":
            return replace(tensor, kind="unit")


def ranked(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """``shape`` with axes added or taken away before its last one: the batch stays first, the features last."""
    if rank <= 0:
        return ()
    last = shape[-1] if shape else OTHER
    front = shape[:-1][: rank - 1]
    spare = [size for size in (*FREE, *far(rank)) if size not in (*front, last)]
    return (*front, *spare[: rank - 1 - len(front)], last)


def _image(axes: int) -> Tensor:
    return Tensor((BATCH, OTHER, *spatial(axes)))


def _norm_ranks(axes: int) -> tuple[int, ...]:
    return (2, 3) if axes == 1 else (axes + 2,)
