"""Makes a subject of the page and calls it, as a recipe says."""

import ast
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.contract import Contract
from lintml.verify.guest.observe import Watch
from lintml.verify.guest.page import Page, described
from lintml.verify.inputs import roles as reading
from lintml.verify.inputs.ranks import ranks
from lintml.verify.inputs.search import Found, NotFound, Observation, find
from lintml.verify.inputs.spec import Group, Made, Recipe, Spec
from lintml.verify.inputs.starts import Known, starts

_SEED = 20_011


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A class or function of the page, with the snippet that defines it and its tree."""

    page: Page
    snippet: int
    name: str

    @property
    def value(self) -> Any:
        """The class or function itself."""
        return self.page.get(self.snippet, self.name)

    @property
    def kind(self) -> str:
        """module, optimizer, scheduler, dataset, class or function."""
        return kind(self.value)

    def find(
        self, contract: Contract | None, values: Mapping[str, int] | None = None, tries: int = 400, seconds: float = 8.0
    ) -> Found | NotFound:
        """Arguments with which the subject can be made and called."""
        made = self.kind != "function"
        settings = self.settings()
        called = self.value.forward if made else self.value
        inputs = [
            name for name, parameter in _parameters(called, method=made) if parameter.default is inspect.Parameter.empty
        ]
        tree = self.method("forward")
        hints = ranks(tree) if tree is not None else {}
        begin = starts(settings, inputs, hints, contract, values)
        return find(self._attempt, begin, tries, seconds)

    def make(self, recipe: Recipe) -> Any:
        """The object (or the function) that ``recipe`` makes, from a fixed seed; raises what the page raises."""
        if self.kind == "function":
            return self.value
        torch.manual_seed(_SEED)
        arguments = {name: realise(spec) for name, spec in recipe.arguments}
        return self.value(**arguments)

    def _attempt(self, recipe: Recipe) -> Observation:
        try:
            made = self.make(recipe)
        except BaseException as error:
            return self._failed(error, 0, False, {})
        torch.manual_seed(_SEED)
        values = [realise(spec) for _, spec in recipe.inputs]
        watch = Watch(dict(enumerate(values)))
        hooks = hook(made, watch) if isinstance(made, nn.Module) else []
        try:
            with watch:
                made(*values)
        except BaseException as error:
            return self._failed(error, watch.progress, True, watch.consumers)
        finally:
            for handle in hooks:
                handle.remove()
        return Observation(progress=watch.progress, consumers=watch.consumers)

    def _failed(self, error: BaseException, progress: int, made: bool, consumers: Mapping[int, Any]) -> Observation:
        return Observation(described(error), _row(error), progress, made, self._final(error), consumers)

    def _final(self, error: BaseException) -> bool:
        """Whether no other input would cure ``error``."""
        match error:
            case NameError() | ImportError() | RecursionError() | NotImplementedError():
                return True
            case AttributeError(obj=owner):
                return isinstance(owner, nn.Module) or inspect.ismodule(owner) or inspect.isclass(owner)
            case TypeError():
                text = str(error)
                return ("required positional argument" in text or "unexpected keyword" in text) and not text.startswith(
                    f"{self.name}.__init__"
                )
        return False

    def settings(self) -> list[Known]:
        """The constructor's parameters with their roles; none for a function."""
        if self.kind == "function":
            return []
        tree = self.page.trees.get(self.value)
        body = reading.initializer(tree) if tree is not None else None
        found = (
            reading.roles(body, tree, self.resolve, self.page.trees.get)
            if body is not None and tree is not None
            else {}
        )
        return [
            Known(
                name,
                found.get(name, reading.by_pattern(name)),
                parameter.default is inspect.Parameter.empty,
                tuple(reading.texts(name, tree)) if tree is not None else (),
            )
            for name, parameter in _parameters(self.value.__init__, method=True)
        ]

    def method(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The tree of a method of the class; of the function itself where it is one."""
        tree = self.page.trees.get(self.value)
        match tree:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return tree
            case ast.ClassDef(body=body):
                for statement in body:
                    if isinstance(statement, ast.FunctionDef) and statement.name == name:
                        return statement
        return None

    def resolve(self, expression: ast.expr) -> Any:
        """The object that a dotted name means at the end of the subject's snippet, or None."""
        match expression:
            case ast.Name(id=name):
                return self.page.spaces[self.snippet].get(name, {"range": range, "super": super}.get(name))
            case ast.Attribute(value=value, attr=name):
                owner = self.resolve(value)
                return getattr(owner, name, None) if owner is not None else None
        return None


def kind(value: Any) -> str:
    """What sort of thing a class or function of the page is."""
    match value:
        case type() if issubclass(value, nn.Module):
            return "module"
        case type() if issubclass(value, torch.optim.Optimizer):
            return "optimizer"
        case type() if issubclass(value, torch.optim.lr_scheduler.LRScheduler):
            return "scheduler"
        case type() if issubclass(value, torch.utils.data.Dataset):
            return "dataset"
        case type():
            return "class"
    return "function"


def realise(spec: Spec) -> Any:
    """The values that ``spec`` describes, with what the child makes itself."""
    match spec:
        case Made(what, size):
            return _make(what, size)
        case Group(items, form):
            values = [realise(item) for item in items]
            return values if form == "list" else tuple(values)
    return tensors.draw(spec, tensors.seeded(_SEED), torch.get_default_dtype())


def hook(module: nn.Module, watch: Watch) -> list[Any]:
    """Let ``watch`` see what each layer inside ``module`` is given."""

    def before(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        watch.module(layer, args, kwargs)

    return [
        layer.register_forward_pre_hook(before, with_kwargs=True) for layer in module.modules() if layer is not module
    ]


def _make(what: str, size: int) -> Any:
    match what:
        case "layer" | "model":
            return nn.Linear(max(size, 1), max(size, 1))
        case "params":
            return [nn.Parameter(torch.randn(5, 3)), nn.Parameter(torch.randn(7))]
        case "optimizer":
            return torch.optim.SGD(_make("params", 0), lr=0.1)
        case "loss":
            return nn.MSELoss()
    return None


def _parameters(function: Callable[..., Any], method: bool) -> list[tuple[str, inspect.Parameter]]:
    try:
        found = list(inspect.signature(function).parameters.items())
    except (TypeError, ValueError):
        return []
    kept = [(name, p) for name, p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return kept[1:] if method else kept


def _row(error: BaseException) -> int:
    trace = error.__traceback__
    row = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<snippet"):
            row = trace.tb_lineno
        trace = trace.tb_next
    return row
