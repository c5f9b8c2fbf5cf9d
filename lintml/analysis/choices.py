"""Values that are one of several: what is known where branches come together, or where a caller chooses."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from lintml.analysis.rates import filled_in
from lintml.analysis.values import (
    Condition,
    DeviceOf,
    Every,
    Function,
    Instance,
    Items,
    Layer,
    PageClass,
    Partial,
    Path,
    Sizes,
    Some,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import UNKNOWN
from lintml.shapes.dim import Dim
from lintml.shapes.shape import Shape
from lintml.torch_api import operators

MOST: Final = 4
_CALLED: Final = (Layer, Instance, Function, PageClass, Partial, Path)
# Layers that keep every axis, though their line asks something of the input.
_ASKING: Final = ("Norm", "Norm1d", "Norm2d", "Norm3d", "Softmax", "PReLU", "Dropout1d")


class Assumed:
    """What a caller may replace by another like it: a layer class given as a default, an activation chosen by name.

    Calling it gives what the ``value`` gives, and nothing that happens on the way is held against the page.
    """

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class Either:
    """One of a few things that can be called, or None; ``guards`` say what holds where it is which, as far as known."""

    __slots__ = ("guards", "options")

    def __init__(self, options: tuple[Value, ...], guards: tuple[Value, ...]) -> None:
        self.options = options
        self.guards = guards

    def absent(self) -> Value:
        """The test whether it is None."""
        if None not in self.options:
            return False
        return self.guards[self.options.index(None)] if len(self.options) == 2 else UNKNOWN

    def present(self) -> Value:
        """The test whether it is not None."""
        if None not in self.options:
            return True
        return self.guards[1 - self.options.index(None)] if len(self.options) == 2 else UNKNOWN


def assumed(value: Value) -> Value:
    """A value that stands for others like it, if it is one that can be called."""
    return Assumed(value) if isinstance(value, _CALLED) else value


def stand_in(value: Value, name: str = "") -> Value:
    """What stands for all that a caller may give; unknown where that is none of the following.

    Something that can be called, a size that has a ``name``, a list of sizes.
    """
    match value:
        case int() | Dim() if name and is_size(value):
            return filled_in(name, value)
        case Items(exact=True, names=None, values=[_, *_] as sizes) if all(_is_plain(size) for size in sizes):
            return Items(sizes)
        case tuple((_, *_)) if all(_is_plain(size) for size in value):
            return value
    found = assumed(value)
    return found if isinstance(found, Assumed) else UNKNOWN


def _is_plain(value: Value) -> bool:
    return is_size(value) or (isinstance(value, tuple) and all(is_size(each) for each in value))


def keeps_shape(value: Value) -> bool:
    """Whether a layer, its class or a function is one that gives every input back in its own shape."""
    match value:
        case Assumed(value=inner):
            return keeps_shape(inner)
        case Layer(path=path, items=None) | Path(text=path):
            return _keeps(path)
    return False


@cache
def _keeps(path: str) -> bool:
    if not path.startswith("torch.") or path == "torch.nn.Identity":
        return False
    signature = operators.layer(path)
    if signature is not None and path.endswith(_ASKING):
        return True
    signature = signature or operators.function(path)
    if signature is None or signature.operator or len(signature.inputs) != 1 or len(signature.outputs) != 1:
        return False
    given, made = signature.inputs[0], signature.outputs[0]
    plain = not (given.behind or given.ahead or made.behind or made.ahead or given.each or made.verb or made.dtype)
    return plain and given.star is not None and given.star == made.star


def join(a: Value, b: Value, test: Value = UNKNOWN) -> Value:
    """What is known of a value that is ``a`` where a test holds, and ``b`` where it does not."""
    if a is b:
        return a
    match a, b:
        case Tensor(), Tensor():
            return _join_tensors(a, b)
        case Layer(), Layer() if a.path == b.path and a.settings == b.settings and a.items is b.items:
            return a
        case Instance(), Instance() if a.cls is b.cls and a.attributes == b.attributes:
            return a
        case tuple(), tuple() if len(a) == len(b):
            return tuple(join(x, y) for x, y in zip(a, b, strict=True))
    if type(a) is type(b) and isinstance(a, (bool, int, float, str, Dim, Path, Sizes, DeviceOf)) and a == b:
        return a
    if keeps_shape(a) or keeps_shape(b):
        kept, other = (a, b) if keeps_shape(a) else (b, a)
        guarded = other is None and test is not UNKNOWN
        if not guarded and (other is UNKNOWN or other is None or keeps_shape(other) or _is_identity(other)):
            return kept if isinstance(kept, Assumed) else Assumed(kept)
    return _either(a, b, test)


def joined(values: Iterable[Value]) -> Value:
    """What is known of a value that is one of some; unknown where there are none."""
    found: Value = UNKNOWN
    for at, value in enumerate(values):
        found = join(found, value) if at else value
    return found


def merged(a: dict[str, Value], b: dict[str, Value], test: Value = UNKNOWN) -> dict[str, Value]:
    """What is known of names after a branch: ``a`` where a test holds, and ``b`` where it does not."""
    both = a | b
    for name, value in a.items():
        other = both[name]
        if other is not value:
            both[name] = join(value, other, test)
    return both


def truth(value: Value) -> Value:
    """A value as a test: True, False, a condition, or unknown."""
    match value:
        case Condition() | Every() | Some():
            return value
        case bool() | None | str() | int() | float():
            return bool(value)
        case Function() | PageClass() | Path() | Instance():
            return True
        case Either():
            return value.present()
        case tuple():
            return bool(value)
        case Items(exact=True):
            return bool(value.values)
    return UNKNOWN


def opposite(test: Value) -> Value:
    """The condition that holds where another does not; unknown where it is not known what that is."""
    match test:
        case Condition():
            return test.negated()
        case Every(parts=parts, exact=True):
            return parts[0].negated() if len(parts) == 1 else Some(tuple(part.negated() for part in parts))
        case Some(parts=parts):
            return Every(tuple(part.negated() for part in parts), test.exact)
    return UNKNOWN


def _either(a: Value, b: Value, test: Value) -> Value:
    options: list[Value] = []
    guards: list[Value] = []
    for value, guard in ((a, test), (b, opposite(test))):
        for each in value.options if isinstance(value, Either) else (value,):
            if not any(each is other for other in options):
                options.append(each)
                guards.append(UNKNOWN if isinstance(value, Either) else guard)
    callable_ = all(each is None or isinstance(each, (*_CALLED, Assumed)) for each in options)
    some = any(each is not None for each in options)
    return Either(tuple(options), tuple(guards)) if callable_ and some and len(options) <= MOST else UNKNOWN


def _is_identity(value: Value) -> bool:
    match value:
        case (
            Layer(items=Items(exact=True, values=[])) | Layer(path="torch.nn.Identity") | Path(text="torch.nn.Identity")
        ):
            return True
    return False


def _join_tensors(a: Tensor, b: Tensor) -> Tensor:
    shape: Shape | None = None
    if a.shape is not None and b.shape is not None and a.shape.rest is b.shape.rest:
        mine, theirs = a.shape.dims, b.shape.dims
        if len(mine) == len(theirs):
            shape = Shape((x if x == y else None for x, y in zip(mine, theirs, strict=True)), a.shape.rest)
    return Tensor(
        shape,
        a.dtype if a.dtype == b.dtype else "",
        a.device if a.device == b.device else "",
        a.factory if a.factory is b.factory else None,
        a.source if a.source is b.source else None,
        either=() if a.source is not None and a.source is b.source else (a, b),
        sure=a.sure or b.sure,
        certain=a.certain and b.certain,
    )
