"""Which layers of torch.nn hold something that is learnt or kept: parameters, running statistics."""

from collections.abc import Mapping
from typing import Any, Final

_ALWAYS: Final = frozenset(
    f"torch.nn.{name}"
    for name in """
    Linear Bilinear LazyLinear Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d
    LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d
    Embedding EmbeddingBag RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention PReLU
    Transformer TransformerEncoder TransformerEncoderLayer TransformerDecoder TransformerDecoderLayer
    AdaptiveLogSoftmaxWithLoss
    """.split()
)
# Layers that hold nothing once this setting is False.
_IF: Final = {
    f"torch.nn.{name}": setting
    for names, setting in {
        "BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d SyncBatchNorm": "affine",
        "GroupNorm": "affine",
        "LayerNorm RMSNorm": "elementwise_affine",
    }.items()
    for name in names.split()
}


def is_stateful(path: str, settings: Mapping[str, Any]) -> bool:
    """Whether a layer of these settings is sure to hold parameters."""
    return path in _ALWAYS or (path in _IF and settings.get(_IF[path], True) is True)
