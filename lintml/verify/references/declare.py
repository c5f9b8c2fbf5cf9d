"""What a reference declares: whom it recognises, and what they should compute."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal, TypeAlias

import torch

from lintml.verify.inputs.spec import Recipe, Tensor
from lintml.verify.references.graph import RANDOM, Graph

Weights: TypeAlias = Mapping[str, torch.Tensor]
Shape: TypeAlias = tuple[int, ...]
_MOST_MAPS = 24
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FILLERS = frozenset(
    ("my", "custom", "simple", "own", "scratch", "from", "manual", "naive", "basic", "stable", "py", "torch", "layer",
     "module", "fn", "func", "function", "activation", "impl", "optimizer", "optimiser", "d", "v", "the", "a",
     "0", "1", "2", "3", "4")
)  # fmt: skip


class Evidence(IntEnum):
    """How surely a subject is what a reference computes; only CERTAIN lets a difference be a failure."""

    NONE = 0
    POSSIBLE = 1
    CERTAIN = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """A submodule: its path, torch's name of its type (empty for a class of the page), its plain settings."""

    path: str
    type: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Seen:
    """A module or function as the sandbox described it: a claim, good for choosing what to compare, not for judging.

    ``recipes`` are the calls that run, ``outputs`` the shapes of what the first gives; ``random`` says that training
    mode draws random numbers; ``still`` is the graph in eval mode; ``zero`` are the parameters that begin as nothing.
    """

    name: str
    kind: str
    parameters: Mapping[str, Shape]
    buffers: Mapping[str, Shape]
    layers: Sequence[Layer]
    settings: Mapping[str, Any]
    recipes: Sequence[Recipe]
    graph: Graph
    still: Graph
    coarse_buffers: bool = False
    zero: frozenset[str] = frozenset()

    @property
    def coarse(self) -> bool:
        """Whether something in it is worked out in less than float64, so that it cannot be held to float64."""
        return self.coarse_buffers or self.graph.coarse()

    @property
    def random(self) -> bool:
        """Whether training mode draws random numbers."""
        return bool(self.graph.ops() & RANDOM)

    @property
    def floats(self) -> list[float]:
        """The fractions that it was given or keeps, in order."""
        kept = [*self.argument.values(), *self.settings.values()]
        return list(dict.fromkeys(value for value in kept if isinstance(value, float)))

    @property
    def counts(self) -> list[int]:
        """The whole numbers that it was given or keeps, in order."""
        kept = [*self.argument.values(), *self.settings.values()]
        return list(dict.fromkeys(value for value in kept if type(value) is int))

    @cached_property
    def result(self) -> Shape | None:
        """The shape of its first output."""
        first = self.graph.outputs[:1]
        shapes = [
            shape
            for step in self.graph.steps
            for made, shape in zip(step.makes, step.shapes, strict=True)
            if made in first
        ]
        return shapes[-1] if shapes else None

    @property
    def argument(self) -> Mapping[str, Any]:
        """The constructor arguments of the first recipe that are plain values."""
        return {name: getattr(spec, "value", None) for name, spec in self.recipes[0].arguments}

    def input_shapes(self, recipe: Recipe | None = None) -> list[Shape | None]:
        """The shape of each input, None for one that is no tensor."""
        chosen = recipe or self.recipes[0]
        return [spec.shape if isinstance(spec, Tensor) else None for _, spec in chosen.inputs]


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which settings and weights may map: ``run`` gives what the subject should return.

    The subject's first tensor must be the first of them, each further one any of them. ``note`` names a convention.
    """

    run: Callable[[Weights, Sequence[Any]], Sequence[torch.Tensor]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class ModuleReference:
    """Something that a module or function may compute.

    ``ranks`` are the ranks of the first input, best first; ``modes`` says in which modes to compare, True for training.
    ``scales`` are the sizes of the inputs: where an epsilon stands shows only on small ones, a kink only beyond it.
    ``fit`` makes sensible inputs of any, where not any are: boxes whose corners are in order, say.
    """

    name: str
    recognise: Callable[[Seen], Evidence]
    cases: Callable[[Seen], Iterable[Case]]
    ranks: tuple[int, ...] = ()
    modes: tuple[bool, ...] = (False, True)
    scales: tuple[float, ...] = (1.0, 1e-2, 1e-3)
    fit: Callable[[Sequence[Any]], Sequence[Any]] = list


@dataclass(frozen=True, slots=True)
class NoiseReference:
    """Something random: ``recognise`` as for modules, ``check`` gives what is wrong with samples, or nothing."""

    name: str
    recognise: Callable[[Seen], Evidence]
    setting: Callable[[Seen], str | None]
    check: Callable[[float, torch.Tensor, torch.Tensor, torch.Tensor], tuple[float, str]]


@dataclass(frozen=True, slots=True)
class SampleReference:
    """A mean and a deviation times what is drawn from a standard normal, of two inputs in either order.

    ``forms`` are the conventions for the second: each with the value at which the deviation is one, and the deviation.
    """

    name: str
    recognise: Callable[[Seen], Evidence]
    forms: Mapping[str, tuple[float, Callable[[torch.Tensor], torch.Tensor]]]


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an optimizer: the names that people give it, and the value at which it does nothing, if any."""

    aliases: tuple[str, ...]
    neutral: Any = None


