"""Looks for arguments with which a class can be made and called, cheapest guesses first, within a budget."""

import heapq
import itertools
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from lintml.verify.inputs.apart import apart, at_its_own_size, smaller, tied, together
from lintml.verify.inputs.conform import Consumer, conform, ranked
from lintml.verify.inputs.editing import Step
from lintml.verify.inputs.factors import larger
from lintml.verify.inputs.repairs import enumerate_inputs, repairs
from lintml.verify.inputs.spec import Recipe, Spec, Tensor, tensors
from lintml.verify.inputs.starts import UNTOLD

TRIES = 150
# Of the processor, so that a busy machine finds what an idle one does.
SECONDS = 4.0
_RANKS = (2, 3, 4)
_TRIES_APART = 40
_TRIES_BEYOND = 60
_DEAREST_GUESS = 30
# A contract that knows little has much to say: what people mean as a rule must not wait for all of it.
_LATEST_START = 3
_LARGEST = 1_000_000
_ABOUT_SIZES = ("RuntimeError", "ValueError", "AssertionError", "ZeroDivisionError", "IndexError")


@dataclass(frozen=True, slots=True)
class Observation:
    """What one attempt showed: its error, how far it got, and by whom each input was consumed first.

    ``final`` says that no other input can cure the error (a name that is not defined, a missing attribute); ``reason``
    why it is nobody's mistake, if it is not; ``largest`` is how many values the largest tensor had.
    """

    error: tuple[str, str] | None = None
    row: int = 0
    progress: int = 0
    made: bool = True
    final: bool = False
    consumers: Mapping[int, Consumer] = field(default_factory=dict)
    reason: str = ""
    largest: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe that runs, and other inputs of other ranks that run as well."""

    recipe: Recipe
    others: tuple[Recipe, ...]
    tries: int


@dataclass(frozen=True, slots=True)
class NotFound:
    """The error of the attempt that got furthest, and whether anything could be constructed."""

    error: tuple[str, str]
    row: int
    final: bool
    made: bool
    tries: int
    recipe: Recipe
    reason: str = ""


Attempt = Callable[[Recipe], Observation]


def find(attempt: Attempt, starts: Iterable[Recipe], tries: int = TRIES, seconds: float = SECONDS) -> Found | NotFound:
    """The first recipe that runs, from ``starts`` on; one that needs an axis of size 1 only where nothing else runs."""
    search = _Search(attempt, tries, time.process_time() + seconds)
    for cost, start in enumerate(starts):
        search.add(Step(start, min(cost, _LATEST_START)))
    return search.run()


class _Search:
    def __init__(self, attempt: Attempt, tries: int, until: float) -> None:
        self._attempt = attempt
        self._left = tries
        self._tries = tries
        self._until = until
        self._queue: list[tuple[int, int, Recipe]] = []
        self._costs: dict[Recipe, int] = {}
        self._tried: set[Recipe] = set()
        self._turns = itertools.count()
        self._best: NotFound | None = None
        self._reach = (False, -1)
        self._parked: Recipe | None = None
        self._odd: Found | None = None
        self._unmakeable: set[tuple[tuple[str, Spec], ...]] = set()

    def add(self, step: Step, base: int = 0) -> None:
        cost = base + step.cost
        if cost < self._costs.get(step.recipe, math.inf) and _can_be_drawn(step.recipe):
            self._costs[step.recipe] = cost
            heapq.heappush(self._queue, (cost, next(self._turns), step.recipe))

    def run(self) -> Found | NotFound:
        while self._queue and self._left > 0 and time.process_time() < self._until:
            cost, _, recipe = heapq.heappop(self._queue)
            if recipe.arguments in self._unmakeable or recipe in self._tried:
                continue
            self._tried.add(recipe)
            seen = self._try(recipe)
            fitting = _fit(recipe, seen.consumers)
            if seen.error is None:
                if fitting == recipe or self._try(fitting).error is not None:
                    fitting = recipe
                alike = _alike(fitting)
                if alike != fitting and self._try(alike).error is None:
                    fitting = alike
                if seen.largest > _LARGEST and self._try(smaller(fitting)).error is None:
                    fitting = smaller(fitting)
                if self._odd is not None and not _as_telling(fitting, self._odd.recipe):
                    continue
                if _degenerate(fitting):
                    self._parked = self._parked or replace(fitting, degenerate=True)
                    continue
                found = self._found(fitting)
                if not at_its_own_size(found.recipe):
                    return found
                if self._odd is None:
                    self._odd, self._left = found, min(self._left, _TRIES_BEYOND)
                for step in enumerate_inputs(fitting):
                    self.add(step, cost)
                continue
            self._remember(recipe, seen)
            if seen.final:
                break
            if fitting != recipe:
                # What a layer says of its input is believed before the message of one that came later.
                self.add(Step(fitting, 0), cost)
                cost += 1
            if cost <= _DEAREST_GUESS:
                self._widen(recipe, seen, cost)
        if self._odd is not None:
            return self._odd
        if self._parked is not None:
            return Found(self._parked, (), self._tries - self._left)
        if self._best is None:
            nothing = ("TypeError", "there is nothing to try")
            return NotFound(nothing, 0, False, False, 0, Recipe())
        return replace(self._best, tries=self._tries - self._left)

    def _widen(self, recipe: Recipe, seen: Observation, cost: int) -> None:
        assert seen.error is not None
        for step in repairs(recipe, seen.error):
            self.add(step, cost)
        if not seen.made:
            self._unmakeable.add(recipe.arguments)
            for step in larger(recipe) if seen.error[0] in _ABOUT_SIZES else ():
                self.add(step, cost)
        else:
            for step in enumerate_inputs(recipe):
                self.add(step, cost)

    def _others(self, recipe: Recipe) -> list[Recipe]:
        """The same inputs with their floats at every other rank that runs."""
        found = []
        for rank in _RANKS:
            inputs = tuple(
                (name, replace(spec, shape=ranked(spec.shape, rank)) if _is_float(spec) else spec)
                for name, spec in recipe.inputs
            )
            other = replace(recipe, inputs=inputs)
            if other != recipe and not _degenerate(other) and self._try(other).error is None:
                found.append(other)
        return found

    def _found(self, recipe: Recipe) -> Found:
        """What runs, and what else does: with sizes as different as the code allows, then with sizes as alike."""
        recipes = [recipe, *self._others(recipe)]
        left = _TRIES_APART

        def runs(recipe: Recipe) -> bool:
            nonlocal left
            left -= 1
            return left >= 0 and time.process_time() < self._until and self._try(recipe).error is None

        found = [apart(recipe, runs) for recipe in recipes]
        alike = [each for each in map(together, found) if each not in found and (each in recipes or runs(each))]
        # Of several ranks the first is taken for which the code asks nothing odd.
        told = [tied(found[0], runs)]
        fewer = [each for each in found[1:] if _as_telling(each, recipe)]
        if at_its_own_size(told[0]):
            told += [tied(each, runs) for each in fewer]
        first = next((each for each in told if not at_its_own_size(each)), told[0])
        others = [each for each in found if replace(each, tied=first.tied) != first]
        return Found(first, (*others, *alike), self._tries - self._left)

    def _try(self, recipe: Recipe) -> Observation:
        self._left -= 1
        return self._attempt(recipe)

    def _remember(self, recipe: Recipe, seen: Observation) -> None:
        assert seen.error is not None
        mine = NotFound(seen.error, seen.row, seen.final, seen.made, 0, recipe, seen.reason)
        if self._best is None or seen.final or (seen.made, seen.progress) > self._reach:
            self._best = mine
            self._reach = (seen.made, seen.progress)


def _fit(recipe: Recipe, consumers: Mapping[int, Consumer]) -> Recipe:
    inputs = [*recipe.inputs]
    for index, consumer in consumers.items():
        if index < len(inputs):
            name, spec = inputs[index]
            inputs[index] = (name, conform(spec, consumer))
    return replace(recipe, inputs=tuple(inputs))


def _alike(recipe: Recipe) -> Recipe:
    """Inputs of which nothing was found out, made like the first of which something was: one that is not used, say."""
    known = [
        spec for _, spec in recipe.inputs if isinstance(spec, Tensor) and spec.kind == "float" and spec not in UNTOLD
    ]
    inputs = tuple((name, known[0] if known and spec in UNTOLD else spec) for name, spec in recipe.inputs)
    return replace(recipe, inputs=inputs)


def _is_float(spec: Spec) -> TypeGuard[Tensor]:
    return isinstance(spec, Tensor) and spec.kind in ("float", "unit")


def _axes(recipe: Recipe) -> int:
    """How many axes the inputs have."""
    return sum(len(tensor.shape) for _, spec in recipe.inputs for tensor in tensors(spec))


def _as_telling(recipe: Recipe, odd: Recipe) -> bool:
    """Whether it may be preferred to an odd one: more axes would hide what is odd, and one is no batch of rows."""
    lonely = any(len(tensor.shape) < 2 for _, spec in recipe.inputs for tensor in tensors(spec))
    return _axes(recipe) <= _axes(odd) and not lonely


def _can_be_drawn(recipe: Recipe) -> bool:
    """Whether its inputs have values, and not too many: of a contract, sizes may be differences of others."""
    shapes = [tensor.shape for _, spec in recipe.inputs for tensor in tensors(spec)]
    return min((size for shape in shapes for size in shape), default=1) > 0 and sum(map(math.prod, shapes)) <= _LARGEST


def _degenerate(recipe: Recipe) -> bool:
    return any(1 in tensor.shape for _, spec in recipe.inputs for tensor in tensors(spec) if not tensor.exact)
