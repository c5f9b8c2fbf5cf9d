"""Holds what changes a model in place against what it should do: clipped gradients, averaged weights."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import torch

from lintml.verify import tensors
from lintml.verify.judge.comparing import rel_rms
from lintml.verify.judge.modules import Judgement
from lintml.verify.judge.session import Session
from lintml.verify.references import of
from lintml.verify.references.declare import ChangeReference
from lintml.verify.sandbox import Array

_SHAPES = ((5, 3), (5,), (2, 5), (2,))
_ROUNDS = 6
_CLOSE = 1e-11
_TOLD = 1e-6

Groups = list[list[torch.Tensor]]
Step = Callable[[Sequence[torch.Tensor], Sequence[torch.Tensor], float, int], list[torch.Tensor]]


class Bench:
    """Calls one class or function of the page on models whose weights and gradients the judge has drawn."""

    def __init__(self, session: Session, snippet: int, name: str, kind: str, seed: int) -> None:
        self._session = session
        self._subject = {"snippet": snippet, "subject": name}
        self._function = kind == "function"
        generator = tensors.seeded(seed)
        self._weights = [
            [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in _SHAPES] for _ in range(_ROUNDS)
        ]
        self._gradients = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in _SHAPES]
        self._default: float | None = None

    def judge(self, only: str = "") -> Judgement | None:
        """What it does at every setting compared; else that it certainly is no average, else None."""
        for reference in of(ChangeReference):
            if only and reference.name != only:
                continue
            for average in ("first", "second") if reference.changes == "average" and self._function else ("first",):
                got = [(value, self._ask(reference.changes, value, average)) for value in reference.values]
                if any(found is None for _, found in got):
                    continue
                if reference.changes == "average" and (
                    wrong := self._no_average(got[0][1] or [], got[0][0], reference.name)
                ):
                    return wrong
                for note, step in (("", reference.step), *reference.conventions.items()):
                    worst = max(self._off(reference, step, value, found or []) for value, found in got)
                    if worst <= _CLOSE:
                        return self._matched(reference, note, worst)
        return None

    def _matched(self, reference: ChangeReference, note: str, worst: float) -> Judgement:
        turned = note == "its setting is the share of the new weights"
        if turned and self._default is not None and self._default > 0.5:
            return Judgement(reference.name, 1.0, False, f"the new weights get the share {self._default:g}")
        return Judgement(reference.name, worst, True, note)

    def _off(self, reference: ChangeReference, step: Step, value: float, found: Groups) -> float:
        if reference.changes == "gradients":
            want = step(self._gradients, self._weights[0], value, 1)
            return max(rel_rms(one, two) for one, two in zip(found[0], want, strict=True))
        held: Sequence[torch.Tensor] = self._weights[0]
        worst = 0.0
        for count, got in enumerate(found, 1):
            held = step(held, self._weights[count], value, count)
            worst = max(worst, *(rel_rms(one, two) for one, two in zip(got, held, strict=True)))
        return worst

    def _no_average(self, found: Groups, value: float, name: str) -> Judgement | None:
        """A sum of old and new weights, one of them times the setting, whose shares do not make one.

        Of two models that a function is given, nobody says that one should be an average of the other.
        """
        if self._function:
            return None
        old, new, got = (_flat(group) for group in (self._weights[0], self._weights[1], found[0]))
        both = torch.stack((old, new), 1)
        shares = torch.linalg.lstsq(both, got[:, None]).solution.flatten()
        total, sizes = float(shares.sum()), shares.abs().tolist()
        if rel_rms(both @ shares, got) > _CLOSE or abs(total - 1) < _TOLD:
            return None
        if not any(abs(size - part) < _TOLD for size in sizes for part in (value, 1 - value)):
            return None
        return Judgement(name, abs(total - 1), False, f"the shares of old and new make {total:.4g}")

    def _ask(self, changes: Literal["gradients", "average"], value: float, average: str) -> Groups | None:
        arrays: dict[str, Array] = {f"g.{i}": tensors.to_array(one) for i, one in enumerate(self._gradients)}
        arrays |= {
            f"w.{at}.{i}": tensors.to_array(one)
            for at, group in enumerate(self._weights)
            for i, one in enumerate(group)
        }
        question: dict[str, Any] = {"changes": changes, "value": value, "average": average, "rounds": _ROUNDS}
        payload, back = self._session.ask("change", {**self._subject, **question}, arrays)
        if "error" in payload:
            return None
        default = payload.get("default")
        self._default = float(default) if default is not None else None
        found = list(_unpacked(back, 1 if changes == "gradients" else _ROUNDS - 1))
        return (
            found
            if all(tuple(one.shape) == want for group in found for one, want in zip(group, _SHAPES, strict=True))
            else None
        )


def _unpacked(back: Any, rounds: int) -> Iterator[list[torch.Tensor]]:
    """The tensors that came back, none of a round that is not whole."""
    for at in range(rounds):
        names = [f"c.{at}.{i}" for i in range(len(_SHAPES))]
        yield [tensors.from_array(back[name]) if name in back else torch.zeros(0) for name in names]


def _flat(group: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([one.flatten() for one in group])
