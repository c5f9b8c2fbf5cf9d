"""The element types that code visibly gives its tensors."""

from typing import Final

from lintml.analysis.flow import VIEWS, operator, upstream
from lintml.analysis.values import Application, Tensor

# Methods that give a type by name, and the constructors of old.
_CASTS: Final = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
    "int": "int32", "short": "int16", "char": "int8", "byte": "uint8", "bool": "bool",
}  # fmt: skip
_CONSTRUCTORS: Final = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64",
    "IntTensor": "int32", "ShortTensor": "int16", "CharTensor": "int8", "ByteTensor": "uint8", "BoolTensor": "bool",
}  # fmt: skip
# Factories that make floating point numbers unless they are told otherwise, or given other numbers.
_FACTORIES: Final = frozenset("rand randn zeros ones empty full tensor".split())


def given_dtype(tensor: Tensor) -> tuple[str, Application] | None:
    """The element type that a tensor has for certain, such as ``int32``, and what gives it that."""
    ends, _ = upstream(tensor, lambda each: operator(each) in VIEWS.difference(_CASTS))
    source = ends[0].source if len(ends) == 1 else None
    if source is None or source.replaceable:
        return None
    head, _, name = source.path.rpartition(".")
    said = ""
    if head == "torch.Tensor":
        said = _CASTS.get(name, "")
    elif head == "torch":
        said = "float32" if name in _FACTORIES else _CONSTRUCTORS.get(name, "")
    return (said, source) if said and _kind(said) == tensor.dtype == ends[0].dtype else None


def _kind(dtype: str) -> str:
    return "float" if "float" in dtype else "bool" if dtype == "bool" else "index"
