"""One operator applied to values: the shapes of its results, what does not fit, which devices mix."""

import ast
from collections.abc import Mapping, Sequence
from typing import Any, Final

from lintml.analysis.dtypes import kind_of
from lintml.analysis.interpret import Frame, Interpreter
from lintml.analysis.pairs import Misuse, pair
from lintml.analysis.trace import RANKS, Clash, DeviceMix
from lintml.analysis.values import (
    Application,
    DeviceOf,
    Items,
    Layer,
    Number,
    Ratio,
    Tensor,
    Value,
    is_size,
)
from lintml.shapes.call import Call, Mismatch
from lintml.shapes.dim import Dim, symbols
from lintml.shapes.shape import Shape
from lintml.shapes.signature import Signature
from lintml.shapes.world import OnlyIf

FACTORIES: Final = frozenset(
    f"torch.{name}"
    for name in """randn rand zeros ones empty full arange linspace logspace eye randint randperm tensor as_tensor range
    hann_window hamming_window""".split()
)
NORMALISING: Final = frozenset(
    f"torch.{name}"
    for name in """softmax log_softmax nn.functional.softmax nn.functional.log_softmax nn.functional.softmin
    Tensor.softmax Tensor.log_softmax nn.Softmax nn.LogSoftmax nn.Softmin""".split()
)
# Methods that arrays of NumPy have as well.
_SHARED: Final = frozenset(
    """T all any argmax argmin argsort clip conj copy cumprod cumsum diagonal dot fill flatten item max mean min nonzero
    prod ravel repeat reshape resize round sort squeeze std sum swapaxes take tolist trace transpose var view""".split()
)
# What the names of layers with weights, or buffers, are made of.
_WEIGHTED: Final = tuple("Linear Conv Embedding RNN LSTM GRU Norm MultiheadAttention Transformer PReLU".split())
# Functions that take some of their inputs from the CPU wherever the others are.
_TOLERANT: Final = ("ctc_loss", "CTCLoss", "pack_padded_sequence")


def applied(
    run: Interpreter,
    path: str,
    signature: Signature,
    given: Sequence[Value],
    settings: dict[str, Any],
    node: ast.AST,
    frame: Frame,
    layer: Layer | None,
) -> Value:
    given = [
        _one(run, value, node) if isinstance(value, tuple) and _is_tensor(signature, at, layer) else value
        for at, value in enumerate(given)
    ]
    inputs = tuple(_tensors(given))
    record = Application(path, node, inputs, settings, (), layer, frame.owner, frame.function, operands=tuple(given))
    record.replaceable = bool(run.silent)
    shapes = [_shapes(value, signature.operands) for value in given]
    call_ = Call(path, shapes, settings, run.world)
    outputs = signature.apply(call_)
    device = "input" if layer is not None else _device(path, settings, given)
    factory = node if path in FACTORIES and isinstance(node, ast.Call) else None
    sure = layer is not None or _is_torch(path, node) or any(tensor.sure for tensor in inputs if tensor is not None)
    said = kind_of(settings.get("dtype"))
    floating = next((tensor.dtype for tensor in inputs if tensor is not None), "")
    certain = layer is not None or _gives_tensors(path, node, given)
    made = []
    for output in outputs:
        dtype = output.dtype or said or floating
        tensor = Tensor(output.shape, dtype, device, factory, record, sure=sure, certain=certain)
        if factory is None and device == "cpu":
            tensor.factory = next((each.factory for each in inputs if each is not None and each.factory), None)
        made.append(tensor)
    record.outputs = tuple(made)
    run.trace.applications.append(record)
    if sure:
        note_clashes(run, call_, record, shapes, frame)
    # Where an object is made, nothing has been moved to another device yet.
    if run.standalone and not run.building and not run.silent and path != "torch.Tensor.copy_":
        _note_mix(run, record, frame)
    return _packed(path, signature, made, run.level)


def _is_tensor(signature: Signature, at: int, layer: Layer | None) -> bool:
    """Whether an input is one tensor, and never several."""
    if signature.operator:
        return layer is not None and at == 0 and signature.name.startswith("torch.")
    return at < len(signature.inputs) and not signature.inputs[at].each


def _one(run: Interpreter, value: Value, node: ast.AST) -> Value:
    """A value that is taken for a tensor: of the results of a layer, noted as misused, the first."""
    made = pair(value)
    if made is None:
        return value
    run.trace.misuses.append(Misuse(node, made))
    return value[0]


def _is_torch(path: str, node: ast.AST) -> bool:
    """Whether code that applies an operator like this means torch: not an operator of Python, not a shared method."""
    if not isinstance(node, ast.Call) or not path.startswith("torch."):
        # einops takes the arrays of any library.
        return False
    return not path.startswith("torch.Tensor.") or path.rpartition(".")[2] not in _SHARED


