"""Holds a schedule against those of torch: same settings and metrics, the learning rate at every step."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import torch
from torch import nn

from lintml.verify import tensors
from lintml.verify.guest.workshop import Descent, Falling, Planned
from lintml.verify.inputs.spec import Group, Made, Recipe, Spec, Value, to_json
from lintml.verify.judge.modules import Judgement
from lintml.verify.judge.probe import Error
from lintml.verify.judge.session import Session
from lintml.verify.references import of
from lintml.verify.references.declare import ScheduleReference

_STEPS = 60
_CURVES = 5
_START = 0.1
_CLOSE = 1e-9
# Settings of torch's base class, which say where a schedule is resumed.
_NUMBERS = ("count", "fraction")
_NOT_SETTINGS = ("last_epoch", "verbose", "last_step")


@dataclass(frozen=True, slots=True)
class Rates:
    """The learning rate before the first step and after each; or the error that ended the stepping."""

    values: Sequence[float] = ()
    error: Error | None = None


class Bench:
    """Steps one schedule of the page over an optimizer of the sandbox's own.

    ``guessed`` says that settings without a default had to be made up.
    """

    def __init__(self, session: Session, snippet: int, name: str, seed: int) -> None:
        self._session = session
        self._subject = {"snippet": snippet, "subject": name}
        payload, _ = session.ask("arguments", self._subject)
        self._arguments = Recipe.from_json(payload["recipe"]).arguments
        self._required = [str(name) for name in payload["required"]]
        known = (Made("optimizer"), Made("schedules"))
        self.guessed = any(name in self._required and spec not in known for name, spec in self._arguments)
        self._metric = bool(payload["metric"])
        self._curves = list(_drawn(seed)) if self._metric else [None]

    def rates(self, settings: Mapping[str, Any], curve: Sequence[float] | None) -> Rates:
        """The rates with ``settings`` in place of the schedule's own, for the metrics of ``curve`` if it takes them."""
        arguments = [
            [name, to_json(_spec(settings[name]) if name in settings else spec)] for name, spec in self._arguments
        ]
        question = {**self._subject, "arguments": arguments, "metrics": curve, "steps": _STEPS, "lr": _START}
        payload, _ = self._session.ask("rates", question)
        if "error" in payload:
            return Rates(error=(str(payload["error"][0]), str(payload["error"][1])))
        return Rates([float.fromhex(rate) for rate in payload["rates"]])

    def ways(self) -> dict[str, Rates]:
        """The rates in all the ways in which two versions of it are compared, the plainest first."""
        found = {"at its defaults": self.rates({}, self._curves[0])}
        counts = [name for name, spec in self._arguments if isinstance(spec, Value) and type(spec.value) is int]
        for size in (3, 7):
            found[f"with {', '.join(f'{name}={size}' for name in counts)}"] = self.rates(
                dict.fromkeys(counts, size), self._curves[-1]
            )
        return found

    def judge(self, only: str = "") -> Judgement | None:
        """The schedule whose rates these are, at every setting compared; None where none is.

        With ``only``, that one alone is tried, and a miss is told.
        """
        # Those of more settings first, so that as few as can be are left as they are.
        for reference in sorted(of(ScheduleReference), key=lambda one: -len(one.settings)):
            if reference.metric is not self._metric or (only and reference.name != only):
                continue
            for mapped in self._assignments(reference):
                for note, build in (("", reference.build), *reference.conventions.items()):
                    if self._same(reference, mapped, build):
                        return Judgement(reference.name, 0.0, True, "; ".join(filter(None, (note, self._left(mapped)))))
        return Judgement(only, inf, False, "its rates are others") if only else None

    def _assignments(self, reference: ScheduleReference) -> Iterator[dict[str, str]]:
        """Which of the subject's settings may be which of the reference's."""
        own = {name: _form(spec) for name, spec in self._arguments if name not in _NOT_SETTINGS and _form(spec)}
        forms = {key: _form_of(values[0]) for key, values in reference.settings.items()}
        if len(own) < len(forms):
            return
        for picked in itertools.permutations(own, len(forms)):
            pairs = zip(picked, forms.values(), strict=True)
            # A default tells a count from a fraction; what has none may be either.
            if all(
                own[name] == form or (name in self._required and own[name] in _NUMBERS and form in _NUMBERS)
                for name, form in pairs
            ):
                yield dict(zip(forms, picked, strict=True))

    def _left(self, mapped: Mapping[str, str]) -> str:
        """Which settings the comparison left as they are."""
        own = [name for name, spec in self._arguments if name not in _NOT_SETTINGS and _form(spec)]
        left = [name for name in own if name not in mapped.values()]
        return f"with {', '.join(left)} left at the default" if left else ""

    def _same(self, reference: ScheduleReference, mapped: Mapping[str, str], build: Callable[..., Any]) -> bool:
        told = False
        for number in range(2):
            chosen = {key: values[number] for key, values in reference.settings.items()}
            given = {mapped[key]: value for key, value in chosen.items()}
            for curve in self._curves:
                got = self.rates(given, curve).values
                try:
                    want = _expected(build, chosen, curve)
                except (TypeError, ValueError, ZeroDivisionError):
                    return False
                if len(got) != len(want):
                    return False
                if any(abs(one - two) > _CLOSE * abs(two) for one, two in zip(got, want, strict=True)):
                    return False
                told = told or len(set(want)) > 1
        return told


def _expected(build: Callable[..., Any], settings: Mapping[str, Any], metrics: Sequence[float] | None) -> list[float]:
    optimizer = Descent([nn.Parameter(torch.zeros(2))], lr=_START)
    schedule = build(optimizer, **settings)
    seen = [float(optimizer.param_groups[0]["lr"])]
    for step in range(_STEPS):
        optimizer.step()
        schedule.step(metrics[step]) if metrics is not None else schedule.step()
        seen.append(float(optimizer.param_groups[0]["lr"]))
    return seen


def _drawn(seed: int) -> Iterator[list[float]]:
    """Losses that fall and jitter, so that a plateau is reached and left."""
    generator = tensors.seeded(seed)
    for _ in range(_CURVES):
        noise = torch.rand(_STEPS, generator=generator, dtype=torch.float64)
        falling = torch.linspace(2.0, 1.0, _STEPS, dtype=torch.float64)
        yield [float(value) for value in falling + noise]


def _spec(value: Any) -> Spec:
    if isinstance(value, Falling):
        return Made("falling", value.half)
    if isinstance(value, Planned):
        return Made("schedules", value.choice)
    return Group(tuple(map(Value, value)), "list") if isinstance(value, list) else Value(value)


def _form(spec: Spec) -> str:
    match spec:
        case Group():
            return "list"
        case Made("falling"):
            return "factor"
        case Made("schedules"):
            return "schedules"
        case Value(value) if value is not None:
            return _form_of(value)
    return ""


def _form_of(value: Any) -> str:
    if isinstance(value, Falling | Planned):
        return "factor" if isinstance(value, Falling) else "schedules"
    return "list" if isinstance(value, list) else "count" if type(value) is int else "fraction"
