"""What the mathematics of shapes costs: the tables, one application of common operators, with sizes, symbols, no rank.

Microseconds of processor time, the best of several rounds. On one shared core, Python 3.11: reading a line 18; Linear
5, Conv2d 11 with integers and 24 with symbols, view 16, add 7, an input of unknown rank 27.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from lintml.shapes.call import Call
from lintml.shapes.dim import symbol
from lintml.shapes.shape import Rest, Shape
from lintml.shapes.signature import Signature, read
from lintml.shapes.world import World
from lintml.torch_api import operators

ROUNDS, TIMES = 5, 2000
B, H, N, W = (symbol(name, free=True) for name in "bhnw")
D, HEADS = symbol("d"), symbol("heads")
CONV = {"in_channels": 3, "out_channels": 64, "kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1, "groups": 1}
LINEAR = {"in_features": D, "out_features": 4 * D}
LSTM = {"input_size": D, "hidden_size": D, "num_layers": 1, "batch_first": True, "bidirectional": True}
HEAD = Shape((B, N, HEADS, D // HEADS))

CASES: list[tuple[str, Signature | None, list[Any], Mapping[str, Any]]] = [
    ("Linear, integers", operators.layer("torch.nn.Linear"), [Shape((2, 3, 8))], {"in_features": 8, "out_features": 9}),
    ("Linear, symbols", operators.layer("torch.nn.Linear"), [Shape((B, N, D))], LINEAR),
    ("Linear, no rank", operators.layer("torch.nn.Linear"), [Shape((), Rest("x"))], LINEAR),
    ("Conv2d, integers", operators.layer("torch.nn.Conv2d"), [Shape((2, 3, 32, 32))], CONV),
    ("Conv2d, symbols", operators.layer("torch.nn.Conv2d"), [Shape((B, 3, H, W))], CONV),
    ("LSTM", operators.layer("torch.nn.LSTM"), [Shape((B, N, D)), None], LSTM),
    ("ReLU", operators.layer("torch.nn.ReLU"), [Shape((B, N, D))], {"inplace": False}),
    ("add", operators.function("torch.add"), [Shape((B, N, D)), Shape((B, N, D))], {"alpha": 1}),
    ("matmul", operators.function("torch.matmul"), [HEAD, Shape((B, N, D // HEADS, HEADS))], {}),
    ("softmax", operators.function("torch.softmax"), [HEAD], {"dim": -1}),
    ("transpose", operators.function("torch.transpose"), [HEAD], {"dim0": 1, "dim1": 2}),
    ("view, to heads", operators.method("view"), [Shape((B, N, D))], {"shape": (B, N, HEADS, D // HEADS)}),
    ("view, -1", operators.method("view"), [HEAD], {"shape": (B, N, -1)}),
    ("cat", operators.function("torch.cat"), [[Shape((B, N, D)), Shape((B, N, D))]], {"dim": -1}),
]


def main() -> None:
    """Print the microseconds of each."""
    lines = [line for kind in ("layers", "functions", "methods") for line in operators.lines(kind).values()]
    read.cache_clear()
    start = time.process_time()
    for line in lines:
        read(line)
    print(f"{'read a line':20}{(time.process_time() - start) / len(lines) * 1e6:8.1f}")
    for name, signature, tensors, settings in CASES:
        assert signature is not None
        print(f"{name:20}{_best(lambda s=signature, t=tensors, v=settings: _applied(s, t, v)):8.1f}")  # type: ignore[misc]


def _applied(signature: Signature, tensors: list[Any], settings: Mapping[str, Any]) -> None:
    signature.apply(Call("torch.any", tensors, settings, World()))


def _best(work: Callable[[], None]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(TIMES):
            work()
        best = min(best, time.process_time() - start)
    return best / TIMES * 1e6


if __name__ == "__main__":
    main()
