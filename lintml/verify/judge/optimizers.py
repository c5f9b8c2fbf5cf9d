"""Holds an optimizer or a schedule against the references: same parameters, gradients and metrics, step by step."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.inputs.spec import Spec, Value, to_json
from lintml.verify.judge.comparing import rel_rms
from lintml.verify.judge.modules import Judgement
from lintml.verify.judge.session import Reply, Session
from lintml.verify.references import of
from lintml.verify.references.declare import OptimizerReference, ScheduleReference
from lintml.verify.sandbox import Array

_SHAPES = ((5, 3), (7,), (2, 3, 5))
_STEPS = 8
_RATES = 60
_CURVES = 5
_CLOSE = 1e-12
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PREFIXES = frozenset(
    [
        "my",
        "custom",
        "simple",
        "own",
        "hand",
        "written",
        "scratch",
        "manual",
        "naive",
        "the",
        "basic",
        "optimizer",
        "optimiser",
    ]
)


def judge_optimizer(session: Session, snippet: int, name: str, settings: Sequence[str], seed: int) -> Judgement | None:
    """The rule that the optimizer follows at every setting it has; else the one that it meant to, else None."""
    bench = _Bench(session, snippet, name, seed)
    failed: list[Judgement] = []
    for reference in of(OptimizerReference):
        mapped = _map_settings(reference, settings)
        if mapped is None:
            continue
        for note, build in (("", reference.build), *reference.conventions.items()):
            judgement = bench.hold(reference, mapped, build, note)
            if judgement.matches:
                return judgement
            if not note and bench.agrees(reference, mapped):
                failed.append(judgement)
    return min(failed, key=lambda one: one.worst, default=None)


def try_steps(session: Session, snippet: int, name: str, seed: int) -> tuple[str, str] | None:
    """The error of a few steps with the optimizer's own defaults, or None."""
    return _Bench(session, snippet, name, seed).error()


def try_rates(
    session: Session, snippet: int, name: str, arguments: Sequence[tuple[str, Spec]], metric: bool
) -> tuple[str, str] | None:
    """The error of a few steps of a schedule, or None."""
    curve = next(_curves(metric, 0))
    payload = _rates(session, snippet, name, arguments, curve)
    return (str(payload["error"][0]), str(payload["error"][1])) if "error" in payload else None


def judge_schedule(
    session: Session, snippet: int, name: str, arguments: Sequence[tuple[str, Spec]], metric: bool, seed: int
) -> Judgement | None:
    """The schedule whose rates these are, at two settings; None where none is."""
    numbers = {key: spec.value for key, spec in arguments if isinstance(spec, Value)}
    for reference in of(ScheduleReference):
        if reference.metric is not metric:
            continue
        for mapped in _assignments(reference, numbers):
            for note, build in (("", reference.build), *reference.conventions.items()):
                if _same_rates(session, snippet, name, arguments, mapped, reference, build, seed):
                    return Judgement(reference.name, 0.0, True, note=note)
    return None


class _Bench:
    def __init__(self, session: Session, snippet: int, name: str, seed: int) -> None:
        self._session = session
        self._snippet = snippet
        self._name = name
        generator = tensors.seeded(seed)
        self._start = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in _SHAPES]
        self._gradients = [
            [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in _SHAPES] for _ in range(_STEPS)
        ]
        self._known: dict[str, tuple[list[torch.Tensor], str]] = {}

    def hold(
        self, reference: OptimizerReference, mapped: Mapping[str, str], build: Callable[..., Any], note: str
    ) -> Judgement:
        """The worst difference over the reference's grid."""
        worst = 0.0
        for settings in _grid(reference, mapped):
            try:
                want = self._expected(build, settings)
            except (TypeError, ValueError):
                return Judgement(reference.name, inf, False)
            got, error = self._steps({mapped[key]: value for key, value in settings.items()})
            if error:
                return Judgement(reference.name, inf, False, True, f"{error} with {_said(settings)}")
            off = max((rel_rms(one, two) for one, two in zip(got, want, strict=True)), default=inf)
            worst = max(worst, off)
            if off > _CLOSE:
                return Judgement(reference.name, off, False, True, f"differs with {_said(settings)}")
        return Judgement(reference.name, worst, True, note=note)

    def error(self) -> tuple[str, str] | None:
        """What the steps raise at the optimizer's own defaults."""
        payload, _ = self._reply({})
        return (str(payload["error"][0]), str(payload["error"][1])) if "error" in payload else None

    def agrees(self, reference: OptimizerReference, mapped: Mapping[str, str]) -> bool:
        """Whether the optimizer follows the rule where all forms of it agree."""
        neutral = {**dict.fromkeys(reference.base, 0), **reference.base}
        settings = {key: value for key, value in neutral.items() if key in mapped}
        off = {key: _NEUTRAL[key] for key in mapped if key not in settings and key in _NEUTRAL}
        got, error = self._steps({mapped[key]: value for key, value in {**off, **settings}.items()})
        if error:
            return False
        want = self._expected(reference.build, settings)
        return all(rel_rms(one, two) <= _CLOSE for one, two in zip(got, want, strict=True))

    def _expected(self, build: Callable[..., Any], settings: Mapping[str, Any]) -> list[torch.Tensor]:
        parameters = [nn.Parameter(start.clone()) for start in self._start]
        optimizer = build(parameters, **settings)
        seen: list[torch.Tensor] = []
        for gradients in self._gradients:
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient.clone()
            optimizer.step()
            seen.extend(parameter.detach().clone() for parameter in parameters)
        return seen

    def _steps(self, settings: Mapping[str, Any]) -> tuple[list[torch.Tensor], str]:
        key = repr(sorted(settings.items()))
        if key not in self._known:
            self._known[key] = self._asked(settings)
        return self._known[key]

    def _asked(self, settings: Mapping[str, Any]) -> tuple[list[torch.Tensor], str]:
        payload, back = self._reply(settings)
        if "error" in payload:
            kind, text = payload["error"]
            return [], f"{kind}: {text}"
        names = [f"a.{step}.{i}" for step in range(_STEPS) for i in range(len(_SHAPES))]
        if any(name not in back for name in names):
            return [], "no parameters came back"
        return [tensors.from_array(back[name]) for name in names], ""

    def _reply(self, settings: Mapping[str, Any]) -> Reply:
        arrays: dict[str, Array] = {f"p.{i}": tensors.to_array(start) for i, start in enumerate(self._start)}
        for step, gradients in enumerate(self._gradients):
            arrays.update({f"g.{step}.{i}": tensors.to_array(gradient) for i, gradient in enumerate(gradients)})
        question = {
            "snippet": self._snippet,
            "subject": self._name,
            "settings": dict(settings),
            "count": len(_SHAPES),
            "steps": _STEPS,
        }
        return self._session.ask("optimise", question, arrays)


