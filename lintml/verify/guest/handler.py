"""The operations that the judge asks of a sandboxed child; their answers are claims, and are judged outside."""

import inspect
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import nn

from lintml.verify import compiler, laws, messages, tensors
from lintml.verify.guest import changing, training
from lintml.verify.guest.build import Subject
from lintml.verify.guest.page import Page, Report, described
from lintml.verify.guest.trace import trace
from lintml.verify.inputs.search import Found, NotFound
from lintml.verify.inputs.spec import Recipe
from lintml.verify.sandbox import Array

Payload = dict[str, Any]
Arrays = dict[str, Array]
Answer = tuple[Payload, Arrays]


class Guest:
    """One page being verified inside a child: it defines the snippets once, and is then asked about its subjects."""

    def __init__(self) -> None:
        self._page = Page()
        self._operations: Mapping[str, Callable[[Payload, Arrays], Answer]] = {
            "define": self.define,
            "find": self.find,
            "arguments": self.arguments,
            "describe": self.describe,
            "parameters": self.parameters,
            "run": self.run,
            "smoke": self.smoke,
            "try": self.attempt,
            "laws": self.laws,
            "names": self.names,
            "optimise": self.optimise,
            "rates": self.rates,
            "change": self.change,
        }

    def __call__(self, operation: str, payload: Payload, arrays: Arrays) -> Answer:
        return self._operations[operation](payload, arrays)

    def define(self, payload: Payload, arrays: Arrays) -> Answer:
        """Execute blocks ``[index, text]``; what came of each definition and of the free statements."""
        reports: list[Payload] = []
        self._page.absent.update(payload.get("absent", {}))
        self._page.undaunted = bool(payload.get("undaunted"))
        for index, text in payload["blocks"]:
            tensors.reseed(payload["seed"])
            try:
                made = self._page.run(index, text)
            except SyntaxError as error:
                made = [Report(index, "", error.lineno or 1, "failed", described(error))]
            for report in made:
                if report.name and report.state == "ran":
                    report.kind = self._kind(index, report.name)
                reports.append({**asdict(report), "settings": self._settings(report)})
        return {"reports": reports}, {}

    def find(self, payload: Payload, arrays: Arrays) -> Answer:
        """Look for arguments: the recipe and its variants, or the best error."""
        contract = payload.get("contract")
        result = self._subject(payload).find(
            messages.contract_from_json(contract) if contract else None, payload["values"], payload["tries"]
        )
        match result:
            case Found(recipe, others, tries):
                return {"recipe": recipe.to_json(), "others": [other.to_json() for other in others], "tries": tries}, {}
            case NotFound():
                return {"failure": {**asdict(result), "recipe": result.recipe.to_json()}}, {}

    def arguments(self, payload: Payload, arrays: Arrays) -> Answer:
        """A schedule's constructor arguments, its optional numbers among them, and whether it wants a metric."""
        subject = self._subject(payload)
        required = [known.name for known in subject.settings() if known.required]
        metric = training.wants_metric(subject)
        return {"recipe": training.schedule(subject).to_json(), "required": required, "metric": metric}, {}

    def describe(self, payload: Payload, arrays: Arrays) -> Answer:
        """The parameters, buffers, layers, scalar settings and computation of a module, in both of its modes.

        Where it computes the same in both, only that of ``training`` is given.
        """
        subject, recipe = self._subject(payload), Recipe.from_json(payload["recipe"])
        named: dict[str, torch.Tensor] = {}
        answer: Payload = {"parameters": [], "buffers": [], "layers": [], "settings": {}}
        with tensors.default(torch.float64):
            module, values = subject.make(recipe), subject.draw(recipe)
            if isinstance(module, nn.Module):
                module.double()
                named = {**dict(module.named_parameters()), **dict(module.named_buffers())}
                answer.update(_described(module))
                # What was left at its default shows in no argument, and not every class keeps it.
                answer["settings"] = {**_defaults(type(module), dict(recipe.arguments)), **answer["settings"]}
            else:
                answer["settings"] = _defaults(module, dict(recipe.inputs))
            # Evaluation first: it leaves running statistics, and most of what a module keeps, as they are.
            for mode in ("evaluation", "training"):
                if isinstance(module, nn.Module):
                    module.train(mode == "training")
                tensors.reseed(payload["seed"])
                try:
                    answer[mode] = trace(lambda: module(*values), tensors.leaves(values), named, tensors.leaves)
                except Exception as error:
                    return {"error": described(error)}, {}
        if answer["training"] == answer["evaluation"]:
            del answer["evaluation"]
        return answer, {}

    def parameters(self, payload: Payload, arrays: Arrays) -> Answer:
        """The names and shapes of a module's parameters."""
        made = self._subject(payload).make(Recipe.from_json(payload["recipe"]))
        named = made.named_parameters() if isinstance(made, nn.Module) else ()
        return {"parameters": [[name, list(parameter.shape)] for name, parameter in named]}, {}

    def run(self, payload: Payload, arrays: Arrays) -> Answer:
        """The outputs of a module or function for the judge's weights and inputs, in the judge's dtype."""
        subject, recipe = self._subject(payload), Recipe.from_json(payload["recipe"])
        dtype = getattr(torch, payload["dtype"])
        try:
            with tensors.default(dtype):
                made = subject.make(recipe)
                device = payload["device"]
                values = list(tensors.map_tensors(lambda t: t.to(device), tensors.unpack(payload["inputs"], arrays)))
                if isinstance(made, nn.Module):
                    made.to(device, dtype).train(payload["train"])
                    _load(made, {name: tensors.from_array(arrays[name]) for name in payload["weights"]})
                tensors.reseed(payload["seed"])
                with torch.no_grad():
                    outputs = made(*values)
        except Exception as error:
            return {"error": described(error)}, {}
        back: Arrays = {}
        return {"outputs": tensors.pack(outputs, back, "out")}, back

    def smoke(self, payload: Payload, arrays: Arrays) -> Answer:
        """Forward and backward on the device, of a dataset its length and first item; the error, if any."""
        subject, recipe = self._subject(payload), Recipe.from_json(payload["recipe"])
        device = payload["device"]
        try:
            made = subject.make(recipe)
            if subject.kind == "dataset":
                len(made)
                made[0]
                return {}, {}
            values = tensors.map_tensors(lambda t: t.to(device), subject.draw(recipe))
            if isinstance(made, nn.Module):
                made.to(device)
            tensors.reseed(payload["seed"])
            _backward(made(*values))
        except Exception as error:
            return {"error": described(error)}, {}
        return {}, {}

    def attempt(self, payload: Payload, arrays: Arrays) -> Answer:
        """A call that the document itself gives, forward and backward; the error, if any."""
        space = dict(self._page.last)
        try:
            with torch.device(payload["device"]):
                _backward(eval(payload["text"], space))
        except Exception as error:
            return {"error": described(error)}, {}
        return {}, {}

    def laws(self, payload: Payload, arrays: Arrays) -> Answer:
        """Which properties hold: ``[name, held, what was seen]``."""
        subject = self._subject(payload)
        recipes = [Recipe.from_json(recipe) for recipe in payload["recipes"]]
        found = laws.check(lambda: subject.make(recipes[0]), recipes, payload["seed"], payload["only"])
        return {"laws": [[law.name, law.held, law.seen] for law in found]}, {}

    def names(self, payload: Payload, arrays: Arrays) -> Answer:
        """The tensors and plain values that a snippet's namespace holds."""
        space = self._page.spaces[payload["snippet"]]
        back: Arrays = {}
        kept = {name: value for name, value in space.items() if isinstance(value, _PLAIN) and name[0] != "_"}
        return {"names": tensors.pack(kept, back, "name")}, back

    def change(self, payload: Payload, arrays: Arrays) -> Answer:
        """What a call makes of the gradients of a model, or of an average of its weights."""
        return changing.change(self._subject(payload), payload, arrays)

    def optimise(self, payload: Payload, arrays: Arrays) -> Answer:
        """The parameters after each step of an optimizer that is given the judge's parameters and gradients."""
        return training.optimise(self._subject(payload), payload, arrays)

    def rates(self, payload: Payload, arrays: Arrays) -> Answer:
        """The learning rates that a scheduler sets, step by step."""
        return training.rates(self._subject(payload), payload)

    def _kind(self, snippet: int, name: str) -> str:
        subject = self._subject_at(snippet, name)
        if subject.kind in ("optimizer", "class") and training.schedules(subject):
            return "scheduler"
        if subject.kind == "class" and training.optimises(subject):
            return "optimizer"
        return subject.kind

    def _settings(self, report: Report) -> list[str]:
        if report.kind not in ("optimizer", "scheduler"):
            return []
        return [known.name for known in self._subject_at(report.snippet, report.name).settings()]

    def _subject(self, payload: Payload) -> Subject:
        return self._subject_at(payload["snippet"], payload["subject"])

    def _subject_at(self, snippet: int, name: str) -> Subject:
        return Subject(self._page, snippet, name)


