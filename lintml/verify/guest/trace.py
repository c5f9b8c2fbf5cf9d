"""Records what a call computes, as aten operators and the tensors that flow between them, however it is spelled."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_MOST = 4000


class Tracer(TorchDispatchMode):  # type: ignore[misc]
    """Numbers each tensor and notes of each operator its name, the numbers it reads and makes, and its plain settings.

    ``names`` says which numbers are inputs (``i0`` …) and parameters or buffers (``p:NAME``).
    """

    def __init__(self, inputs: list[torch.Tensor], named: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        self.steps: list[dict[str, Any]] = []
        self.truncated = False
        self._numbers: dict[int, int] = {}
        self._keep: list[torch.Tensor] = []
        self.names: dict[int, str] = {}
        for position, tensor in enumerate(inputs):
            self.names[self._number(tensor)] = f"i{position}"
        for name, tensor in named.items():
            self.names[self._number(tensor)] = f"p:{name}"

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Not to be hidden from the compiler: hiding it would import the compiler, which takes a second."""
        return False

    def __torch_dispatch__(
        self, operator: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        given = _flat((args, kwargs))
        reads = list(map(self._number, given))
        shapes = [list(tensor.shape) for tensor in given]
        result = operator(*args, **kwargs)
        if len(self.steps) >= _MOST:
            self.truncated = True
            return result
        made = _flat(result)
        self.steps.append(
            {
                "op": operator.overloadpacket.__name__,
                "reads": reads,
                "read_shapes": shapes,
                "makes": list(map(self._number, made)),
                "shapes": [list(tensor.shape) for tensor in made],
                "dtypes": [_dtype(tensor) for tensor in made],
                "settings": _plain(args, kwargs),
            }
        )
        return result

    def report(self, outputs: list[torch.Tensor]) -> dict[str, Any]:
        """The trace as JSON data."""
        return {
            "steps": self.steps,
            "names": {str(number): name for number, name in self.names.items()},
            "outputs": [self._number(tensor) for tensor in outputs],
            "truncated": self.truncated,
        }

    def _number(self, tensor: torch.Tensor) -> int:
        key = id(tensor)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers)
            self._keep.append(tensor)
        return self._numbers[key]


def trace(
    call: Callable[[], Any],
    inputs: list[torch.Tensor],
    named: Mapping[str, torch.Tensor],
    flat: Callable[[Any], list[Any]],
) -> dict[str, Any]:
    """What ``call`` computes from ``inputs`` and the ``named`` parameters; raises what the call raises."""
    tracer = Tracer(inputs, named)
    with tracer:
        outputs = call()
    return tracer.report(flat(outputs))


def _flat(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    found: list[torch.Tensor] = []
    if isinstance(value, tuple | list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, torch.Tensor):
                found.append(item)
            elif isinstance(item, tuple | list | dict):
                found += _flat(item)
    return found


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _plain(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    return [value if _is_plain(value) else None for value in (*args, *kwargs.values())]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, int | float | str)
