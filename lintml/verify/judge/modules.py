"""Holds a module or function against the references: same weights, same inputs, in float64."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, TypeAlias

import torch

from lintml.verify import tensors
from lintml.verify.inputs.spec import Recipe, Tensor, Value
from lintml.verify.inputs.spec import tensors as leaves
from lintml.verify.judge.comparing import Comparison, Yardstick, compare, rel_rms, shake
from lintml.verify.judge.probe import Given, Outputs, Probe, give
from lintml.verify.references import of
from lintml.verify.references.declare import (
    Case,
    Evidence,
    ModuleReference,
    NoiseReference,
    SampleReference,
    Seen,
    Shape,
)
from lintml.verify.references.named import named

_SEEDS = 2
_SAMPLES = (2000, 100)
_PROBABILITIES = (0.3, 0.5, 0.1)
_ROUNDING = 1e-12
_Z = 4.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison came to: the reference, the worst difference, and, where it differs, how that was seen.

    ``told`` is false where nothing could be told: neither that it matches nor that it does not.
    """

    reference: str
    worst: float
    matches: bool
    note: str = ""
    told: bool = True


def judge_calls(
    probe: Probe, recipes: Sequence[Recipe], seed: int, only: str = ""
) -> tuple[Seen | None, Judgement | None]:
    """A subject as its first call shows it, and how it compares on inputs of different sizes, else of equal ones.

    Much that is meant for equal sizes runs on others as well: views of the same examples, pairs, steps and masks.
    """
    seen = probe.see(recipes)
    found = judge(probe, seen, seed, only) if seen is not None else None
    if seen is not None and (found is None or not found.matches) and (others := _more_alike(recipes)):
        again = probe.see(others)
        second = judge(probe, again, seed, only) if again is not None else None
        found = second if second is not None and (second.matches or found is None) else found
    return seen, found


def _more_alike(recipes: Sequence[Recipe]) -> list[Recipe]:
    """``recipes`` from the one that has the ranks of the first and fewer sizes, nothing where there is none."""
    first = recipes[0]
    ranks, count = _ranks(first), len(_sizes(first))
    alike = [one for one in recipes[1:] if _ranks(one) == ranks and len(_sizes(one)) < count]
    return [*alike[:1], *(one for one in recipes if one is not alike[0])] if alike else []


def _ranks(recipe: Recipe) -> list[int]:
    return [len(tensor.shape) for _, spec in recipe.inputs for tensor in leaves(spec)]


def _sizes(recipe: Recipe) -> set[int]:
    return {size for _, spec in recipe.inputs for tensor in leaves(spec) for size in tensor.shape}


def judge(probe: Probe, seen: Seen, seed: int, only: str = "") -> Judgement | None:
    """The reference that the subject matches, else one that it certainly should have matched, else None.

    With ``only``, that reference alone is tried, however weak the evidence for it is.
    """
    return _judged(probe, seen, seed, list(_candidates(seen, only)), bool(only))


def judge_as(probe: Probe, seen: Seen, seed: int, name: str) -> Judgement:
    """How the subject compares with a reference that the document names, whatever it looks like."""
    wanted = [one for one in named(name) if isinstance(one, _Callable)]
    if not wanted:
        return Judgement(name, inf, False, f"there is no reference {name} for a module or function", told=False)
    found = _judged(probe, seen, seed, [(Evidence.POSSIBLE, one) for one in wanted], True)
    return found or Judgement(name, inf, False, f"no way was found to hold it against {name}", told=False)


_Callable: TypeAlias = ModuleReference | NoiseReference | SampleReference
_Candidate: TypeAlias = tuple[Evidence, _Callable]


def _judged(probe: Probe, seen: Seen, seed: int, candidates: Sequence[_Candidate], asked: bool) -> Judgement | None:
    """The first match; else the nearest miss of those that are certain or were ``asked`` for."""
    bench = _Bench(probe, seen, seed)
    failed: list[Judgement] = []
    for evidence, reference in sorted(candidates, key=lambda pair: -pair[0]):
        if failed and evidence is not Evidence.CERTAIN and not asked:
            break  # What it certainly is, it is not rightly; that it is something else as well does not help.
        judgement = bench.judge(reference)
        if judgement is not None and judgement.matches:
            return judgement
        if judgement is not None and judgement.told and (evidence is Evidence.CERTAIN or asked):
            failed.append(judgement)
    return min(failed, key=lambda one: one.worst, default=None)


def _candidates(seen: Seen, only: str) -> Iterator[_Candidate]:
    every: list[_Callable] = [*of(NoiseReference), *of(SampleReference), *of(ModuleReference)]
    for reference in every:
        if only and reference.name != only:
            continue
        try:
            evidence = reference.recognise(seen)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            continue  # What the sandbox claims makes no sense to it.
        if evidence is not Evidence.NONE:
            yield evidence, reference


