"""What an attribute is worth: of tensors, layers, instances, classes and parameters."""

import ast
from typing import TYPE_CHECKING, Final

from lintml.analysis.pairs import Misuse, is_field, pair
from lintml.analysis.unpacking import taken_for_one
from lintml.analysis.values import (
    Application,
    Bound,
    DeviceOf,
    Instance,
    Items,
    Layer,
    Made,
    PageClass,
    Path,
    Sizes,
    Super,
    Tensor,
    Value,
)
from lintml.shapes import verbs
from lintml.shapes.call import UNKNOWN, Call
from lintml.shapes.dim import Dim, symbol
from lintml.shapes.shape import Packed

if TYPE_CHECKING:
    from lintml.analysis.interpret import Frame, Interpreter

# Settings of a layer that it keeps as attributes.
_CARRIED: Final = frozenset(
    """in_features out_features in_channels out_channels hidden_size num_layers embedding_dim num_embeddings embed_dim
    num_heads kernel_size stride padding input_size num_features""".split()
)

# The names of the results of operators that give several.
_PLACES: Final = {
    "values": 0, "indices": 1, "eigenvalues": 0, "eigenvectors": 1, "U": 0, "S": 1, "Vh": 2, "V": 2, "Q": 0, "R": 1,
    "sign": 0, "logabsdet": 1, "solution": 0, "residuals": 1,
}  # fmt: skip


def attribute(run: "Interpreter", node: ast.Attribute, owner: Value, frame: "Frame") -> Value:
    """The value of ``owner.name``."""
    name = node.attr
    match owner:
        case Path(text=text):
            return Path(f"{text}.{name}")
        case Tensor():
            return _of_tensor(run, node, owner, frame)
        case Instance():
            return of_instance(run, owner, name, frame)
        case PageClass():
            return owner.members.get(name, owner.methods.get(name, UNKNOWN))
        case Super():
            return _of_super(owner, name)
        case Layer():
            if owner.items is not None and owner.items.names is not None and name in owner.items.names:
                return owner.items.values[owner.items.names.index(name)]
            if name in _CARRIED:
                return owner.settings.get(name, UNKNOWN)
            if name in ("weight", "bias"):
                learnt = Application("torch.nn.Parameter", node, (), {}, (), None, frame.owner, frame.function)
                return Tensor(None, "float", "input", source=learnt, certain=True)
            return Bound(owner, name)
        case tuple() if (made := pair(owner)) is not None and not is_field(made, name) and not name.startswith("_"):
            run.trace.misuses.append(Misuse(node, made))
            return attribute(run, node, owner[0], frame)
        case tuple() if _PLACES.get(name, len(owner)) < len(owner):
            return owner[_PLACES[name]]
        case tuple() if (whole := taken_for_one(node, owner, run.callees)) is not None:
            if not run.silent and not (run.callers and run.level > run.sure):
                run.trace.unpackings.append(whole)
        case Items() | Sizes() | Made() | str():
            return Bound(owner, name)
        case Dim() if _is_plain(owner):
            return symbol(f"{owner}.{name}")
    return UNKNOWN


def _is_plain(dim: Dim) -> bool:
    return (
        len(dim.terms) == 1
        and dim.terms[0][1] == 1
        and len(dim.terms[0][0]) == 1
        and not next(iter(dim.terms[0][0])).key.startswith("(")
    )


def _of_tensor(run: "Interpreter", node: ast.Attribute, owner: Tensor, frame: "Frame") -> Value:
    match name := node.attr:
        case "shape":
            return Sizes(owner.shape) if owner.shape is not None else UNKNOWN
        case "device":
            return DeviceOf(owner.device)
        case "ndim":
            return rank(run, owner)
        case "data" if isinstance(owner.shape, Packed):
            return Tensor(None, owner.dtype, owner.device, certain=True)
        case "data":
            record = Application("torch.Tensor.data", node, (owner,), {}, owner=frame.owner, function=frame.function)
            made = Tensor(owner.shape, owner.dtype, owner.device, owner.factory, record, certain=owner.certain)
            record.outputs = (made,)
            run.trace.applications.append(record)
            return made
        case "grad":
            return Tensor(owner.shape, owner.dtype, owner.device, owner.factory, owner.source, certain=owner.certain)
        case "T" | "mT" | "H" | "mH" if owner.shape is not None:
            turned = verbs.transpose(Call("torch.Tensor.T", [owner.shape], {}, run.world), owner.shape, -2, -1)
            record = Application("torch.Tensor.mT", node, (owner,), {}, owner=frame.owner, function=frame.function)
            made = Tensor(
                turned, owner.dtype, owner.device, owner.factory, record, sure=owner.sure, certain=owner.certain
            )
            record.outputs = (made,)
            run.trace.applications.append(record)
            return made
        case "dtype" | "requires_grad" | "is_cuda" | "layout" | "grad_fn":
            return UNKNOWN
    return Bound(owner, name)


def rank(run: "Interpreter", owner: Tensor) -> Value:
    """The number of axes, decided in this world if need be."""
    if owner.shape is None:
        return UNKNOWN
    seen = run.world.shape(owner.shape)
    if seen.rest is not None:
        decided = run.world.decide(seen, run.world.plausible(seen, 1))
        return len(decided.dims) if decided else UNKNOWN
    return len(seen.dims)


def of_instance(run: "Interpreter", owner: Instance, name: str, frame: "Frame") -> Value:
    """An attribute of an object: its own, its class's, a method, or what nn.Module gives."""
    if name in owner.attributes:
        return owner.attributes[name]
    cls = owner.cls
    if name in cls.members:
        return cls.members[name]
    method = cls.methods.get(name)
    if method is not None:
        if method.role == "property":
            from lintml.analysis.classes import invoke

            return invoke(run, method.of(owner), [], {}, None)
        return method.of(owner)
    if name == "__class__":
        return cls
    if cls.kind == "module" or owner.layer is not None:
        if name == "training":
            return UNKNOWN
        if owner.layer is not None and name in _CARRIED:
            return owner.layer.settings.get(name, UNKNOWN)
        return Bound(owner, name)
    return UNKNOWN


def _of_super(owner: Super, name: str) -> Value:
    for base in owner.owner.bases:
        if isinstance(base, PageClass) and name in base.methods:
            return base.methods[name].of(owner.instance)
    return Bound(owner, name)
