"""Calls with the values that they were given, whatever it is that they call."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from lintml.analysis.values import Bound, Instance, Layer, Made, Path, Tensor, Value

# Such a method, and an operator, may be any object's: they make no tensor of what was not one before.
_METHOD = "torch.Tensor."


@dataclass(frozen=True, slots=True, eq=False)
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
    def spread(self) -> bool:
        """Whether some arguments come out of a sequence or a mapping, so that they cannot be told one by one."""
        starred = any(isinstance(each, ast.Starred) for each in self.node.args)
        return starred or any(each.arg is None for each in self.node.keywords)


def is_module(value: Value) -> bool:
    """Whether a value is an ``nn.Module``."""
    return isinstance(value, Layer) or (isinstance(value, Instance) and value.cls.kind == "module")


def is_certain(tensor: Tensor) -> bool:
    """Whether a value that behaves like a tensor is one for certain: made or computed by torch, not just passed in."""
    seen: set[int] = set()
    while id(tensor) not in seen:
        seen.add(id(tensor))
        if tensor.named or tensor.source is None:
            return not tensor.named and tensor.factory is not None
        source = tensor.source
        if source.layer is not None:
            return True
        if isinstance(source.node, ast.Call) and not source.path.startswith(_METHOD):
            return True
        given = [each for each in source.inputs if each is not None]
        if not given:
            return False
        tensor = given[0]
    return False
