"""Holds a module or function against the references: same weights, same inputs, in float64."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import torch

from lintml.verify import tensors
from lintml.verify.inputs.spec import Recipe, Tensor
from lintml.verify.judge.comparing import Comparison, compare, shake
from lintml.verify.judge.session import Session
from lintml.verify.references import declare, of
from lintml.verify.references.declare import Case, Evidence, Layer, ModuleReference, NoiseReference, Seen
from lintml.verify.references.graph import Graph
from lintml.verify.sandbox import Array

_SCALES = (1.0, 1e-2, 1e-3)
_SEEDS = 2
_SAMPLES = 200_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a comparison came to: the reference, the worst difference, and, where it differs, how that was seen.

    ``certain`` says that the subject is what the reference computes, so that a difference is a failure.
    """

    reference: str
    worst: float
    matches: bool
    certain: bool = False
    note: str = ""


def see(session: Session, snippet: int, name: str, kind: str, recipes: Sequence[Recipe]) -> Seen | None:
    """A subject as the sandbox describes it; None where it could not be described."""
    answers = []
    for train in (True, False):
        question = {"snippet": snippet, "subject": name, "recipe": recipes[0].to_json(), "train": train}
        answers.append(session.ask("describe", question)[0])
    try:
        graphs = [Graph.from_json(answer["trace"]) for answer in answers if not answer["trace"]["truncated"]]
        if len(graphs) < 2:
            return None
        first = answers[0]
        return Seen(
            name,
            kind,
            {str(key): tuple(map(int, shape)) for key, shape in first["parameters"]},
            {str(key): tuple(map(int, shape)) for key, shape in first["buffers"]},
            [Layer(str(path), str(type_), dict(settings)) for path, type_, settings in first["layers"]],
            dict(first["settings"]),
            recipes,
            graphs[0],
            graphs[1],
        )
    except (KeyError, TypeError, ValueError):
        return None


def judge(session: Session, seen: Seen, snippet: int, seed: int) -> Judgement | None:
    """The reference that the subject matches, else one that it certainly should have matched, else None."""
    bench = _Bench(session, seen, snippet, seed)
    failed: list[Judgement] = []
    for noise in of(NoiseReference):
        evidence = noise.recognise(seen)
        judgement = bench.sample(noise) if evidence is not Evidence.NONE else None
        if judgement is not None and judgement.matches:
            return judgement
        if judgement is not None and evidence is Evidence.CERTAIN:
            failed.append(judgement)
    for reference in of(ModuleReference):
        evidence = reference.recognise(seen)
        if evidence is Evidence.NONE:
            continue
        judgement = bench.hold(reference)
        if judgement.matches:
            return judgement
        if evidence is Evidence.CERTAIN:
            failed.append(judgement)
    return min(failed, key=lambda one: one.worst, default=None)


@dataclass(frozen=True, slots=True)
class _Draw:
    """One comparison: which call, with which weights and inputs."""

    recipe: Recipe
    seed: int
    scale: float
    train: bool


