"""The judge's questions about one class or function of a page, and their answers checked for sense."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from lintml.verify import messages, tensors
from lintml.verify.contract import Contract
from lintml.verify.inputs.search import TRIES
from lintml.verify.inputs.spec import Recipe, Tensor
from lintml.verify.judge.session import Session
from lintml.verify.references.declare import Layer, Seen
from lintml.verify.references.graph import Graph
from lintml.verify.sandbox import Array

Error = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """No arguments were found: the best attempt's error, whether it is final, whether the subject could be made.

    ``reason`` says why that is nobody's mistake, if it is not; ``tries`` how many attempts there were.
    """

    error: Error
    final: bool
    made: bool
    reason: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """A law as the sandbox reports it."""

    name: str
    held: bool
    seen: str


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Weights and inputs that the judge has drawn, in float64."""

    weights: Mapping[str, torch.Tensor]
    inputs: Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """What a subject gave: its tensors in order, and the coarsest dtype that it computed in; or its error."""

    tensors: Sequence[torch.Tensor] = ()
    dtype: torch.dtype = torch.float64
    error: Error | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A subject of a page in a session."""

    session: Session
    snippet: int
    name: str
    kind: str

    def find(
        self, contract: Contract | None, values: Mapping[str, int] | None = None, tries: int = TRIES
    ) -> list[Recipe] | Failure:
        """Recipes that run, the first of them the one to prefer; ``values`` are given constructor arguments."""
        told = messages.contract_to_json(contract) if contract is not None else None
        payload = self._ask("find", contract=told, values=dict(values) if values is not None else None, tries=tries)
        if "failure" in payload:
            failure = payload["failure"]
            return Failure(
                _error(failure["error"]),
                bool(failure["final"]),
                bool(failure["made"]),
                str(failure["reason"]),
                int(failure["tries"]),
            )
        found = [Recipe.from_json(payload["recipe"]), *(Recipe.from_json(other) for other in payload["others"])]
        return _sequences_first(found)

    def smoke(self, recipe: Recipe, device: str) -> Error | None:
        """The error of forward and backward on a device."""
        payload = self._ask("smoke", recipe=recipe.to_json(), device=device)
        return _error(payload["error"]) if "error" in payload else None

    def see(self, recipes: Sequence[Recipe]) -> Seen | None:
        """The subject described, in training and in evaluation mode; None where that made no sense."""
        try:
            told = self._ask("describe", recipe=recipes[0].to_json())
            if told["training"]["truncated"]:
                return None
            training = Graph.from_json(told["training"])
            return Seen(
                self.name,
                self.kind,
                {str(name): tuple(map(int, shape)) for name, shape in told["parameters"]},
                {str(name): tuple(map(int, shape)) for name, shape in told["buffers"]},
                [Layer(str(path), str(type_), dict(settings)) for path, type_, settings in told["layers"]],
                dict(told["settings"]),
                recipes,
                training,
                Graph.from_json(told["evaluation"]) if "evaluation" in told else training,
                bool(told.get("coarse")),
                frozenset(map(str, told.get("zero", ()))),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def laws(self, recipes: Sequence[Recipe], only: Sequence[str]) -> list[Held]:
        """The laws named in ``only`` that could be tried, each with what was seen where it is broken."""
        payload = self._ask("laws", recipes=[recipe.to_json() for recipe in recipes], only=list(only))
        return [Held(str(name), bool(held), str(seen)) for name, held, seen in payload["laws"]]

    def parameters(self, recipe: Recipe) -> dict[str, tuple[int, ...]]:
        """The shapes of a module's parameters by name; none for a function."""
        payload = self._ask("parameters", recipe=recipe.to_json())
        return {str(name): tuple(map(int, shape)) for name, shape in payload["parameters"]}

    def run(self, recipe: Recipe, given: Given, train: bool) -> Outputs:
        """What the subject gives for these weights and inputs, in float64; in float32 where it takes nothing finer."""
        fine = self.run_in(torch.float64, "cpu", recipe, given, train)
        if fine.error is None:
            return fine
        coarse = self.run_in(torch.float32, "cpu", recipe, given, train)
        return fine if coarse.error is not None else coarse

    def run_in(self, dtype: torch.dtype, device: str, recipe: Recipe, given: Given, train: bool) -> Outputs:
        """What the subject gives for these weights and inputs in one dtype and on one device."""
        arrays: dict[str, Array] = {name: tensors.to_array(weight) for name, weight in given.weights.items()}
        inputs = tensors.map_tensors(lambda one: one.to(dtype) if one.is_floating_point() else one, tuple(given.inputs))
        question = {
            **self._subject(),
            "recipe": recipe.to_json(),
            "dtype": str(dtype).removeprefix("torch."),
            "device": device,
            "train": train,
            "weights": list(given.weights),
            "inputs": tensors.pack(inputs, arrays, "in"),
        }
        payload, back = self.session.ask("run", question, arrays)
        if "outputs" not in payload:
            return Outputs(error=_error(payload.get("error", ("", "no answer"))))
        try:
            found = tensors.leaves(tensors.unpack(payload["outputs"], back))
        except (KeyError, ValueError, RuntimeError, RecursionError):
            return Outputs(error=("Tampered", "an answer that is no tensor"))
        coarse = dtype is torch.float32 or any(one.dtype in _COARSE for one in found)
        return Outputs(found, torch.float32 if coarse else torch.float64)

    def _ask(self, operation: str, **more: Any) -> Mapping[str, Any]:
        return self.session.ask(operation, {**self._subject(), **more})[0]

    def _subject(self) -> dict[str, Any]:
        return {"snippet": self.snippet, "subject": self.name}


def _sequences_first(recipes: list[Recipe]) -> list[Recipe]:
    """Of what runs on rows and on batches of sequences, the sequences first: what is done to an axis shows there.

    Inputs of several ranks were found to be so, as a query and the keys that it is held against.
    """
    first = _ranks(recipes[0])
    if len(set(first)) > 1 or first[0] >= _SEQUENCES:
        return recipes
    return sorted(recipes, key=lambda recipe: _ranks(recipe)[0] != _SEQUENCES)


def _ranks(recipe: Recipe) -> list[int]:
    shapes = [spec.shape for _, spec in recipe.inputs if isinstance(spec, Tensor) and spec.kind != "index"]
    return list(map(len, shapes)) or [9]


def give(parameters: Mapping[str, tuple[int, ...]], recipe: Recipe, seed: int, scale: float = 1.0) -> Given:
    """Weights and inputs at ``seed``: normal weights of deviation 0.5, about 1 where they are vectors.

    A gain of exactly one and a shift of exactly zero, as most layers begin with, would hide what is done with them.
    """
    generator = tensors.seeded(seed)
    weights = {
        name: torch.randn(shape, generator=generator, dtype=torch.float64) * 0.5 + (1.0 if len(shape) == 1 else 0.0)
        for name, shape in parameters.items()
    }
    return Given(weights, [tensors.draw(spec, generator, torch.float64, scale) for _, spec in recipe.inputs])


def _error(claimed: Any) -> Error:
    return str(claimed[0]), str(claimed[1])


_SEQUENCES = 3
_COARSE = (torch.float32, torch.float16, torch.bfloat16)
