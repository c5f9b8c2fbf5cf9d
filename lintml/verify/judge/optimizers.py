"""Holds an optimizer against the update rules of torch: same parameters and gradients, step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import nn

from lintml.verify import compiler, tensors
from lintml.verify.judge.comparing import rel_rms
from lintml.verify.judge.modules import Judgement
from lintml.verify.judge.probe import Error
from lintml.verify.judge.session import Session
from lintml.verify.references import of
from lintml.verify.references.declare import OptimizerReference, called
from lintml.verify.sandbox import Array

_STEPS = 8
# Sums in another order are off by a few roundings a step; the smallest mistake known (an eps misplaced) by 1e-8.
_CLOSE = 1e-11
_PAIRS = {"betas": ("beta1", "beta2")}


@dataclass(frozen=True, slots=True)
class _Material:
    """What to step along: the shapes of parameters, and whether few of their rows have gradients, as embeddings do."""

    shapes: tuple[tuple[int, ...], ...]
    sparse: bool = False
    note: str = ""


# What any optimizer takes, else what it may be made for.
_MATERIALS = (
    _Material(((5, 3), (7,), (2, 3, 5))),
    _Material(((5, 3), (2, 7), (4, 4)), note="it takes matrices alone"),
    _Material(((5, 3), (7, 2), (4, 4)), sparse=True, note="it takes sparse gradients alone"),
)


@dataclass(frozen=True, slots=True)
class Steps:
    """The parameters after each step, one after the other; or the error that ended the stepping."""

    values: Sequence[torch.Tensor] = ()
    error: Error | None = None


class Bench:
    """Steps one optimizer of the page along gradients that the judge has drawn, asking no question twice.

    ``guessed`` says that settings without a default had to be made up, ``note`` what it was found to be made for.
    """

    def __init__(self, session: Session, snippet: int, name: str, seed: int) -> None:
        self._subject = {"snippet": snippet, "subject": name}
        self._session = session
        self._name = name
        self._known: dict[str, Steps] = {}
        self.guessed = False
        for material in (*_MATERIALS, _MATERIALS[0]):
            self._take(material, seed)
            if self.steps({}).error is None:
                break
        self.note = self._material.note

    def _take(self, material: _Material, seed: int) -> None:
        generator = tensors.seeded(seed)
        self._known.clear()
        self._material = material
        self.start = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in material.shapes]
        self.gradients = [
            [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in material.shapes]
            for _ in range(_STEPS)
        ]
        # Where the gradient grows on the way down, the curvature is negative, which some rules look at.
        self.gradients[5] = [3 * gradient for gradient in self.gradients[4]]
        if material.sparse:
            for gradient in (one for step in self.gradients for one in step):
                gradient[torch.rand(len(gradient), generator=generator) < 0.5] = 0

    def judge(self, settings: Sequence[str], only: str = "") -> Judgement | None:
        """The rule that it follows at every setting it has; else the one that it meant to, else None."""
        failed: list[Judgement] = []
        for reference in of(OptimizerReference):
            mapped = _mapped(reference, settings)
            if mapped is None or (only and reference.name != only):
                continue
            for note, build in (("", reference.build), *reference.conventions.items()):
                judgement = self._hold(reference, mapped, build, note)
                if judgement.matches:
                    return judgement
                if not note and judgement.told and (only or self._meant(reference, mapped, settings)):
                    failed.append(judgement)
        return min(failed, key=lambda one: one.worst, default=None)

    def steps(self, settings: Mapping[str, Any], missing: int | None = None, closure: bool = False) -> Steps:
        """Where it gets to; the parameter ``missing`` never gets a gradient, ``closure`` passes one to each step."""
        key = repr((sorted(settings.items()), missing, closure))
        if key not in self._known:
            self._known[key] = self._ask(settings, missing, closure)
        return self._known[key]

    def ways(self, settings: Sequence[str]) -> dict[str, Steps]:
        """Where it gets to in all the ways in which two versions of it are compared, the plainest first."""
        found = {
            "at its defaults": self.steps({}),
            "with a parameter that has no gradient": self.steps({}, missing=1),
            "with a closure": self.steps({}, closure=True),
        }
        for reference in of(OptimizerReference):
            mapped = _mapped(reference, settings)
            for point in _grid(reference, mapped) if mapped is not None else ():
                found[f"with {_said(point)}"] = self.steps(_named(mapped or {}, point))
        return found

    def _hold(
        self, reference: OptimizerReference, mapped: Mapping[str, tuple[str, ...]], build: Callable[..., Any], note: str
    ) -> Judgement:
        worst = 0.0
        for point in _grid(reference, mapped):
            try:
                want = self._expected(build, point)
            except (RuntimeError, TypeError, ValueError):
                return Judgement(reference.name, inf, False, told=False)  # Nothing that ours takes.
            got = self.steps(_named(mapped, point))
            if got.error is not None:
                return Judgement(reference.name, inf, False, f"{': '.join(got.error)} with {_said(point)}")
            off = max((rel_rms(one, two) for one, two in zip(got.values, want, strict=True)), default=inf)
            worst = max(worst, off)
            if off > _CLOSE and not self._strays(got.values, want) <= reference.rough:
                return Judgement(reference.name, off, False, f"differs with {_said(point)}")
        rough = "as nearly as can be told of what is worked out in less than float64" if worst > _CLOSE else ""
        return Judgement(reference.name, worst, True, "; ".join(filter(None, (note, rough))))

    def _strays(self, got: Sequence[torch.Tensor], want: Sequence[torch.Tensor]) -> float:
        """How far two ways are apart, in proportion to how far they lead."""
        turns = range(len(want))
        apart = sum(float((got[at] - want[at]).pow(2).sum()) for at in turns)
        gone = sum(float((want[at] - self.start[at % len(self.start)]).pow(2).sum()) for at in turns)
        return (apart / gone) ** 0.5 if gone else inf

    def _meant(
        self, reference: OptimizerReference, mapped: Mapping[str, tuple[str, ...]], settings: Sequence[str]
    ) -> bool:
        """Whether the optimizer has the settings of the rule, no others, and follows it where all forms of it agree."""
        if set(mapped) != set(settings) or (reference.nouns and not called(self._name, reference.nouns)):
            return False
        known = {key for keys in mapped.values() for key in keys}
        if not set(reference.base) - {"eps"} <= known:
            return False
        point = {key: value for key, value in {**_neutral(reference), **reference.base}.items() if key in known}
        got = self.steps(_named(mapped, point))
        want = self._expected(reference.build, point)
        return got.error is None and all(rel_rms(one, two) <= _CLOSE for one, two in zip(got.values, want, strict=True))

    def _expected(self, build: Callable[..., Any], settings: Mapping[str, Any]) -> list[torch.Tensor]:
        parameters = [nn.Parameter(start.clone()) for start in self.start]
        optimizer = build(parameters, **settings)
        asks = compiler.needs_closure(optimizer)
        seen: list[torch.Tensor] = []
        for gradients in self.gradients:
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = tensors.rows(gradient) if self._material.sparse else gradient.clone()
            with tensors.default(torch.float64):
                compiler.step(optimizer, *[_loss_of(parameters, gradients)] * asks)
            seen.extend(parameter.detach().clone() for parameter in parameters)
        return seen

    def _ask(self, settings: Mapping[str, Any], missing: int | None, closure: bool) -> Steps:
        arrays: dict[str, Array] = {f"p.{i}": tensors.to_array(start) for i, start in enumerate(self.start)}
        for step, gradients in enumerate(self.gradients):
            for i, gradient in enumerate(gradients):
                if i != missing:
                    arrays[f"g.{step}.{i}"] = tensors.to_array(gradient)
        question = {**self._subject, "settings": dict(settings), "count": len(self.start), "steps": _STEPS}
        form = {"closure": closure, "sparse": self._material.sparse}
        payload, back = self._session.ask("optimise", {**question, **form}, arrays)
        self.guessed = bool(payload.get("guessed"))
        if "error" in payload:
            return Steps(error=(str(payload["error"][0]), str(payload["error"][1])))
        names = [f"a.{step}.{i}" for step in range(_STEPS) for i in range(len(self.start))]
        if any(name not in back for name in names):
            return Steps(error=("Tampered", "no parameters came back"))
        return Steps([tensors.from_array(back[name]) for name in names])


def _loss_of(parameters: Sequence[nn.Parameter], gradients: Sequence[torch.Tensor]) -> Callable[[], torch.Tensor]:
    """A closure for gradients that are there already: the loss whose gradients these are."""
    return lambda: torch.stack([(p * g).sum() for p, g in zip(parameters, gradients, strict=True)]).sum()


def _mapped(reference: OptimizerReference, settings: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """Which of the reference's settings each of the subject's settings is; None where it has no learning rate.

    A setting that the reference does not know is left at its default.
    """
    mapped: dict[str, tuple[str, ...]] = {}
    left = list(reference.settings)
    for name in settings:
        pair = _PAIRS.get(name.lower(), ())
        if pair and set(pair) <= set(left):
            mapped[name] = pair
        else:
            key = next((key for key in left if name.lower() in reference.settings[key].aliases), None)
            if key is None:
                continue
            mapped[name] = (key,)
        left = [key for key in left if key not in mapped[name]]
    return mapped if ("lr",) in mapped.values() else None


def _grid(reference: OptimizerReference, mapped: Mapping[str, tuple[str, ...]]) -> list[dict[str, Any]]:
    """The points of the grid that the subject can be set to, its other settings at what changes nothing."""
    known = {key for keys in mapped.values() for key in keys}
    off = {key: value for key, value in _neutral(reference).items() if key in known}
    points = []
    for point in reference.grid:
        if set(point) <= known:
            pairs = {key: reference_default for key, reference_default in _BETAS.items() if key in known}
            points.append({**off, **pairs, **point})
    return points


def _named(mapped: Mapping[str, tuple[str, ...]], point: Mapping[str, Any]) -> dict[str, Any]:
    """A point of the grid in the subject's own names."""
    return {
        name: point[keys[0]] if len(keys) == 1 else [point[key] for key in keys]
        for name, keys in mapped.items()
        if all(key in point for key in keys)
    }


def _neutral(reference: OptimizerReference) -> dict[str, Any]:
    return {key: setting.neutral for key, setting in reference.settings.items() if setting.neutral is not None}


def _said(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in settings.items() if value)


_BETAS = {"beta1": 0.9, "beta2": 0.999}