@dataclass(frozen=True, slots=True)
class OptimizerReference:
    """An update rule: ``build`` makes it over parameters and ``settings``.

    ``grid`` is the settings to compare at; ``base`` those at which every form of the rule is the same: an optimizer
    that has the settings and agrees there, and whose name is among the ``nouns`` if there are any, is meant to be this.
    ``conventions`` are known variants, each a note and what makes it. ``rough`` is how far off the way may be, for a
    rule that people work out in less than float64; 0 for one that they do not.
    """

    name: str
    build: Callable[..., torch.optim.Optimizer]
    settings: Mapping[str, Setting]
    grid: Sequence[Mapping[str, Any]]
    base: Mapping[str, Any]
    nouns: tuple[str, ...] = ()
    conventions: Mapping[str, Callable[..., torch.optim.Optimizer]] = field(default_factory=dict)
    rough: float = 0.0


@dataclass(frozen=True, slots=True)
class ScheduleReference:
    """A schedule: ``build`` makes it over an optimizer and ``settings``, each with the values that it is compared at.

    Whole numbers go to settings of whole numbers, lists to lists, all else to fractions. ``metric`` says that ``step``
    takes one; ``conventions`` are other countings of the same settings.
    """

    name: str
    build: Callable[..., Any]
    settings: Mapping[str, tuple[Any, ...]]
    metric: bool = False
    conventions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChangeReference:
    """Something that changes tensors of a model in place: its gradients, or an average of its weights.

    ``step`` gives what they are after a call: of what they were, the model's weights, the one setting, which is
    compared at each of ``values``, and the number of the call, counted from one.
    """

    name: str
    changes: Literal["gradients", "average"]
    values: tuple[float, ...]
    step: Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor], float, int], list[torch.Tensor]]
    conventions: Mapping[
        str, Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor], float, int], list[torch.Tensor]]
    ] = field(default_factory=dict)


Reference: TypeAlias = (
    ModuleReference | NoiseReference | SampleReference | OptimizerReference | ScheduleReference | ChangeReference
)


def called(name: str, nouns: Sequence[str]) -> bool:
    """Whether a class or function name, without words such as `my`, `layer` and `2`, is one of ``nouns``.

    Greater numbers belong to the noun, as that of ReLU6 does.
    """
    words = [word.lower() for word in _WORDS.findall(name)]
    return "".join(word for word in words if word not in _FILLERS) in nouns


def weight_maps(
    seen: Seen, wanted: Mapping[str, Shape], aliases: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, str]]:
    """Which parameter may be which weight: those of the same name first, then of a known alias, then by shape.

    At most 24 permutations; nothing unless every parameter is used.
    """
    if len(wanted) != len(seen.parameters):
        return
    choices = [[name for name, shape in seen.parameters.items() if shape == want] for want in wanted.values()]
    found: list[tuple[int, tuple[str, ...]]] = []
    for picked in itertools.islice(itertools.product(*choices), 4096):
        if len(set(picked)) == len(picked):
            found.append((-sum(map(_fits, wanted, picked, itertools.repeat(aliases))), picked))
    for _, picked in sorted(found, key=lambda pair: pair[0])[:_MOST_MAPS]:
        yield dict(zip(wanted, picked, strict=True))


def _fits(weight: str, parameter: str, aliases: Mapping[str, Sequence[str]]) -> int:
    leaf = parameter.rsplit(".", 1)[-1].lower()
    if leaf == weight:
        return 3
    return 2 if leaf in aliases.get(weight, ()) else 0