@dataclass(frozen=True, slots=True)
class _Draw:
    """One comparison: which call, with which weights and inputs."""

    recipe: Recipe
    seed: int
    scale: float
    train: bool
    fit: Callable[[Sequence[Any]], Sequence[Any]]


# What was given, and what came of it.
_Run: TypeAlias = tuple[Given, Outputs]


class _Bench:
    """Compares one subject, asking the sandbox no question twice."""

    def __init__(self, probe: Probe, seen: Seen, seed: int) -> None:
        self._probe = probe
        self._seen = seen
        self._seed = seed
        self._known: dict[_Draw, _Run] = {}
        self._moved: dict[_Draw, Given] = {}

    def judge(self, reference: _Callable) -> Judgement | None:
        """How the subject compares with a reference; None where that cannot be tried."""
        match reference:
            case NoiseReference():
                return self.sample(reference)
            case SampleReference():
                return self.draw(reference)
        return self.hold(reference)

    def draw(self, reference: SampleReference) -> Judgement | None:
        """What is drawn for a mean of zero and a deviation of one, and whether others are what that makes of them."""
        generator = tensors.seeded(self._seed)
        mean, spread = (torch.randn(_SAMPLES, generator=generator, dtype=torch.float64) for _ in range(2))
        best = Judgement(reference.name, inf, False, "no convention fits", told=False)
        for note, (neutral, deviation) in reference.forms.items():
            given = spread if neutral == 0 else spread.abs() + 0.1
            for swapped in (False, True):
                plain = self._drawn(torch.zeros(_SAMPLES), torch.full(_SAMPLES, neutral), swapped)
                found = self._drawn(mean, given, swapped)
                if plain is None or found is None or not _standard(plain):
                    continue
                off = rel_rms(found, mean + deviation(given) * plain)
                if off <= _ROUNDING:
                    return Judgement(reference.name, off, True, note)
        return best

    def _drawn(self, mean: torch.Tensor, spread: torch.Tensor, swapped: bool) -> torch.Tensor | None:
        given = [one.double() for one in ((spread, mean) if swapped else (mean, spread))]
        inputs = tuple((name, Tensor(_SAMPLES)) for name, _ in self._seen.recipes[0].inputs)
        recipe = Recipe(self._seen.recipes[0].arguments, inputs)
        found = self._probe.run(recipe, Given({}, given), True).tensors
        return found[0] if found and found[0].shape == mean.shape and found[0].dtype == torch.float64 else None

    def hold(self, reference: ModuleReference) -> Judgement:
        """The best case of ``reference`` over all draws."""
        recipe = _chosen(self._seen, reference.ranks)
        if recipe is None:
            wanted = " or ".join(map(str, reference.ranks))
            return Judgement(reference.name, inf, False, f"does not run on inputs of rank {wanted}", told=False)
        best = Judgement(reference.name, inf, False, "no way to map its weights was found", told=False)
        for case in self._cases(reference):
            worst = 0.0
            for draw in self._draws(recipe, reference):
                seen = self._compare(case, draw)
                worst = max(worst, seen.worst)
                if not seen.same:
                    best = min(best, _differs(reference, draw, seen), key=lambda one: (not one.told, one.worst))
                    break
            else:
                return Judgement(reference.name, worst, True, case.note)
        return best

    def sample(self, reference: NoiseReference) -> Judgement | None:
        """Samples of something random in distribution, over its probability; None where it has none to set."""
        setting = reference.setting(self._seen)
        if setting is None:
            return None
        worst = 0.0
        x = torch.randn(_SAMPLES, generator=tensors.seeded(self._seed), dtype=torch.float64)
        x = x.abs() + 0.1  # a value that was dropped must be told from one that was zero
        for p in _PROBABILITIES:
            recipe = _with_setting(self._seen.recipes[0], setting, p)
            training, evaluation = (self._probe.run(recipe, Given({}, [x]), train).tensors for train in (True, False))
            if not training or not evaluation or training[0].shape != x.shape or evaluation[0].shape != x.shape:
                return None
            off, wrong = reference.check(p, x, training[0].double(), evaluation[0].double())
            worst = max(worst, off)
            if wrong:
                return Judgement(reference.name, off, False, wrong)
        return Judgement(reference.name, worst, True)

    def _cases(self, reference: ModuleReference) -> Iterator[Case]:
        """The cases of ``reference``, none further where it cannot make sense of what the sandbox claims."""
        try:
            yield from reference.cases(self._seen)
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return

    def _draws(self, recipe: Recipe, reference: ModuleReference) -> Iterator[_Draw]:
        floats = any(tensor.kind == "float" for _, spec in recipe.inputs for tensor in leaves(spec))
        modes: Sequence[bool] = reference.modes if self._seen.kind == "module" else (False,)
        if self._seen.random and False in modes:
            modes = (False,)
        for turn, scale in enumerate(reference.scales if floats else reference.scales[:1]):
            for number in range(_SEEDS):
                # Seeds and modes go together one way at one scale and the other way at the next: each scale is seen
                # in each mode and with each seed, at half the price of all three together.
                yield _Draw(recipe, self._seed + number, scale, modes[(turn + number) % len(modes)], reference.fit)

    def _compare(self, case: Case, draw: _Draw) -> Comparison:
        given, outputs = self._run(draw)
        if outputs.error is not None:
            return Comparison(inf, 0.0, f"raises {': '.join(outputs.error)}")
        try:
            want = list(case.run(given.weights, given.inputs))
            # Most that is right is nearer than a reference could itself move, which costs another run of it.
            nearest = _closest(outputs.tensors, want, want, outputs.dtype)
            if nearest.same:
                return nearest
            moved = self._off_by_a_rounding(draw)
            near = list(case.run(moved.weights, moved.inputs))
        except (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            return Comparison(inf, 0.0, f"the reference does not take these inputs: {error}")
        return _closest(outputs.tensors, want, near, outputs.dtype)

    def _run(self, draw: _Draw) -> "_Run":
        if draw not in self._known:
            given = _fitted(give(self._seen.parameters, draw.recipe, draw.seed, draw.scale), draw.fit)
            outputs = self._probe.run(draw.recipe, given, draw.train)
            if self._seen.coarse:
                outputs = Outputs(outputs.tensors, torch.float32, outputs.error)
            self._known[draw] = given, outputs
        return self._known[draw]

    def _off_by_a_rounding(self, draw: _Draw) -> Given:
        if draw not in self._moved:
            given, outputs = self._run(draw)
            self._moved[draw] = shaken(given, draw.seed + 1, outputs.dtype)
        return self._moved[draw]


def _fitted(given: Given, fit: Callable[[Sequence[Any]], Sequence[Any]]) -> Given:
    """What was drawn, made sensible; as it is where it is not what a reference expects."""
    try:
        return Given(given.weights, fit(given.inputs))
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return given


def shaken(given: Given, seed: int, dtype: torch.dtype) -> Given:
    """The same weights and inputs, each off by about one rounding of ``dtype``."""
    generator = tensors.seeded(seed)
    return Given(
        {name: shake(weight, generator, dtype) for name, weight in given.weights.items()},
        tensors.map_tensors(lambda tensor: shake(tensor, generator, dtype), list(given.inputs)),
    )


def _closest(
    outputs: Sequence[torch.Tensor], want: Sequence[torch.Tensor], near: Sequence[torch.Tensor], dtype: torch.dtype
) -> Comparison:
    """The first output against the first of the reference, each further one against the nearest of all."""
    if not outputs or not want:
        return Comparison(inf, 0.0, "no tensor to compare")
    if len(outputs) == 1:
        return compare(outputs[0], want[0], near[0], dtype)
    yardsticks = [Yardstick(one, moved, dtype) for one, moved in zip(want, near, strict=True)]
    worst = yardsticks[0].hold(outputs[0])
    for output in outputs[1:]:
        nearest = min((yardstick.hold(output) for yardstick in yardsticks), key=lambda seen: seen.worst)
        if worst.same and (not nearest.same or nearest.worst > worst.worst):
            worst = nearest
    return worst


def _differs(reference: ModuleReference, draw: _Draw, seen: Comparison) -> Judgement:
    mode = "training" if draw.train else "evaluation"
    note = seen.inconclusive or f"differs in {mode} mode at input scale {draw.scale:g}"
    return Judgement(reference.name, seen.worst, False, note, told=not seen.inconclusive)


def _chosen(seen: Seen, ranks: Sequence[int]) -> Recipe | None:
    """The recipe whose first input has the first of ``ranks`` that any has, and if may be the others as well."""
    if not ranks:
        return seen.recipes[0]
    best_first = sorted(seen.recipes, key=lambda recipe: not _alike(seen.input_shapes(recipe)))
    by_rank: Mapping[int, Recipe] = {
        len(shape): recipe for recipe in reversed(best_first) for shape in seen.input_shapes(recipe)[:1] if shape
    }
    return next((by_rank[rank] for rank in ranks if rank in by_rank), None)


def _alike(shapes: Sequence[Shape | None]) -> bool:
    return len({len(shape) for shape in shapes if shape is not None}) < 2


def _standard(drawn: torch.Tensor) -> bool:
    """Whether what was drawn may be from a standard normal: its mean, its variance and its fourth moment."""
    root = drawn.numel() ** 0.5
    mean, variance, fourth = (float(drawn.pow(power).mean()) for power in (1, 2, 4))
    offs = (mean, (variance - 1) / 2**0.5, (fourth - 3) / 96**0.5)
    return all(abs(off) * root < _Z for off in offs)


def _with_setting(recipe: Recipe, setting: str, value: float) -> Recipe:
    arguments = tuple(pair for pair in recipe.arguments if pair[0] != setting)
    return Recipe((*arguments, (setting, Value(value))), ((recipe.inputs[0][0], Tensor(_SAMPLES)),))
