"""The element types that code visibly gives its tensors."""

from typing import Final

from lintml.analysis.flow import VIEWS, operator, upstream
from lintml.analysis.values import Application, Path, Tensor, Value

# Methods that give a type by name, and the constructors of old.
_CASTS: Final = {
    "float": "float32", "double": "float64", "half": "float16", "bfloat16": "bfloat16", "long": "int64",
    "int": "int32", "short": "int16", "char": "int8", "byte": "uint8", "bool": "bool",
}  # fmt: skip
_CONSTRUCTORS: Final = {
    "FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16", "LongTensor": "int64",
    "IntTensor": "int32", "ShortTensor": "int16", "CharTensor": "int8", "ByteTensor": "uint8", "BoolTensor": "bool",
}  # fmt: skip
# The types by the names that torch has for them, the short ones among them.
_NAMES: Final = {
    **{name: name for name in (*_CASTS.values(), *_CONSTRUCTORS.values())},
    **{name: _CASTS[name] for name in ("float", "double", "half", "long", "int", "short")},
}
# Factories that make floating point numbers unless they are told otherwise, or given other numbers.
_FACTORIES: Final = frozenset("rand randn zeros ones empty full tensor".split())
# Those that make what they are told to, and something that depends on what they are given otherwise.
_TOLD: Final = _FACTORIES | frozenset("arange as_tensor randint zeros_like ones_like full_like rand_like".split())


def kind_of(dtype: Value) -> str:
    """What kind of elements a type of torch stands for: "float", "index", "bool", or "" for what is none."""
    name = _named(dtype)
    return _kind(name) if name else ""


def given_dtype(tensor: Tensor) -> tuple[str, Application] | None:
    """The element type that a tensor has for certain, such as ``int32``, and what gives it that."""
    ends, _ = upstream(tensor, lambda each: operator(each) in VIEWS.difference(_CASTS))
    source = ends[0].source if len(ends) == 1 else None
    if source is None or source.replaceable:
        return None
    head, _, name = source.path.rpartition(".")
    said = _named(source.settings.get("dtype")) if head == "torch" and name in _TOLD else ""
    if said or (head == "torch" and source.settings.get("dtype") is not None):
        pass
    elif head == "torch.Tensor":
        said = _CASTS.get(name, "")
    elif head == "torch":
        said = "float32" if name in _FACTORIES else _CONSTRUCTORS.get(name, "")
    return (said, source) if said and _kind(said) == tensor.dtype == ends[0].dtype else None


def _named(dtype: Value) -> str:
    """The full name of a type of torch; empty for what is none, or one that no page of ours speaks of."""
    head, _, name = dtype.text.rpartition(".") if isinstance(dtype, Path) else ("", "", "")
    return _NAMES.get(name, "") if head == "torch" else ""


def _kind(dtype: str) -> str:
    return "float" if "float" in dtype else "bool" if dtype == "bool" else "index"
