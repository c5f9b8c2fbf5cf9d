"""Data sets and loaders: what going through one gives, as far as the page shows it."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lintml.analysis.values import Instance, Items, Made, Number, Tensor, Value, is_size
from lintml.shapes.call import UNKNOWN
from lintml.shapes.shape import Shape

if TYPE_CHECKING:
    from lintml.analysis.interpret import Interpreter

_HOME: Final = "torch.utils.data."
# What puts examples together in another way than by stacking them.
_GATHERING: Final = ("collate_fn", "batch_sampler", "**")


@dataclass(frozen=True, slots=True, eq=False)
class Stream(Made):
    """A data set or a loader of torch, and what one step through it gives."""

    gives: Value


def made(
    run: "Interpreter", path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call
) -> Value:
    """A data set or a loader of torch; NotImplemented for what is none."""
    match path.removeprefix(_HOME):
        case "TensorDataset" if arguments and not keywords:
            return Stream(path, node, tuple(_first(run, each) for each in arguments))
        case "Subset":
            return Stream(path, node, _example(run, _argument(arguments, keywords, "dataset")))
        case "random_split":
            return _split(run, path, arguments, keywords, node)
        case "DataLoader" | "dataloader.DataLoader":
            return Stream(path, node, _batches(run, arguments, keywords))
    return NotImplemented


def _argument(arguments: Sequence[Value], keywords: Mapping[str, Value], name: str, at: int = 0) -> Value:
    return arguments[at] if len(arguments) > at else keywords.get(name, UNKNOWN)


def _split(
    run: "Interpreter", path: str, arguments: Sequence[Value], keywords: Mapping[str, Value], node: ast.Call
) -> Value:
    """As many data sets of the same examples as there are lengths."""
    found = run.iterate(_argument(arguments, keywords, "lengths", 1))
    if found is None or not found[1]:
        return UNKNOWN
    example = _example(run, _argument(arguments, keywords, "dataset"))
    return Items([Stream(path, node, example) for _ in found[0]], level=run.level)


def _batches(run: "Interpreter", arguments: Sequence[Value], keywords: Mapping[str, Value]) -> Value:
    size = _argument(arguments, {"batch_size": 1, **keywords}, "batch_size", 1)
    if len(arguments) > 4 or not is_size(size) or any(each in keywords for each in _GATHERING):
        return UNKNOWN
    return _stacked(_example(run, _argument(arguments, keywords, "dataset")))


def _example(run: "Interpreter", data: Value) -> Value:
    """One example of a data set: what its ``__getitem__`` gives for a number that is not known."""
    match data:
        case Stream(path=path, gives=gives) if path.startswith(_HOME) and not path.endswith("DataLoader"):
            return gives
        case Instance(cls=cls) if cls.kind == "dataset" and cls.complete and "__getitem__" in cls.methods:
            from lintml.analysis.classes import invoke

            method = cls.methods["__getitem__"]
            run.silent += 1
            given = invoke(run, method.of(data), [UNKNOWN], {}, None)
            run.silent -= 1
            return given
    return UNKNOWN


def _first(run: "Interpreter", tensor: Value) -> Value:
    """What a tensor has at one place of its leading axis."""
    shape = run.world.shape(tensor.shape) if isinstance(tensor, Tensor) and tensor.shape is not None else None
    if shape is None or shape.rest is not None or not shape.dims:
        return Tensor(None, tensor.dtype, certain=True) if isinstance(tensor, Tensor) else UNKNOWN
    return Tensor(Shape(shape.dims[1:]), tensor.dtype, certain=True)


def _stacked(example: Value) -> Value:
    """A batch of examples: tensors and numbers behind an axis of any size, part by part."""
    match example:
        case Tensor(shape=shape, dtype=dtype) if shape is not None and shape.rest is None:
            return Tensor(Shape((None, *shape.dims)), dtype, certain=True)
        case Tensor(dtype=dtype):
            return Tensor(None, dtype, certain=True)
        case tuple() if not hasattr(example, "_fields"):
            return Items([_stacked(each) for each in example])
        case Items(exact=True, names=None):
            return Items([_stacked(each) for each in example.values])
        case Items(exact=True):
            return Items([_stacked(each) for each in example.values], names=list(example.names or ()))
        case bool():
            return Tensor(Shape((None,)), "bool", certain=True)
        case _ if is_size(example):
            return Tensor(Shape((None,)), "index", certain=True)
        case float() | Number():
            return Tensor(Shape((None,)), "float", certain=True)
    return UNKNOWN
