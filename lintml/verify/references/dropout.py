"""Dropout of values (Srivastava et al. 2014) and of samples (Huang et al. 2016), compared in distribution."""

import torch

from lintml.verify.references.declare import Evidence, NoiseReference, Seen
from lintml.verify.references.graph import RANDOM, VIEWS

_Z = 4.5


def dropout_fault(p: float, x: torch.Tensor, training: torch.Tensor, evaluation: torch.Tensor) -> tuple[float, str]:
    """How far ``training`` is from dropping values with probability ``p``, dividing the rest by 1 - p, and the fault.

    The number is the largest relative error of a kept value. The count of zeros may be 4.5 standard deviations off.
    """
    if not torch.equal(evaluation, x):
        return 1.0, "evaluation mode changes its input"
    zero = training == 0
    n = x.numel()
    z = (float(zero.sum()) - n * p) / (n * p * (1 - p)) ** 0.5
    if abs(z) > _Z:
        return abs(float(zero.double().mean()) - p), f"drops {float(zero.double().mean()):.3f} of the values at p = {p}"
    kept = ~zero
    off = float(((training[kept] * (1 - p)) / x[kept] - 1).abs().max()) if bool(kept.any()) else 0.0
    if off > 1e-6:
        return off, f"kept values are not divided by 1 - p at p = {p}"
    return off, ""


def path_fault(p: float, x: torch.Tensor, training: torch.Tensor, evaluation: torch.Tensor) -> tuple[float, str]:
    """The same of whole rows, the samples of a batch (Huang et al. 2016)."""
    zero = training == 0
    if not torch.equal(zero.all(1), zero.any(1)):
        return 1.0, "drops values, not samples"
    off, wrong = dropout_fault(p, x[:, 0], training[:, 0], evaluation[:, 0])
    if wrong or not torch.equal(evaluation, x):
        return off, wrong or "evaluation mode changes its input"
    kept = training[~zero.all(1)] * (1 - p) / x[~zero.all(1)] - 1
    off = float(kept.abs().max()) if kept.numel() else 0.0
    return off, "" if off < 1e-6 else f"kept values are not divided by 1 - p at p = {p}"


def _is_path(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if _is_dropout(seen) is Evidence.NONE or not shape:
        return Evidence.NONE
    drawn = [step.shapes[0] for step in seen.graph.steps if step.op in RANDOM and step.shapes]
    rows = [one for one in drawn if one[:1] == shape[:1] and all(size == 1 for size in one[1:])]
    return Evidence.POSSIBLE if rows else Evidence.NONE


def _is_dropout(seen: Seen) -> Evidence:
    shape = seen.input_shapes()[0]
    if seen.kind != "module" or seen.parameters or len(seen.recipes[0].inputs) != 1 or not seen.random:
        return Evidence.NONE
    if not seen.still.ops() <= VIEWS:
        return Evidence.NONE
    drawn = [step.shapes[0] for step in seen.graph.steps if step.op in RANDOM and step.shapes]
    scaled = seen.graph.ops() & {"mul", "div", "mul_", "div_", "where", "masked_fill", "native_dropout"}
    normal = seen.graph.ops() & {"randn", "randn_like", "normal", "normal_"}
    return Evidence.CERTAIN if shape in drawn and scaled and not normal else Evidence.POSSIBLE


def _probability(seen: Seen) -> str | None:
    """The constructor parameter that is the probability: the only float it keeps or takes."""
    given = [name for name, value in seen.argument.items() if isinstance(value, float)]
    kept = [name for name, value in seen.settings.items() if isinstance(value, float)]
    return next(iter((*given, *kept)), None)


REFERENCES = (
    NoiseReference("torch.nn.Dropout", _is_dropout, _probability, dropout_fault),
    NoiseReference("stochastic depth (Huang et al. 2016)", _is_path, _probability, path_fault),
)