def _described(module: nn.Module) -> Payload:
    plain = {k: v for k, v in vars(module).items() if isinstance(v, int | float | str) and k[0] != "_"}
    return {
        "parameters": [[name, list(parameter.shape)] for name, parameter in module.named_parameters()],
        "buffers": [[name, list(buffer.shape)] for name, buffer in module.named_buffers()],
        "layers": [_layer(path, layer) for path, layer in module.named_modules() if path],
        "settings": plain,
        "coarse": any(map(_coarse, module.buffers())),
        "zero": [name for name, parameter in module.named_parameters() if not bool(torch.any(parameter))],
    }


def _defaults(function: Callable[..., Any], given: Container[str]) -> Payload:
    """The plain values that a function's parameters have where nothing is given."""
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if isinstance(p.default, int | float | str) and p.name not in given}


def _coarse(buffer: torch.Tensor) -> bool:
    """Whether a table was worked out in float32: fractions that float64 would not have rounded so."""
    if buffer.dtype is not torch.float64 or not torch.equal(buffer, buffer.float().double()):
        return False
    return bool(torch.any(torch.frexp(buffer).mantissa * 2**20 % 1 != 0))


def _backward(outputs: Any) -> None:
    losses = [leaf.float().pow(2).sum() for leaf in tensors.leaves(outputs) if leaf.requires_grad]
    if losses:
        torch.stack(losses).sum().backward()


_PLAIN = (torch.Tensor, int, float, str, tuple, list, dict)


def _layer(path: str, layer: nn.Module) -> list[Any]:
    """A layer as its path, torch's name of its type (empty for one of the page's own), and its plain settings."""
    known = type(layer).__module__.startswith("torch.nn")
    settings = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(layer).items()
        if isinstance(value, int | float | str | tuple | None) and not name.startswith("_")
    }
    if known and getattr(layer, "bias", None) is not None and not isinstance(layer, nn.RNNBase):
        settings["bias"] = True
    return [path, type(layer).__name__ if known else "", settings]


def _load(module: nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    own = dict(module.named_parameters())
    with torch.no_grad():
        for name, weight in weights.items():
            own[name].copy_(weight)


def warm_up() -> None:
    """Run once what is slow the first time, so that forks have it: forward only, for threads do not fork."""
    torch.set_num_threads(1)
    compiler.keep_away()
    tensors.reseed(0)  # which imports numpy's random numbers
    with torch.no_grad():
        nn.LSTM(3, 5)(torch.zeros(2, 2, 3))
        nn.Conv2d(3, 2, 3)(torch.zeros(1, 3, 5, 5))
    trace(lambda: torch.zeros(2) + 1, [], {}, tensors.leaves)
