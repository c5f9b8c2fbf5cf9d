"""Watches one call: how far it gets, and which layer or function takes each input as it is."""

from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from lintml.verify.inputs.conform import Consumer

# What these are given are probabilities, or at least no negative numbers.
_POSITIVE = frozenset(("binary_cross_entropy", "log", "log2", "log10", "logit", "sqrt", "rsqrt"))
# Results of these are the input itself as far as shapes and kinds go.
_KEEPS = frozenset(
    [
        "relu",
        "relu_",
        "gelu",
        "silu",
        "tanh",
        "sigmoid",
        "dropout",
        "dropout_",
        "contiguous",
        "clone",
        "float",
        "double",
        "to",
        "detach",
        "add",
        "sub",
        "mul",
        "div",
        "__add__",
        "__sub__",
        "__mul__",
        "__truediv__",
        "__radd__",
        "__rsub__",
        "__rmul__",
        "__rtruediv__",
        "true_divide",
        "exp",
        "abs",
        "square",
        "pow",
        "sqrt",
        "leaky_relu",
        "elu",
        "type_as",
        "cpu",
        "tolist",
        "masked_fill",
        "__neg__",
        "neg",
        "clamp",
        "clamp_min",
        "clip",
    ]
)


class Watch(TorchFunctionMode):  # type: ignore[misc]
    """Counts the calls of torch functions, and notes the first consumer of each input by its position.

    ``largest`` is how many values the largest of their results had.
    """

    def __init__(self, inputs: dict[int, Any]) -> None:
        super().__init__()
        self.progress = 0
        self.largest = 0
        self.consumers: dict[int, Consumer] = {}
        self._owners = {id(value): position for position, value in inputs.items()}
        self._parts: dict[int, int] = {}
        self._keep: list[Any] = list(inputs.values())

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name != "__get__":
            self.progress += 1
        position = self._owner(args[0]) if args else None
        if position is None and "input" in kwargs:
            position = self._owner(kwargs["input"])
        if position is not None and position not in self.consumers:
            consumer = _consumed(name, args, kwargs)
            if consumer is not None:
                self.consumers[position] = consumer
        if args and name in _POSITIVE and id(args[0]) in self._parts:
            self.consumers.setdefault(self._parts[id(args[0])], Consumer("unit"))
        if name in ("bmm", "baddbmm", "cross_entropy", "nll_loss", "_pack_padded_sequence") and len(args) > 1:
            self._second(name, args)
        if name == "scaled_dot_product_attention":
            _one_length(*args[1:3], **kwargs)
        result = func(*args, **kwargs)
        if isinstance(result, torch.Tensor):
            self.largest = max(self.largest, result.numel())
        if (
            name in _KEEPS
            and position is not None
            and isinstance(result, torch.Tensor)
            and result.shape == args[0].shape
        ):
            self._follow(result, position)
        elif name == "sort" and position is not None:
            self._follow(result[0], position)
        elif name == "__getitem__" and position is not None:
            self._parts[id(result)] = position
            self._keep.append(result)
        return result

    def module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A forward hook: layers that say more than the functions that they call."""
        self.progress += 1
        slots: list[tuple[int | str, Any]] = [*enumerate(args), *kwargs.items()]
        for slot, value in slots:
            position = self._owner(value)
            if position is not None and position not in self.consumers:
                consumer = _masked(module, slot, args) or _taken(module, _INDEX.get(slot, slot), args)
                if consumer is not None:
                    self.consumers[position] = consumer

    def _second(self, name: str, args: tuple[Any, ...]) -> None:
        position = self._owner(args[1])
        if position is None or position in self.consumers:
            return
        if name in ("cross_entropy", "nll_loss"):
            scores = args[0]
            if scores.dim() > 1:
                shape = (scores.shape[0], *scores.shape[2:])
                self.consumers[position] = Consumer("target", scores.shape[1], shapes=(tuple(shape),))
        elif name == "_pack_padded_sequence":
            first = bool(args[2]) if len(args) > 2 else False
            batch, steps = args[0].shape[:2] if first else (args[0].shape[1], args[0].shape[0])
            self.consumers[position] = Consumer("lengths", steps, shapes=((batch,),))
        else:
            self.consumers[position] = Consumer("rank", rank=3)

    def _owner(self, value: Any) -> int | None:
        return self._owners.get(id(value))

    def _follow(self, value: torch.Tensor, position: int) -> None:
        self._owners[id(value)] = position
        self._keep.append(value)


def _one_length(key: Any = None, value: Any = None, **settings: Any) -> None:
    """Keys and values of different lengths end the process inside torch's own kernel: here they are an error."""
    if isinstance(key, torch.Tensor) and isinstance(value, torch.Tensor) and key.shape[-2:-1] != value.shape[-2:-1]:
        got, want = value.shape[-2], key.shape[-2]
        raise RuntimeError(f"The size of tensor a ({got}) must match the size of tensor b ({want})")