class _Bench:
    def __init__(self, session: Session, seen: Seen, snippet: int, seed: int) -> None:
        self._session = session
        self._seen = seen
        self._snippet = snippet
        self._seed = seed
        self._known: dict[_Draw, _Run] = {}

    def hold(self, reference: ModuleReference) -> Judgement:
        """The best case of ``reference`` over all draws."""
        recipe = _chosen(self._seen, reference.ranks)
        if recipe is None:
            wanted = " or ".join(map(str, reference.ranks))
            return Judgement(reference.name, inf, False, True, f"does not run on inputs of rank {wanted}")
        best = Judgement(reference.name, inf, False, True, "no way to map its weights was found")
        for case in reference.cases(self._seen):
            worst = 0.0
            same = True
            for draw in self._draws(recipe):
                seen = self._compare(case, draw)
                worst = max(worst, seen.worst)
                if not seen.same:
                    same = False
                    best = min(best, _differs(reference, draw, seen), key=lambda one: one.worst)
                    break
            if same:
                return Judgement(reference.name, worst, True, note=case.note)
        return best

    def sample(self, reference: NoiseReference) -> Judgement | None:
        """Samples of something random in distribution, over its setting."""
        setting = reference.setting(self._seen)
        if setting is None:
            return None
        worst = 0.0
        for p in (0.3, 0.5, 0.1):
            recipe = self._with_setting(setting, p)
            x = torch.randn(_SAMPLES // 100, 100, generator=tensors.seeded(self._seed), dtype=torch.float64)
            x = x.abs() + 0.1  # a dropped value must be told from one that was zero
            outputs = [self._sampled(recipe, x, train) for train in (True, False)]
            if any(output is None or output.shape != x.shape for output in outputs):
                return None
            assert outputs[0] is not None
            assert outputs[1] is not None
            off, wrong = reference.check(p, x, outputs[0].double(), outputs[1].double())
            worst = max(worst, off)
            if wrong:
                return Judgement(reference.name, off, False, True, wrong)
        return Judgement(reference.name, worst, True)

    def _with_setting(self, setting: str, value: float) -> Recipe:
        from lintml.verify.inputs.spec import Value

        recipe = self._seen.recipes[0]
        arguments = [pair for pair in recipe.arguments if pair[0] != setting]
        name = recipe.inputs[0][0]
        return Recipe((*arguments, (setting, Value(value))), ((name, Tensor((_SAMPLES // 100, 100))),))

    def _sampled(self, recipe: Recipe, x: torch.Tensor, train: bool) -> torch.Tensor | None:
        arrays: dict[str, Array] = {}
        question = self._question(recipe, "float64", train, [], tensors.pack((x,), arrays, "in"))
        payload, back = self._session.ask("run", question, arrays)
        leaves = tensors.leaves(tensors.unpack(payload["outputs"], back)) if "outputs" in payload else []
        return leaves[0] if leaves else None

    def _draws(self, recipe: Recipe) -> Iterator[_Draw]:
        floats = any(t.kind == "float" for _, spec in recipe.inputs for t in _tensors(spec))
        modes = (False,) if self._seen.random or self._seen.kind != "module" else (False, True)
        for scale in _SCALES if floats else _SCALES[:1]:
            for number in range(_SEEDS):
                for train in modes:
                    yield _Draw(recipe, self._seed + number, scale, train)

    def _compare(self, case: Case, draw: _Draw) -> Comparison:
        run = self._run(draw)
        if run.error:
            return Comparison(inf, 0.0, run.error)
        generator = tensors.seeded(draw.seed + 1)
        try:
            want = list(case.run(run.weights, run.inputs))
            shaken = list(
                case.run(
                    {name: shake(weight, generator, run.dtype) for name, weight in run.weights.items()},
                    tensors.map_tensors(lambda t: shake(t, generator, run.dtype), list(run.inputs)),
                )
            )
        except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
            return Comparison(inf, 0.0, f"the reference does not take these inputs: {error}")
        return _closest(run.outputs, want, shaken, run.dtype)

    def _run(self, draw: _Draw) -> "_Run":
        if draw not in self._known:
            self._known[draw] = self._asked(draw)
        return self._known[draw]

    def _asked(self, draw: _Draw) -> "_Run":
        """Weights and inputs are drawn here, after the page has been defined, and only then shown to the child."""
        generator = tensors.seeded(draw.seed)
        weights = {
            name: torch.randn(shape, generator=generator, dtype=torch.float64) * 0.5 + (1.0 if len(shape) == 1 else 0.0)
            for name, shape in self._seen.parameters.items()
        }
        inputs = [tensors.draw(spec, generator, torch.float64, draw.scale) for _, spec in draw.recipe.inputs]
        arrays = {name: tensors.to_array(weight) for name, weight in weights.items()}
        question = self._question(
            draw.recipe, "float64", draw.train, list(weights), tensors.pack(tuple(inputs), arrays, "in")
        )
        payload, back = self._session.ask("run", question, arrays)
        if "outputs" not in payload:
            kind, text = payload.get("error", ("", "no answer"))
            return _Run(weights, inputs, [], torch.float64, f"{kind}: {text}")
        try:
            outputs = tensors.leaves(tensors.unpack(payload["outputs"], back))
        except (KeyError, ValueError, RuntimeError, RecursionError):
            return _Run(weights, inputs, [], torch.float64, "an answer that is no tensor")
        coarse = payload.get("coarse") or any(o.dtype in (torch.float32, torch.float16) for o in outputs)
        return _Run(weights, inputs, outputs, torch.float32 if coarse else torch.float64)

    def _question(self, recipe: Recipe, dtype: str, train: bool, weights: list[str], inputs: Any) -> dict[str, Any]:
        return {
            "snippet": self._snippet,
            "subject": self._seen.name,
            "recipe": recipe.to_json(),
            "dtype": dtype,
            "train": train,
            "weights": weights,
            "inputs": inputs,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What a child gave for one draw; ``dtype`` is the coarsest that it computed in."""

    weights: Mapping[str, torch.Tensor]
    inputs: Sequence[Any]
    outputs: Sequence[torch.Tensor]
    dtype: torch.dtype
    error: str = ""


def _closest(
    outputs: Sequence[torch.Tensor], want: Sequence[torch.Tensor], shaken: Sequence[torch.Tensor], dtype: torch.dtype
) -> Comparison:
    """The first output against the first of the reference, each further one against the nearest of all."""
    if not outputs or not want:
        return Comparison(inf, 0.0, "no tensor to compare")
    worst = compare(outputs[0], want[0], shaken[0], dtype)
    for output in outputs[1:]:
        nearest = min(
            (compare(output, one, moved, dtype) for one, moved in zip(want, shaken, strict=True)),
            key=lambda seen: seen.worst,
        )
        if not nearest.same or nearest.worst > worst.worst:
            worst = nearest if worst.same else worst
    return worst


def _differs(reference: ModuleReference, draw: _Draw, seen: Comparison) -> Judgement:
    mode = "training" if draw.train else "evaluation"
    note = seen.inconclusive or f"differs in {mode} mode at input scale {draw.scale:g}"
    return Judgement(reference.name, seen.worst, False, True, note)


def _chosen(seen: Seen, ranks: Sequence[int]) -> Recipe | None:
    if not ranks:
        return seen.recipes[0]
    by_rank = {
        len(shape): recipe for recipe in reversed(seen.recipes) for shape in seen.input_shapes(recipe)[:1] if shape
    }
    return next((by_rank[rank] for rank in ranks if rank in by_rank), None)


def _tensors(spec: Any) -> Sequence[Tensor]:
    from lintml.verify.inputs.spec import tensors as leaves

    return leaves(spec)


__all__ = ["Judgement", "declare", "judge", "see"]
