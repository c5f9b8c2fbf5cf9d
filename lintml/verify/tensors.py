"""Tensors to and from the arrays of the wire, and trees of values to and from JSON with the tensors taken out."""

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from lintml.verify.inputs import spec as specs
from lintml.verify.sandbox import Array

Tree = Any

_MOST_ITEMS = 4096
_DTYPES = {
    "float64": torch.float64,
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "int64": torch.int64,
    "int32": torch.int32,
    "int16": torch.int16,
    "int8": torch.int8,
    "uint8": torch.uint8,
    "bool": torch.bool,
    "complex64": torch.complex64,
    "complex128": torch.complex128,
}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def to_array(tensor: torch.Tensor) -> Array:
    """A copy of ``tensor`` as bytes; raises TypeError for a dtype that the wire does not know."""
    plain = tensor.detach().to("cpu").contiguous()
    if plain.dtype not in _NAMES:
        raise TypeError(f"tensors of {tensor.dtype} do not cross processes")
    flat = plain.reshape(-1).view(torch.uint8) if plain.numel() else plain.new_empty(0, dtype=torch.uint8)
    return Array(_NAMES[plain.dtype], tuple(plain.shape), flat.numpy().tobytes())


def from_array(array: Array) -> torch.Tensor:
    """The tensor that ``array`` holds; raises KeyError or RuntimeError where the bytes do not fit."""
    dtype = _DTYPES[array.dtype]
    if not array.data:
        return torch.empty(array.shape, dtype=dtype)
    return torch.frombuffer(bytearray(array.data), dtype=dtype).reshape(array.shape)


def pack(tree: Tree, arrays: dict[str, Array], name: str) -> Any:
    """``tree`` as JSON, its tensors put into ``arrays`` under ``name`` and a number."""
    match tree:
        case torch.Tensor():
            key = f"{name}.{len(arrays)}"
            arrays[key] = to_array(tree)
            return {"tensor": key}
        case None | bool() | int() | str():
            return {"value": tree}
        case float():
            return {"float": tree.hex()}
        case tuple():
            return {"tuple": [pack(item, arrays, name) for item in tree[:_MOST_ITEMS]]}
        case list():
            return {"list": [pack(item, arrays, name) for item in tree[:_MOST_ITEMS]]}
        case Mapping():
            return {"dict": [[str(key), pack(value, arrays, name)] for key, value in list(tree.items())[:_MOST_ITEMS]]}
    return {"opaque": type(tree).__name__}


def unpack(data: Any, arrays: Mapping[str, Array]) -> Tree:
    """The tree that ``pack`` took apart; what could not be packed is a string; raises ValueError or KeyError."""
    match data:
        case {"tensor": str(key)}:
            return from_array(arrays[key])
        case {"value": value}:
            return value
        case {"float": str(text)}:
            return float.fromhex(text)
        case {"tuple": list(items)}:
            return tuple(unpack(item, arrays) for item in items)
        case {"list": list(items)}:
            return [unpack(item, arrays) for item in items]
        case {"dict": list(pairs)}:
            return {str(key): unpack(value, arrays) for key, value in pairs}
        case {"opaque": str(name)}:
            return f"<{name}>"
    raise ValueError(f"not a packed value: {data!r}")


def leaves(tree: Tree) -> list[torch.Tensor]:
    """The tensors of ``tree``, left to right."""
    match tree:
        case torch.Tensor():
            return [tree]
        case tuple() | list():
            return [leaf for item in tree for leaf in leaves(item)]
        case Mapping():
            return [leaf for item in tree.values() for leaf in leaves(item)]
    return []


def plain(tree: Tree) -> bool:
    """Whether ``tree`` holds nothing but tensors, numbers and text."""
    match tree:
        case torch.Tensor() | int() | float() | str() | None:
            return True
        case tuple() | list():
            return all(map(plain, tree))
        case Mapping():
            return all(map(plain, tree.values()))
    return False


def map_tensors(change: Callable[[torch.Tensor], torch.Tensor], tree: Tree) -> Tree:
    """``tree`` with ``change`` made to each tensor."""
    match tree:
        case torch.Tensor():
            return change(tree)
        case tuple():
            return tuple(map_tensors(change, item) for item in tree)
        case list():
            return [map_tensors(change, item) for item in tree]
        case Mapping():
            return {key: map_tensors(change, value) for key, value in tree.items()}
    return tree


def rows(gradient: torch.Tensor) -> torch.Tensor:
    """A gradient as an embedding gives it: those rows alone that are not zero, some of them in two parts."""
    found = gradient.to_sparse(1)
    places, values = found.indices().repeat(1, 2), found.values().repeat(2, *[1] * (gradient.dim() - 1))
    return torch.sparse_coo_tensor(places, values / 2, gradient.shape)


def draw(spec: specs.Spec, generator: torch.Generator, dtype: torch.dtype, scale: float = 1.0) -> Tree:
    """Values for ``spec``: tensors on the CPU, floats of ``dtype`` times ``scale``; Made stays as it is."""
    match spec:
        case specs.Tensor(shape, kind, below):
            match kind:
                case "float":
                    return torch.randn(shape, generator=generator, dtype=torch.float64).mul_(scale).to(dtype)
                case "unit":
                    return torch.rand(shape, generator=generator, dtype=torch.float64).mul_(0.9).add_(0.05).to(dtype)
                case "index":
                    return torch.randint(0, max(below, 1), shape, generator=generator)
                case "count":
                    counts = torch.randint(1, max(below, 1) + 1, shape, generator=generator)
                    return counts.sort(descending=True).values if shape else counts
                case "bool":
                    return _mixed(torch.rand(shape, generator=generator) < 0.5)
        case specs.Group(items, kind):
            drawn = [draw(item, generator, dtype, scale) for item in items]
            return drawn if kind == "list" else tuple(drawn)
        case specs.Value(value):
            return value
    return spec


def _mixed(mask: torch.Tensor) -> torch.Tensor:
    """A mask in whose last axis neither all nor nothing is hidden, of which there would be no mean."""
    if mask.dim() and mask.shape[-1] > 1:
        mask[..., 0] ^= mask.all(-1) | ~mask.any(-1)
    return mask


def seeded(seed: int) -> torch.Generator:
    """A generator of the CPU at ``seed``."""
    return torch.Generator().manual_seed(seed)


def reseed(seed: int) -> None:
    """Set every source of random numbers that a page may draw from.

    Not by ``torch.manual_seed``, which keeps a stack trace for each device that is not there.
    """
    random.seed(seed)
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)


@contextmanager
def default(dtype: torch.dtype) -> Iterator[None]:
    """What is made without a dtype is of this one, as the weights and inputs are that it will meet."""
    usual = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(usual)
