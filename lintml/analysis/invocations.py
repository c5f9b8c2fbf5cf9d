"""Calls with the values that they were given, whatever it is that they call."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from lintml.analysis.values import Bound, Instance, Layer, Made, Path, Tensor, Value

_METHOD = "torch.Tensor."


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call reaches of torch; ``own`` says that the object is of a class of the page which derives from it."""

    path: str
    own: bool = False


@dataclass(slots=True, eq=False)
class Invocation:
    """A call in one run: what is called, and the values given."""

    node: ast.Call
    called: Value
    arguments: tuple[Value, ...]
    keywords: Mapping[str, Value]

    @property
    def path(self) -> str:
        """What is called: a path of torch, or of a method of a tensor or an object of torch; empty where not known."""
        match self.called:
            case Path(text=text):
                return text
            case Bound(owner=Tensor() as tensor, name=name) if is_certain(tensor):
                return f"{_METHOD}{name}"
            case Bound(owner=Made(path=path) | Layer(path=path), name=name):
                return f"{path}.{name}"
        return ""

    @property
    def callee(self) -> Callee | None:
        """What of torch is called; None where it is nothing of torch for certain."""
        match self.called:
            case Layer(path=path):
                return Callee(f"{path}.forward")
            case Bound(owner=Instance(cls=cls), name=name) if cls.is_plain and cls.torch_base.startswith("torch."):
                return Callee(f"{cls.torch_base}.{name}", own=True)
        return Callee(self.path) if self.path.startswith("torch.") else None

    @property
    def spread(self) -> bool:
        """Whether some arguments come out of a sequence or a mapping, so that they cannot be told one by one."""
        starred = any(isinstance(each, ast.Starred) for each in self.node.args)
        return starred or any(each.arg is None for each in self.node.keywords)


def is_module(value: Value) -> bool:
    """Whether a value is an ``nn.Module``."""
    return isinstance(value, Layer) or (isinstance(value, Instance) and value.cls.kind == "module")


def is_optimizer(value: Value) -> bool:
    """Whether a value is an optimizer of torch, or a schedule, which has one."""
    return isinstance(value, Made) and value.path.startswith("torch.optim.")


def is_certain(tensor: Tensor) -> bool:
    """Whether a value that behaves like a tensor is one for certain: made or computed by torch, or said to be one."""
    return tensor.certain
