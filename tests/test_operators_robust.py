"""Every line with settings and inputs that make no sense: nothing crashes, and what is unknown stays silent."""

import random
from typing import Any

import pytest

from lintml.shapes import einops, packing
from lintml.shapes.call import UNKNOWN, Call, Output
from lintml.shapes.dim import Dim, symbol
from lintml.shapes.indexing import Indices, Mask, index
from lintml.shapes.notation import REQUIRED
from lintml.shapes.shape import Packed, Rest, Shape
from lintml.shapes.signature import Signature, read
from lintml.shapes.world import World
from lintml.torch_api import operators

ROUNDS = 25
D, N = symbol("d"), symbol("n", free=True)
SIZES = (0, 1, 2, 3, 7, None, D, N, N - 2, D // 2, 2 * N + 1)
SETTINGS = (
    UNKNOWN, None, True, False, 0, 1, -1, 2, 3, -7, 64, 2.5, float("inf"), "same", "mean", "nonsense", D, N, 3 * D - 1,
    (), (1,), (2, 3), (1, 2, 3), (-1, 2), (UNKNOWN,), (UNKNOWN, 2), (N, D), ((1, 2),), ((0,), (1,)), (None, 2), object(),
)  # fmt: skip


def tensor(chance: random.Random) -> Any:
    kind = chance.random()
    dims = [chance.choice(SIZES) for _ in range(chance.choice((0, 1, 2, 2, 3, 3, 4, 4, 5)))]
    if kind < 0.1:
        return None
    if kind < 0.2:
        return Shape(dims[:2], Rest())
    if kind < 0.3:
        return [tensor(chance) for _ in range(chance.randint(0, 3))]
    return Packed((N, 3, *dims)) if kind < 0.33 else Shape(dims)


def lines() -> list[tuple[str, Signature]]:
    kinds: list[Any] = ["layers", "functions", "methods"]
    return [(name, read(line)) for kind in kinds for name, line in operators.lines(kind).items()]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_crashes(seed: int) -> None:
    chance = random.Random(seed)
    for name, signature in lines():
        for _ in range(ROUNDS // 8 + 1):
            spelt = {**signature.parameters, **signature.forward}
            settings = {
                each.lstrip("*"): chance.choice(SETTINGS) if default is REQUIRED or chance.random() < 0.5 else default
                for each, default in spelt.items()
            }
            call = Call(name, [tensor(chance) for _ in range(chance.randint(0, 4))], settings, World())
            outputs = signature.apply(call)
            assert all(isinstance(output, Output) for output in outputs)
            for output in outputs:
                shape = output.shape
                assert shape is None or all(size is None or type(size) in (int, Dim) for size in shape.dims), name
            for found in call.mismatches:
                assert found.answer is not True
                assert found.answer is not None


def test_what_is_unknown_is_silent() -> None:
    for name, signature in lines():
        settings = {each.lstrip("*"): UNKNOWN for each in (*signature.parameters, *signature.forward)}
        for given in ([None] * 4, [Shape((), Rest()) for _ in range(4)]):
            call = Call(name, given, settings, World())
            signature.apply(call)
            assert call.mismatches == [], name
        call = Call(name, [Shape([None] * rank) for rank in (4, 4, 4, 4)], settings, World())
        signature.apply(call)
        assert all(found.axis == "rank" for found in call.mismatches), name


@pytest.mark.parametrize("seed", range(40))
def test_no_subscript_and_no_pattern_crashes(seed: int) -> None:
    chance = random.Random(seed)
    items = (0, -9, N, UNKNOWN, None, ..., slice(None), slice(N, D), slice(1, UNKNOWN), slice(None, None, -1), True)
    shapes = [shape for shape in (tensor(chance) for _ in range(20)) if isinstance(shape, Shape)]
    for shape in shapes:
        call = Call("torch.Tensor.__getitem__", [shape], {}, World())
        tensors = (Indices(Shape((2, None))), Indices(None), Mask(Shape((D,))), Mask(Shape((), Rest())))
        index(call, shape, [chance.choice((*items, *tensors)) for _ in range(chance.randint(0, 4))])
        pattern = " ".join(chance.choice(("a", "b", "(", ")", "...", "1", "->", "2", "_", "(a b)")) for _ in range(8))
        for kind in ("rearrange", "reduce", "repeat"):
            einops.rearrange(call, kind, shape, pattern, {"a": chance.choice(SETTINGS)})  # type: ignore[arg-type]
        einops.einsum(call, [shape, None], pattern)
        packing.pack(call, [shape, None], pattern)
        packing.unpack(call, [(), (chance.choice(SETTINGS),), UNKNOWN], pattern)
