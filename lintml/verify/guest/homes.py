"""Follows which tensors move with a module and its inputs, and sees those that stay behind meet them."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

# These take a tensor from elsewhere, or bring it along.
_BRING = frozenset(("to", "type_as", "cuda", "cpu", "copy_", "__getitem__", "__setitem__", "__set__", "index", "item"))
# What asks of a tensor, and computes nothing with it.
_ASK = frozenset(("__get__", "size", "dim", "numel", "stride", "is_floating_point", "__len__", "__bool__"))


class Homes(TorchFunctionMode):  # type: ignore[misc]
    """Inputs, parameters and buffers move to a device together, and so does what is computed from them.

    A tensor that is made without a device, or that the module keeps without registering it, stays on the CPU. ``met``
    names the first functions that take tensors of both kinds; a tensor of no axes may stay behind, as torch allows it.
    """

    def __init__(self, home: Iterable[torch.Tensor]) -> None:
        super().__init__()
        self.met: list[str] = []
        self._home: dict[int, torch.Tensor] = {id(tensor): tensor for tensor in home}
        self._made: dict[int, torch.Tensor] = {}

    def __torch_function__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        result = func(*args, **kwargs)
        given = list(_tensors((args, kwargs)))
        here = [tensor for tensor in given if id(tensor) in self._home]
        away = [tensor for tensor in given if id(tensor) not in self._home and tensor.dim() > 0]
        if here and away and name not in _BRING and name not in _ASK:
            self.met.append(name)
        placed = kwargs.get("device") is not None or name in ("to", "type_as", "cuda")
        for tensor in _tensors(result):
            if here or placed:
                self._home[id(tensor)] = tensor
            else:
                self._made[id(tensor)] = tensor
        return result


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    match value:
        case torch.Tensor():
            yield value
        case tuple() | list():
            for item in value:
                yield from _tensors(item)
        case dict():
            for item in value.values():
                yield from _tensors(item)