def _gives_tensors(path: str, node: ast.AST, given: Sequence[Value]) -> bool:
    """Whether a result is torch's for certain: a function's is, a method's or an operator's may be another class's."""
    if isinstance(node, ast.Call) and path.startswith("torch."):
        return not path.startswith("torch.Tensor.") or (bool(given) and _is_certain(given[0]))
    return all(_is_certain(each) or is_number(each) for each in given)


def _is_certain(value: Value) -> bool:
    return isinstance(value, Tensor) and value.certain


def _packed(path: str, signature: Signature, made: list[Tensor], level: int) -> Value:
    """The results as Python sees them: a list may hold one, or nobody knows how many; an LSTM's state is a pair."""
    if len(made) == 1:
        if not signature.listed:
            return made[0]
        return tuple(made) if made[0].shape is not None else Items(made, exact=False, level=level)
    if path == "torch.nn.LSTM" and len(made) == 3:
        return (made[0], (made[1], made[2]))
    return tuple(made)


def _tensors(given: Sequence[Value]) -> list[Tensor | None]:
    found: list[Tensor | None] = []
    for value in given:
        if isinstance(value, (Items, tuple)):
            parts = value.values if isinstance(value, Items) else value
            found += [part if isinstance(part, Tensor) else None for part in parts]
        else:
            found.append(value if isinstance(value, Tensor) else None)
    return found


def _shapes(value: Value, operand: bool) -> Any:
    """The shape of a tensor, of each in a list, () for a number; None for what is not tracked.

    A parameter of the constructor counts as a number only as an operand: as an input it may be anything.
    """
    match value:
        case Tensor():
            return value.shape
        case Items(exact=True) | tuple():
            parts = value.values if isinstance(value, Items) else value
            return [part.shape if isinstance(part, Tensor) else None for part in parts]
        case Dim():
            return (
                Shape()
                if operand and not any("." in found.name or "[" in found.name for found in symbols(value))
                else None
            )
    return Shape() if is_number(value) else None


def note_clashes(run: Interpreter, call_: Call, record: Application, shapes: Sequence[Any], frame: Frame) -> None:
    """Record on the trace what a call refused."""
    if not call_.mismatches or run.silent or (run.callers and run.level > run.sure):
        # A call that is not certain to be made may never be made with these sizes.
        run.trace.unheard += sum(found.axis == "rank" and found.answer is False for found in call_.mismatches)
        return
    flat: list[Shape | None] = []
    for shape in shapes:
        flat += shape if isinstance(shape, list) else [shape]
    seen = tuple(run.world.shape(shape) if isinstance(shape, Shape) else None for shape in flat)
    if run.trace.refused is None and not run.level and any(_is_of_rank(found) for found in call_.mismatches):
        run.trace.refused = len(run.world.taken)
    for found in call_.mismatches:
        run.trace.clashes.append(
            Clash(
                record.path,
                found.axis,
                found.want,
                found.got,
                found.answer if isinstance(found.answer, OnlyIf) else None,
                record.node,
                record.layer.node if record.layer is not None else None,
                record,
                seen,
                found.position,
                found.index,
                frame.owner,
                frame.function,
                tuple(run.callers),
                run.level > 0,
            )
        )


def _is_of_rank(found: Mismatch) -> bool:
    return found.axis in RANKS and found.answer is False


def _note_mix(run: Interpreter, record: Application, frame: Frame) -> None:
    """A factory's tensor with axes of its own meets a tensor or weights that live where the module lives."""
    made = [tensor for tensor in record.inputs if tensor is not None and tensor.device == "cpu"]
    if not made or record.path.endswith(_TOLERANT):
        return
    at_home = record.layer is not None and any(word in record.path for word in _WEIGHTED)
    follows = at_home or any(tensor is not None and tensor.device == "input" for tensor in record.inputs)
    if not follows:
        return
    for tensor in made:
        if tensor.factory is None or tensor.shape is None:
            continue
        if tensor.shape.dims or tensor.shape.rest is not None:
            run.trace.mixes.append(DeviceMix(tensor.factory, record.node, frame.owner, frame.function, record.path))


def _device(path: str, settings: Mapping[str, Any], given: Sequence[Value]) -> str:
    if path in FACTORIES:
        where = settings.get("device")
        if where is None and "**" not in settings:
            return "cpu"
        return where.device if isinstance(where, DeviceOf) else ""
    found = {
        each.device if isinstance(each, Tensor) else ""
        for each in given
        if isinstance(each, Tensor) or not is_number(each)
    }
    if "input" in found:
        return "input"
    return "cpu" if found == {"cpu"} else ""


def is_number(value: Value) -> bool:
    return is_size(value) or isinstance(value, (bool, float, complex, Number, Ratio))