_NEUTRAL: Mapping[str, Any] = {"momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}


def _map_settings(reference: OptimizerReference, settings: Sequence[str]) -> dict[str, str] | None:
    """The subject's names of the reference's settings; None where it has no learning rate, or settings of its own."""
    mapped: dict[str, str] = {}
    left = list(settings)
    for key, aliases in reference.aliases.items():
        found = next((name for name in left if name.lower() in aliases), None)
        if found is not None:
            mapped[key] = found
            left.remove(found)
    return mapped if "lr" in mapped and not left else None


def _grid(reference: OptimizerReference, mapped: Mapping[str, str]) -> list[dict[str, Any]]:
    """The points of the grid that the subject can be set to, its other settings at what changes nothing."""
    points = []
    for point in reference.grid:
        if set(point) <= set(mapped):
            off = {key: _NEUTRAL[key] for key in mapped if key not in point and key in _NEUTRAL}
            points.append({**off, **point})
    return points


def _assignments(reference: ScheduleReference, numbers: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Which of the subject's numbers may be which setting: whole numbers count, the others are factors."""
    if len(numbers) < len(reference.settings):
        return
    for picked in itertools.permutations(numbers, len(reference.settings)):
        if all(
            (type(numbers[name]) is int) == (kind == "count")
            for name, kind in zip(picked, reference.settings.values(), strict=True)
        ):
            yield dict(zip(reference.settings, picked, strict=True))


def _same_rates(
    session: Session,
    snippet: int,
    name: str,
    arguments: Sequence[tuple[str, Spec]],
    mapped: Mapping[str, str],
    reference: ScheduleReference,
    build: Callable[..., Any],
    seed: int,
) -> bool:
    """Whether the rates agree at two settings, for metrics over several random curves."""
    told = False
    for count, factor in ((3, 0.5), (7, 0.3)):
        chosen = {key: count if kind == "count" else factor for key, kind in reference.settings.items()}
        given = {mapped[key]: value for key, value in chosen.items()}
        changed = [(key, Value(given[key]) if key in given else spec) for key, spec in arguments]
        for curve in _curves(reference.metric, seed):
            payload = _rates(session, snippet, name, changed, curve)
            got = [float.fromhex(rate) for rate in payload.get("rates", ())]
            want = _expected_rates(build, chosen, curve)
            if len(got) != len(want):
                return False
            if any(abs(one - two) > 1e-9 * abs(two) for one, two in zip(got, want, strict=True)):
                return False
            told = told or len(set(want)) > 2
    return told


def _rates(
    session: Session, snippet: int, name: str, arguments: Sequence[tuple[str, Spec]], metrics: list[float] | None
) -> Mapping[str, Any]:
    question = {
        "snippet": snippet,
        "subject": name,
        "arguments": [[key, to_json(spec)] for key, spec in arguments],
        "metrics": metrics,
        "steps": _RATES,
        "lr": 0.1,
    }
    return session.ask("rates", question)[0]


def _expected_rates(build: Callable[..., Any], settings: Mapping[str, Any], metrics: list[float] | None) -> list[float]:
    parameter = nn.Parameter(torch.zeros(2))
    optimizer = torch.optim.SGD([parameter], lr=0.1)
    schedule = build(optimizer, **settings)
    seen = [float(optimizer.param_groups[0]["lr"])]
    for step in range(_RATES):
        optimizer.step()
        schedule.step(metrics[step]) if metrics is not None else schedule.step()
        seen.append(float(optimizer.param_groups[0]["lr"]))
    return seen


def _curves(metric: bool, seed: int) -> Iterator[list[float] | None]:
    if not metric:
        yield None
        return
    generator = tensors.seeded(seed)
    for _ in range(_CURVES):
        noise = torch.rand(_RATES, generator=generator, dtype=torch.float64)
        falling = torch.linspace(2.0, 1.0, _RATES, dtype=torch.float64)
        yield [float(value) for value in falling + noise]


def _said(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in settings.items() if value)


def meant(name: str, nouns: Sequence[str]) -> bool:
    """Whether a class name, without words such as `my` and `optimizer`, is one of ``nouns``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return "".join(word for word in words if word not in _PREFIXES) in nouns
