"""Buffers in which an optimizer collects gradients: what of themselves they keep, what they take in, what they move."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lintml.analysis.optimizers import Step
from lintml.analysis.polynomials import Atom, Polynomial
from lintml.analysis.step_values import Way

GRADIENT: Final = Atom("gradient")
# Settings are fractions; two draws of them tell a sign that holds in general from one that depends on them.
_DRAWS: Final = ((0.9, 0.3, 0.11), (0.6, 0.05, 0.017))


@dataclass(frozen=True, slots=True, eq=False)
class Momentum:
    """A state buffer that a step replaces by ``decay`` times itself plus ``gain`` times the gradient.

    Both are polynomials in settings. ``moves`` is the sign of the way in which the parameter then goes with the buffer,
    None where that is not known; ``way`` is the way through the step on which all this is so, and ``node`` what writes.
    """

    step: Step
    way: Way
    key: str
    node: ast.AST
    decay: Polynomial
    gain: Polynomial
    moves: int | None

    @property
    def climbs(self) -> bool:
        """Whether gradients enter the buffer negated, and the parameter goes against the buffer: up the loss."""
        return self.moves == -1 and sign(self.gain) == -1 and sign(self.decay) == 1


def momenta(steps: Sequence[Step]) -> Iterator[Momentum]:
    """The buffers of every step along each of its ways, without ways on which they are filled for the first time."""
    for step in steps:
        for way in step.ways:
            for key, (after, node) in way.buffers.items():
                old = Atom("buffer", key)
                decay, gain = after.coefficient(old), after.coefficient(GRADIENT)
                if decay is None or gain is None or not (_of_settings(decay) and _of_settings(gain)):
                    continue
                push = way.parameter.coefficient(old)
                moves = sign(push) if push is not None and _of_settings(push) else None
                turned = sign(decay)
                yield Momentum(step, way, key, node, decay, gain, moves * turned if moves and turned else None)


def sign(polynomial: Polynomial) -> int | None:
    """The sign that a polynomial in settings has whatever they are, as far as two draws tell; None for none or both."""
    found = {_sign(polynomial, draw) for draw in _DRAWS}
    return found.pop() if len(found) == 1 else None


def _sign(polynomial: Polynomial, draw: tuple[float, float, float]) -> int | None:
    value = polynomial.value(lambda atom: _drawn(atom, draw))
    return None if not value else 1 if value > 0 else -1


def _drawn(atom: Atom, draw: tuple[float, float, float]) -> float | None:
    if atom.kind != "setting":
        return None
    large, small, other = draw
    return {"momentum": large, "dampening": small}.get(atom.name, other)


def _of_settings(polynomial: Polynomial) -> bool:
    return bool(polynomial.terms) and all(atom.kind == "setting" for atom in polynomial.atoms())