def _consumed(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Consumer | None:
    weight = args[1] if len(args) > 1 else kwargs.get("weight")
    match name:
        case "linear" if isinstance(weight, torch.Tensor):
            return Consumer("features", weight.shape[-1])
        case "embedding" if isinstance(weight, torch.Tensor):
            return Consumer("index", weight.shape[0])
        case "conv1d" | "conv2d" | "conv3d" if isinstance(weight, torch.Tensor):
            groups = kwargs.get("groups", args[6] if len(args) > 6 else 1)
            return Consumer("channels", weight.shape[1] * int(groups), int(name[4]))
        case "conv_transpose1d" | "conv_transpose2d" | "conv_transpose3d" if isinstance(weight, torch.Tensor):
            return Consumer("channels", weight.shape[0], int(name[14]))
        case "bmm" | "baddbmm":
            return Consumer("rank", rank=3)
        case "layer_norm":
            shape = kwargs.get("normalized_shape", args[1] if len(args) > 1 else ())
            return Consumer("features", int(shape[-1])) if len(shape) == 1 else None
        case "matmul" | "__matmul__" | "mm" if isinstance(weight, nn.Parameter) and weight.dim() >= 2:
            return Consumer("features", weight.shape[-2])
        case "max_pool1d" | "avg_pool1d" | "max_pool2d" | "avg_pool2d" | "max_pool3d" | "avg_pool3d":
            return Consumer("pool", rank=int(name[-2]))
        case "boolean_dispatch" | "_max_pool2d" | "max_pool2d_with_indices":
            return Consumer("pool", rank=2)
        case _ if name in _POSITIVE:
            return Consumer("unit")
    return None


def _masked(module: nn.Module, slot: int | str, args: tuple[Any, ...]) -> Consumer | None:
    """The masks of torch's attention layers: of positions by positions, or of positions to leave out."""
    if not args or not isinstance(args[0], torch.Tensor) or args[0].dim() != 3:
        return None
    first = getattr(module, "batch_first", getattr(getattr(module, "self_attn", None), "batch_first", True))
    batch, steps = args[0].shape[:2] if first else (args[0].shape[1], args[0].shape[0])
    match module:
        case nn.MultiheadAttention() if slot in ("attn_mask", 5):
            return Consumer("mask", shapes=((steps, args[1].shape[1 if first else 0]),))
        case nn.MultiheadAttention() if slot in ("key_padding_mask", 3):
            return Consumer("mask", shapes=((batch, args[1].shape[1 if first else 0]),))
        case nn.TransformerEncoder() | nn.TransformerEncoderLayer() if slot in ("mask", "src_mask", 1):
            return Consumer("mask", shapes=((steps, steps),))
        case nn.TransformerDecoder() | nn.TransformerDecoderLayer() if slot in ("tgt_mask", 2):
            return Consumer("mask", shapes=((steps, steps),))
        case nn.TransformerEncoder() | nn.TransformerEncoderLayer() if slot in ("src_key_padding_mask", 2):
            return Consumer("mask", shapes=((batch, steps),))
    return None


def _taken(module: nn.Module, index: int | str, args: tuple[Any, ...]) -> Consumer | None:
    match module:
        case nn.RNNBase():
            if index == 0:
                return Consumer("sequence", module.input_size, first=module.batch_first)
            return _state(module, args[0])
        case nn.RNNCellBase():
            if index == 0:
                return Consumer("exact", shapes=((3, module.input_size),))
            shape = (args[0].shape[0], module.hidden_size)
            return (
                Consumer("pair", shapes=(shape, shape))
                if isinstance(module, nn.LSTMCell)
                else Consumer("exact", shapes=(shape,))
            )
        case nn.Bilinear() if index in (0, 1):
            return Consumer("features", module.in2_features if index else module.in1_features)
        case nn.EmbeddingBag():
            # Bags that all begin at the start, as offsets that are drawn at random must not come before the first.
            return Consumer("bag", module.num_embeddings if index == 0 else 1, rank=len(args))
        case nn.MultiheadAttention() if isinstance(index, int) and index < 3:
            width = (module.embed_dim, module.kdim, module.vdim)[index]
            return Consumer("sequence", width, first=module.batch_first)
        case nn.TransformerEncoderLayer() | nn.TransformerDecoderLayer():
            width = module.linear1.in_features
            return Consumer("sequence", width, first=module.self_attn.batch_first) if index in (0, 1) else None
        case nn.BatchNorm1d() | nn.InstanceNorm1d():
            return Consumer("norm", module.num_features, 1)
        case nn.BatchNorm2d() | nn.InstanceNorm2d():
            return Consumer("norm", module.num_features, 2)
        case nn.BatchNorm3d() | nn.InstanceNorm3d():
            return Consumer("norm", module.num_features, 3)
        case nn.GroupNorm():
            return Consumer("norm", module.num_channels, 2)
        case nn.MaxPool1d() | nn.AvgPool1d() | nn.AdaptiveAvgPool1d() | nn.AdaptiveMaxPool1d():
            return Consumer("pool", rank=1)
        case nn.MaxPool2d() | nn.AvgPool2d() | nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
            return Consumer("pool", rank=2)
        case nn.MaxPool3d() | nn.AvgPool3d() | nn.AdaptiveAvgPool3d() | nn.AdaptiveMaxPool3d():
            return Consumer("pool", rank=3)
    return None


_INDEX: dict[int | str, int | str] = {"query": 0, "key": 1, "value": 2, "src": 0, "tgt": 0, "memory": 1, "hx": 1}


def _state(module: nn.RNNBase, inputs: torch.Tensor) -> Consumer:
    batch = inputs.shape[0 if module.batch_first else 1] if inputs.dim() == 3 else 0
    layers = module.num_layers * (2 if module.bidirectional else 1)
    rows = (layers, batch) if batch else (layers,)
    hidden = (*rows, module.proj_size or module.hidden_size)
    if isinstance(module, nn.LSTM):
        return Consumer("pair", shapes=(hidden, (*rows, module.hidden_size)))
    return Consumer("exact", shapes=(hidden,))
