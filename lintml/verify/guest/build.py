"""Makes a subject of the page and calls it, as a recipe says."""

import ast
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from lintml.verify import tensors
from lintml.verify.contract import Contract
from lintml.verify.guest.observe import Watch
from lintml.verify.guest.page import Page, described
from lintml.verify.guest.snapshot import taken
from lintml.verify.guest.workshop import SEED, Anything, Model, Workshop
from lintml.verify.inputs.names import by_pattern
from lintml.verify.inputs.ranks import groups, ranks
from lintml.verify.inputs.roles import Reader, initializer
from lintml.verify.inputs.search import TRIES, Found, NotFound, Observation, find
from lintml.verify.inputs.spec import Recipe
from lintml.verify.inputs.starts import TARGETS, Known, starts

_TOO_SMALL = ("ValueError", "a parameter has no elements: a size is not divisible")
# What is asked of an input says what it is; what it is called says it only of a plain function's.
_TELLING = ("layer", "class", "model", "optimizer", "schedules", "params", "loader", "loss", "device", "text")


@dataclass(frozen=True, eq=False)
class Subject:
    """A class or function of the page, with the snippet that defines it."""

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
        self, contract: Contract | None, values: Mapping[str, int] | None = None, tries: int = TRIES
    ) -> Found | NotFound:
        """Arguments with which the subject can be made and, if it is a module or function, called."""
        begin = self._starts(self.inputs(), contract, values)
        before = self.page.recipes.get(self.name) if values is None else None
        found = find(self._attempt, begin if before is None else itertools.chain([before], begin), tries)
        if isinstance(found, Found) and values is None:
            self.page.recipes[self.name] = found.recipe
        if isinstance(found, NotFound) and found.final and not found.reason:
            return self._with_all_inputs(found, values, tries)
        return found

    def _starts(
        self, inputs: Sequence[Known], contract: Contract | None, values: Mapping[str, int] | None
    ) -> Iterator[Recipe]:
        tree = self.method("forward")
        told = (ranks(tree), groups(tree)) if tree is not None else ({}, {})
        return starts(self.settings(), inputs, *told, contract, values)

    def _with_all_inputs(self, failed: NotFound, values: Mapping[str, int] | None, tries: int) -> NotFound:
        """What fails without the inputs that may be left out is nobody's certain mistake if it runs with them."""
        left_out = [known for known in self.inputs(every=True) if known not in self.inputs()]
        if not left_out or not failed.made:
            return failed
        whole = find(self._attempt, self._starts([*self.inputs(), *left_out], None, values), tries)
        if isinstance(whole, NotFound) and whole.final:
            return failed
        names = " and ".join(repr(known.name) for known in left_out)
        return replace(failed, reason=f"fails unless it is given {names}: {': '.join(failed.error)}")

    def make(self, recipe: Recipe) -> Any:
        """The object (or the function) that ``recipe`` makes, from a fixed seed, lazy layers sized by a call.

        A module may be the one that was given out before, as it was then: it is the caller's until the next one.
        """
        made = self._construct(recipe)
        if isinstance(made, nn.Module) and any(map(is_lazy, made.parameters())):
            with torch.no_grad():
                made(*self.draw(recipe))
        return made

    def _construct(self, recipe: Recipe) -> Any:
        if self.kind == "function":
            return self.value
        key = (self.snippet, self.name, recipe.arguments)
        dtype = torch.get_default_dtype()
        tensors.reseed(SEED)
        known, snapshot = self.page.kept.pop(dtype, (None, None))
        made = snapshot.again() if snapshot is not None and known == key else None
        if made is None:
            workshop = self._workshop()
            made = self.value(**{name: workshop.make(spec) for name, spec in recipe.arguments})
            snapshot = taken(made)
        if snapshot is not None:
            self.page.kept[dtype] = (key, snapshot)
        return made

    def draw(self, recipe: Recipe) -> list[Any]:
        """The call arguments that ``recipe`` describes, drawn here."""
        tensors.reseed(SEED)
        workshop = self._workshop()
        return [workshop.make(spec) for _, spec in recipe.inputs]

    def settings(self) -> list[Known]:
        """The constructor's parameters with their roles; none for a function."""
        if self.kind == "function":
            return []
        tree = self._tree
        body = initializer(tree) if tree is not None else None
        reader = self._reader(body) if body is not None else None
        return [self._known(name, parameter, reader) for name, parameter in _parameters(self.value.__init__, True)]

    def inputs(self, every: bool = False) -> list[Known]:
        """The call's required parameters, and with ``every`` those that are None; a role says that one is no tensor."""
        function = self.kind == "function"
        if not function and self.kind != "module":
            return []
        called = self.value if function else self.value.forward
        tree = self.method("forward")
        reader = self._reader(tree) if tree is not None else None
        found = []
        for name, parameter in _parameters(called, not function):
            if parameter.default is inspect.Parameter.empty or (every and parameter.default is None):
                known = self._known(name, parameter, reader)
                number = function and _is_number(known) and not TARGETS.search(name)
                # ``1 - x`` may be said of an array as well.
                number = number and (known.role != "probability" or by_pattern(name) == known.role)
                number = number and not (reader is not None and reader.is_array(name))
                tensor = known.role not in _TELLING and not number
                found.append(Known(name, "unknown") if tensor else known)
        if any(known.role == "loader" for known in found):
            # What is called in a loop over batches is the model.
            found = [replace(known, role="model") if known.role == "layer" else known for known in found]
        return found

    def method(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The tree of a method of the class; of the function itself where it is one."""
        match self._tree:
            case ast.FunctionDef() | ast.AsyncFunctionDef() as function:
                return function
            case ast.ClassDef(body=body):
                for statement in body:
                    if isinstance(statement, ast.FunctionDef) and statement.name == name:
                        return statement
        return None

    @cached_property
    def _tree(self) -> ast.AST | None:
        return self.page.trees.get(self.value)

    def _reader(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Reader:
        assert self._tree is not None
        return Reader(function, self._tree, self._resolve, self.page.trees.get)

    def _known(self, name: str, parameter: inspect.Parameter, reader: Reader | None) -> Known:
        required = parameter.default is inspect.Parameter.empty
        if reader is None:
            return Known(name, by_pattern(name), required)
        role = reader.role(name)
        match role:
            case "text":
                return Known(name, role, required, tuple(reader.texts(name)))
            case "sizes":
                return Known(name, role, required, length=reader.length(name))
            case "class":
                return Known(name, role, required, self._classes(name))
            case "config":
                fields = tuple(Known(field, role) for field, role in reader.fields(name).items())
                return Known(name, role, required, ("dict",) if reader.by_key(name) else (), fields)
        return Known(name, role, required)

    def _classes(self, name: str) -> tuple[str, ...]:
        """Modules that a parameter that is called like a class may be: torch's, or the page's, the nearest first."""
        if "norm" in name.lower():
            return ("LayerNorm", "BatchNorm2d")
        if "act" in name.lower():
            return ("ReLU",)
        if "optim" in name.lower():
            return ("SGD",)
        space = self.page.spaces[self.snippet]
        mine = [key for key, value in space.items() if isinstance(value, type) and value in self.page.trees]
        return tuple(key for key in reversed(mine) if key != self.name and kind(space[key]) == "module")

    def _workshop(self) -> Workshop:
        return Workshop(self.page.spaces[self.snippet])

    def _attempt(self, recipe: Recipe) -> Observation:
        try:
            made = self._construct(recipe)
        except BaseException as error:
            return self._failed(error, 0, False, {})
        if isinstance(made, nn.Module) and any(not is_lazy(p) and not p.numel() for p in made.parameters()):
            return Observation(_TOO_SMALL, made=False)
        if self.kind not in ("module", "function"):
            return Observation()
        values = self.draw(recipe)
        watch = Watch(dict(enumerate(values)))
        hooks = hook(made, watch) if isinstance(made, nn.Module) else []
        try:
            with watch:
                made(*values)
        except BaseException as error:
            return self._failed(error, watch.progress, True, watch.consumers, _asked_too_much(error, values))
        finally:
            for handle in hooks:
                handle.remove()
        return Observation(progress=watch.progress, consumers=watch.consumers, largest=watch.largest)

    def _failed(
        self, error: BaseException, progress: int, made: bool, consumers: Mapping[int, Any], reason: str = ""
    ) -> Observation:
        reason = reason or self.page.missing(error)
        # What is not implemented for an argument that was made up says nothing of the class.
        made_up = isinstance(error, NotImplementedError) and not made
        final = bool(reason) or (self._final(error) and not made_up)
        return Observation(described(error), _row(error), progress, made, final, consumers, reason)

    def _final(self, error: BaseException) -> bool:
        """Whether no other input would cure ``error``."""
        match error:
            case NameError() | ImportError() | RecursionError():
                return True
            case NotImplementedError():
                # torch says so of inputs that it does not take; a method that is left out says nothing of the kind.
                return not any(
                    word in str(error) for word in ("not implemented for", "not supported", "Only", "mode needs")
                )
            case AttributeError(obj=owner):
                stranger = isinstance(owner, Anything | Model)  # Our own, in place of what was not given.
                return (
                    (isinstance(owner, nn.Module) and not stranger) or inspect.ismodule(owner) or inspect.isclass(owner)
                )
            case TypeError():
                text = str(error)
                asked = tuple(f"{self.name}{method}" for method in (".__init__", ".__call__", ".forward", "()"))
                mine = text.startswith((*asked, "Anything.")) or self._takes_any()
                return ("required positional argument" in text or "unexpected keyword" in text) and not mine
        return False

    def _takes_any(self) -> bool:
        """Whether it is made from arguments that have no names here, and goes by them."""
        made = self.value if self.kind == "function" else self.value.__init__
        try:
            parameters = inspect.signature(made).parameters.values()
        except (TypeError, ValueError):
            return False
        return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)

    def _resolve(self, expression: ast.expr) -> Any:
        """The object that a dotted name means at the end of the subject's snippet, or None."""
        match expression:
            case ast.Name(id=name):
                return self.page.spaces[self.snippet].get(name, {"range": range}.get(name))
            case ast.Attribute(value=value, attr=name):
                owner = self._resolve(value)
                return getattr(owner, name, None) if owner is not None else None
        return None


def _asked_too_much(error: BaseException, values: Sequence[Any]) -> str:
    """Why nothing that is made up here will do, empty where something may."""
    match error:
        case AttributeError(obj=Model(), name=name):
            return f"needs a model that has {name!r}"
        case AttributeError(obj=torch.Tensor() as owner, name=name) if any(owner is value for value in values):
            return f"needs an input that has {name!r}, which no tensor has"
    return ""


def _is_number(known: Known) -> bool:
    """Whether a function's parameter is called like a number."""
    return known.role in ("size", "heads", "count", "length", "kernel", "float", "probability", "bool", "sizes")


def kind(value: Any) -> str:
    """What sort of thing a class or function of the page is."""
    match value:
        case type() if issubclass(value, nn.Module):
            # One that has other methods alone is called by these.
            return "class" if getattr(value, "forward", None) is nn.Module.forward else "module"
        case type() if issubclass(value, torch.optim.Optimizer):
            return "optimizer"
        case type() if issubclass(value, torch.optim.lr_scheduler.LRScheduler):
            return "scheduler"
        case type() if issubclass(value, torch.utils.data.Dataset):
            return "dataset"
        case type():
            return "class"
    return "function"


def hook(module: nn.Module, watch: Watch) -> Sequence[Any]:
    """Let ``watch`` see what each layer inside ``module`` is given."""

    def before(layer: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        watch.module(layer, args, kwargs)

    inner = (layer for layer in module.modules() if layer is not module)
    return [layer.register_forward_pre_hook(before, with_kwargs=True) for layer in inner]


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
