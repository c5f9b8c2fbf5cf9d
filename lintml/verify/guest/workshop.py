"""Makes the objects that a recipe asks for: drawn tensors, layers, optimizers, loaders, configurations."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, TensorDataset

from lintml.verify import tensors
from lintml.verify.inputs.spec import Group, Made, Record, Spec

SEED = 20_011
_WIDTH, _CLASSES, _BATCH = 11, 3, 4


class Anything(nn.Linear):  # type: ignore[misc]
    """A layer that takes whatever it is given beside its input, as a sublayer with masks and states would."""

    def forward(self, input: torch.Tensor, *rest: Any, **more: Any) -> torch.Tensor:
        """(…, features) → (…, features)."""
        return super().forward(input)


class Model(nn.Linear):  # type: ignore[misc]
    """A small model, for what takes any."""


class Descent(torch.optim.Optimizer):  # type: ignore[misc]
    """Plain gradient descent. torch's own would load its compiler for the first step."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def step(self, closure: Any = None) -> None:
        """Take the gradients, times the rate, from the parameters."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.sub_(parameter.grad, alpha=group["lr"])


@dataclass(frozen=True, slots=True)
class Falling:
    """A factor for each step or epoch, as a schedule takes one: 1, and half of it after ``half`` of them."""

    half: int

    def __call__(self, step: float) -> float:
        return 1 / (1 + step / self.half)


@dataclass(frozen=True, slots=True)
class Planned:
    """Two of torch's schedules, of one of two choices, that something else steps."""

    choice: int

    def __call__(self, optimizer: torch.optim.Optimizer) -> list[Any]:
        if self.choice == 0:
            return [lr_scheduler.ConstantLR(optimizer, 0.5, 8), lr_scheduler.ExponentialLR(optimizer, 0.9)]
        return [lr_scheduler.LinearLR(optimizer, 0.25, 1.0, 12), lr_scheduler.StepLR(optimizer, 3, 0.5)]


class Workshop:
    """Makes objects that belong together: the optimizer has the parameters of the model that the loader feeds."""

    def __init__(self, space: dict[str, Any]) -> None:
        self._space = space
        self._model: nn.Module | None = None

    def make(self, spec: Spec) -> Any:
        """The value that ``spec`` describes; the same for the same spec."""
        match spec:
            case Made(what, size, name):
                return self._special(what, size, name)
            case Group(items, form):
                values = [self.make(item) for item in items]
                return values if form == "list" else tuple(values)
            case Record(items, form):
                named = {name: self.make(item) for name, item in items}
                return named if form == "dict" else SimpleNamespace(**named)
        return tensors.draw(spec, tensors.seeded(SEED), torch.get_default_dtype())

    def _special(self, what: str, size: int, name: str) -> Any:
        match what:
            case "layer":
                return Anything(max(size, 1), max(size, 1))
            case "class":
                return self._space.get(name, getattr(nn, name, getattr(torch.optim, name, None)))
            case "model":
                return self._the_model()
            case "params":
                return _parameters()
            case "optimizer":
                return Descent(self._the_model().parameters(), lr=0.1)
            case "schedules":
                return Planned(size)(Descent(self._the_model().parameters(), lr=0.1))
            case "falling":
                return Falling(size)
            case "loss":
                return nn.CrossEntropyLoss()
            case "loader":
                data = TensorDataset(torch.randn(2 * _BATCH, _WIDTH), torch.randint(0, _CLASSES, (2 * _BATCH,)))
                return DataLoader(data, _BATCH)
        raise ValueError(f"nothing called {what} can be made")

    def _the_model(self) -> nn.Module:
        if self._model is None:
            self._model = Model(_WIDTH, _CLASSES)
            for parameter in self._model.parameters():
                parameter.grad = torch.randn(parameter.shape)
        return self._model


def _parameters() -> list[nn.Parameter]:
    made = [nn.Parameter(torch.randn(5, 3)), nn.Parameter(torch.randn(7))]
    for parameter in made:
        parameter.grad = torch.randn(parameter.shape)
    return made
