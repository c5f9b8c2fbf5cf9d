"""A module as it was made, to be had again without making it: its state is put back as it was."""

import enum
import types
import weakref
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

# What is larger is made anew each time, so that it is not held twice.
_LARGEST = 4_000_000
_FIXED = (
    bool, int, float, complex, str, bytes, range, slice, type(None), type(Ellipsis), type, enum.Enum,
    torch.dtype, torch.device, torch.layout, torch.memory_format, torch.Size,
    types.BuiltinFunctionType, types.ModuleType, weakref.ref,
)  # fmt: skip
_COMMON = frozenset((bool, int, float, str, type(None)))
_PLAIN = (torch.Tensor, nn.Parameter)


def taken(module: Any) -> "Snapshot | None":
    """The state of a module; None where a part of it could change out of sight, or it is no module."""
    if not isinstance(module, nn.Module):
        return None
    snapshot = Snapshot(module)
    return snapshot if snapshot.see(module) and snapshot.apart() else None


class Snapshot:
    """What the attributes of a module and of all inside it are, and the values of its tensors."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._seen: dict[int, Any] = {}
        self._dicts: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        self._lists: list[tuple[list[Any], list[Any]]] = []
        self._sets: list[tuple[set[Any], set[Any]]] = []
        self._tensors: list[tuple[torch.Tensor, torch.Tensor, bool]] = []
        self._left = _LARGEST

    def again(self) -> nn.Module | None:
        """The module as it was; None where its tensors have been put to a use that nothing undoes."""
        if any(_tied(tensor) for tensor, _, _ in self._tensors):
            return None
        for dictionary, entries in self._dicts:
            dictionary.clear()
            dictionary.update(entries)
        for items, kept in self._lists:
            items[:] = kept
        for members, those in self._sets:
            members.clear()
            members.update(those)
        for tensor, values, requires_grad in self._tensors:
            tensor.grad = None
            vars(tensor).clear()
            tensor.requires_grad_(requires_grad)
            tensor.data = values.clone()
        return self._module

    def see(self, value: Any) -> bool:
        """Take ``value`` in with all that it holds; whether all of it could be put back."""
        kind = type(value)
        if kind in _COMMON or id(value) in self._seen:
            return True
        self._seen[id(value)] = value
        if kind is dict or kind is OrderedDict:
            return self._see_dict(value)
        if kind is list:
            self._lists.append((value, value.copy()))
            return self._see_all(value)
        if kind is set:
            self._sets.append((value, value.copy()))
            return self._see_all(value)
        match value:
            case nn.Module():
                return self._see_dict(vars(value))
            case torch.Tensor():
                return self._see_tensor(value)
            case types.FunctionType():
                return not value.__closure__ or str(value.__module__).startswith("torch.")
        return isinstance(value, _FIXED) or (kind in (tuple, frozenset) and self._see_all(value))

    def apart(self) -> bool:
        """Whether no two tensors share their memory, as they would not once they are put back."""
        places = [tensor.untyped_storage().data_ptr() for tensor, _, _ in self._tensors if tensor.numel()]
        return len(places) == len(set(places))

    def _see_all(self, values: Iterable[Any]) -> bool:
        return all(map(self.see, values))

    def _see_dict(self, value: dict[Any, Any]) -> bool:
        self._dicts.append((value, value.copy()))
        return self._see_all(value.keys()) and self._see_all(value.values())

    def _see_tensor(self, value: torch.Tensor) -> bool:
        if type(value) not in _PLAIN or value.layout is not torch.strided or value.is_inference():
            return False
        self._left -= value.numel()
        if self._left < 0 or vars(value) or _tied(value) or value.grad is not None:
            return False
        values = value.detach().clone()
        self._tensors.append((value, values, value.requires_grad))
        return bool(values.stride() == value.stride())


def _tied(tensor: torch.Tensor) -> bool:
    """Whether a tensor is part of a computation, or has somebody wait for its gradient."""
    hooks = tensor._backward_hooks or getattr(tensor, "_post_accumulate_grad_hooks", None)
    return not tensor.is_leaf or bool(hooks)
