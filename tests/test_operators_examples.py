"""Calls that torch's own samples leave out, each run by torch: recurrent and packed sequences, bags, folds, lists."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import rnn
from torch_oracle import Symbols, disagreement, plain, say, shapes_of

from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.notation import REQUIRED
from lintml.shapes.shape import Packed, Shape
from lintml.shapes.world import World
from lintml.torch_api import operators

pytestmark = pytest.mark.filterwarnings("ignore")


def floats(*sizes: int) -> torch.Tensor:
    return torch.zeros(sizes)


def indices(*sizes: int) -> torch.Tensor:
    return torch.zeros(sizes, dtype=torch.int64)


FUNCTIONS: Mapping[str, Sequence[tuple[Any, ...]]] = {
    "torch.prelu": [(floats(2, 3, 4), floats(3)), (floats(2, 3), floats(1))],
    "torch.layer_norm": [(floats(2, 3, 4), (4,)), (floats(2, 3, 4), (3, 4), floats(3, 4), floats(3, 4))],
    "torch.rms_norm": [(floats(2, 3, 4), (4,), floats(4))],
    "torch.nn.functional.embedding_bag": [(indices(5), floats(9, 3), indices(2)), (indices(2, 5), floats(9, 3))],
    "torch.nn.functional.fold": [(floats(2, 12, 20), (5, 6), 2), (floats(12, 20), (5, 6), (2, 2))],
    "torch.nn.functional.affine_grid": [(floats(2, 2, 3), (2, 3, 5, 7)), (floats(2, 3, 4), (2, 3, 4, 5, 7))],
    "torch.clip": [(floats(2, 3), 0.0), (floats(2, 3), floats(3), floats(1, 3))],
    "torch.normal": [(0.0, 1.0, (2, 3)), (floats(3), torch.ones(2, 3))],
    "torch.tensor": [([[1, 2, 3], [4, 5, 6]],), (1.5,), ([],), ([True, False],)],
    "torch.FloatTensor": [(2, 3), ([[1.0, 2.0]],), (4,)],
    "torch.einsum": [
        ("bqd,bkd->bqk", floats(2, 3, 4), floats(2, 5, 4)),
        ("...ij,...jk", floats(2, 3, 4), floats(4, 5)),
    ],
    "torch.meshgrid": [(floats(3), floats(4)), ([floats(3), floats(4), floats(5)],)],
    "torch.max": [(floats(2, 3),), (floats(2, 3), 1), (floats(2, 3), floats(3))],
    "torch.where": [(floats(2, 3) > 0, floats(3), 1.0), (floats(2, 3) > 0,)],
    "torch.split": [(floats(7, 2), 3), (floats(6, 2), [1, 5])],
    "torch.nn.utils.rnn.pad_sequence": [([floats(3, 4), floats(5, 4)],)],
}

LAYERS: Sequence[tuple[nn.Module, Mapping[str, Any], Sequence[Any]]] = [
    (nn.EmbeddingBag(9, 3), {"num_embeddings": 9, "embedding_dim": 3}, [indices(2, 5)]),
    (nn.EmbeddingBag(9, 3), {"num_embeddings": 9, "embedding_dim": 3}, [indices(5), indices(2)]),
    (nn.Fold((5, 6), 2), {"output_size": (5, 6), "kernel_size": 2}, [floats(2, 12, 20)]),
    (nn.TripletMarginLoss(), {}, [floats(2, 3)] * 3),
    (nn.TripletMarginLoss(reduction="none"), {"reduction": "none"}, [floats(2, 3)] * 3),
    (nn.LazyInstanceNorm2d(), {}, [floats(2, 3, 4, 5)]),
    (
        nn.LSTM(3, 8, 2, batch_first=True, bidirectional=True, proj_size=5),
        {
            "input_size": 3,
            "hidden_size": 8,
            "num_layers": 2,
            "batch_first": True,
            "bidirectional": True,
            "proj_size": 5,
        },
        [floats(4, 7, 3), (floats(4, 4, 5), floats(4, 4, 8))],
    ),
    (nn.GRU(3, 8), {"input_size": 3, "hidden_size": 8}, [floats(7, 3), floats(1, 8)]),
    (nn.GRUCell(3, 8), {"input_size": 3, "hidden_size": 8}, [floats(4, 3)]),
]


@pytest.mark.parametrize("path", FUNCTIONS)
def test_a_function(path: str) -> None:
    signature = operators.function(path)
    assert signature is not None
    function = {"torch": torch, "torch.nn.functional": F, "torch.nn.utils.rnn": rnn}[path.rpartition(".")[0]]
    for arguments in FUNCTIONS[path]:
        truth = shapes_of(getattr(function, path.rpartition(".")[2])(*arguments))
        for lift in (plain, Symbols(free=True), Symbols(free=False)):
            said = say(signature, path, arguments, {}, lift)
            assert not disagreement(path, said, truth, lift if isinstance(lift, Symbols) else None)
            assert lift is not plain or len(said.outputs) == len(truth)


@pytest.mark.parametrize(("layer", "settings", "inputs"), LAYERS, ids=lambda each: type(each).__name__)
def test_a_layer(layer: nn.Module, settings: Mapping[str, Any], inputs: Sequence[Any]) -> None:
    path = f"torch.nn.{type(layer).__name__}".replace("torch.nn.InstanceNorm", "torch.nn.LazyInstanceNorm")
    signature = operators.layer(path)
    assert signature is not None
    truth = shapes_of(layer(*inputs))
    defaults = {name: UNKNOWN if value is REQUIRED else value for name, value in signature.parameters.items()}
    for lift in (plain, Symbols(free=True), Symbols(free=False)):
        said = say(signature, path, inputs, {}, lift, settings={**defaults, **settings})
        assert not disagreement(path, said, truth, lift if isinstance(lift, Symbols) else None)
        assert len(said.outputs) == len(truth)


def test_a_decoder_is_as_wide_as_its_layers() -> None:
    signature = operators.layer("torch.nn.TransformerDecoder")
    assert signature is not None
    settings = {"decoder_layer": SimpleNamespace(settings={"d_model": 8}), "num_layers": 2}
    target, memory = floats(5, 2, 8), floats(7, 2, 8)
    layer = nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2), 2)
    said = say(signature, "torch.nn.TransformerDecoder", [target, memory], {}, settings=settings)
    assert not disagreement("torch.nn.TransformerDecoder", said, shapes_of(layer(target, memory)))
    said = say(signature, "torch.nn.TransformerDecoder", [target, floats(7, 2, 9)], {}, settings=settings)
    assert [(found.axis, found.position) for found in said.mismatches] == [("d_model", 1)]


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("inner", [False, True])
def test_a_packed_sequence_keeps_its_axes_whatever_their_order(first: bool, inner: bool) -> None:
    world = World()
    shape = Shape((4, 7, 3) if first else (7, 4, 3))
    packed = _one("torch.nn.utils.rnn.pack_padded_sequence", [shape, None], {"batch_first": first}, world)
    assert isinstance(packed[0], Packed)
    settings = {"input_size": 3, "hidden_size": 8, "num_layers": 1, "batch_first": inner, "bidirectional": True}
    made = _one("torch.nn.LSTM", [packed[0]], settings, world)
    assert made[1] == made[2] == Shape((2, 4, 8))
    back = _one("torch.nn.utils.rnn.pad_packed_sequence", [made[0]], {"batch_first": first}, world)
    assert back == [Shape((4, None, 16) if first else (None, 4, 16)), Shape((4,))]


def _one(path: str, shapes: list[Any], settings: Mapping[str, Any], world: World) -> list[Shape | None]:
    signature = operators.function(path) or operators.layer(path)
    assert signature is not None
    call = Call(path, shapes, settings, world)
    outputs = [output.shape for output in signature.apply(call)]
    assert call.mismatches == []
    return outputs
